/*
 * YAML in. libyaml takes its own memory, in proportion to the longest token and the depth, and no
 * more than a small multiple of the text, whose length the caller has limited.
 */
#include "text/yaml.h"

#include <yaml.h>

#include "base/map.h"
#include "text/keyset.h"

enum { TAG_LINES = 1000 };

struct yaml_reader {
	yaml_parser_t parser;
	struct str text;
	size_t depth_max, nodes_max;
	size_t index, offset; /* a character and where its bytes start */
	struct err error;

	/* of the document */
	struct tree_builder builder;
	struct keyset keys;
	struct map anchors; /* name to node */
	size_t depth, nodes;
};

/*
 * libyaml compares every %TAG line with all before it, and may read them all before its first
 * event: counted beforehand, as no honest file has more than a few.
 */
static bool too_many_tag_lines(struct str text)
{
	ptrdiff_t at;
	size_t count = 0;

	for (; (at = str_find(text, STR("%TAG"))) >= 0; text = str_from(text, (size_t)at + 4))
		if (++count > TAG_LINES)
			return true;
	return false;
}

struct yaml_reader *yaml_reader_new(struct str text, const struct yaml_options *options,
				    struct err *e)
{
	struct yaml_reader *y = mem_zero(1, sizeof(*y));

	if (!y || !yaml_parser_initialize(&y->parser)) {
		mem_free(y);
		ERR_NOMEM(e);
		return NULL;
	}
	/* libyaml skips the mark only where it guesses the encoding, and then it may guess UTF-16
	 */
	str_skip(&text, STR("\xef\xbb\xbf"));
	y->text = text;
	if (too_many_tag_lines(text))
		err_set(&y->error, ERR_LIMIT, "more than %d tag directives", TAG_LINES);
	y->depth_max = options && options->depth_max ? options->depth_max : YAML_DEPTH;
	y->nodes_max = options && options->nodes_max ? options->nodes_max : YAML_NODES;
	yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y->parser,
				     (const unsigned char *)(text.data ? text.data : ""), text.len);
	return y;
}

void yaml_reader_free(struct yaml_reader *y)
{
	if (!y)
		return;
	yaml_parser_delete(&y->parser);
	keyset_done(&y->keys);
	map_done(&y->anchors);
	mem_free(y);
}

static int fail(struct yaml_reader *y, yaml_mark_t mark, enum err_code code, const char *text)
{
	return err_set(&y->error, code, "line %zu, column %zu: %s", mark.line + 1, mark.column + 1,
		       text);
}

static int fail_memory(struct yaml_reader *y)
{
	return err_set(&y->error, ERR_MEMORY, "not enough memory for the document");
}

/* libyaml tells the byte where its reader failed, but neither line nor column. */
static int fail_reader(struct yaml_reader *y)
{
	struct str before = str_to(y->text, y->parser.problem_offset);
	ptrdiff_t line_break = str_find_last_char(before, '\n');
	yaml_mark_t mark = {.column = before.len - (size_t)(line_break + 1)};

	for (size_t i = 0; i < before.len; i++)
		mark.line += before.data[i] == '\n';
	return fail(y, mark, ERR_FORMAT, y->parser.problem);
}

static int fail_parser(struct yaml_reader *y)
{
	const char *problem = y->parser.problem;

	if (y->parser.error == YAML_MEMORY_ERROR)
		return fail_memory(y);
	if (y->parser.error == YAML_READER_ERROR)
		return fail_reader(y);
	return fail(y, y->parser.problem_mark, ERR_FORMAT, problem ? problem : "not YAML");
}

/* --- places ----------------------------------------------------------------------------------- */

static bool continues(struct str text, size_t at)
{
	return at < text.len && (text.data[at] & 0xc0) == 0x80;
}

/* libyaml counts characters; marks hardly ever go back, so walking from the last one is linear. */
static uint64_t byte_offset(struct yaml_reader *y, size_t index)
{
	for (; y->index < index && y->offset < y->text.len; y->index++)
		for (y->offset++; continues(y->text, y->offset);)
			y->offset++;
	for (; y->index > index && y->offset > 0; y->index--)
		for (y->offset--; y->offset > 0 && continues(y->text, y->offset);)
			y->offset--;
	return y->offset;
}

static void set_place(struct yaml_reader *y, struct tree_node *n, yaml_mark_t mark)
{
	n->line = (uint32_t)mark.line + 1;
	n->column = (uint32_t)mark.column + 1;
	n->offset = byte_offset(y, mark.index);
}

/* --- scalars: YAML 1.2, 10.3.2 ---------------------------------------------------------------- */

static bool one_of(struct str s, const char *words)
{
	struct str rest = str_of(words), word;

	while (str_next(&rest, ' ', &word))
		if (str_eq(s, word))
			return true;
	return false;
}

