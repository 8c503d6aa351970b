/*
 * Rules as data: a YAML list, one map a rule (docs/formats/tree-rules.md).
 */
#include "dockerfile/association.h"

#include "text/json_write.h"
#include "text/tree.h"

/* A rule file of this size holds some hundred thousand rules. */
enum { RULES_BYTES_MAX = 64 << 20 };

/* made by the build from data/rules/gold.yaml */
extern const char gold_rules[];
extern const size_t gold_rules_len;

void associations_init(struct associations *a, struct symbols *symbols)
{
	*a = (struct associations){.symbols = symbols};
	arena_init(&a->arena, NULL, 0);
}

void associations_done(struct associations *a)
{
	vec_done(&a->rules);
	arena_done(&a->arena);
}

struct file_reader {
	struct associations *list;
	const char *path;
	const struct tree_node *item; /* the rule at hand, or its fix */
	const char *what;	      /* "rule", "fix" */
	struct association *rule;
};

static int bad(const struct file_reader *r, const struct tree_node *n, struct err *e,
	       const char *what)
{
	return err_set(e, ERR_FORMAT, "%s, line %u: %s", r->path, n ? n->line : 0, what);
}

static int read_text(const struct file_reader *r, const char *key, bool needed, struct str *ret,
		     struct err *e)
{
	const struct tree_node *n = tree_find_key(r->item, str_of(key));
	struct str text = tree_str(n);

	if (!n && !needed)
		return 0;
	if (!n)
		return err_set(e, ERR_FORMAT, "%s, line %u: the %s has no '%s'", r->path,
			       r->item->line, r->what, key);
	if (!text.data || (needed && !text.len))
		return err_set(e, ERR_FORMAT, "%s, line %u: '%s' must be a text", r->path, n->line,
			       key);
	*ret = arena_str(&r->list->arena, text);
	return ret->data ? 0 : ERR_NOMEM(e);
}

static int read_pattern(const struct file_reader *r, const char *key, struct pattern *ret,
			struct err *e)
{
	const struct tree_node *n = tree_find_key(r->item, str_of(key));
	struct str text = STR_NULL;

	if (read_text(r, key, true, &text, e) < 0)
		return -1;
	if (pattern_parse(text, r->list->symbols, &r->list->arena, ret, e) < 0)
		return err_wrap(e, "%s, line %u: %s", r->path, n->line, key);
	return 0;
}

static int read_location(const struct file_reader *r, struct err *e)
{
	struct str text = STR_NULL;

	if (read_text(r, "location", true, &text, e) < 0)
		return -1;
	for (int i = 0; i < LOCATIONS; i++) {
		if (str_is(text, association_location_name((enum association_location)i))) {
			r->rule->location = (enum association_location)i;
			return 0;
		}
	}
	return bad(r, tree_find_key(r->item, STR("location")), e,
		   "'location' must be child, follows or precedes");
}

static int read_scope(const struct file_reader *r, struct err *e)
{
	struct association *a = r->rule;
	struct str type;

	a->scope = STR("intra");
	if (read_text(r, "scope", false, &a->scope, e) < 0)
		return -1;
	type = str_is(a->scope, "intra")   ? STR("BASH-SCRIPT")
	       : str_is(a->scope, "inter") ? STR("DOCKER-FILE")
					   : a->scope;
	a->stop = symbols_add(r->list->symbols, type);
	return a->stop ? 0 : ERR_NOMEM(e);
}

static int read_level(const struct file_reader *r, struct err *e)
{
	struct str text = STR("info");

	if (read_text(r, "level", false, &text, e) < 0)
		return -1;
	r->rule->level = lint_level_find(text);
	if (r->rule->level == LEVELS)
		return bad(r, tree_find_key(r->item, STR("level")), e,
			   "'level' must be error, warning, info, style or ignore");
	return 0;
}

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      c == '-' || c == '_' || c == '.'))
			return false;
	}
	return s.len > 0 && s.len <= 128;
}

static int read_name(const struct file_reader *r, struct err *e)
{
	struct association *a = r->rule;

	if (read_text(r, "name", true, &a->name, e) < 0)
		return -1;
	if (!is_word(a->name))
		return bad(r, tree_find_key(r->item, STR("name")), e,
			   "a name has letters, digits, '-', '_' and '.' only, at most 128");
	for (size_t i = 0; i < r->list->rules.count; i++) {
		if (r->list->rules.items[i] != a && str_eq(r->list->rules.items[i]->name, a->name))
			return bad(r, tree_find_key(r->item, STR("name")), e,
				   "there is a rule of that name already");
	}
	return 0;
}

/* Keys that a rule may have; the last ones are told by the miner and not read. */
static const char *const keys[] = {"name",	 "title",    "why",	 "level", "antecedent",
				   "consequent", "location", "scope",	 "fix",	  "found",
				   "second",	 "history",  "examples", NULL};
