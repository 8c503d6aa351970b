#include "dockerfile/lint_config.h"

#include <unistd.h>

#include "base/buf.h"
#include "text/tree.h"

static const char *const label_kinds[LABEL_KINDS] = {
	[LABEL_TEXT] = "text",	 [LABEL_URL] = "url",	      [LABEL_SPDX] = "spdx",
	[LABEL_HASH] = "hash",	 [LABEL_RFC3339] = "rfc3339", [LABEL_SEMVER] = "semver",
	[LABEL_EMAIL] = "email",
};

enum label_kind label_kind_find(struct str name)
{
	for (int i = 0; i < LABEL_KINDS; i++) {
		if (str_is(name, label_kinds[i]))
			return (enum label_kind)i;
	}
	/* what hadolint's documents call it in places */
	if (str_is(name, "rawtext") || str_is(name, ""))
		return LABEL_TEXT;
	return LABEL_KINDS;
}

void lint_settings_init(struct lint_settings *s)
{
	*s = (struct lint_settings){.threshold = LEVEL_INFO, .format = STR("")};
}

void lint_settings_done(struct lint_settings *s)
{
	vec_done(&s->notes);
	vec_done(&s->ignored);
	vec_done(&s->only);
	for (int i = 0; i < LEVEL_IGNORE; i++)
		vec_done(&s->override[i]);
	vec_done(&s->registries);
	vec_done(&s->labels);
	vec_done(&s->build_args);
	arena_done(&s->arena);
}

typedef VEC(struct str) str_list;

static int add_str(void *list, struct arena *arena, struct str value, struct err *e)
{
	str_list *l = list;
	struct str *slot = vec_push(l);

	if (!slot)
		return ERR_NOMEM(e);
	*slot = arena_str(arena, value);
	return slot->data ? 0 : ERR_NOMEM(e);
}

static int bad_value(struct err *e, const char *what, struct str value, const char *allowed)
{
	return err_set(e, ERR_USAGE, "%s: '%.*s' is not %s", what, STR_ARG(value), allowed);
}

static int set_threshold(struct lint_settings *s, struct str value, struct err *e)
{
	enum lint_level level = lint_level_find(value);

	if (level == LEVELS)
		return bad_value(e, "failure-threshold", value,
				 "one of error, warning, info, style, ignore, none");
	s->threshold = level;
	return 0;
}

static int add_label(struct lint_settings *s, struct str name, struct str kind, struct err *e)
{
	enum label_kind k = label_kind_find(kind);
	struct label_requirement *label;

	if (k == LABEL_KINDS)
		return bad_value(e, "label kind", kind,
				 "one of text, url, spdx, hash, rfc3339, semver, email");
	label = vec_push(&s->labels);
	if (!label)
		return ERR_NOMEM(e);
	label->name = arena_str(&s->arena, name);
	label->kind = k;
	return label->name.data ? 0 : ERR_NOMEM(e);
}

static int add_build_arg(struct lint_settings *s, struct str value, struct err *e)
{
	ptrdiff_t equals = str_find_char(value, '=');
	struct build_arg *arg;

	if (equals <= 0)
		return bad_value(e, "build-arg", value, "NAME=VALUE");
	arg = vec_push(&s->build_args);
	if (!arg)
		return ERR_NOMEM(e);
	arg->name = arena_str(&s->arena, str_to(value, (size_t)equals));
	arg->value = arena_str(&s->arena, str_from(value, (size_t)equals + 1));
	return arg->name.data && arg->value.data ? 0 : ERR_NOMEM(e);
}

static void *list_of(struct lint_settings *s, const char *what)
{
	enum lint_level level = lint_level_find(str_of(what));

	if (strcmp(what, "ignore") == 0)
		return &s->ignored;
	if (strcmp(what, "only") == 0)
		return &s->only;
	if (strcmp(what, "trusted-registry") == 0)
		return &s->registries;
	return level < LEVEL_IGNORE ? (void *)&s->override[level] : NULL;
}

int lint_settings_add(struct lint_settings *s, const char *what, struct str value, struct err *e)
{
	struct str rest = value, item;
	void *list = list_of(s, what);

	if (strcmp(what, "failure-threshold") == 0)
		return set_threshold(s, value, e);
	if (strcmp(what, "build-arg") == 0)
		return add_build_arg(s, value, e);
	while (str_next(&rest, ',', &item)) {
		ptrdiff_t colon = str_find_char(item, ':');

		item = str_trim(item);
		if (!item.len)
			continue;
		if (list) {
			if (add_str(list, &s->arena, item, e) < 0)
				return -1;
		} else if (colon <= 0) {
			return bad_value(e, what, item, "NAME:KIND");
		} else if (add_label(s, str_trim(str_to(item, (size_t)colon)),
				     str_trim(str_from(item, (size_t)colon + 1)), e) < 0) {
			return -1;
		}
	}
	return 0;
}

/* --- the file --- */

struct reader {
	struct lint_settings *s;
	const char *path;
	struct err *e;
};