static size_t digits(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.len && s.data[n] && strchr(set, s.data[n]))
		n++;
	return n;
}

static bool is_number(struct str s)
{
	static const char decimal[] = "0123456789";
	size_t whole, part = 0;

	if (str_skip(&s, STR("0o")))
		return s.len && digits(s, "01234567") == s.len;
	if (str_skip(&s, STR("0x")))
		return s.len && digits(s, "0123456789abcdefABCDEF") == s.len;
	if (one_of(s, ".nan .NaN .NAN"))
		return true;
	if (!str_skip(&s, STR("+")))
		str_skip(&s, STR("-"));
	if (one_of(s, ".inf .Inf .INF"))
		return true;
	whole = digits(s, decimal);
	s = str_from(s, whole);
	if (str_skip(&s, STR("."))) {
		part = digits(s, decimal);
		s = str_from(s, part);
	}
	if (whole + part == 0)
		return false;
	if (str_skip(&s, STR("e")) || str_skip(&s, STR("E"))) {
		if (!str_skip(&s, STR("+")))
			str_skip(&s, STR("-"));
		return s.len && digits(s, decimal) == s.len;
	}
	return s.len == 0;
}

static enum tree_type core_type(struct str s)
{
	if (s.len == 0 || one_of(s, "~ null Null NULL"))
		return TREE_NULL;
	if (one_of(s, "true True TRUE false False FALSE"))
		return TREE_BOOL;
	return is_number(s) ? TREE_NUMBER : TREE_STRING;
}

static struct str scalar_text(const yaml_event_t *event)
{
	return str_make(event->data.scalar.value, event->data.scalar.length);
}

static bool is_plain(const yaml_event_t *event)
{
	struct str tag = str_of((const char *)event->data.scalar.tag);

	if (!tag.data)
		return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return one_of(tag, YAML_NULL_TAG " " YAML_BOOL_TAG " " YAML_INT_TAG " " YAML_FLOAT_TAG);
}

/* --- the tree --------------------------------------------------------------------------------- */

static bool wants_key(const struct yaml_reader *y)
{
	const struct tree_node *open = y->builder.open;

	return open && open->type == TREE_OBJECT && !y->builder.key.data;
}

static int add_key(struct yaml_reader *y, struct str text)
{
	int r = keyset_add(&y->keys, text, &y->error);

	if (r < 0)
		return -1;
	return tree_builder_key(&y->builder, text, r > 0) < 0 ? fail_memory(y) : 0;
}

static int count_nodes(struct yaml_reader *y, const yaml_event_t *event, size_t more, size_t height)
{
	if (y->depth + height > y->depth_max)
		return fail(y, event->start_mark, ERR_LIMIT, "nested deeper than the limit");
	if (more > y->nodes_max - y->nodes)
		return fail(y, event->start_mark, ERR_LIMIT,
			    "more values than the limit, those of aliases counted");
	y->nodes += more;
	return 0;
}

static struct tree_node *add_node(struct yaml_reader *y, const yaml_event_t *event,
				  enum tree_type type, struct str text)
{
	struct tree_node *n = tree_builder_add(&y->builder, type, text);

	if (!n) {
		fail_memory(y);
		return NULL;
	}
	set_place(y, n, event->start_mark);
	return n;
}

/* A later anchor of the same name replaces the earlier one. */
static int add_anchor(struct yaml_reader *y, const yaml_char_t *name, struct tree_node *n)
{
	struct str key;
	void **slot;

	if (!name)
		return 0;
	key = arena_str(y->builder.arena, str_of((const char *)name));
	slot = map_put(&y->anchors, key);
	if (!slot)
		return fail_memory(y);
	*slot = n;
	return 0;
}

/* A node outside of the tree, for aliases to a key. */
static struct tree_node *anchored_key(struct yaml_reader *y)
{
	struct tree_node *n = ARENA_NEW(y->builder.arena, struct tree_node);

	if (!n) {
		fail_memory(y);
		return NULL;
	}
	*n = (struct tree_node){.type = TREE_STRING, .text = y->builder.key, .size = 1};
	return n;
}

static int add_scalar(struct yaml_reader *y, const yaml_event_t *event)
{
	struct str text = scalar_text(event);
	bool key = wants_key(y), plain = is_plain(event);
	struct tree_node *n;

	if (count_nodes(y, event, 1, 0) < 0)
		return -1;
	if (key && add_key(y, text) < 0)
		return -1;
	if (key && !event->data.scalar.anchor)
		return 0;
	n = key ? anchored_key(y) : add_node(y, event, TREE_STRING, text);
	if (!n)
		return -1;
	n->plain = plain;
	if (plain)
		n->type = core_type(text);
	return add_anchor(y, event->data.scalar.anchor, n);
}

