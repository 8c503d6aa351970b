/*
 * Symbols, the builder of trees, and their JSON.
 */
#include "dockerfile/forest.h"

#include "text/json.h"
#include "text/json_write.h"

/* --- symbols --- */

void symbols_init(struct symbols *s)
{
	*s = (struct symbols){0};
	map_init(&s->map, NULL);
	arena_init(&s->arena, NULL, 0);
}

void symbols_done(struct symbols *s)
{
	map_done(&s->map);
	vec_done(&s->texts);
	arena_done(&s->arena);
}

uint32_t symbols_find(const struct symbols *s, struct str text)
{
	return text.data ? (uint32_t)(uintptr_t)map_find(&s->map, text) : 0;
}

uint32_t symbols_add(struct symbols *s, struct str text)
{
	struct str *kept;
	void **slot;

	if (!text.data)
		text = STR("");
	slot = map_find(&s->map, text);
	if (slot)
		return (uint32_t)(uintptr_t)slot;
	if (s->other)
		return s->other;
	if (s->texts.count > SYMBOLS_MAX || (!s->texts.count && !vec_push(&s->texts)))
		return 0;
	text = arena_str(&s->arena, text);
	slot = text.data ? map_put(&s->map, text) : NULL;
	kept = slot ? vec_push(&s->texts) : NULL;
	if (!kept)
		return 0;
	*kept = text;
	*slot = (void *)(uintptr_t)(s->texts.count - 1);
	return (uint32_t)(s->texts.count - 1);
}

int symbols_freeze(struct symbols *s)
{
	/* no type is called so: patterns cannot ask for it by accident */
	uint32_t other = symbols_add(s, STR("(other)"));

	s->other = other;
	return other ? 0 : -1;
}

/* --- building --- */

void forest_init(struct forest *f, struct symbols *symbols)
{
	*f = (struct forest){.symbols = symbols, .open = FOREST_NONE};
	arena_init(&f->arena, NULL, 0);
}

void forest_done(struct forest *f)
{
	vec_done(&f->nodes);
	vec_done(&f->trees);
	arena_done(&f->arena);
}

void forest_clear(struct forest *f)
{
	f->nodes.count = 0;
	f->trees.count = 0;
	f->open = FOREST_NONE;
	f->failed = false;
	arena_done(&f->arena);
}

uint32_t forest_open(struct forest *f, uint32_t type, uint32_t value, struct span span)
{
	struct forest_node *n;

	if (!type || f->nodes.count >= FOREST_NODES_MAX)
		f->failed = true;
	n = f->failed ? NULL : vec_push(&f->nodes);
	if (!n) {
		f->failed = true;
		return 0;
	}
	*n = (struct forest_node){type, value, f->open, (uint32_t)(f->nodes.count - 1), span};
	f->open = n->last;
	return f->open;
}

void forest_close(struct forest *f)
{
	struct forest_node *n;

	if (f->failed || f->open == FOREST_NONE)
		return;
	n = &f->nodes.items[f->open];
	n->last = (uint32_t)(f->nodes.count - 1);
	f->open = n->parent;
}

static uint32_t next_root(const struct forest *f)
{
	return f->trees.count ? f->trees.items[f->trees.count - 1].last + 1 : 0;
}

/* Takes an unfinished tree back. */
static void forget_tree(struct forest *f)
{
	f->nodes.count = next_root(f);
	f->open = FOREST_NONE;
}

int forest_end_tree(struct forest *f, struct str name, struct err *e)
{
	uint32_t first = next_root(f);
	struct forest_tree *t;

	while (!f->failed && f->open != FOREST_NONE)
		forest_close(f);
	name = arena_str(&f->arena, name);
	t = f->failed || !name.data ? NULL : vec_push(&f->trees);
	if (!t) {
		bool full = f->nodes.count >= FOREST_NODES_MAX;

		forget_tree(f);
		f->failed = false;
		return full ? err_set(e, ERR_LIMIT, "more than %d nodes", FOREST_NODES_MAX)
			    : ERR_NOMEM(e);
	}
	*t = (struct forest_tree){first, (uint32_t)(f->nodes.count - 1), name};
	return 0;
}

/* --- JSON in --- */

