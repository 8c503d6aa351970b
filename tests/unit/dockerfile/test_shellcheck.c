/*
 * Scripts for ShellCheck, and what it answers.
 */
#include "dockerfile/shellcheck.h"
#include "lint_check.h"

static struct buf scripts;

static int keep(void *context, uint32_t instruction, struct str script, struct err *e)
{
	(void)context;
	(void)e;
	buf_printf(&scripts, "%u:", instruction);
	buf_add(&scripts, script);
	return 0;
}

static void check_scripts(int line, const char *text, const char *expected)
{
	static const char proxies[] = " HTTP_PROXY=1 http_proxy=1 HTTPS_PROXY=1 https_proxy=1 "
				      "FTP_PROXY=1 ftp_proxy=1 NO_PROXY=1 no_proxy=1";
	struct lint_config config = {0};
	struct err e = ERR_INIT;
	struct linter *l = linter_new(&config, NULL, &e);
	struct lint_input in = {.text = str_of(text)};
	struct buf brief = BUF_INIT;
	struct str rest;
	ptrdiff_t at;

	buf_clear(&scripts);
	CHECK_OK(lint_scripts(l, &in, keep, NULL, &e));
	rest = scripts.data ? buf_str(&scripts) : STR("");
	while ((at = str_find(rest, str_of(proxies))) >= 0) {
		buf_add(&brief, str_to(rest, (size_t)at));
		rest = str_from(rest, (size_t)at + sizeof(proxies) - 1);
	}
	buf_add(&brief, rest);
	if (!str_is(buf_str(&brief), expected))
		test_fail(__FILE__, line, "scripts are %.*s", STR_ARG(buf_str(&brief)));
	buf_done(&brief);
	buf_done(&scripts);
	linter_free(l);
}
#define CHECK_SCRIPTS(text, expected) check_scripts(__LINE__, text, expected)

TEST(scripts_begin_with_the_shell_and_what_is_set)
{
	CHECK_SCRIPTS("FROM a\nRUN b \\\n  # c\n  d\n", "1:#!/bin/sh\nexport\nb   d\n");
	CHECK_SCRIPTS("ARG G\nFROM a\nENV A=1 B.C=2\nARG D\nONBUILD RUN b\n",
		      "4:#!/bin/sh\nexport D=1 A=1\nb\n");
	CHECK_SCRIPTS("FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN b\nSHELL [\"bash\"]\nRUN c\n",
		      "2:#!/bin/dash\nexport\nb\n4:#!/bin/bash\nexport\nc\n");
	CHECK_SCRIPTS("FROM a\nRUN <<E\n#!/usr/bin/env bash\nb\nE\n",
		      "1:#!/bin/bash\nexport\n#!/usr/bin/env bash\nb\n\n");
}

TEST(no_scripts_for_what_is_not_its_business)
{
	CHECK_SCRIPTS("FROM a\nRUN [\"b\"]\nCMD c\nENTRYPOINT d\nCOPY e f\n", "");
	CHECK_SCRIPTS("FROM a\nSHELL [\"cmd\"]\nRUN b\nSHELL [\"zsh\"]\nRUN c\n", "");
	CHECK_SCRIPTS("FROM a\nRUN <<E\n#!/usr/bin/env python3\nb\nE\n", "");
	CHECK_SCRIPTS("", "");
}

TEST(places_are_lines_and_code_points)
{
	struct str body = STR("ab\n\xc3\xa4\xff\xe2\x82\n\tc");

	CHECK(shellcheck_offset(body, 1, 1) == 0);
	CHECK(shellcheck_offset(body, 1, 3) == 2);
	CHECK(shellcheck_offset(body, 1, 9) == 2);
	CHECK(shellcheck_offset(body, 2, 2) == 5);
	CHECK(shellcheck_offset(body, 2, 3) == 6);
	CHECK(shellcheck_offset(body, 3, 2) == body.len - 1);
	CHECK(shellcheck_offset(body, 4, 1) == body.len);
	CHECK(shellcheck_offset(body, UINT32_MAX, UINT32_MAX) == body.len);
	CHECK(shellcheck_offset(body, 0, 0) == 0);
	CHECK(shellcheck_offset(STR(""), 1, 5) == 0);
}