static int open_level(struct yaml_reader *y, const yaml_event_t *event, enum tree_type type,
		      const yaml_char_t *anchor)
{
	struct tree_node *n;

	if (wants_key(y))
		return fail(y, event->start_mark, ERR_FORMAT, "a key must be a scalar");
	y->depth++;
	if (count_nodes(y, event, 1, 0) < 0)
		return -1;
	if (type == TREE_OBJECT && keyset_open(&y->keys, &y->error) < 0)
		return -1;
	n = add_node(y, event, type, STR_NULL);
	if (!n)
		return -1;
	tree_builder_open(&y->builder, n);
	return add_anchor(y, anchor, n);
}

static int close_level(struct yaml_reader *y)
{
	if (y->builder.open->type == TREE_OBJECT)
		keyset_close(&y->keys);
	y->depth--;
	tree_builder_close(&y->builder);
	return 0;
}

/* A node of its own with the children of the other: trees may share what is never changed. */
static int add_alias(struct yaml_reader *y, const yaml_event_t *event)
{
	const struct tree_node *target =
		map_find(&y->anchors, str_of((const char *)event->data.alias.anchor));
	struct tree_node *n;

	if (!target)
		return fail(y, event->start_mark, ERR_FORMAT, "an alias without an anchor");
	if (target->size == 0)
		return fail(y, event->start_mark, ERR_FORMAT,
			    "an alias inside of what it stands for");
	if (count_nodes(y, event, target->size, target->height) < 0)
		return -1;
	if (wants_key(y)) {
		if (target->first || target->type >= TREE_ARRAY)
			return fail(y, event->start_mark, ERR_FORMAT, "a key must be a scalar");
		return add_key(y, target->text);
	}
	n = add_node(y, event, target->type, STR_NULL);
	if (!n)
		return -1;
	n->plain = target->plain;
	n->text = target->text;
	n->count = target->count;
	n->size = target->size;
	n->height = target->height;
	n->first = target->first;
	n->last = target->last;
	return 0;
}

static int add_event(struct yaml_reader *y, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return add_scalar(y, event);
	case YAML_ALIAS_EVENT:
		return add_alias(y, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(y, event, TREE_ARRAY, event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_level(y, event, TREE_OBJECT, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(y);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

/* The type of the event, or <0. */
static int next_event(struct yaml_reader *y)
{
	yaml_event_t event;
	int type;

	if (!yaml_parser_parse(&y->parser, &event))
		return fail_parser(y);
	type = (int)event.type;
	if (add_event(y, &event) < 0)
		type = -1;
	yaml_event_delete(&event);
	return type;
}

static void begin_document(struct yaml_reader *y, struct arena *a)
{
	keyset_done(&y->keys);
	keyset_init(&y->keys, a->budget, y->nodes_max * 2);
	map_done(&y->anchors);
	map_init(&y->anchors, a->budget);
	y->builder = (struct tree_builder){.arena = a};
	y->depth = y->nodes = 0;
}

int yaml_reader_next(struct yaml_reader *y, struct arena *a, struct tree *ret, struct err *e)
{
	int type = YAML_NO_EVENT;

	begin_document(y, a);
	while (!y->error.code && type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT &&
	       type >= 0)
		type = y->parser.stream_end_produced ? YAML_STREAM_END_EVENT : next_event(y);
	if (y->error.code) {
		if (e)
			*e = y->error;
		return -1;
	}
	if (type == YAML_STREAM_END_EVENT)
		return 0;
	*ret = (struct tree){.root = y->builder.root, .duplicate = y->builder.duplicate};
	return 1;
}

static int only_document(struct yaml_reader *y, struct arena *a, struct tree *ret, struct err *e)
{
	struct tree_builder empty = {.arena = a};
	struct tree tree, second;
	int r = yaml_reader_next(y, a, &tree, e);

	if (r < 0)
		return -1;
	if (r == 0) {
		tree = (struct tree){.root = tree_builder_add(&empty, TREE_NULL, STR(""))};
		if (!tree.root)
			return ERR_NOMEM(e);
	} else {
		r = yaml_reader_next(y, a, &second, e);
		if (r < 0)
			return -1;
		if (r > 0)
			return tree_error(second.root, e, "a second document");
	}
	*ret = tree;
	return 0;
}

int tree_parse_yaml(struct str text, struct arena *a, size_t max, struct tree *ret, struct err *e)
{
	struct yaml_reader *y;
	int r;

	if (max && text.len > max)
		return err_set(e, ERR_LIMIT, "%zu bytes are over the limit of %zu", text.len, max);
	y = yaml_reader_new(text, NULL, e);
	if (!y)
		return -1;
	r = only_document(y, a, ret, e);
	yaml_reader_free(y);
	return r;
}
