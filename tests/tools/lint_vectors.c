/*
 * Lints vectors: JSON lines with `id`, `dockerfile` and perhaps `config` (as in a hadolint
 * configuration file) and `dockerignore` on standard input, one JSON line each on standard output:
 *
 *	{"id": "hl-0001", "findings": [["DL3002", 3, 1], ...]}		code, line, column
 *
 * Rules that are off unless asked for (level ignore) run too, unless `config` ignores them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "dockerfile/lint.h"
#include "text/json.h"

struct list {
	struct str *items;
	size_t count, room;
};

struct vector {
	struct arena arena;
	struct str id, text, ignore_file;
	struct lint_config config;
	struct list ignored;
	struct list quiet; /* codes of the rules that are off */
	struct list registries;
	VEC(struct label_requirement) labels;
};

static const char *const label_kinds[LABEL_KINDS] = {
	[LABEL_TEXT] = "text",	 [LABEL_URL] = "url",	      [LABEL_SPDX] = "spdx",
	[LABEL_HASH] = "hash",	 [LABEL_RFC3339] = "rfc3339", [LABEL_SEMVER] = "semver",
	[LABEL_EMAIL] = "email",
};

static int read_strings(struct vector *v, struct json *j, struct list *list, struct err *e)
{
	int r = json_expect(j, JSON_ARRAY, e);

	while (r >= 0 && (r = json_next_item(j, e)) > 0) {
		struct str *slot = vec_push(list);

		if (!slot)
			return ERR_NOMEM(e);
		*slot = arena_str(&v->arena, j->text);
	}
	return r;
}

static int read_labels(struct vector *v, struct json *j, struct err *e)
{
	struct str key, kind;
	int r = json_expect(j, JSON_OBJECT, e);

	while (r >= 0 && (r = json_next_key(j, &key, e)) > 0) {
		struct label_requirement *slot = vec_push(&v->labels);

		if (!slot)
			return ERR_NOMEM(e);
		slot->name = arena_str(&v->arena, key);
		slot->kind = LABEL_KINDS;
		r = json_expect_string(j, &kind, e);
		for (int k = 0; r >= 0 && k < LABEL_KINDS; k++) {
			if (str_is(kind, label_kinds[k]))
				slot->kind = (enum label_kind)k;
		}
		if (r >= 0 && slot->kind == LABEL_KINDS)
			return json_error(j, e, "no such kind of label");
	}
	return r;
}

static int read_config(struct vector *v, struct json *j, struct err *e)
{
	struct str key;
	int r = json_expect(j, JSON_OBJECT, e);

	while (r >= 0 && (r = json_next_key(j, &key, e)) > 0) {
		if (str_is(key, "ignored"))
			r = read_strings(v, j, &v->ignored, e);
		else if (str_is(key, "trustedRegistries"))
			r = read_strings(v, j, &v->registries, e);
		else if (str_is(key, "label-schema"))
			r = read_labels(v, j, e);
		else if (str_is(key, "strict-labels"))
			r = json_expect_bool(j, &v->config.strict_labels, e);
		else if (str_is(key, "disable-ignore-pragma"))
			r = json_expect_bool(j, &v->config.disable_ignore_pragma, e);
		else
			return json_error(j, e, "no such setting");
	}
	return r;
}

static int read_text(struct vector *v, struct json *j, struct str *ret, struct err *e)
{
	struct str text;

	if (json_expect_string(j, &text, e) < 0)
		return -1;
	*ret = arena_str(&v->arena, text);
	return 0;
}

static int read_vector(struct vector *v, struct str line, struct err *e)
{
	struct json j;
	struct str key;
	int r;

	json_init_slice(&j, line, NULL);
	r = json_expect(&j, JSON_OBJECT, e);
	while (r >= 0 && (r = json_next_key(&j, &key, e)) > 0) {
		if (str_is(key, "id"))
			r = read_text(v, &j, &v->id, e);
		else if (str_is(key, "dockerfile"))
			r = read_text(v, &j, &v->text, e);
		else if (str_is(key, "dockerignore"))
			r = read_text(v, &j, &v->ignore_file, e);
		else if (str_is(key, "config"))
			r = read_config(v, &j, e);
		else
			r = json_skip_value(&j, e);
	}
	json_done(&j);
	return r;
}

static void finish_config(struct vector *v)
{
	for (size_t i = 0; i < rule_count(); i++) {
		struct str *slot = rule_at(i)->level == LEVEL_IGNORE ? vec_push(&v->quiet) : NULL;

		if (slot)
			*slot = str_of(rule_at(i)->code);
	}
	v->config.ignored = v->ignored.items;
	v->config.ignored_count = v->ignored.count;
	v->config.override[LEVEL_INFO].codes = v->quiet.items;
	v->config.override[LEVEL_INFO].count = v->quiet.count;
	v->config.trusted_registries = v->registries.items;
	v->config.trusted_registry_count = v->registries.count;
	v->config.labels = v->labels.items;
	v->config.label_count = v->labels.count;
}

static int lint_vector(struct vector *v, struct err *e)
{
	struct linter *linter = linter_new(&v->config, NULL, e);
	struct lint_input in = {.text = v->text, .ignore_file = v->ignore_file};
	struct lint_result result;

	if (!linter || lint_text(linter, &in, &result, e) < 0) {
		linter_free(linter);
		return -1;
	}
	printf("{\"id\": \"%.*s\", \"findings\": [", STR_ARG(v->id));
	for (size_t i = 0; i < result.count; i++)
		printf("%s[\"%s\", %u, %u]", i ? ", " : "", result.findings[i]->rule->code,
		       result.findings[i]->start.line, result.findings[i]->start.column);
	printf("]}\n");
	linter_free(linter);
	return 0;
}

static void vector_done(struct vector *v)
{
	vec_done(&v->ignored);
	vec_done(&v->quiet);
	vec_done(&v->registries);
	vec_done(&v->labels);
	arena_done(&v->arena);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t n;
	int failed = 0;

	while ((n = getline(&line, &room, stdin)) > 0) {
		struct err e = ERR_INIT;
		struct vector v = {0};

		number++;
		if (read_vector(&v, str_make(line, (size_t)n), &e) < 0 ||
		    (finish_config(&v), lint_vector(&v, &e)) < 0) {
			fprintf(stderr, "line %zu: %s\n", number, e.message);
			failed = 1;
		}
		vector_done(&v);
	}
	free(line);
	return failed;
}