static const char *const fix_keys[] = {"option", "append", "before", "behind", "replace", "with",
				       "when",	 "beside", "unless", "safe",   "reason",  NULL};

static int check_keys(const struct file_reader *r, const char *const *known, struct err *e)
{
	for (const struct tree_node *n = tree_first(r->item); n; n = n->next) {
		size_t i = 0;

		while (known[i] && !str_is(n->key, known[i]))
			i++;
		if (!known[i])
			return err_set(e, ERR_FORMAT, "%s, line %u: '%.*s' is no key of a %s",
				       r->path, n->line, STR_ARG(n->key), r->what);
		if (n->duplicate)
			return err_set(e, ERR_FORMAT, "%s, line %u: '%.*s' stands twice", r->path,
				       n->line, STR_ARG(n->key));
	}
	return 0;
}

/* What is put into a file must not begin a line of its own there. */
static bool is_one_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	}
	return true;
}

/* The way of repair that is named, `before` perhaps with `append`; none: advice. */
static int read_fix_kind(const struct file_reader *r, struct association_fix *fix, struct err *e)
{
	fix->kind = FIX_ADVICE;
	for (int k = FIX_OPTION; k < FIX_KINDS; k++) {
		const char *key = association_fix_name((enum association_fix_kind)k);

		if (!tree_find_key(r->item, str_of(key)))
			continue;
		if (fix->kind == FIX_APPEND && k == FIX_BEFORE)
			fix->append = fix->text;
		else if (fix->kind != FIX_ADVICE)
			return bad(r, r->item, e, "a fix is done in one way");
		fix->kind = (enum association_fix_kind)k;
		if (read_text(r, key, true, &fix->text, e) < 0)
			return -1;
	}
	return 0;
}

/* Lint sees by name only what was a symbol when the rules were read (symbols_freeze). */
static int keep_symbols(struct symbols *symbols, const struct association_fix *fix, struct err *e)
{
	struct str rest = fix->text;
	const struct str types[] = {fix->when, fix->beside, fix->unless};
	bool kept = true;
	struct str before, name;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		kept = kept && (!types[i].len || symbols_add(symbols, types[i]));
	while (kept && association_fix_next(&rest, &before, &name))
		kept = symbols_add(symbols, name) != 0;
	return kept ? 0 : ERR_NOMEM(e);
}

static int read_fix(const struct file_reader *rule, struct err *e)
{
	const struct tree_node *n = tree_find_key(rule->item, STR("fix")), *safe;
	struct association_fix *fix = &rule->rule->fix;
	struct file_reader r = *rule;

	if (!n)
		return 0;
	if (n->type != TREE_OBJECT)
		return bad(&r, n, e, "a fix must be a map");
	r.item = n;
	r.what = "fix";
	safe = tree_find_key(n, STR("safe"));
	if (check_keys(&r, fix_keys, e) < 0 || read_fix_kind(&r, fix, e) < 0 ||
	    read_text(&r, "with", fix->kind == FIX_REPLACE, &fix->with, e) < 0 ||
	    read_text(&r, "when", false, &fix->when, e) < 0 ||
	    read_text(&r, "beside", false, &fix->beside, e) < 0 ||
	    read_text(&r, "unless", false, &fix->unless, e) < 0 ||
	    read_text(&r, "reason", true, &fix->reason, e) < 0)
		return -1;
	if (safe && !tree_bool(safe, &fix->safe))
		return bad(&r, safe, e, "'safe' must be true or false");
	if (!is_one_line(fix->text) || !is_one_line(fix->append) || !is_one_line(fix->with) ||
	    !is_one_line(fix->reason))
		return bad(&r, n, e, "a fix is text of one line");
	return keep_symbols(r.list->symbols, fix, e);
}

static int read_rule(struct file_reader *r, struct err *e)
{
	struct association *a = r->rule;

	if (r->item->type != TREE_OBJECT)
		return bad(r, r->item, e, "a rule must be a map");
	if (check_keys(r, keys, e) < 0 || read_name(r, e) < 0 ||
	    read_text(r, "title", false, &a->title, e) < 0 ||
	    read_text(r, "why", false, &a->why, e) < 0 || read_level(r, e) < 0 ||
	    read_pattern(r, "antecedent", &a->antecedent, e) < 0 ||
	    read_pattern(r, "consequent", &a->consequent, e) < 0 || read_location(r, e) < 0 ||
	    read_scope(r, e) < 0 || read_fix(r, e) < 0)
		return -1;
	if (a->location != LOCATION_CHILD && a->antecedent.mark)
		return bad(r, r->item, e, "a ^ means nothing but with location child");
	a->place = arena_printf(&r->list->arena, "%s, line %u", r->path, r->item->line);
	if (!a->place.data)
		return ERR_NOMEM(e);
	if (association_compile(a, e) < 0)
		return err_wrap(e, "%s, line %u", r->path, r->item->line);
	return 0;
}