static int wrong(const struct reader *r, const struct tree_node *n, const char *wanted)
{
	return err_set(r->e, ERR_USAGE, "%s: line %u, column %u: %s must be %s, not %s", r->path,
		       n->line, n->column, n->key.data ? n->key.data : "an item", wanted,
		       tree_type_name(n));
}

static int read_list(const struct reader *r, const struct tree_node *n, void *list)
{
	if (n->type == TREE_NULL)
		return 0;
	if (n->type != TREE_ARRAY)
		return wrong(r, n, "a list");
	for (const struct tree_node *item = tree_first(n); item; item = item->next) {
		if (!tree_str(item).data)
			return wrong(r, item, "a word");
		if (add_str(list, &r->s->arena, tree_str(item), r->e) < 0)
			return -1;
	}
	return 0;
}

static int read_bool(const struct reader *r, const struct tree_node *n, bool *ret)
{
	struct str text = tree_str(n);

	if (tree_bool(n, ret))
		return 0;
	/* YAML 1.1 spellings, which hadolint's reader takes */
	if (str_eq_nocase(text, STR("yes")) || str_eq_nocase(text, STR("on")))
		*ret = true;
	else if (str_eq_nocase(text, STR("no")) || str_eq_nocase(text, STR("off")))
		*ret = false;
	else
		return wrong(r, n, "true or false");
	return 0;
}

static int note(const struct reader *r, const struct tree_node *n, const char *where)
{
	struct str *slot = vec_push(&r->s->notes);

	if (!slot)
		return ERR_NOMEM(r->e);
	*slot = arena_printf(&r->s->arena, "%s: line %u, column %u: '%.*s' is no setting%s",
			     r->path, n->line, n->column, STR_ARG(n->key), where);
	return slot->data ? 0 : ERR_NOMEM(r->e);
}

static int read_override(const struct reader *r, const struct tree_node *n)
{
	if (n->type == TREE_NULL)
		return 0;
	if (n->type != TREE_OBJECT)
		return wrong(r, n, "a mapping of levels to lists");
	for (const struct tree_node *item = tree_first(n); item; item = item->next) {
		enum lint_level level = lint_level_find(item->key);

		if (level >= LEVEL_IGNORE) {
			if (note(r, item, " of override") < 0)
				return -1;
		} else if (read_list(r, item, &r->s->override[level]) < 0) {
			return -1;
		}
	}
	return 0;
}

static int read_labels(const struct reader *r, const struct tree_node *n)
{
	if (n->type == TREE_NULL)
		return 0;
	if (n->type != TREE_OBJECT)
		return wrong(r, n, "a mapping of labels to kinds");
	for (const struct tree_node *item = tree_first(n); item; item = item->next) {
		struct err why = ERR_INIT;

		if (!tree_str(item).data)
			return wrong(r, item, "a kind of label");
		if (add_label(r->s, item->key, tree_str(item), &why) < 0)
			return err_set(r->e, why.code == ERR_MEMORY ? ERR_MEMORY : ERR_USAGE,
				       "%s: line %u, column %u: %s", r->path, item->line,
				       item->column, why.message);
	}
	return 0;
}

static int read_word(const struct reader *r, const struct tree_node *n, struct str *ret)
{
	if (!tree_str(n).data)
		return wrong(r, n, "a word");
	*ret = arena_str(&r->s->arena, tree_str(n));
	return ret->data ? 0 : ERR_NOMEM(r->e);
}

static int read_threshold(const struct reader *r, const struct tree_node *n)
{
	struct err why = ERR_INIT;
	struct str word;

	if (read_word(r, n, &word) < 0)
		return -1;
	if (set_threshold(r->s, word, &why) < 0)
		return err_set(r->e, ERR_USAGE, "%s: line %u, column %u: %s", r->path, n->line,
			       n->column, why.message);
	return 0;
}

static int read_setting(const struct reader *r, const struct tree_node *n)
{
	struct lint_settings *s = r->s;

	if (str_is(n->key, "ignored"))
		return read_list(r, n, &s->ignored);
	if (str_is(n->key, "override"))
		return read_override(r, n);
	if (str_is(n->key, "trustedRegistries") || str_is(n->key, "trusted-registries"))
		return read_list(r, n, &s->registries);
	if (str_is(n->key, "label-schema"))
		return read_labels(r, n);
	if (str_is(n->key, "strict-labels"))
		return read_bool(r, n, &s->config.strict_labels);
	if (str_is(n->key, "disable-ignore-pragma"))
		return read_bool(r, n, &s->config.disable_ignore_pragma);
	if (str_is(n->key, "no-fail"))
		return read_bool(r, n, &s->no_fail);
	if (str_is(n->key, "no-color"))
		return read_bool(r, n, &s->no_color);
	if (str_is(n->key, "failure-threshold"))
		return read_threshold(r, n);
	if (str_is(n->key, "format"))
		return read_word(r, n, &s->format);
	return note(r, n, "");
}

