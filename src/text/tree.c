#include "text/tree.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/json.h"

/* --- building --------------------------------------------------------------------------------- */

struct tree_node *tree_builder_add(struct tree_builder *b, enum tree_type type, struct str text)
{
	struct tree_node *n = ARENA_NEW(b->arena, struct tree_node), *parent = b->open;

	if (!n)
		return NULL;
	*n = (struct tree_node){.type = type, .key = b->key, .size = 1};
	n->duplicate = b->key_duplicate;
	if (text.data) {
		n->text = arena_str(b->arena, text);
		if (!n->text.data)
			return NULL;
	}
	if (n->duplicate && !b->duplicate)
		b->duplicate = n;
	b->key = STR_NULL;
	b->key_duplicate = false;
	if (!parent) {
		b->root = n;
		return n;
	}
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	return n;
}

void tree_builder_open(struct tree_builder *b, struct tree_node *n)
{
	n->next = b->open;
	n->size = 0;
	b->open = n;
}

void tree_builder_close(struct tree_builder *b)
{
	struct tree_node *n = b->open;

	n->size = 1;
	for (const struct tree_node *child = n->first; child; child = child->next) {
		n->size += child->size;
		if (n->height <= child->height)
			n->height = child->height + 1;
	}
	b->open = n->next;
	n->next = NULL;
}

int tree_builder_key(struct tree_builder *b, struct str key, bool duplicate)
{
	b->key = arena_str(b->arena, key);
	b->key_duplicate = duplicate;
	return b->key.data ? 0 : -1;
}

static int add_event(struct tree_builder *b, const struct json *j)
{
	static const enum tree_type types[] = {
		[JSON_OBJECT] = TREE_OBJECT, [JSON_ARRAY] = TREE_ARRAY, [JSON_STRING] = TREE_STRING,
		[JSON_NUMBER] = TREE_NUMBER, [JSON_TRUE] = TREE_BOOL,	[JSON_FALSE] = TREE_BOOL,
		[JSON_NULL] = TREE_NULL,
	};
	bool container = j->event == JSON_OBJECT || j->event == JSON_ARRAY;
	struct tree_node *n = tree_builder_add(b, types[j->event], container ? STR_NULL : j->text);

	if (!n)
		return -1;
	n->offset = j->offset;
	n->line = (uint32_t)j->line;
	n->column = (uint32_t)j->column;
	n->replaced = j->replaced;
	if (container)
		tree_builder_open(b, n);
	return 0;
}

/* Adds the last event; the builder is through when nothing is open. */
static int build(struct tree_builder *b, const struct json *j, struct err *e)
{
	int r = 0;

	switch (j->event) {
	case JSON_END:
	case JSON_MORE:
		return json_error(j, e, "expected a value, found %s", json_event_name(j->event));
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		if (!b->open)
			return json_error(j, e, "expected a value, found %s",
					  json_event_name(j->event));
		tree_builder_close(b);
		break;
	case JSON_KEY:
		r = tree_builder_key(b, j->text, j->duplicate);
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_STRING:
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		r = add_event(b, j);
		break;
	}
	return r < 0 ? err_set(e, ERR_MEMORY, "not enough memory for the document") : 0;
}

static bool began_value(enum json_event event)
{
	return event == JSON_OBJECT || event == JSON_ARRAY || event >= JSON_STRING;
}

int tree_read_json(struct json *j, struct arena *a, struct tree *ret, struct err *e)
{
	struct tree_builder b = {.arena = a};

	if (!began_value(j->event) && json_next(j, e) < 0)
		return -1;
	if (build(&b, j, e) < 0)
		return -1;
	while (b.open)
		if (json_next(j, e) < 0 || build(&b, j, e) < 0)
			return -1;
	*ret = (struct tree){.root = b.root, .duplicate = b.duplicate};
	return 0;
}

int tree_parse_json(struct str text, struct arena *a, size_t max, struct tree *ret, struct err *e)
{
	CLEANUP(json_done) struct json j;
	struct tree tree;

	json_init_slice(&j, text, &(struct json_options){.budget = a->budget});
	if (max && text.len > max)
		return err_set(e, ERR_LIMIT, "%zu bytes are over the limit of %zu", text.len, max);
	if (tree_read_json(&j, a, &tree, e) < 0 || json_expect(&j, JSON_END, e) < 0)
		return -1;
	*ret = tree;
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

const struct tree_node *tree_first(const struct tree_node *n)
{
	return n ? n->first : NULL;
}

const struct tree_node *tree_find_key(const struct tree_node *n, struct str key)
{
	const struct tree_node *found = NULL;

	if (!n || n->type != TREE_OBJECT)
		return NULL;
	for (const struct tree_node *child = n->first; child; child = child->next)
		if (str_eq(child->key, key))
			found = child;
	return found;
}

static const struct tree_node *find_index(const struct tree_node *n, struct str position)
{
	const struct tree_node *child;
	uint64_t index;

	if (!str_parse_u64(position, &index) || index >= n->count)
		return NULL;
	for (child = n->first; index > 0; index--)
		child = child->next;
	return child;
}

const struct tree_node *tree_find(const struct tree_node *n, const char *path)
{
	struct str rest = str_of(path), part;

	while (n && str_next(&rest, '.', &part)) {
		if (n->type == TREE_ARRAY)
			n = find_index(n, part);
		else
			n = tree_find_key(n, part);
	}
	return n;
}

struct str tree_str(const struct tree_node *n)
{
	bool text = n && (n->type == TREE_STRING ||
			  (n->plain && (n->type == TREE_BOOL || n->type == TREE_NUMBER)));

	return text ? n->text : STR_NULL;
}

bool tree_u64(const struct tree_node *n, uint64_t *ret)
{
	return n && n->type == TREE_NUMBER && str_parse_u64(n->text, ret);
}

bool tree_bool(const struct tree_node *n, bool *ret)
{
	if (!n || n->type != TREE_BOOL)
		return false;
	*ret = n->text.data[0] == 't' || n->text.data[0] == 'T';
	return true;
}

const char *tree_type_name(const struct tree_node *n)
{
	static const char *const names[] = {
		[TREE_NULL] = "null",	    [TREE_BOOL] = "true or false",
		[TREE_NUMBER] = "a number", [TREE_STRING] = "a string",
		[TREE_ARRAY] = "a list",    [TREE_OBJECT] = "an object",
	};

	return n ? names[n->type] : "nothing";
}

int tree_error(const struct tree_node *n, struct err *e, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!n)
		return err_set(e, ERR_FORMAT, "%s", text);
	return err_set(e, ERR_FORMAT, "line %u, column %u: %s", n->line, n->column, text);
}
