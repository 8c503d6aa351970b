/*
 * Which packages of a layer came only because another one recommends them.
 */
#include <stdlib.h>

#include "dockerfile/rules/inner.h"
#include "dockerfile/waste_match.h"

enum { NEEDED = 1, REACHED = 2, LISTED = 500 };

/* What a package is called: its own name, and those that it provides. */
struct label {
	struct str name;
	uint32_t package;
};

struct walk {
	const struct waste_layer *layer;
	VEC(struct label) labels; /* sorted by name */
	uint8_t *marks;		  /* of packages */
	uint32_t *queue;
	uint32_t first, count;
};

/* --- relations --- */

/* The next name of "a:any (>= 1) | b, c". */
static bool next_name(struct str *rest, struct str *ret)
{
	while (rest->len) {
		size_t end = 0, stop = 0;

		while (end < rest->len && rest->data[end] != ',' && rest->data[end] != '|')
			end++;
		*ret = str_trim(str_to(*rest, end));
		*rest = str_from(*rest, end < rest->len ? end + 1 : end);
		while (stop < ret->len && !memchr(" \t\n(:[<", ret->data[stop], 7))
			stop++;
		*ret = str_to(*ret, stop);
		if (ret->len)
			return true;
	}
	return false;
}

static int cmp_label(const void *a, const void *b)
{
	return str_cmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static int add_label(struct walk *w, struct str name, uint32_t package, struct err *e)
{
	struct label *label = vec_push(&w->labels);

	if (!label)
		return ERR_NOMEM(e);
	*label = (struct label){name, package};
	return 0;
}

static int read_labels(struct walk *w, struct err *e)
{
	for (uint32_t n = 0; n < w->layer->package_count; n++) {
		struct str rest = w->layer->packages[n].provides, name;

		if (add_label(w, w->layer->packages[n].name, n, e) < 0)
			return -1;
		while (next_name(&rest, &name)) {
			if (add_label(w, name, n, e) < 0)
				return -1;
		}
	}
	if (w->labels.count)
		qsort(w->labels.items, w->labels.count, sizeof(*w->labels.items), cmp_label);
	return 0;
}

/* Marks all packages of a name; false when there is none. */
static bool reach(struct walk *w, struct str name, uint8_t mark)
{
	size_t low = 0, high = w->labels.count;
	bool any = false;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(w->labels.items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < w->labels.count && str_eq(w->labels.items[low].name, name); low++) {
		uint32_t package = w->labels.items[low].package;

		any = true;
		if (w->marks[package] & mark)
			continue;
		w->marks[package] |= mark;
		w->queue[w->count++] = package;
	}
	return any;
}

static void reach_all(struct walk *w, struct str relation, uint8_t mark)
{
	struct str name;

	while (next_name(&relation, &name))
		(void)reach(w, name, mark);
}

static void follow(struct walk *w, uint8_t mark)
{
	while (w->first < w->count) {
		const struct waste_package *p = &w->layer->packages[w->queue[w->first++]];

		reach_all(w, p->pre_depends, mark);
		reach_all(w, p->depends, mark);
		if (mark == REACHED)
			reach_all(w, p->recommends, mark);
	}
}

/* --- what is asked for --- */

/* "curl=7.*", "curl/bookworm", "curl:amd64", "curl+"; "curl-" takes it away. */
static void ask_for(struct walk *w, struct str word, uint8_t mark)
{
	for (size_t n = 0; n < word.len; n++) {
		if (word.data[n] == '=' || word.data[n] == '/' || word.data[n] == ':') {
			word = str_to(word, n);
			break;
		}
	}
	if (!reach(w, word, mark) && str_ends(word, STR("+")))
		(void)reach(w, str_to(word, word.len - 1), mark);
}

static bool is_name(const struct shell_arg *a)
{
	for (size_t n = 0; n < a->text.len; n++) {
		if (memchr("*?[^$", a->text.data[n], 5))
			return false;
	}
	return a->literal && a->text.len && str_find(a->text, STR("/")) != 0 &&
	       !str_starts(a->text, STR("./"));
}

/* A version may come from a variable: "curl=$V". */
static bool has_name(const struct shell_arg *a, struct shell_arg *ret)
{
	ptrdiff_t equals = str_find_char(a->text, '=');

	*ret = *a;
	if (equals > 0) {
		ret->text = str_to(a->text, (size_t)equals);
		ret->literal = true;
	}
	return is_name(ret);
}

/* False when a package's name is not in the file. */
static bool ask_all(struct lint *l, struct walk *w, const struct instruction *i, uint8_t mark)
{
	const struct shell_tree *t = lint_shell(l, i);

	for (uint32_t n = 0; n < t->command_count; n++) {
		struct shell_command inner;
		const struct command_use *use = inner_use(l, t, &t->commands[n], &inner);

		if (!use || !command_is(use, "install") ||
		    (!str_is(inner.name, "apt-get") && !str_is(inner.name, "apt") &&
		     !str_is(inner.name, "aptitude")))
			continue;
		for (uint32_t p = 0; p < use->position_count; p++) {
			struct shell_arg word;

			if (!has_name(&inner.argv[use->positions[p].arg], &word))
				return false;
			ask_for(w, word.text, mark);
		}
	}
	return t->status == SHELL_PARSED;
}

/* --- the answer --- */

static int cmp_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int tell(struct lint *l, const struct walk *w, struct lint_waste *ret, struct err *e)
{
	struct str *names = arena_alloc_array(l->arena, LISTED, sizeof(*names));

	if (!names)
		return ERR_NOMEM(e);
	for (uint32_t n = 0; n < w->layer->package_count; n++) {
		if (w->marks[n] != REACHED)
			continue;
		ret->bytes += w->layer->packages[n].bytes;
		if (ret->package_count < LISTED)
			names[ret->package_count++] = w->layer->packages[n].name;
	}
	if (ret->package_count)
		qsort(names, ret->package_count, sizeof(*names), cmp_name);
	ret->packages = names;
	ret->known = true;
	ret->at_least = !w->layer->complete;
	return 0;
}

static int walk_all(struct lint *l, struct walk *w, const struct instruction *i,
		    struct lint_waste *ret, struct err *e)
{
	static const uint8_t marks[] = {NEEDED, REACHED};

	if (read_labels(w, e) < 0)
		return -1;
	for (size_t n = 0; n < 2; n++) {
		w->first = w->count = 0;
		if (!ask_all(l, w, i, marks[n])) {
			ret->reason = STR("the file does not tell which packages are asked for");
			return 0;
		}
		follow(w, marks[n]);
	}
	return tell(l, w, ret, e);
}

int waste_recommended(struct lint *l, const struct instruction *i, const struct waste_layer *layer,
		      struct lint_waste *ret, struct err *e)
{
	struct walk w = {.layer = layer};
	int r;

	if (layer->packages_unknown) {
		ret->reason = STR("the package database could not be read");
		return 0;
	}
	w.marks = mem_zero(layer->package_count + 1, sizeof(*w.marks));
	w.queue = mem_zero((size_t)layer->package_count + 1, sizeof(*w.queue));
	r = w.marks && w.queue ? walk_all(l, &w, i, ret, e) : ERR_NOMEM(e);
	vec_done(&w.labels);
	mem_free(w.marks);
	mem_free(w.queue);
	return r;
}
