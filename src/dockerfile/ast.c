/*
 * Questions to the tree: names, positions, maps, mount options.
 */
#include "dockerfile/ast.h"

#include "dockerfile/parse.h"

static const char *const kind_names[INSTRUCTION_KINDS] = {
#define INSTRUCTION(name, style, flags) #name,
#include "dockerfile/instructions.def"
#undef INSTRUCTION
	"unknown",
};

static const struct {
	const char *rule;
	const char *message;
} issues[ISSUE_CODES] = {
#define ISSUE(name, rule, message) {#rule, message},
#include "dockerfile/issues.def"
#undef ISSUE
};

const char *instruction_kind_name(enum instruction_kind kind)
{
	return kind_names[kind];
}

enum instruction_kind instruction_kind_find(struct str name)
{
	for (int i = 0; i < INSTRUCTION_UNKNOWN; i++) {
		if (name.len && ((name.data[0] ^ kind_names[i][0]) & ~32) == 0 &&
		    str_eq_nocase(name, str_of(kind_names[i])))
			return (enum instruction_kind)i;
	}
	return INSTRUCTION_UNKNOWN;
}

const char *docker_issue_rule(enum docker_issue_code code)
{
	return issues[code].rule;
}

const char *docker_issue_message(enum docker_issue_code code)
{
	return issues[code].message;
}

/* The last joint at or before the joined offset. */
static const struct joint *find_joint(const struct joined *j, uint32_t at)
{
	uint32_t low = 0, high = j->count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (j->joints[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return &j->joints[low];
}

uint32_t joined_offset(const struct joined *j, size_t at)
{
	uint32_t absolute = j->base + (uint32_t)at;
	const struct joint *joint;

	if (!j->count)
		return 0;
	if (at && at == j->text.len) {
		joint = find_joint(j, absolute - 1);
		return joint->file + (absolute - 1 - joint->at) + 1;
	}
	joint = find_joint(j, absolute);
	return joint->file + (absolute - joint->at);
}

struct span joined_span(const struct joined *j, size_t start, size_t end)
{
	uint32_t first = joined_offset(j, start), last;
	const struct joint *joint;

	if (end <= start || !j->count)
		return (struct span){first, first};
	last = j->base + (uint32_t)end - 1;
	joint = find_joint(j, last);
	return (struct span){first, joint->file + (last - joint->at) + 1};
}

struct joined joined_sub(const struct joined *j, size_t start, size_t end)
{
	struct joined part = *j;

	part.text = str_sub(j->text, start, end);
	part.base = j->base + (uint32_t)(start < j->text.len ? start : j->text.len);
	return part;
}

enum { CHECKPOINT = 1024 };

/*
 * Moves on by one character (or one byte of no character) from *at. An LF opens a line; column
 * counts what lies before *at in its line.
 */
static void step(struct str t, size_t *at, uint32_t *line, uint32_t *column)
{
	size_t n = 1;

	if (t.data[*at] == '\n') {
		++*line;
		*column = 0;
	} else {
		if ((unsigned char)t.data[*at] >= 0x80)
			n = str_utf8_len(str_from(t, *at));
		++*column;
	}
	*at += n ? n : 1;
}

/*
 * A checkpoint holds line and column at the first character start at or behind its multiple; which
 * of the at most four bytes that is follows from the text: the column is kept for the byte position
 * `multiple + carry` with carry in the low two bits.
 */
static bool make_checkpoints(struct dockerfile *d)
{
	size_t count = d->text.len / CHECKPOINT + 1, at = 0;
	uint32_t line = 0, column = 0;

	if (d->checkpoint_room < count) {
		void *grown = mem_grow(d->checkpoints, count, sizeof(*d->checkpoints));

		if (!grown)
			return false;
		d->checkpoints = grown;
		d->checkpoint_room = count;
	}
	for (size_t i = 0; i < count; i++) {
		while (at < i * CHECKPOINT)
			step(d->text, &at, &line, &column);
		d->checkpoints[i].line = line;
		d->checkpoints[i].column = column << 2 | (uint32_t)(at - i * CHECKPOINT);
	}
	d->checkpoint_count = count;
	return true;
}

struct position dockerfile_position(struct dockerfile *d, uint32_t offset)
{
	size_t at = 0;
	uint32_t line = 0, column = 0;

	if (offset > d->text.len)
		offset = (uint32_t)d->text.len;
	/* small files need no index; without memory the walk from the start is slow but right */
	if (offset >= CHECKPOINT && (d->checkpoint_count || make_checkpoints(d))) {
		size_t i = offset / CHECKPOINT;

		line = d->checkpoints[i].line;
		column = d->checkpoints[i].column >> 2;
		at = i * CHECKPOINT + (d->checkpoints[i].column & 3);
	}
	while (at < offset)
		step(d->text, &at, &line, &column);
	return (struct position){line + 1, column + 1};
}

struct str dockerfile_slice(const struct dockerfile *d, struct span span)
{
	return str_sub(d->text, span.start, span.end);
}

uint32_t dockerfile_token_end(const struct dockerfile *d, size_t token)
{
	return token + 1 < d->tokens.count ? d->tokens.items[token + 1].start
					   : (uint32_t)d->text.len;
}

const struct docker_flag *instruction_flag(const struct instruction *i, const char *name)
{
	for (uint32_t n = i->flag_count; n-- > 0;) {
		if (str_is(i->flags[n].name, name))
			return &i->flags[n];
	}
	return NULL;
}

bool docker_option_next(struct str *rest, struct str *ret_key, struct str *ret_value)
{
	struct str field;
	ptrdiff_t equals;
	size_t end = 0;

	if (!rest->data)
		return false;
	if (rest->len && rest->data[0] == '"') {
		ptrdiff_t close = str_find_char(str_from(*rest, 1), '"');

		end = close < 0 ? rest->len : (size_t)close + 1;
		field = str_sub(*rest, 1, end);
		end += close >= 0;
		while (end < rest->len && rest->data[end] != ',')
			end++;
	} else {
		ptrdiff_t comma = str_find_char(*rest, ',');

		end = comma < 0 ? rest->len : (size_t)comma;
		field = str_to(*rest, end);
	}
	*rest = end < rest->len ? str_from(*rest, end + 1) : STR_NULL;
	equals = str_find_char(field, '=');
	*ret_key = equals < 0 ? field : str_to(field, (size_t)equals);
	*ret_value = equals < 0 ? STR_NULL : str_from(field, (size_t)equals + 1);
	return true;
}

static bool same_option(struct str name, const char *key)
{
	bool target = str_is(name, "target") || str_is(name, "dst") || str_is(name, "destination");

	return str_is(name, key) || (target && strcmp(key, "target") == 0) ||
	       ((str_is(name, "src")) && strcmp(key, "source") == 0);
}

struct str docker_mount_option(const struct docker_flag *mount, const char *key)
{
	struct str rest = mount->value, name, value, found = STR_NULL;

	while (docker_option_next(&rest, &name, &value)) {
		if (same_option(name, key))
			found = value.data ? value : STR("");
	}
	return found;
}

bool docker_word_next(struct str text, size_t *at, size_t *ret_start, size_t *ret_end)
{
	size_t i = *at;

	while (i < text.len && docker_is_space(text.data[i]))
		i++;
	if (i >= text.len)
		return false;
	*ret_start = i;
	while (i < text.len && !docker_is_space(text.data[i]))
		i++;
	*ret_end = *at = i;
	return true;
}
