/*
 * JSON in, RFC 8259. A token that lies in one chunk is read in place; one that is cut is gathered
 * raw in `carry`, each byte looked at once for its end and once more for its meaning, so that no
 * way of cutting makes the reader slow. The grammar is a state and one bit a level.
 */
#include "text/json.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

enum state {
	START,	      /* before the first byte: a byte order mark may stand here */
	VALUE,	      /* a value must follow */
	VALUE_OR_END, /* behind '[' */
	KEY,	      /* behind ',' in an object */
	KEY_OR_END,   /* behind '{' */
	COLON,	      /* behind a key */
	NEXT,	      /* behind a value in an object or array */
	DONE,	      /* behind the outermost value */
};

enum token { NO_TOKEN, TOKEN_KEY, TOKEN_STRING, TOKEN_WORD };

/* What the scan of a string has seen. */
enum { SEEN_ESCAPE = 1, SEEN_HIGH = 2, IN_ESCAPE = 4 };

/* Answers of refill and of the token readers. */
enum { NO_MORE = 0, GOT = 1, WAIT = 2 };

static const char bom[] = "\xef\xbb\xbf";

static void init(struct json *j, const struct json_options *options)
{
	static const struct json_options none;

	memset(j, 0, offsetof(struct json, kinds));
	j->error.code = ERR_NONE;
	j->start = j->at = j->end = "";
	j->options = options ? *options : none;
	if (j->options.depth_max == 0)
		j->options.depth_max = JSON_DEPTH;
	if (j->options.depth_max > JSON_DEPTH_MAX)
		j->options.depth_max = JSON_DEPTH_MAX;
	if (j->options.token_max == 0)
		j->options.token_max = JSON_TOKEN;
	if (j->options.keys_max == 0)
		j->options.keys_max = JSON_KEYS;
	buf_init(&j->carry, j->options.budget, 0);
	buf_init(&j->decoded, j->options.budget, 0);
	keyset_init(&j->keys, j->options.budget, j->options.keys_max);
}

void json_init_slice(struct json *j, struct str text, const struct json_options *options)
{
	init(j, options);
	json_feed(j, text);
	j->ended = true;
}

void json_init_pull(struct json *j, json_pull *pull, void *context,
		    const struct json_options *options)
{
	init(j, options);
	j->pull = pull;
	j->context = context;
}

void json_init_push(struct json *j, const struct json_options *options)
{
	init(j, options);
}

void json_done(struct json *j)
{
	buf_done(&j->carry);
	buf_done(&j->decoded);
	keyset_done(&j->keys);
}

void json_feed(struct json *j, struct str chunk)
{
	if (!chunk.data)
		chunk = STR("");
	j->base += (uint64_t)(j->end - j->start);
	j->start = j->at = chunk.data;
	j->end = chunk.data + chunk.len;
}

void json_feed_end(struct json *j)
{
	j->ended = true;
}

uint64_t json_position(const struct json *j)
{
	return j->base + (uint64_t)(j->at - j->start);
}

