/*
 * Rules for what only bash does, and for commands whose failure goes unnoticed. Expectations are
 * ShellCheck's, but where the text beside a case says otherwise.
 */
#include "lint_check.h"

/* Every finding is told without edits. */
static void check_as_it_is(int line, const char *text, const char *code)
{
	struct lint_check c;

	if (lint_check_run(&c, NULL, str_of(text), code) < 0 || !c.result.count)
		test_fail(__FILE__, line, "%s: nothing was found", code);
	for (size_t i = 0; c.linter && i < c.result.count; i++) {
		if (c.result.findings[i]->fix && c.result.findings[i]->fix->edit_count)
			test_fail(__FILE__, line, "%s: there are edits", code);
	}
	linter_free(c.linter);
}
#define CHECK_AS_IT_IS(text, code) check_as_it_is(__LINE__, text, code)

TEST(variables_of_bash)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo $RANDOM \"${HOSTNAME}\"\n", "SC3028", "1:10-1:17 1:19-1:30");
	CHECK_FINDS("RUN x=$((RANDOM % 5)); y=${BASH_SOURCE[0]} z=${#UID}\n", "SC3028",
		    "1:10-1:16 1:26-1:43 1:46-1:53");
	CHECK_FINDS("ONBUILD RUN echo $RANDOM\n", "SC3028", "1:18-1:25");
	/* set by the file or the script; RANDOM is never one's own */
	CHECK_CLEAN("FROM a\nENV HOSTNAME=x\nRUN echo $HOSTNAME\n", "SC3028");
	CHECK_CLEAN("FROM a\nARG UID\nRUN echo $UID\n", "SC3028");
	CHECK_CLEAN("RUN UID=$(id -u); echo $UID; for EUID in 1; do a $EUID; done\n", "SC3028");
	CHECK_CLEAN("RUN read -r GROUPS x; echo $GROUPS\n", "SC3028");
	CHECK_FINDS("FROM a\nENV RANDOM=4\nRUN echo $RANDOM\n", "SC3028", "3:10-3:17");
	CHECK_FINDS("ARG UID\nFROM a\nRUN echo $UID\n", "SC3028", "3:10-3:14");
	/* not expanded, or another name */
	CHECK_CLEAN("RUN echo '$RANDOM' \\$RANDOM $RANDOMS $PPID $BASH_ENV\n", "SC3028");
	/* other shells */
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN echo $RANDOM\n", "SC3028");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nFROM b\nRUN echo $RANDOM\n", "SC3028",
		    "4:10-4:17");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN echo $RANDOM $_\n", "SC3028",
		    "3:10-3:17");
	CHECK_FINDS("RUN echo $_\n", "SC3028", "1:10-1:12");
	CHECK_CLEAN("# hadolint shell=bash\nFROM a\nRUN echo $RANDOM\n", "SC3028");
	CHECK_CLEAN("FROM a\nRUN <<EOF\n#!/bin/bash\necho $RANDOM\nEOF\n", "SC3028");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN <<EOF\n#!/usr/bin/env sh\necho "
		    "$RANDOM\nEOF\n",
		    "SC3028", "5:6-5:13");
	CHECK_CLEAN("CMD echo $RANDOM\n", "SC3028");
}

TEST(source_is_a_dot)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN source a\n", "SC3046", "1:5-1:11");
	CHECK_FINDS("RUN x && \\\n  'source' $y; z=$(source b)\n", "SC3046", "2:3-2:11 2:20-2:26");
	CHECK_FIXED("RUN source /a/b && c\n", "SC3046", "RUN . /a/b && c\n");
	CHECK_FINDS("RUN builtin source /a\n", "SC3046", "1:13-1:19");
	CHECK_FINDS("RUN command source /a\n", "SC3046", "1:13-1:19");
	CHECK_CLEAN("RUN . a; /bin/source a; sudo source a; echo source; $source a\n", "SC3046");
	CHECK_CLEAN("FROM a AS b\nSHELL [\"/bin/bash\", \"-e\", \"-c\"]\nFROM b\nRUN source a\n",
		    "SC3046");
	CHECK_FINDS("FROM a AS b\nSHELL [\"/bin/bash\", \"-c\"]\nFROM a\nRUN source a\n", "SC3046",
		    "4:5-4:11");
	CHECK_CLEAN("SHELL [\"pwsh\", \"-c\"]\nRUN source a\n", "SC3046");
}