static int read_rules(struct file_reader *r, const struct tree_node *list, struct err *e)
{
	if (!list || list->type != TREE_ARRAY)
		return bad(r, list, e, "a rule file is a list of rules");
	for (r->item = tree_first(list); r->item; r->item = r->item->next) {
		struct association **slot;

		if (r->list->rules.count == ASSOCIATIONS_MAX)
			return err_set(e, ERR_LIMIT, "%s: more than %d rules", r->path,
				       ASSOCIATIONS_MAX);
		slot = vec_push(&r->list->rules);
		r->rule = slot ? ARENA_NEW(&r->list->arena, struct association) : NULL;
		if (!r->rule) {
			r->list->rules.count -= slot != NULL;
			return ERR_NOMEM(e);
		}
		*slot = r->rule;
		r->rule->index = (uint32_t)(r->list->rules.count - 1);
		if (read_rule(r, e) < 0)
			return -1;
	}
	return 0;
}

int associations_read(struct associations *a, struct str text, const char *path, struct err *e)
{
	struct file_reader r = {.list = a, .path = path, .what = "rule"};
	size_t before = a->rules.count;
	struct arena arena;
	struct tree tree;
	int result;

	arena_init(&arena, NULL, (size_t)1 << 30);
	result = tree_parse_yaml(text, &arena, RULES_BYTES_MAX, &tree, e);
	if (result < 0)
		err_wrap(e, "%s", path);
	else
		result = read_rules(&r, tree.root, e);
	arena_done(&arena);
	if (result < 0)
		a->rules.count = before;
	return result;
}

int associations_read_gold(struct associations *a, struct err *e)
{
	return associations_read(a, str_make(gold_rules, gold_rules_len), "gold.yaml", e);
}

/* --- out --- */

static void write_text(struct buf *out, const char *head, struct str text)
{
	if (!text.len)
		return;
	buf_add_cstr(out, head);
	/* a JSON string is a quoted YAML scalar */
	json_quote(out, text);
	buf_add_char(out, '\n');
}

static void write_figures(struct buf *out, const char *key, const struct association_figures *f)
{
	if (!f->support)
		return;
	buf_printf(out, "  %s: {support: %llu, confirmed: %llu, confidence: %.2f, files: %llu, ",
		   key, (unsigned long long)f->support, (unsigned long long)f->confirmed,
		   100.0 * (double)f->confirmed / (double)f->support, (unsigned long long)f->files);
	buf_printf(out, "files_violating: %llu}\n", (unsigned long long)f->files_violating);
}

static void write_fix(struct buf *out, const struct association_fix *fix)
{
	const char *way = association_fix_name(fix->kind);

	if (fix->kind == FIX_NONE)
		return;
	buf_add_cstr(out, "  fix:\n");
	if (way) {
		buf_printf(out, "    %s: ", way);
		write_text(out, "", fix->text);
	}
	write_text(out, "    append: ", fix->append);
	write_text(out, "    with: ", fix->with);
	write_text(out, "    when: ", fix->when);
	write_text(out, "    beside: ", fix->beside);
	write_text(out, "    unless: ", fix->unless);
	buf_printf(out, "    safe: %s\n", fix->safe ? "true" : "false");
	write_text(out, "    reason: ", fix->reason);
}

static void write_rule(struct buf *out, const struct association *a)
{
	buf_printf(out, "- name: %.*s\n", STR_ARG(a->name));
	write_text(out, "  title: ", a->title);
	write_text(out, "  why: ", a->why);
	buf_printf(out, "  level: %s\n", lint_level_name(a->level));
	write_text(out, "  antecedent: ", a->antecedent.text);
	write_text(out, "  consequent: ", a->consequent.text);
	buf_printf(out, "  location: %s\n", association_location_name(a->location));
	write_text(out, "  scope: ", a->scope);
	write_fix(out, &a->fix);
	write_figures(out, "found", &a->found);
	write_figures(out, "second", &a->second);
	if (a->history.made)
		buf_printf(out, "  history: {made: %llu, undone: %llu, commits: %llu}\n",
			   (unsigned long long)a->history.made,
			   (unsigned long long)a->history.undone,
			   (unsigned long long)a->history.commits);
	for (size_t i = 0; i < sizeof(a->examples) / sizeof(a->examples[0]); i++) {
		if (!a->examples[i].len)
			break;
		if (i == 0)
			buf_add_cstr(out, "  examples:\n");
		write_text(out, "    - ", a->examples[i]);
	}
}

void associations_write(const struct associations *a, struct buf *out)
{
	if (!a->rules.count)
		buf_add_cstr(out, "[]\n");
	for (size_t i = 0; i < a->rules.count; i++)
		write_rule(out, a->rules.items[i]);
}
