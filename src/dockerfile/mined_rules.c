#include "dockerfile/mined_rules.h"

#include <stdlib.h>

void pattern_add_word(struct buf *b, struct str word)
{
	bool plain = word.len > 0;

	for (size_t i = 0; i < word.len && plain; i++)
		plain = !strchr(" \t\r\n()^=\"\\", word.data[i]) && word.data[i];
	if (plain) {
		buf_add(b, word);
		return;
	}
	buf_add_char(b, '"');
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] == '"' || word.data[i] == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, word.data[i]);
	}
	buf_add_char(b, '"');
}

/* --- making --- */

static void add_name(struct buf *b, struct str type)
{
	for (size_t i = 0; i < type.len && i < 80; i++) {
		char c = type.data[i];

		if (c >= 'A' && c <= 'Z')
			buf_add_char(b, (char)(c + 32));
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
			buf_add_char(b, c);
		else
			buf_add_char(b, '-');
	}
}

static int name_rule(struct associations *list, struct association *a, struct str type,
		     struct err *e)
{
	static const char *const title[LOCATIONS] = {"needs", "is followed by", "is preceded by"};
	CLEANUP(buf_done) struct buf name = BUF_INIT;

	buf_add_cstr(&name, "mined-");
	add_name(&name, type);
	buf_printf(&name, "-%s-%u", association_location_name(a->location), a->index + 1);
	a->name = arena_str(&list->arena, buf_str(&name));
	a->title = arena_printf(&list->arena, "%.*s %s %.*s", STR_ARG(type), title[a->location],
				STR_ARG(a->consequent.text));
	return buf_failed(&name) || !a->name.data || !a->title.data ? ERR_NOMEM(e) : 0;
}

int mined_rule_add(struct associations *list, struct str type, struct str antecedent,
		   struct str consequent, enum association_location location,
		   struct association **ret, struct err *e)
{
	struct association *a = ARENA_NEW(&list->arena, struct association);
	struct association **slot = a ? vec_push(&list->rules) : NULL;
	struct err why = ERR_INIT;

	*ret = NULL;
	if (!slot)
		return ERR_NOMEM(e);
	*slot = a;
	a->index = (uint32_t)(list->rules.count - 1);
	a->level = LEVEL_INFO;
	a->location = location;
	a->scope = STR("intra");
	a->stop = symbols_add(list->symbols, STR("BASH-SCRIPT"));
	if (pattern_parse(antecedent, list->symbols, &list->arena, &a->antecedent, &why) < 0 ||
	    pattern_parse(consequent, list->symbols, &list->arena, &a->consequent, &why) < 0 ||
	    association_compile(a, &why) < 0) {
		list->rules.count--;
		return why.code == ERR_MEMORY || !a->stop ? ERR_NOMEM(e) : 0;
	}
	if (name_rule(list, a, type, e) < 0)
		return -1;
	*ret = a;
	return 0;
}

/* --- counting --- */

struct counter {
	struct associations *list;
	uint64_t *matches, *violations; /* of the tree at hand */
	struct str tree;
};

static void add_example(struct counter *c, struct association *a)
{
	size_t i = 0;

	while (i < ASSOCIATION_EXAMPLES && a->examples[i].len)
		i++;
	if (i < ASSOCIATION_EXAMPLES)
		a->examples[i] = arena_str(&c->list->arena, c->tree);
}

static void count_match(void *context, const struct association *a, uint32_t node, bool holds)
{
	struct counter *c = context;

	(void)node;
	if (holds && !c->matches[a->index])
		add_example(c, c->list->rules.items[a->index]);
	c->matches[a->index]++;
	c->violations[a->index] += !holds;
}

static int count_tree(struct counter *c, const struct forest *f, const struct forest_tree *tree,
		      struct association_scratch *scratch, struct err *e)
{
	size_t count = c->list->rules.count;

	memset(c->matches, 0, count * sizeof(*c->matches));
	memset(c->violations, 0, count * sizeof(*c->violations));
	c->tree = tree->name;
	if (association_run((const struct association *const *)c->list->rules.items, count, f, tree,
			    scratch, count_match, c, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct association_figures *figures = &c->list->rules.items[i]->found;

		figures->support += c->matches[i];
		figures->confirmed += c->matches[i] - c->violations[i];
		figures->files += c->matches[i] > 0;
		figures->files_violating += c->violations[i] > 0;
	}
	return 0;
}

int mined_rules_count(struct associations *list, const struct forest *f, struct err *e)
{
	size_t count = list->rules.count ? list->rules.count : 1;
	struct association_scratch scratch = {0};
	struct counter c = {.list = list};
	int result = 0;

	c.matches = mem_zero(count, sizeof(*c.matches));
	c.violations = mem_zero(count, sizeof(*c.violations));
	if (!c.matches || !c.violations)
		result = ERR_NOMEM(e);
	for (size_t t = 0; t < f->trees.count && result == 0; t++)
		result = count_tree(&c, f, &f->trees.items[t], &scratch, e);
	association_scratch_done(&scratch);
	mem_free(c.matches);
	mem_free(c.violations);
	return result;
}

void mined_rules_sort(struct associations *list, int (*compare)(const void *a, const void *b))
{
	if (list->rules.count)
		qsort(list->rules.items, list->rules.count, sizeof(*list->rules.items), compare);
	for (size_t i = 0; i < list->rules.count; i++)
		list->rules.items[i]->index = (uint32_t)i;
}
