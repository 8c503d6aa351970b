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

#include "dockerfile/lint_config.h"
#include "text/json.h"

struct vector {
	struct arena arena;
	struct str id, text, ignore_file;
	struct lint_settings settings;
};

/* The JSON of a configuration is YAML as it stands. */
static int read_config(struct vector *v, struct json *j, struct str line, struct err *e)
{
	uint64_t start;

	if (json_expect(j, JSON_OBJECT, e) < 0)
		return -1;
	start = j->offset;
	if (json_skip_rest(j, e) < 0)
		return -1;
	return lint_settings_read(
		&v->settings, str_sub(line, (size_t)start, (size_t)json_position(j)), "config", e);
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
			r = read_config(v, &j, line, e);
		else
			r = json_skip_value(&j, e);
	}
	json_done(&j);
	return r;
}

/* Rules that are off run all the same; what the configuration ignores stays ignored. */
static int finish_config(struct vector *v, struct err *e)
{
	for (size_t i = 0; i < rule_count(); i++) {
		if (rule_at(i)->level == LEVEL_IGNORE &&
		    lint_settings_add(&v->settings, "info", str_of(rule_at(i)->code), e) < 0)
			return -1;
	}
	lint_settings_finish(&v->settings);
	return 0;
}

static int lint_vector(struct vector *v, struct err *e)
{
	struct linter *linter = linter_new(&v->settings.config, NULL, e);
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
		lint_settings_init(&v.settings);
		if (read_vector(&v, str_make(line, (size_t)n), &e) < 0 ||
		    finish_config(&v, &e) < 0 || lint_vector(&v, &e) < 0) {
			fprintf(stderr, "line %zu: %s\n", number, e.message);
			failed = 1;
		}
		lint_settings_done(&v.settings);
		arena_done(&v.arena);
	}
	free(line);
	return failed;
}