TEST(echo_has_no_flags)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo -n x; /bin/echo '-eE'; echo >f -s y\n", "SC3037",
		    "1:10-1:12 1:26-1:31 1:41-1:43");
	CHECK_CLEAN(
		"RUN echo -x; echo -; echo -- x; echo x -n; echo -$x; echo -en$x; echo \"$n\"\n",
		"SC3037");
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN echo -e x\n", "SC3037");
	CHECK_CLEAN("FROM a\nSHELL [\"bash\", \"-c\"]\nRUN echo -e x\n", "SC3037");
	CHECK_CLEAN("RUN [\"echo\", \"-n\"]\n", "SC3037");
}

TEST(braces_stand_for_themselves)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN mkdir -p a/{b,c}d {1..3}\n", "SC3009", "1:16-1:21 1:23-1:29");
	CHECK_FINDS("RUN a {b,{c,d}}\n", "SC3009", "1:7-1:16 1:10-1:15");
	CHECK_FINDS("RUN a {$b,\"c d\"} >{,x}\n", "SC3009", "1:7-1:17 1:19-1:23");
	CHECK_FINDS("RUN for i in {1..3}; do a; done\n", "SC3009", "1:14-1:20");
	CHECK_FINDS("RUN a --b={{c,d}}\n", "SC3009", "1:12-1:17");
	CHECK_CLEAN("RUN a {b} {} \"{b,c}\" '{b,c}' \\{b,c} {b\\,c} ${b:-c,d} find {} +\n",
		    "SC3009");
	CHECK_CLEAN("RUN a {b,c\n", "SC3009");
	CHECK_CLEAN("RUN a {b \"x,y\" c}; awk '{print $1, $2}'; { a; }\n", "SC3009");
	CHECK_CLEAN("FROM a\nSHELL [\"bash\", \"-c\"]\nRUN a {b,c}\n", "SC3009");
}

TEST(braces_may_be_deep)
{
	static char text[20000];
	size_t n = 0;

	NEEDS_SHELL();
	memcpy(text, "RUN a ", 6);
	n = 6;
	while (n < 9000)
		text[n++] = '{';
	while (n < 9100)
		text[n++] = ',';
	while (n < 18000)
		text[n++] = '}';
	text[n++] = '\n';
	/* the outermost are left over, and what is nested deeper than 32 is not counted */
	CHECK_CLEAN(text, "SC3009");
}

TEST(cd_that_fails)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN cd a\n", "SC2164", "1:5-1:9");
	CHECK_FINDS("RUN a && cd b; c\n", "SC2164", "1:10-1:14");
	CHECK_FINDS("RUN (cd a; make); x || cd b; ! cd c; cd d | e; cd $f\n", "SC2164",
		    "1:6-1:10 1:24-1:28 1:32-1:36 1:38-1:42 1:48-1:53");
	CHECK_FINDS("RUN if cd a; b; then cd c; fi; x=$(cd d; pwd)\n", "SC2164",
		    "1:8-1:12 1:22-1:26 1:36-1:40");
	CHECK_FINDS("RUN pushd a; popd; cd; cd -; cd -P ..; command cd x\n", "SC2164",
		    "1:5-1:12 1:14-1:18 1:20-1:22 1:24-1:28 1:30-1:38 1:40-1:52");
	CHECK_CLEAN("RUN cd a && b; cd c || exit; { cd d; e; } || exit; cd f || true\n", "SC2164");
	CHECK_CLEAN("RUN if cd a; then b; elif c; cd d; then e; fi; while cd f; do g; done\n",
		    "SC2164");
	CHECK_CLEAN("RUN cd ..; cd /; cd ../..//; cd .; pushd -n a; popd -n\n", "SC2164");
	CHECK_CLEAN("RUN a && cd b && c; x=$(cd d; pwd) && e\n", "SC2164");
	/* -e, wherever it comes from */
	CHECK_CLEAN("RUN set -eux; cd a\n", "SC2164");
	CHECK_CLEAN("RUN set -o errexit; cd a\n", "SC2164");
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN cd a\n",
		    "SC2164");
	CHECK_CLEAN("FROM a\nRUN <<EOF\n#!/bin/sh -e\ncd a\nEOF\n", "SC2164");
	CHECK_FINDS("RUN set +e; set -- -e; set -x; cd a\n", "SC2164", "1:32-1:36");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN cd a\n",
		    "SC2164", "3:5-3:9");
}

