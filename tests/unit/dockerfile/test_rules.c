/*
 * The table of rules as such, and the rules that came with the frame.
 */
#include <sys/stat.h>

#include "lint_check.h"

TEST(every_rule_is_complete_and_has_its_page)
{
	for (size_t i = 0; i < rule_count(); i++) {
		static const char *const sections[] = {"\n## Why\n", "\n## Bad\n", "\n## Good\n",
						       "\n## What it costs\n"};
		const struct rule *r = rule_at(i);
		char name[256], head[512];
		struct stat st;
		struct str page;

		if (!r->code || !r->title)
			test_fail(__FILE__, __LINE__, "rule %zu has no code or title", i);
		if (!r->file && !r->stage && !r->instruction && !r->shell && !r->command &&
		    !r->stage_end && !r->end)
			test_fail(__FILE__, __LINE__, "%s has no hook", r->code);
		if (rule_find(str_of(r->code)) != r)
			test_fail(__FILE__, __LINE__, "%s is there twice", r->code);
		snprintf(name, sizeof(name), "docs/rules/%s.md", r->code);
		if (stat(test_source(name), &st) < 0) {
			test_fail(__FILE__, __LINE__, "%s is missing", name);
			continue;
		}
		page = test_read_file(test_source(name));
		snprintf(head, sizeof(head), "# %s: %s\n", r->code, r->title);
		if (!str_starts(page, str_of(head)))
			test_fail(__FILE__, __LINE__, "%s does not start with '# %s: %s'", name,
				  r->code, r->title);
		for (size_t n = 0; n < 4; n++) {
			if (str_find(page, str_of(sections[n])) < 0)
				test_fail(__FILE__, __LINE__, "%s lacks the section '%s'", name,
					  sections[n] + 1);
		}
		free((char *)(uintptr_t)page.data);
	}
}

TEST(parser_issues_are_findings)
{
	CHECK_FINDS("FORM debian\n", "DL1000", "1:1-1:5");
	CHECK_FINDS("FROM debian\nCOPY --form=x a b\n", "DL1000", "2:6-2:14");
	CHECK_FINDS("FROM debian\nRUN <<EOF\necho\n", "DL1000", "2:5-2:10");
	CHECK_FINDS("FROM a\nENV A\n", "DL1000", "2:1-2:6");
	CHECK_CLEAN("FROM debian\nRUN --mount=type=cache,target=/x true\n", "DL1000");
	CHECK_FINDS("CMD ['a', 'b']\n", "PL1003", "1:5-1:15");
	CHECK_CLEAN("RUN [ -f a ] && b\n", "PL1003");
	CHECK_FINDS("FROM a\nRUN a \\\n\n  b\n", "NoEmptyContinuation", "2:1-4:4");
}

TEST(pragmas_silence_what_they_name)
{
	CHECK_FINDS("FROM a:latest\nFROM b:latest\n", "DL3007", "1:6-1:14 2:6-2:14");
	CHECK_FINDS("FROM a:latest\n# hadolint ignore=DL3007\nFROM b:latest\n", "DL3007",
		    "1:6-1:14");
	CHECK_FINDS("# hadolint ignore=DL3007\n\nFROM b:latest\n", "DL3007", "3:6-3:14");
	CHECK_CLEAN("FROM a:latest\n# hadolint global ignore = DL3007 , DL3008 # why\n", "DL3007");
	CHECK_FINDS("# hadolint ignore=DL3007,foo\nFROM a:latest\n", "DL3007", "2:6-2:14");
	CHECK_FINDS("# hadolint ignore=DL3007,foo\nFROM a:latest\n", "PL1006", "1:26-1:29");
	CHECK_FINDS("# hadolint ignore=DL9999,SC9999\nFROM a:1\n", "PL1006", "1:19-1:25");
	CHECK_FINDS("# check=skip=Nope,JSONArgsRecommended;error=maybe;foo=1\nFROM a:1\n", "PL1006",
		    "1:14-1:18 1:39-1:44 1:51-1:54");
	CHECK_FINDS("FROM a:1\n# check=skip=Nix\nRUN x\n", "PL1006", "2:14-2:17");
	CHECK_CLEAN("# check=skip=all;error=true;experimental=all\nFROM a:1\n", "PL1006");
	CHECK_CLEAN("# check=skip=StageNameCasing as we like it\nFROM a:1\n", "PL1006");
	CHECK_CLEAN("# check=skip=StageNameCasing\nFROM a AS B\n", "StageNameCasing");
	CHECK_CLEAN("FROM x\n# check=skip=all // why\nFROM a AS B\n", "StageNameCasing");
	CHECK_FINDS("FROM a AS B\n", "StageNameCasing", "1:11-1:12");
}

TEST(frame_rules_find_and_repair)
{
	CHECK_FINDS("MAINTAINER \xc3\xa4 b\n", "DL4000", "1:1-1:15");
	CHECK_FIXED("FROM a\nMAINTAINER \"A\" <a@b>\n", "DL4000",
		    "FROM a\nLABEL org.opencontainers.image.authors=\"\\\"A\\\" <a@b>\"\n");
	CHECK_FIXED("maintainer x\n", "MaintainerDeprecated",
		    "label org.opencontainers.image.authors=\"x\"\n");
	CHECK_CLEAN("ARG V=latest\nFROM a:${V}@sha256:abc\n", "DL3007");
	CHECK_FINDS("ARG V=latest\nFROM a:${V}\n", "DL3007", "2:6-2:12");
	CHECK_CLEAN("ARG V\nFROM a:${V}\n", "DL3007");
}

TEST(shell_rules_have_exact_places)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN apt-get update && \\\n    # why\n    apt-get install curl\n",
		    "DL3014", "4:5-4:20");
	CHECK_FIXED("RUN a && \\\n apt-get \\\n install x\n", "DL3014",
		    "RUN a && \\\n apt-get \\\n install -y x\n");
	CHECK_CLEAN("RUN apt-get -qq install x; apt-get install -q=2 x; apt-get --assume-yes "
		    "install x\n",
		    "DL3014");
	CHECK_FINDS("ONBUILD RUN apt-get install x\n", "DL3014", "1:13-1:28");
	CHECK_FIXED("RUN curl -fsSLk https://x | sh\n", "PL2001",
		    "RUN curl -fsSL https://x | sh\n");
	CHECK_FIXED("RUN wget --no-check-certificate https://x\n", "PL2001",
		    "RUN wget https://x\n");
	CHECK_FINDS("RUN apt-get update\nRUN apt-get install -y x\n", "PL3001", "1:5-1:19");
	CHECK_FIXED("RUN echo \"`date`\"\n", "SC2006", "RUN echo \"$(date)\"\n");
	/* $(( would be arithmetic */
	CHECK_FIXED("RUN echo `(date)`\n", "SC2006", "RUN echo $( (date) )\n");
	CHECK_FINDS("RUN if true; then\n", "PL1005", "1:5-1:18");
	CHECK_CLEAN("SHELL [\"powershell\"]\nRUN apt-get install x\n", "DL3014");
	CHECK_FINDS("RUN <<EOF\n# c\napt-get install x\nEOF\n", "DL3014", "3:1-3:16");
	CHECK_CLEAN("RUN <<EOF\n#!/usr/bin/env python3\napt-get install x\nEOF\n", "DL3014");
}