static int read_answer(const char *text, struct arena *arena, shellcheck_comments *ret)
{
	const struct output_record record = {.first = 5, .count = 2, .fds = {7, 9}};
	struct err e = ERR_INIT;

	ret->count = 0;
	return shellcheck_read(&record, str_of(text), arena, ret, &e);
}

TEST(answers_are_read_with_care)
{
	static const char *const bad[] = {"",
					  "[]",
					  "{\"comments\":1}",
					  "{\"comments\":[1]}",
					  "{\"comments\":[{\"file\":\"/proc/1/fd/8\"}]}",
					  "{\"comments\":[{\"file\":\"x\"}]}",
					  "{\"comments\":[{\"line\":-1}]}",
					  "{\"comments\":[{\"code\":\"x\"}]}",
					  "{\"comments\":[{\"line\":1}"};
	struct arena arena = {0};
	shellcheck_comments found = {0};

	CHECK(read_answer("{\"comments\":[{\"file\":\"/proc/1/fd/9\",\"line\":3,\"endLine\":4,"
			  "\"column\":5,\"endColumn\":99999999999,\"level\":\"odd\",\"code\":2000,"
			  "\"message\":\"m \",\"fix\":{\"x\":[]}}],\"more\":{}}",
			  &arena, &found) == 0);
	CHECK(found.count == 1 && found.items[0].script == 6 && found.items[0].line == 3 &&
	      found.items[0].end_line == 4 && found.items[0].column == 5 &&
	      found.items[0].end_column == UINT32_MAX && found.items[0].level == LEVEL_STYLE);
	CHECK_STR(found.items[0].message, "m");
	CHECK(read_answer("{\"comments\":[]}", &arena, &found) == 0 && !found.count);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_answer(bad[i], &arena, &found) == 0)
			test_fail(__FILE__, __LINE__, "%s was taken", bad[i]);
	}
	vec_done(&found);
	arena_done(&arena);
}

TEST(odd_comments_do_no_harm)
{
	const struct shellcheck_comment checks[] = {
		{.instruction = 1,
		 .line = 3,
		 .column = 1,
		 .end_line = 3,
		 .end_column = 2,
		 .code = 3999,
		 .level = LEVEL_ERROR,
		 .message = STR("Odd.")},
		{.instruction = 1, .line = 1, .code = 3998, .message = STR("in the preamble")},
		{.instruction = 1,
		 .line = 99,
		 .column = 9,
		 .end_line = 2,
		 .code = 3997,
		 .level = LEVEL_INFO,
		 .message = STR("behind the end")},
		{.instruction = 0, .line = 3, .code = 3996, .message = STR("of a FROM")},
		{.instruction = 7, .line = 3, .code = 3996, .message = STR("of nothing")},
		{.instruction = 1, .line = 3, .code = 4000000000u, .message = STR("a large code")},
		{.instruction = 1, .line = 3, .code = 0, .level = LEVEL_STYLE, .message = STR("")},
	};
	struct lint_config config = {0};
	struct err e = ERR_INIT;
	struct linter *l = linter_new(&config, NULL, &e);
	struct lint_input in = {.text = STR("FROM a:1\nRUN b\n"),
				.checks = checks,
				.check_count = sizeof(checks) / sizeof(checks[0])};
	struct lint_result result;
	size_t foreign = 0;

	for (int round = 0; round < 2; round++) {
		CHECK_OK(lint_text(l, &in, &result, &e));
		foreign = 0;
		for (size_t i = 0; i < result.count; i++)
			foreign += str_starts(str_of(result.findings[i]->rule->code), STR("SC"));
		CHECK(foreign == 3);
	}
	linter_free(l);
}