TEST(cd_is_repaired_where_it_is_a_statement)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN cd a; b\n", "SC2164", "RUN cd a || exit; b\n");
	CHECK_FIXED("RUN (cd a >/dev/null; b)\n", "SC2164", "RUN (cd a >/dev/null || exit; b)\n");
	CHECK_AS_IT_IS("RUN a && cd b\n", "SC2164");
	CHECK_AS_IT_IS("RUN cd a | b\n", "SC2164");
	CHECK_AS_IT_IS("RUN cd a &\n", "SC2164");
}

TEST(and_or_is_no_if)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN a && b || c\n", "SC2015", "1:7-1:9");
	CHECK_FINDS("RUN a && b && c || true\n", "SC2015", "1:12-1:14");
	CHECK_FINDS("RUN [ a ] && \\\n b || { c; }; x=$(d && e || (f))\n", "SC2015",
		    "1:11-1:13 2:21-2:23");
	CHECK_FINDS("RUN a && b || echo x | y\n", "SC2015", "1:7-1:9");
	CHECK_FINDS("RUN a && b || c && d || e\n", "SC2015", "1:17-1:19");
	CHECK_CLEAN("RUN a && b || echo x; a && b || exit 1; a && b || x=1; a && b || printf x\n",
		    "SC2015");
	CHECK_CLEAN("RUN a && b || c || d; a && b || c && d; a && (b || c); a || b\n", "SC2015");
	CHECK_CLEAN("RUN if a && b || c; then d; fi; while a && b || c; do d; done\n", "SC2015");
	CHECK_CLEAN("RUN (a && b || c) && d; a && b || ! c; a && b || command echo x\n", "SC2015");
}

TEST(cat_of_one_file)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN cat a | b\n", "SC2002", "1:9-1:10");
	CHECK_FINDS("RUN /bin/cat \"$a\" 2>/dev/null | b | c; ! cat $(x) | y\n", "SC2002",
		    "1:14-1:18 1:46-1:50");
	CHECK_CLEAN(
		"RUN cat | b; cat a c | b; cat $a | b; cat \"$@\" | b; cat *.x | b; cat -n a | b\n",
		"SC2002");
	CHECK_CLEAN(
		"RUN cat - | b; x | cat a | b; cat a{b,c} | d; cat a; cat < a | b; cat [ab] | c\n",
		"SC2002");
	CHECK_CLEAN("RUN cat \"${!a}\" | b; cat \"${a[@]}\" | b; { cat a; } | b; sudo cat a | b\n",
		    "SC2002");
	CHECK_FINDS("RUN cat a\\* | b; cat \"$*\" | c\n", "SC2002", "1:9-1:12 1:22-1:26");
}

TEST(carriage_returns)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\r\nRUN <<EOF\r\na\r\nb \\\r\n c\r\nEOF\r\n", "SC1017",
		    "3:2-3:3 4:4-4:5 5:3-5:4");
	CHECK_FIXED("RUN <<EOF\r\na\r\nb\r\nEOF\r\n", "SC1017", "RUN <<EOF\r\na\nb\nEOF\r\n");
	CHECK_FINDS("RUN echo a\rb\n", "SC1017", "1:11-1:12");
	CHECK_AS_IT_IS("RUN echo a\rb\n", "SC1017");
	/* ends of ordinary lines are BuildKit's business, quotes and data are no shell text */
	CHECK_CLEAN("FROM a\r\nRUN a && \\\r\n  b\r\n", "SC1017");
	CHECK_CLEAN("RUN echo \"a\rb\" 'c\rd'\n", "SC1017");
	CHECK_CLEAN("RUN cat <<EOF > f\nx\r\nEOF\n", "SC1017");
	CHECK_CLEAN("COPY <<EOF f\nx\r\nEOF\n", "SC1017");
}