static int read_scalar(struct json *j, struct forest *f, uint32_t *ret, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event == JSON_OBJECT || event == JSON_ARRAY)
		return json_error(j, e, "a value must be a scalar");
	*ret = event == JSON_NULL ? 0 : symbols_add(f->symbols, j->text);
	return event != JSON_NULL && !*ret ? ERR_NOMEM(e) : 0;
}

static bool is_name_key(struct str key)
{
	return str_is(key, "file_sha") || str_is(key, "name") || str_is(key, "path");
}

static int read_key(struct json *j, struct forest *f, uint32_t *name, struct err *e)
{
	struct forest_node *n = &f->nodes.items[f->open];
	struct str key = j->text;
	bool is_root = n->parent == FOREST_NONE;
	int event;

	if (str_is(key, "type")) {
		if (read_scalar(j, f, &n->type, e) < 0)
			return -1;
		return n->type ? 0 : json_error(j, e, "a type must be a text");
	}
	if (str_is(key, "value"))
		return read_scalar(j, f, &n->value, e);
	if (str_is(key, "children"))
		return json_expect(j, JSON_ARRAY, e);
	if (!is_root || !is_name_key(key))
		return json_skip_value(j, e);
	event = json_next(j, e);
	if (event == JSON_STRING) {
		*name = symbols_add(f->symbols, j->text);
		return *name ? 0 : ERR_NOMEM(e);
	}
	return event < 0 ? -1 : json_skip_rest(j, e);
}

/* One event inside of an open node. The reader itself minds that objects and lists close. */
static int read_event(struct json *j, struct forest *f, uint32_t *name, struct err *e)
{
	int event = json_next(j, e);

	switch (event) {
	case JSON_KEY:
		return read_key(j, f, name, e);
	case JSON_OBJECT:
		/* the type is not known yet: any symbol, taken back below */
		if (f->nodes.count >= FOREST_NODES_MAX)
			return err_set(e, ERR_LIMIT, "more than %d nodes", FOREST_NODES_MAX);
		forest_open(f, UINT32_MAX, 0, (struct span){0});
		return f->failed ? ERR_NOMEM(e) : 0;
	case JSON_OBJECT_END:
		if (f->nodes.items[f->open].type == UINT32_MAX)
			return json_error(j, e, "a node without a type");
		forest_close(f);
		return 0;
	case JSON_ARRAY_END:
		return 0;
	default:
		return event < 0 ? -1 : json_error(j, e, "a child must be an object");
	}
}

int forest_read_json(struct forest *f, struct str text, struct err *e)
{
	const struct json_options options = {.depth_max = 2 * FOREST_DEPTH_MAX + 2};
	struct json j;
	uint32_t name = 0;
	int r;

	json_init_slice(&j, text, &options);
	r = json_expect(&j, JSON_OBJECT, e);
	if (r == 0) {
		forest_open(f, UINT32_MAX, 0, (struct span){0});
		r = f->failed ? ERR_NOMEM(e) : 0;
	}
	while (r == 0 && f->open != FOREST_NONE)
		r = read_event(&j, f, &name, e);
	if (r == 0)
		r = json_expect(&j, JSON_END, e);
	json_done(&j);
	if (r < 0) {
		forget_tree(f);
		f->failed = false;
		return -1;
	}
	return forest_end_tree(f, name ? symbol_text(f->symbols, name) : STR(""), e);
}

/* --- JSON out --- */

static void write_head(const struct forest *f, const struct forest_node *n, struct buf *out)
{
	buf_add_cstr(out, "{\"type\": ");
	json_quote(out, symbol_text(f->symbols, n->type));
	if (n->value) {
		buf_add_cstr(out, ", \"value\": ");
		json_quote(out, symbol_text(f->symbols, n->value));
	}
	buf_add_cstr(out, ", \"children\": [");
}

void forest_write_json(const struct forest *f, uint32_t root, struct buf *out)
{
	const struct forest_node *nodes = f->nodes.items;

	for (uint32_t i = root; i <= nodes[root].last; i++) {
		if (i > root && nodes[i].parent != i - 1)
			buf_add_cstr(out, ", ");
		write_head(f, &nodes[i], out);
		/* everything that ends here */
		for (uint32_t n = i; nodes[n].last == i; n = nodes[n].parent) {
			buf_add_cstr(out, "]}");
			if (n == root)
				break;
		}
	}
}