const char *json_event_name(enum json_event event)
{
	static const char *const names[] = {
		[JSON_END] = "the end",	     [JSON_MORE] = "the end of a part",
		[JSON_OBJECT] = "an object", [JSON_OBJECT_END] = "the end of an object",
		[JSON_ARRAY] = "a list",     [JSON_ARRAY_END] = "the end of a list",
		[JSON_KEY] = "a key",	     [JSON_STRING] = "a string",
		[JSON_NUMBER] = "a number",  [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",	     [JSON_NULL] = "null",
	};

	return names[event];
}

int json_error(const struct json *j, struct err *e, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(e, ERR_FORMAT, "line %llu, column %llu: %s", (unsigned long long)j->line,
		       (unsigned long long)j->column, text);
}

static int give_error(const struct json *j, struct err *e)
{
	if (e)
		*e = j->error;
	return -1;
}

/* No token holds a line break, so the current line is the line of every place in it. */
static int fail(struct json *j, struct err *e, enum err_code code, uint64_t offset,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

static int fail(struct json *j, struct err *e, enum err_code code, uint64_t offset,
		const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	err_set(&j->error, code, "line %llu, column %llu: %s", (unsigned long long)j->lines + 1,
		(unsigned long long)(offset - j->line_start + 1), text);
	return give_error(j, e);
}

static int fail_memory(struct json *j, struct err *e)
{
	ERR_NOMEM(&j->error);
	return give_error(j, e);
}

/* --- input ------------------------------------------------------------------------------------ */

static int refill(struct json *j, struct err *e)
{
	struct str chunk = STR_NULL;
	int r;

	if (j->ended)
		return NO_MORE;
	if (!j->pull)
		return WAIT;
	do {
		r = j->pull(j->context, &chunk, &j->error);
	} while (r > 0 && chunk.len == 0);
	if (r < 0 && !j->error.code)
		err_set(&j->error, ERR_IO, "the input cannot be read");
	if (r < 0)
		return give_error(j, e);
	j->ended = r == 0;
	if (j->ended)
		return NO_MORE;
	json_feed(j, chunk);
	return GOT;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Moves to the next byte that is no blank: GOT, or as refill. */
static int skip_blanks(struct json *j, struct err *e)
{
	for (;;) {
		const char *p = j->at;
		int r;

		for (; p < j->end && is_blank(*p); p++) {
			if (*p == '\n') {
				j->lines++;
				j->line_start = j->base + (uint64_t)(p + 1 - j->start);
			}
		}
		j->at = p;
		if (p < j->end)
			return GOT;
		r = refill(j, e);
		if (r != GOT)
			return r;
	}
}

/* The event begins at the current byte. */
static void mark(struct json *j)
{
	j->offset = json_position(j);
	j->line = j->lines + 1;
	j->column = j->offset - j->line_start + 1;
}

/* Puts the rest of the chunk (all of it belongs to the token) aside and asks for the next. */
static int carry_on(struct json *j, struct err *e)
{
	size_t more = (size_t)(j->end - j->at);

	if (more > j->options.token_max - j->carry.len)
		return fail(j, e, ERR_LIMIT, j->offset, "longer than the limit of %zu bytes",
			    j->options.token_max);
	buf_add(&j->carry, str_make(j->at, more));
	if (buf_failed(&j->carry))
		return fail_memory(j, e);
	j->at = j->end;
	return refill(j, e);
}

/* The token ends before `end` of the current chunk: all of it, as it stands in the document. */
static int take_token(struct json *j, const char *end, struct str *ret_raw, struct err *e)
{
	size_t more = (size_t)(end - j->at);

	if (more > j->options.token_max - j->carry.len)
		return fail(j, e, ERR_LIMIT, j->offset, "longer than the limit of %zu bytes",
			    j->options.token_max);
	if (j->carry.len == 0) {
		*ret_raw = str_make(j->at, more);
	} else {
		buf_add(&j->carry, str_make(j->at, more));
		if (buf_failed(&j->carry))
			return fail_memory(j, e);
		*ret_raw = buf_str(&j->carry);
	}
	j->at = end;
	return 0;
}

/* --- strings ---------------------------------------------------------------------------------- */

#define EACH(byte) (0x0101010101010101u * (byte))

static uint64_t load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The high bit of each byte that is 0, right up to and including the first such byte. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - EACH(1)) & ~word & EACH(0x80);
}

/* The first quote, backslash or control character, or end; notes bytes over 0x7f before it. */
static const char *scan(const char *p, const char *end, unsigned char *flags)
{
	uint64_t high = 0;

	for (; end - p >= 8; p += 8) {
		uint64_t word = load(p);
		uint64_t stop = zero_bytes(word ^ EACH('"')) | zero_bytes(word ^ EACH('\\')) |
				((word - EACH(0x20)) & ~word & EACH(0x80));

		if (stop) {
			stop &= -stop;
			high |= word & (stop - 1);
			p += __builtin_ctzll(stop) / 8;
			break;
		}
		high |= word;
	}
	for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++)
		high |= (unsigned char)*p;
	if (high & EACH(0x80))
		*flags |= SEEN_HIGH;
	return p;
}

