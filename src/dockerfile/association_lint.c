/*
 * All tree rules of a linter look at the same tree, made once a file by the first of them that
 * runs.
 */
#include "dockerfile/association_lint.h"

#include "dockerfile/association_fix.h"
#include "dockerfile/docker_tree.h"

/* The tree of the file at hand, in the linter's arena. */
struct file_tree {
	struct forest forest;
	struct association_scratch scratch;
	bool failed;
};

static void report(void *context, const struct association *a, uint32_t node, bool holds)
{
	struct lint *l = context;
	const struct file_tree *t = l->tree;
	struct finding *f;

	if (holds)
		return;
	f = lint_report(l, t->forest.nodes.items[node].span, "%.*s", STR_ARG(a->title));
	if (f)
		association_fix_add(l, f, a, &t->forest, node);
}

static void free_tree(void *tree)
{
	struct file_tree *t = tree;

	forest_done(&t->forest);
	association_scratch_done(&t->scratch);
	mem_free(t);
}

static struct file_tree *tree_of(struct lint *l, struct symbols *symbols)
{
	struct file_tree *t = l->tree;

	if (!t) {
		t = mem_zero(1, sizeof(*t));
		if (!t)
			return NULL;
		l->tree = t;
		l->tree_free = free_tree;
		forest_init(&t->forest, symbols);
	}
	if (!l->has_tree) {
		forest_clear(&t->forest);
		t->failed = docker_tree_add(l, &t->forest, true, l->path, NULL) < 0;
		l->has_tree = true;
	}
	return t->failed ? NULL : t;
}

static void check(struct lint *l)
{
	const struct association *a = l->rule->data;
	struct file_tree *t = tree_of(l, a->symbols);

	if (!t || association_run(&a, 1, &t->forest, &t->forest.trees.items[0], &t->scratch, report,
				  l, NULL) < 0)
		lint_fail(l);
}

void tree_rules_init(struct tree_rules *t)
{
	*t = (struct tree_rules){0};
	symbols_init(&t->symbols);
	associations_init(&t->list, &t->symbols);
}

void tree_rules_done(struct tree_rules *t)
{
	associations_done(&t->list);
	symbols_done(&t->symbols);
	mem_free(t->rules);
	mem_free(t->pointers);
	*t = (struct tree_rules){0};
}

static const char *title_of(struct associations *list, const struct association *a)
{
	static const char *const words[LOCATIONS] = {"needs", "must be followed by",
						     "must be preceded by"};

	if (a->title.len)
		return a->title.data;
	return arena_printf(&list->arena, "%.*s %s %.*s", STR_ARG(a->antecedent.text),
			    words[a->location], STR_ARG(a->consequent.text))
		.data;
}

int tree_rules_finish(struct tree_rules *t, struct err *e)
{
	size_t count = t->list.rules.count;

	t->rules = mem_zero(count ? count : 1, sizeof(*t->rules));
	t->pointers = mem_zero(count ? count : 1, sizeof(const struct rule *));
	if (!t->rules || !t->pointers || symbols_freeze(&t->symbols) < 0)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++) {
		struct association *a = t->list.rules.items[i];
		const char *title = title_of(&t->list, a);

		if (!title)
			return ERR_NOMEM(e);
		a->title = str_of(title);
		a->symbols = &t->symbols;
		t->rules[i] = (struct rule){.code = a->name.data,
					    .title = title,
					    .level = a->level,
					    .end = check,
					    .data = a};
		t->pointers[i] = &t->rules[i];
	}
	t->count = count;
	return 0;
}