int lint_settings_read(struct lint_settings *s, struct str yaml, const char *path, struct err *e)
{
	CLEANUP(arena_done) struct arena arena = {0};
	struct reader r = {s, path, e};
	struct tree tree;

	arena_init(&arena, NULL, 64 << 20);
	if (tree_parse_yaml(yaml, &arena, 4 << 20, &tree, e) < 0) {
		if (e->code == ERR_FORMAT)
			e->code = ERR_USAGE;
		return err_wrap(e, "%s", path);
	}
	if (tree.root->type == TREE_NULL)
		return 0;
	if (tree.root->type != TREE_OBJECT)
		return err_set(e, ERR_USAGE, "%s: a mapping of settings is expected, not %s", path,
			       tree_type_name(tree.root));
	for (const struct tree_node *n = tree_first(tree.root); n; n = n->next) {
		if (read_setting(&r, n) < 0)
			return -1;
	}
	return 0;
}

/* --- the environment --- */

static int read_flag(char *(*get)(const char *name), const char *name, bool *ret, struct err *e)
{
	const char *text = get(name);

	if (!text || !*text)
		return 0;
	if (strcmp(text, "1") == 0 || str_eq_nocase(str_of(text), STR("true")) ||
	    str_eq_nocase(str_of(text), STR("yes")) || str_eq_nocase(str_of(text), STR("on")))
		*ret = true;
	else if (strcmp(text, "0") == 0 || str_eq_nocase(str_of(text), STR("false")) ||
		 str_eq_nocase(str_of(text), STR("no")) || str_eq_nocase(str_of(text), STR("off")))
		*ret = false;
	else
		return bad_value(e, name, str_of(text), "true or false");
	return 0;
}

int lint_settings_environment(struct lint_settings *s, char *(*get)(const char *name),
			      struct err *e)
{
	static const struct {
		const char *name;
		const char *what;
	} lists[] = {
		{"HADOLINT_IGNORE", "ignore"},
		{"HADOLINT_OVERRIDE_ERROR", "error"},
		{"HADOLINT_OVERRIDE_WARNING", "warning"},
		{"HADOLINT_OVERRIDE_INFO", "info"},
		{"HADOLINT_OVERRIDE_STYLE", "style"},
		{"HADOLINT_TRUSTED_REGISTRIES", "trusted-registry"},
		{"HADOLINT_REQUIRE_LABELS", "require-label"},
		{"HADOLINT_FAILURE_THRESHOLD", "failure-threshold"},
	};
	const char *format = get("HADOLINT_FORMAT"), *color = get("NO_COLOR");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *value = get(lists[i].name);

		if (value && *value && lint_settings_add(s, lists[i].what, str_of(value), e) < 0)
			return err_wrap(e, "%s", lists[i].name);
	}
	if (read_flag(get, "HADOLINT_NOFAIL", &s->no_fail, e) < 0 ||
	    read_flag(get, "HADOLINT_STRICT_LABELS", &s->config.strict_labels, e) < 0 ||
	    read_flag(get, "HADOLINT_DISABLE_IGNORE_PRAGMA", &s->config.disable_ignore_pragma, e) <
		    0)
		return -1;
	if (format && *format)
		s->format = str_of(format);
	if (color && *color)
		s->no_color = true;
	return 0;
}

void lint_settings_finish(struct lint_settings *s)
{
	struct lint_config *c = &s->config;

	c->ignored = s->ignored.items;
	c->ignored_count = s->ignored.count;
	c->only = s->only.items;
	c->only_count = s->only.count;
	for (int i = 0; i < LEVEL_IGNORE; i++) {
		c->override[i].codes = s->override[i].items;
		c->override[i].count = s->override[i].count;
	}
	c->trusted_registries = s->registries.items;
	c->trusted_registry_count = s->registries.count;
	c->labels = s->labels.items;
	c->label_count = s->labels.count;
	c->graph.build_args = s->build_args.items;
	c->graph.build_arg_count = s->build_args.count;
}

static bool try_path(struct buf *out, const char *folder, const char *name)
{
	buf_clear(out);
	if (folder && *folder)
		buf_printf(out, "%s/", folder);
	buf_add_cstr(out, name);
	buf_add_char(out, '\0');
	return !buf_failed(out) && access(out->data, F_OK) == 0;
}

bool lint_config_path(char *(*get)(const char *name), struct buf *out)
{
	static const char *const names[] = {".hadolint.yaml", ".hadolint.yml", "hadolint.yaml",
					    "hadolint.yml"};
	const char *home = get("HOME"), *config = get("XDG_CONFIG_HOME");
	char folder[4096];

	for (size_t i = 0; i < 2; i++) {
		if (try_path(out, NULL, names[i]))
			return true;
	}
	for (size_t i = 2; i < 4; i++) {
		if (config && config[0] == '/' && try_path(out, config, names[i]))
			return true;
		if (!home || home[0] != '/')
			continue;
		snprintf(folder, sizeof(folder), "%s/.config", home);
		if (!config && try_path(out, folder, names[i]))
			return true;
		snprintf(folder, sizeof(folder), "%s/.hadolint", home);
		if (try_path(out, folder, names[i]))
			return true;
	}
	for (size_t i = 0; home && home[0] == '/' && i < 2; i++) {
		if (try_path(out, home, names[i]))
			return true;
	}
	buf_clear(out);
	return false;
}