/* Length of the well-formed UTF-8 at the start of s. */
static size_t utf8_prefix(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n;

		if (s.len - i >= 8 && !(load(s.data + i) & EACH(0x80))) {
			i += 8;
			continue;
		}
		n = str_utf8_len(str_from(s, i));
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static char *put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* Copies raw into `decoded` with U+FFFD for each byte that is no UTF-8; room for three times raw.
 */
static int replace_invalid(struct json *j, struct str *raw, struct err *e)
{
	struct str rest = *raw;

	while (rest.len) {
		size_t n = utf8_prefix(rest);

		buf_add(&j->decoded, str_to(rest, n));
		if (n < rest.len)
			buf_add(&j->decoded, STR("\xef\xbf\xbd"));
		rest = str_from(rest, n + 1);
	}
	if (buf_failed(&j->decoded))
		return fail_memory(j, e);
	*raw = buf_str(&j->decoded);
	j->replaced = true;
	return 0;
}

static bool hex4(struct str s, uint32_t *ret)
{
	uint8_t bytes[2];

	if (s.len < 4 || !str_parse_hex(str_to(s, 4), bytes, 2))
		return false;
	*ret = (uint32_t)bytes[0] << 8 | bytes[1];
	return true;
}

/*
 * One escape at the start of s (behind its backslash) into *out. Bytes taken, or 0 when it is none.
 * Never writes more than it takes: \uxxxx gives at most 3 bytes, a pair of them 4.
 */
static size_t unescape(struct json *j, struct str s, char **out)
{
	static const char plain[256] = {
		['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
	};
	uint32_t c, low;

	if (s.len == 0)
		return 0;
	if (plain[(unsigned char)s.data[0]]) {
		*(*out)++ = plain[(unsigned char)s.data[0]];
		return 1;
	}
	if (s.data[0] != 'u' || !hex4(str_from(s, 1), &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && s.len >= 11 && s.data[5] == '\\' && s.data[6] == 'u' &&
	    hex4(str_from(s, 7), &low) && low >= 0xdc00 && low < 0xe000) {
		*out = put_utf8(*out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 11;
	}
	if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
		j->replaced = true;
	}
	*out = put_utf8(*out, c);
	return 5;
}

/* raw without its escapes, in place when raw lies in `decoded` already. */
static int unescape_all(struct json *j, struct str raw, struct err *e)
{
	char *first = j->decoded.len ? j->decoded.data : buf_reserve(&j->decoded, raw.len);
	char *out = first;
	size_t i = 0;

	if (!first)
		return fail_memory(j, e);
	while (i < raw.len) {
		ptrdiff_t run = str_find_char(str_from(raw, i), '\\');
		size_t n = run < 0 ? raw.len - i : (size_t)run;

		memmove(out, raw.data + i, n);
		out += n;
		i += n;
		if (i == raw.len)
			break;
		n = unescape(j, str_from(raw, i + 1), &out);
		if (n == 0)
			return fail(j, e, ERR_FORMAT, j->offset + 1 + i, "not an escape of JSON");
		i += 1 + n;
	}
	j->text = str_make(first, (size_t)(out - first));
	return 0;
}

static int decode_string(struct json *j, struct str raw, struct err *e)
{
	size_t valid = j->flags & SEEN_HIGH ? utf8_prefix(raw) : raw.len;

	buf_clear(&j->decoded);
	if (valid < raw.len && !j->options.replace_invalid)
		return fail(j, e, ERR_FORMAT, j->offset + 1 + valid, "not UTF-8");
	if (valid < raw.len && replace_invalid(j, &raw, e) < 0)
		return -1;
	if (j->flags & SEEN_ESCAPE)
		return unescape_all(j, raw, e);
	j->text = raw;
	return 0;
}

/* Behind the opening quote, or where the last chunk ended. GOT with j->text, or as refill. */
static int read_string(struct json *j, struct err *e)
{
	struct str raw;
	const char *p;
	int r;

	for (;;) {
		p = j->at;
		if (j->flags & IN_ESCAPE && p < j->end) {
			/* the byte that a backslash at the end of the last chunk hides */
			if ((unsigned char)*p < 0x20)
				break;
			j->flags &= (unsigned char)~IN_ESCAPE;
			if (*p & 0x80)
				j->flags |= SEEN_HIGH;
			p++;
		}
		for (p = scan(p, j->end, &j->flags); p < j->end && *p == '\\';
		     p = scan(p, j->end, &j->flags)) {
			j->flags |= SEEN_ESCAPE;
			if (j->end - p < 2) {
				j->flags |= IN_ESCAPE;
				p = j->end;
				break;
			}
			if ((unsigned char)p[1] < 0x20) {
				p++;
				break;
			}
			if (p[1] & 0x80)
				j->flags |= SEEN_HIGH;
			p += 2;
		}
		if (p < j->end)
			break;
		r = carry_on(j, e);
		if (r != GOT)
			return r;
	}
	if (take_token(j, p, &raw, e) < 0)
		return -1;
	if (*p != '"')
		return fail(j, e, ERR_FORMAT, json_position(j),
			    "control character 0x%02x in a string", (unsigned char)*p);
	j->at++;
	return decode_string(j, raw, e) < 0 ? -1 : GOT;
}

/* --- numbers and literals --------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '+' || c == '.';
}

static bool skip_digits(struct str *s)
{
	size_t n = 0;

	while (n < s->len && is_digit(s->data[n]))
		n++;
	*s = str_from(*s, n);
	return n > 0;
}

static bool is_number(struct str s)
{
	str_skip(&s, STR("-"));
	if (!str_skip(&s, STR("0")) && !skip_digits(&s))
		return false;
	if (str_skip(&s, STR(".")) && !skip_digits(&s))
		return false;
	if (str_skip(&s, STR("e")) || str_skip(&s, STR("E"))) {
		if (!str_skip(&s, STR("+")))
			str_skip(&s, STR("-"));
		if (!skip_digits(&s))
			return false;
	}
	return s.len == 0;
}

static int word_event(struct str word)
{
	if (is_digit(word.data[0]) || word.data[0] == '-')
		return is_number(word) ? JSON_NUMBER : -1;
	if (str_eq(word, STR("true")))
		return JSON_TRUE;
	if (str_eq(word, STR("false")))
		return JSON_FALSE;
	return str_eq(word, STR("null")) ? JSON_NULL : -1;
}

/* As read_string, for a number or a literal; sets j->event too. */
static int read_word(struct json *j, struct err *e)
{
	const char *p;
	int r = GOT, event;
	char text[48];

	for (;;) {
		for (p = j->at; p < j->end && is_word(*p); p++)
			;
		if (p < j->end)
			break;
		r = carry_on(j, e);
		if (r == NO_MORE)
			break;
		if (r != GOT)
			return r;
	}
	if (take_token(j, r == NO_MORE ? j->at : p, &j->text, e) < 0)
		return -1;
	event = word_event(j->text);
	if (event < 0)
		return fail(j, e, ERR_FORMAT, j->offset, "'%s' is not a value of JSON",
			    err_escape(text, sizeof(text), j->text));
	j->event = (enum json_event)event;
	return GOT;
}

/* --- the grammar ------------------------------------------------------------------------------ */

static bool in_object(const struct json *j)
{
	return j->kinds[(j->depth - 1) / 64] >> ((j->depth - 1) % 64) & 1;
}

static int end_value(struct json *j, enum json_event event)
{
	j->event = event;
	j->state = j->depth ? NEXT : DONE;
	return (int)event;
}

static int open_level(struct json *j, bool object, struct err *e)
{
	uint64_t bit = 1ull << (j->depth % 64);

	if (j->depth >= j->options.depth_max)
		return fail(j, e, ERR_LIMIT, j->offset, "nested deeper than %zu levels",
			    j->options.depth_max);
	if (object && keyset_open(&j->keys, &j->error) < 0)
		return give_error(j, e);
	if (object)
		j->kinds[j->depth / 64] |= bit;
	else
		j->kinds[j->depth / 64] &= ~bit;
	j->depth++;
	j->at++;
	j->state = object ? KEY_OR_END : VALUE_OR_END;
	j->event = object ? JSON_OBJECT : JSON_ARRAY;
	return (int)j->event;
}

static int close_level(struct json *j)
{
	bool object = in_object(j);

	mark(j);
	j->at++;
	if (object)
		keyset_close(&j->keys);
	j->depth--;
	return end_value(j, object ? JSON_OBJECT_END : JSON_ARRAY_END);
}

static int end_key(struct json *j, struct err *e)
{
	int r = keyset_add(&j->keys, j->text, &j->error);

	if (r < 0)
		return give_error(j, e);
	j->duplicate = r > 0;
	j->duplicates += j->duplicate;
	j->state = COLON;
	j->event = JSON_KEY;
	return JSON_KEY;
}

static int at_end(struct json *j, struct err *e, int r)
{
	if (r == WAIT) {
		j->event = JSON_MORE;
		return JSON_MORE;
	}
	if (r < 0)
		return -1;
	mark(j);
	if (j->state == DONE) {
		j->event = JSON_END;
		return JSON_END;
	}
	return fail(j, e, ERR_TRUNCATED, j->offset, "the document ends too early");
}

/* Reads the token that was begun. */
static int read_token(struct json *j, struct err *e)
{
	enum token token = (enum token)j->token;
	int r = token == TOKEN_WORD ? read_word(j, e) : read_string(j, e);

	if (r != GOT)
		return at_end(j, e, r);
	j->token = NO_TOKEN;
	if (token == TOKEN_KEY)
		return end_key(j, e);
	return end_value(j, token == TOKEN_WORD ? j->event : JSON_STRING);
}

static int begin_token(struct json *j, enum token token, struct err *e)
{
	mark(j);
	buf_clear(&j->carry);
	j->flags = 0;
	j->token = (unsigned char)token;
	if (token != TOKEN_WORD)
		j->at++;
	return read_token(j, e);
}

static int unexpected(struct json *j, const char *expected, struct err *e)
{
	struct str rest = str_make(j->at, (size_t)(j->end - j->at));
	size_t n = str_utf8_len(rest);
	char found[32];

	return fail(j, e, ERR_FORMAT, json_position(j), "expected %s, found '%s'", expected,
		    err_escape(found, sizeof(found), str_to(rest, n ? n : 1)));
}

static int begin_value(struct json *j, const char *expected, struct err *e)
{
	char c = *j->at;

	if (c == '"')
		return begin_token(j, TOKEN_STRING, e);
	if (is_word(c))
		return begin_token(j, TOKEN_WORD, e);
	if (c != '{' && c != '[')
		return unexpected(j, expected, e);
	mark(j);
	return open_level(j, c == '{', e);
}

/* Takes the byte order mark byte by byte, as it may be cut; true when it took one. */
static bool skip_bom(struct json *j)
{
	if (j->bom >= 3 || *j->at != bom[j->bom] || json_position(j) != j->bom)
		return false;
	j->at++;
	j->line_start = ++j->bom;
	return true;
}

int json_next(struct json *j, struct err *e)
{
	if (j->error.code)
		return give_error(j, e);
	if (j->token)
		return read_token(j, e);
	j->text = STR_NULL;
	j->duplicate = j->replaced = false;
	for (;;) {
		int r = skip_blanks(j, e);
		char c;

		if (r != GOT)
			return at_end(j, e, r);
		c = *j->at;
		switch ((enum state)j->state) {
		case START:
			if (skip_bom(j))
				continue;
			if (j->bom % 3)
				return unexpected(j, "a byte order mark", e);
			j->state = VALUE;
			continue;
		case VALUE:
			return begin_value(j, "a value", e);
		case VALUE_OR_END:
			if (c == ']')
				return close_level(j);
			return begin_value(j, "a value or ']'", e);
		case KEY:
		case KEY_OR_END:
			if (c == '"')
				return begin_token(j, TOKEN_KEY, e);
			if (c == '}' && j->state == KEY_OR_END)
				return close_level(j);
			return unexpected(j, j->state == KEY ? "a key" : "a key or '}'", e);
		case COLON:
			if (c != ':')
				return unexpected(j, "':'", e);
			j->state = VALUE;
			break;
		case NEXT:
			if (c == (in_object(j) ? '}' : ']'))
				return close_level(j);
			if (c != ',')
				return unexpected(j, in_object(j) ? "',' or '}'" : "',' or ']'", e);
			j->state = in_object(j) ? KEY : VALUE;
			break;
		case DONE:
			return unexpected(j, "the end of the document", e);
		}
		j->at++;
	}
}

/* --- convenience ------------------------------------------------------------------------------ */

static int not_expected(struct json *j, const char *expected, struct err *e)
{
	return json_error(j, e, "expected %s, found %s", expected, json_event_name(j->event));
}

int json_expect(struct json *j, enum json_event event, struct err *e)
{
	if (json_next(j, e) < 0)
		return -1;
	return j->event == event ? 0 : not_expected(j, json_event_name(event), e);
}

int json_expect_string(struct json *j, struct str *ret_text, struct err *e)
{
	if (json_expect(j, JSON_STRING, e) < 0)
		return -1;
	*ret_text = j->text;
	return 0;
}

int json_expect_u64(struct json *j, uint64_t *ret_value, struct err *e)
{
	if (json_expect(j, JSON_NUMBER, e) < 0)
		return -1;
	if (!str_parse_u64(j->text, ret_value))
		return json_error(j, e, "expected a whole number from 0 to %llu",
				  (unsigned long long)UINT64_MAX);
	return 0;
}

int json_expect_bool(struct json *j, bool *ret_value, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event != JSON_TRUE && event != JSON_FALSE)
		return not_expected(j, "true or false", e);
	*ret_value = event == JSON_TRUE;
	return 0;
}

int json_next_key(struct json *j, struct str *ret_key, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event == JSON_OBJECT_END)
		return 0;
	if (event != JSON_KEY)
		return not_expected(j, "a key", e);
	*ret_key = j->text;
	return 1;
}

int json_next_item(struct json *j, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event == JSON_END || event == JSON_KEY || event == JSON_OBJECT_END)
		return not_expected(j, "a value of a list", e);
	return event != JSON_ARRAY_END;
}

int json_skip_rest(struct json *j, struct err *e)
{
	size_t outside = j->depth - 1;

	if (j->event != JSON_OBJECT && j->event != JSON_ARRAY)
		return 0;
	while (j->depth > outside)
		if (json_next(j, e) < 0)
			return -1;
	return 0;
}

int json_skip_value(struct json *j, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event < JSON_OBJECT || event == JSON_KEY || event == JSON_OBJECT_END ||
	    event == JSON_ARRAY_END)
		return not_expected(j, "a value", e);
	return json_skip_rest(j, e);
}
