/*
 * Cases for rules: one text, one code.
 *
 *	CHECK_FINDS("FROM debian:latest\n", "DL3007", "1:6-1:19");    places, separated by blanks
 *	CHECK_CLEAN("FROM debian:12\n", "DL3007");
 *	CHECK_FIXED("RUN apt-get install x\n", "DL3014", "RUN apt-get install -y x\n");   its fixes
 *applied
 *
 * Only the rule of that code runs. Shell rules need the grammar: NEEDS_SHELL() skips the case
 *without it.
 */
#ifndef PLIMSOLL_TESTS_LINT_CHECK_H
#define PLIMSOLL_TESTS_LINT_CHECK_H

#include "base/buf.h"
#include "dockerfile/lint.h"
#include "test.h"

#define NEEDS_SHELL() \
	do { \
		if (shell_parser_unavailable()) { \
			test_skip("%s", shell_parser_unavailable()); \
			return; \
		} \
	} while (0)

struct lint_check {
	struct lint_config config;
	struct str code;
	struct linter *linter;
	struct lint_result result;
};

/* config may be NULL; its `only` is set to the code (NULL: all rules run). */
static inline int lint_check_run(struct lint_check *c, const struct lint_config *config,
				 struct str text, const char *code)
{
	struct lint_input in = {.text = text, .path = STR("Dockerfile")};
	struct err e = ERR_INIT;

	*c = (struct lint_check){0};
	if (config)
		c->config = *config;
	if (code) {
		c->code = str_of(code);
		c->config.only = &c->code;
		c->config.only_count = 1;
	}
	c->linter = linter_new(&c->config, NULL, &e);
	if (!c->linter || lint_text(c->linter, &in, &c->result, &e) < 0) {
		printf("# %s\n", e.message);
		linter_free(c->linter);
		c->linter = NULL;
		return -1;
	}
	return 0;
}

/* "line:column-line:column" of each finding, separated by blanks. */
static inline void lint_check_places(const struct lint_check *c, struct buf *out)
{
	for (size_t i = 0; i < c->result.count; i++) {
		const struct finding *f = c->result.findings[i];

		buf_printf(out, "%s%u:%u-%u:%u", i ? " " : "", f->start.line, f->start.column,
			   f->end.line, f->end.column);
	}
}

/* The text with all fixes applied; they must not overlap. */
static inline void lint_check_fixed(const struct lint_check *c, struct str text, struct buf *out)
{
	uint32_t at = 0;

	for (size_t i = 0; i < c->result.count; i++) {
		const struct lint_fix *fix = c->result.findings[i]->fix;

		for (const struct lint_edit *edit = fix ? fix->edits : NULL; edit;
		     edit = edit->next) {
			buf_add(out, str_sub(text, at, edit->start));
			buf_add(out, edit->text);
			at = edit->end;
		}
	}
	buf_add(out, str_from(text, at));
}

static inline void lint_check_finds(const char *file, int line, const struct lint_config *config,
				    struct str text, const char *code, const char *expected)
{
	struct buf places = BUF_INIT;
	struct lint_check c;

	if (code && !rule_find(str_of(code)))
		test_fail(file, line, "there is no rule %s", code);
	else if (lint_check_run(&c, config, text, code) < 0)
		test_fail(file, line, "%s: the run failed", code);
	else {
		lint_check_places(&c, &places);
		if (!str_is(buf_str(&places), expected))
			test_fail(file, line, "%s: found '%.*s', expected '%s'",
				  code ? code : "all", STR_ARG(buf_str(&places)), expected);
		linter_free(c.linter);
	}
	buf_done(&places);
}

static inline void lint_check_repair(const char *file, int line, struct str text, const char *code,
				     const char *expected)
{
	struct buf fixed = BUF_INIT;
	struct lint_check c;

	if (lint_check_run(&c, NULL, text, code) < 0) {
		test_fail(file, line, "%s: the run failed", code);
		return;
	}
	lint_check_fixed(&c, text, &fixed);
	if (!str_is(buf_str(&fixed), expected))
		test_fail(file, line, "%s: repaired to '%.*s', expected '%s'", code,
			  STR_ARG(buf_str(&fixed)), expected);
	linter_free(c.linter);
	/* what was repaired is gone */
	if (lint_check_run(&c, NULL, buf_str(&fixed), code) == 0) {
		if (c.result.count)
			test_fail(file, line, "%s: %zu findings after the repair", code,
				  c.result.count);
		linter_free(c.linter);
	}
	buf_done(&fixed);
}

#define CHECK_FINDS(text, code, places) \
	lint_check_finds(__FILE__, __LINE__, NULL, str_of(text), code, places)
#define CHECK_CLEAN(text, code) lint_check_finds(__FILE__, __LINE__, NULL, str_of(text), code, "")
#define CHECK_FINDS_WITH(config, text, code, places) \
	lint_check_finds(__FILE__, __LINE__, config, str_of(text), code, places)
#define CHECK_FIXED(text, code, expected) \
	lint_check_repair(__FILE__, __LINE__, str_of(text), code, expected)

#endif
