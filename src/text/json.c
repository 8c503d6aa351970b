/*
 * JSON in, RFC 8259. A token that lies in one chunk is read in place; one that is cut is gathered
 * raw in `carry`, each byte looked at once for its end and once more for its meaning, so that no
 * way of cutting makes the reader slow. The grammar is a state and one bit a level.
 */
#include "text/json.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/json_token.h"

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

static int give_error(const struct json *j, struct err *e)
{
	if (e)
		*e = j->error;
	return -1;
}

/* No token holds a line break, so the current line is the line of every place in it. */
static int fail(struct json *j, struct err *e, enum err_code code, uint64_t offset,
		const char *format, ...) __attribute__((format(printf, 5, 6), cold, noinline));

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

/* Behind the blanks (0x20) at p. */
static const char *skip_spaces(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t other = json_load(p) ^ EACH(' ');

		if (other)
			return p + __builtin_ctzll(other) / 8;
	}
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* Moves to the next byte that is no blank, tab or line break: GOT, or as refill. */
static int skip_blanks(struct json *j, struct err *e)
{
	for (;;) {
		const char *p = j->at;
		int r;

		for (; p < j->end && (unsigned char)*p <= ' '; p = skip_spaces(p, j->end)) {
			if (*p == '\n') {
				j->lines++;
				j->line_start = j->base + (uint64_t)(p + 1 - j->start);
			} else if (*p != ' ' && *p != '\t' && *p != '\r') {
				break;
			}
			p++;
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
		uint64_t word = json_load(p);
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

/* raw in `decoded` with U+FFFD for each byte that is no UTF-8. */
static int replace_invalid(struct json *j, struct str raw, struct err *e)
{
	while (raw.len) {
		size_t n = json_utf8_prefix(raw);

		buf_add(&j->decoded, str_to(raw, n));
		if (n < raw.len)
			buf_add(&j->decoded, STR("\xef\xbf\xbd"));
		raw = str_from(raw, n + 1);
	}
	if (buf_failed(&j->decoded))
		return fail_memory(j, e);
	j->text = buf_str(&j->decoded);
	j->replaced = true;
	return 0;
}

/* raw without its escapes, in place when raw lies in `decoded` already. */
static int unescape(struct json *j, struct str raw, struct err *e)
{
	char *out = j->decoded.len ? j->decoded.data : buf_reserve(&j->decoded, raw.len);
	ptrdiff_t len;
	size_t bad;

	if (!out)
		return fail_memory(j, e);
	len = json_unescape(raw, out, &j->replaced, &bad);
	if (len < 0)
		return fail(j, e, ERR_FORMAT, j->offset + 1 + bad, "not an escape of JSON");
	j->text = str_make(out, (size_t)len);
	return 0;
}

static int decode_string(struct json *j, struct str raw, struct err *e)
{
	size_t valid = j->flags & SEEN_HIGH ? json_utf8_prefix(raw) : raw.len;
	bool escapes = j->flags & SEEN_ESCAPE;

	buf_clear(&j->decoded);
	j->text = raw;
	if (valid == raw.len)
		return escapes ? unescape(j, raw, e) : 0;
	if (!j->options.replace_invalid)
		return fail(j, e, ERR_FORMAT, j->offset + 1 + valid, "not UTF-8");
	/* an escape that is none is looked for first, as later its place were another */
	if (escapes && unescape(j, raw, e) < 0)
		return -1;
	if (replace_invalid(j, raw, e) < 0)
		return -1;
	return escapes ? unescape(j, j->text, e) : 0;
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
	return is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 26 || c == '-' || c == '+' ||
	       c == '.';
}

static __attribute__((cold, noinline)) int fail_word(struct json *j, struct err *e)
{
	char text[48];

	return fail(j, e, ERR_FORMAT, j->offset, "'%s' is not a value of JSON",
		    err_escape(text, sizeof(text), j->text));
}

/* As read_string, for a number or a literal; sets j->event too. */
static int read_word(struct json *j, struct err *e)
{
	const char *p;
	int r = GOT, event;

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
	event = json_word_event(j->text);
	if (event < 0)
		return fail_word(j, e);
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

/* The common string: all in this chunk, ASCII, without escapes. Else false and nothing is done. */
static bool take_simple_string(struct json *j)
{
	unsigned char flags = 0;
	const char *start = j->at + 1, *p = scan(start, j->end, &flags);

	if (flags || p == j->end || *p != '"' || (size_t)(p - start) > j->options.token_max)
		return false;
	j->text = str_make(start, (size_t)(p - start));
	j->at = p + 1;
	return true;
}

static int begin_string(struct json *j, bool key, struct err *e)
{
	mark(j);
	if (take_simple_string(j))
		return key ? end_key(j, e) : end_value(j, JSON_STRING);
	buf_clear(&j->carry);
	j->flags = 0;
	j->token = key ? TOKEN_KEY : TOKEN_STRING;
	j->at++;
	return read_token(j, e);
}

static int begin_word(struct json *j, struct err *e)
{
	mark(j);
	buf_clear(&j->carry);
	j->token = TOKEN_WORD;
	return read_token(j, e);
}

/* One byte is shown, not a character, as the rest of it may be in a chunk to come. */
static __attribute__((cold, noinline)) int unexpected(struct json *j, const char *expected,
						      struct err *e)
{
	char found[8];

	return fail(j, e, ERR_FORMAT, json_position(j), "expected %s, found '%s'", expected,
		    err_escape(found, sizeof(found), str_make(j->at, 1)));
}

static int begin_value(struct json *j, const char *expected, struct err *e)
{
	char c = *j->at;

	if (c == '"')
		return begin_string(j, false, e);
	if (is_word(c))
		return begin_word(j, e);
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
				return begin_string(j, true, e);
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
