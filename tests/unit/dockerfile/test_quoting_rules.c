/*
 * Rules about expansions and quotes. Expectations are ShellCheck's, but where the text beside a
 * case says otherwise.
 */
#include "lint_check.h"

TEST(unquoted_expansions)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo $a \"$b\" '$c' ${d}e x$1\n", "SC2086",
		    "1:10-1:12 1:23-1:27 1:30-1:32");
	CHECK_FIXED("RUN tar -C $d/x a\n", "SC2086", "RUN tar -C \"$d\"/x a\n");
	CHECK_FIXED("RUN echo ${a} \\\n  $b$c\n", "SC2086",
		    "RUN echo \"${a}\" \\\n  \"$b\"\"$c\"\n");
	CHECK_FINDS("RUN echo a > $f; [ $a = b ]; test $a\n", "SC2086",
		    "1:14-1:16 1:20-1:22 1:35-1:37");
	CHECK_FINDS("RUN echo ${a:-x} ${a:+y} ${a%%/*} $(cat $b)\n", "SC2086",
		    "1:10-1:17 1:18-1:25 1:26-1:34 1:41-1:43");
	/* where nothing is split */
	CHECK_CLEAN("RUN a=$b; c=$d$e; $cmd a; for i in $list; do a; done\n", "SC2086");
	CHECK_CLEAN("RUN case $a in $b) ;; esac; x $((n+$m)) ${a:+\"$a\"}\n", "SC2086");
	CHECK_CLEAN("RUN [[ $a = $b ]]; x \"${a:-$b}\"; cat <<< $c\n", "SC2086");
	/* the name is more than the variable */
	CHECK_FINDS("RUN $dir/x a\n", "SC2086", "1:5-1:9");
	/* numbers */
	CHECK_CLEAN("RUN echo $? $# $$ $! ${#x} $RANDOM $UID\n", "SC2086");
	CHECK_FINDS("RUN echo $- $*\n", "SC2086", "1:10-1:12 1:13-1:15");
	CHECK_CLEAN("RUN echo $@ ${a[@]}\n", "SC2086");
	/* the shell decides what is behind export */
	CHECK_FINDS("RUN export A=$a\n", "SC2086", "1:14-1:16");
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN export A=$a\n", "SC2086");
	CHECK_CLEAN("FROM a\nSHELL [\"powershell\", \"-c\"]\nRUN echo $a\n", "SC2086");
	/* within backticks a repair may not be understood */
	CHECK_FINDS("RUN x=`cat $a`\n", "SC2086", "1:12-1:14");
	CHECK_FIXED("RUN x=\"`cat \"$a\"`\"\n", "SC2086", "RUN x=\"`cat \"$a\"`\"\n");
}

TEST(values_that_are_one_word)
{
	NEEDS_SHELL();
	CHECK_CLEAN("RUN x=1; echo $x; y=$x/a; echo $y; z='b'\"c\"; echo $z\n", "SC2086");
	CHECK_CLEAN("FROM a\nARG A\nENV B=\"a b\"\nRUN echo $A $B $http_proxy\n", "SC2086");
	CHECK_FINDS("RUN x='a b'; echo $x; y='*'; echo $y; z=$(w); echo $z\n", "SC2086",
		    "1:19-1:21 1:35-1:37 1:52-1:54");
	CHECK_FINDS("FROM a\nENV A=1\nFROM b\nRUN echo $A\n", "SC2086", "4:10-4:12");
	CHECK_CLEAN("RUN n=5; n=$((n+1)); echo $n; for i in a b; do echo $i; done\n", "SC2086");
	CHECK_FINDS("RUN for i in *; do echo $i; done; read r; echo $r\n", "SC2086",
		    "1:25-1:27 1:48-1:50");
	/* not on all ways */
	CHECK_FINDS("RUN a && x=1; echo $x\n", "SC2086", "1:20-1:22");
	CHECK_FINDS("RUN a && x=1 && echo $x\n", "SC2086", "1:22-1:24");
	CHECK_CLEAN("RUN x=1 && echo $x\n", "SC2086");
	CHECK_CLEAN("RUN x=1; if a; then x=2; fi; echo $x\n", "SC2086");
	CHECK_FINDS("RUN x=1; if a; then x='2 3'; fi; echo $x\n", "SC2086", "1:39-1:41");
	/* gone behind the subshell */
	CHECK_FINDS("RUN (x=1); echo $x; a | x=1; echo $x\n", "SC2086", "1:17-1:19 1:35-1:37");
	CHECK_CLEAN("RUN (x=1; echo $x)\n", "SC2086");
	/* for the command alone */
	CHECK_FINDS("RUN x=1 a $x\n", "SC2086", "1:11-1:13");
}

TEST(variables_that_nothing_assigns)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo \"$a\" $((b + $c)); cat <<E\n$d\nE\n", "SC2154",
		    "1:11-1:13 1:18-1:19 1:22-1:24 2:1-2:3");
	/* once a script */
	CHECK_FINDS("RUN echo $a $a\nRUN echo $a\n", "SC2154", "1:10-1:12 2:10-2:12");
	/* what assigns, wherever it stands */
	CHECK_CLEAN("RUN echo $a; a=1; for b in 1; do echo $b; done; read c d; echo $c$d\n",
		    "SC2154");
	CHECK_CLEAN("RUN export a=1; f() { local b; }; declare c; printf -v d x; echo $a$b$c$d\n",
		    "SC2154");
	CHECK_CLEAN("RUN getopts ab: o; mapfile -t m; : ${w:=1} $((n = 1)); echo $o$m$w$n\n",
		    "SC2154");
	CHECK_CLEAN("RUN export a; echo $a\n", "SC2154");
	CHECK_CLEAN("RUN . /etc/os-release; echo $a\n", "SC2154");
	CHECK_CLEAN("RUN eval \"$(x)\"; echo $a\n", "SC2154");
	/* a "done" is missing: the loop is not seen as one */
	CHECK_CLEAN("RUN for a in 1; do for b in 2; do echo $a$b; done # c\n", "SC2154");
	/* the command alone has it */
	CHECK_FINDS("RUN a=1 b $a\n", "SC2154", "1:11-1:13");
	/* its absence is seen to */
	CHECK_CLEAN("RUN echo ${a:-x} ${b-x} ${c:+x} ${d+x} ${e?x} ${!f}\n", "SC2154");
	CHECK_CLEAN("RUN [ -n \"$a\" ] && echo $a; [ $b ]\n", "SC2154");
	CHECK_FINDS("RUN echo ${a%%-*} ${#b}\n", "SC2154", "1:10-1:18 1:19-1:24");
	CHECK_CLEAN("RUN echo '$a' \\$a \"\\$a\" $? $1 $HOME $http_proxy $no_proxy\n", "SC2154");
	/* ARG and ENV, of stages below too */
	CHECK_CLEAN("FROM a AS x\nARG a\nENV b=1\nRUN echo $a$b\nFROM x\nRUN echo $b\n", "SC2154");
	CHECK_FINDS("ARG a=1\nFROM b\nRUN echo $a\n", "SC2154", "3:10-3:12");
	CHECK_FINDS("FROM x\nENV a=1\nFROM b\nONBUILD RUN echo $a\n", "SC2154", "4:18-4:20");
	/* capitals: perhaps of the image */
	CHECK_CLEAN("FROM b\nRUN echo $NAME\n", "SC2154");
	CHECK_FINDS("FROM scratch\nRUN echo $NAME\n", "SC2154", "2:10-2:15");
	CHECK_FINDS("ARG VERSION=1\nFROM b\nRUN echo $VERSION\n", "SC2154", "3:10-3:18");
	CHECK_CLEAN("ARG VERSION=1\nFROM b:$VERSION\nRUN echo $VERSION\n", "SC2154");
	CHECK_CLEAN("ARG VERSION=1\nFROM b\nARG VERSION\nRUN echo $VERSION\n", "SC2154");
	/* "((" of subshells */
	CHECK_CLEAN("RUN ((find a|xargs rm || true)) && b\n", "SC2154");
	CHECK_CLEAN("FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN echo $a\n", "SC2154");
}

TEST(misspelled_variables)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo \"$RTTP_PROXY\"\n", "SC2153", "1:11-1:22");
	CHECK_FINDS("FROM a\nENV APP_VERSION=1\nRUN echo $APP_VERISON $APP_VERISON\n", "SC2153",
		    "3:10-3:22");
	CHECK_FINDS("RUN NAME=1; echo $NAMES\n", "SC2153", "1:18-1:24");
	CHECK_CLEAN("RUN NAME=1; echo $NAME $NAMELY $HTTP_PROXY $LINES\n", "SC2153");
	CHECK_CLEAN("FROM a\nENV PATH=/x\nRUN echo $GOPATH ${PATHS:-}\n", "SC2153");
	CHECK_CLEAN("RUN . a; NAME=1; echo $NAMES\n", "SC2153");
}

TEST(substitutions_that_split_or_hide_their_status)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo $(a) \"$(b)\" x$(c) `d` > $(e)\n", "SC2046",
		    "1:10-1:14 1:23-1:27 1:28-1:31 1:34-1:38");
	CHECK_FIXED("RUN rm $(find .)\n", "SC2046", "RUN rm \"$(find .)\"\n");
	CHECK_CLEAN("RUN x=$(a); for i in $(b); do c; done; $(d) e; f $(seq 3) \"$(g)\"\n",
		    "SC2046");
	CHECK_CLEAN("RUN case $(a) in b) ;; esac; [[ $(c) ]]; kill $(pgrep x); `# why` d\n",
		    "SC2046");
	CHECK_FINDS("RUN export A=$(a)\n", "SC2046", "1:14-1:18");
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN export A=$(a)\n", "SC2046");
	CHECK_FINDS("RUN export A=$(a) B=\"x$(b)\"; f() { local c=`d`; }\n", "SC2155",
		    "1:12-1:13 1:19-1:20 1:42-1:43");
	CHECK_CLEAN("RUN A=$(a); export A; export B=1 C=${D:-$(e)} F=$((1 + 2)); G=$(h) i\n",
		    "SC2155");
}

TEST(expressions_in_single_quotes)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo 'a $b' '${c}' '$(d)' '`e`' x'$1'\n", "SC2016",
		    "1:10-1:16 1:17-1:23 1:24-1:30 1:31-1:36 1:38-1:42");
	CHECK_CLEAN("RUN echo '$' '$ x' '$@' '$$' 'a$' '`' '``' \"$b\" $'$c'\n", "SC2016");
	CHECK_FINDS("RUN a='$b'; for i in '$c'; do case '$d' in e) ;; esac; done\n", "SC2016",
		    "1:7-1:11 1:22-1:26 1:36-1:40");
	CHECK_FINDS("RUN export PATH='$PATH:/x'; [ '$a' = b ]\n", "SC2016", "1:17-1:27 1:31-1:35");
	/* who expands it */
	CHECK_CLEAN("RUN sh -c 'a $b' && bash -ec '$b' && eval '$c' && trap 'rm $d' EXIT\n",
		    "SC2016");
	CHECK_CLEAN("RUN awk '{print $1}' | gawk '$2' | perl -pe 's/$x/y/' | jq '$a'\n", "SC2016");
	CHECK_CLEAN("RUN dpkg-query -W -f='${Package}' && /bin/sh -c '$x'; PS1='$x'\n", "SC2016");
	CHECK_CLEAN("RUN find . -exec sh -c 'echo $1' x ';'\n", "SC2016");
	CHECK_FINDS("RUN find . -name '$x' -exec\n", "SC2016", "1:18-1:22");
	CHECK_FINDS("RUN xargs sh -c 'rm $x' && git config a '$b'\n", "SC2016",
		    "1:17-1:24 1:41-1:45");
	/* of sed the last line */
	CHECK_CLEAN("RUN sed -i '$d' a && sed -n '$p' && sed 's/$a b/c/'\n", "SC2016");
	CHECK_FINDS("RUN sed 's/$x/y/' a && sed -i '$data' b\n", "SC2016", "1:9-1:18 1:31-1:38");
	CHECK_CLEAN("FROM a\nSHELL [\"cmd\", \"/c\"]\nRUN echo '$a'\n", "SC2016");
}

TEST(globs_that_become_options)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN rm -rf * && tar cf x *.c && ls ?; find . -name *.a\n", "SC2035",
		    "1:12-1:13 1:26-1:29 1:36-1:37 1:52-1:55");
	CHECK_FIXED("RUN cd /x && rm -rf *.a\n", "SC2035", "RUN cd /x && rm -rf ./*.a\n");
	CHECK_CLEAN("RUN rm ./* a* /x/* -- *; echo *; printf * ; for i in *; do a; done\n",
		    "SC2035");
	CHECK_CLEAN("RUN rm '*' \\* \"*\" ; [ -e * ]; case a in *) ;; esac; x=*; $x*/a\n",
		    "SC2035");
	CHECK_FINDS("RUN sudo rm */x; (md5sum *)\n", "SC2035", "1:13-1:16 1:26-1:27");
}

TEST(escapes_for_echo)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN echo \"a\\nb\" 'c\\t' \"$d\\033[0m\" && /bin/echo -n '\\x41'\n", "SC2028",
		    "1:10-1:16 1:17-1:22 1:23-1:34 1:51-1:57");
	CHECK_CLEAN(
		"RUN echo -e \"a\\nb\"; echo -ne 'c\\n'; printf 'a\\n'; echo a\\nb '\\d\\.\\xg'\n",
		"SC2028");
	CHECK_CLEAN("RUN echo \"\\$a \\\"b\" 'a\\'; echo \"$(printf '\\n')\"\n", "SC2028");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN echo \"\\n\"\n", "SC2028",
		    "3:10-3:14");
	CHECK_CLEAN("FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN echo \"\\n\"\n", "SC2028");
}

/* Times as many parts as a body can have: the square of it would take minutes. */
static void check_hostile(int line, const char *first, const char *again, const char *last)
{
	struct buf text = BUF_INIT;
	struct lint_check c;

	for (int bodies = 0; bodies < 10; bodies++) {
		buf_add_cstr(&text, "RUN ");
		buf_add_cstr(&text, first);
		for (size_t n = 0; n < 15000; n += strlen(again))
			buf_add_cstr(&text, again);
		for (size_t n = 0; n < 15000; n += strlen(last))
			buf_add_cstr(&text, last);
		buf_add_cstr(&text, "\n");
	}
	if (lint_check_run(&c, NULL, buf_str(&text), "SC2086") < 0)
		test_fail(__FILE__, line, "the run failed");
	linter_free(c.linter);
	if (lint_check_run(&c, NULL, buf_str(&text), "SC2016") < 0)
		test_fail(__FILE__, line, "the run failed");
	linter_free(c.linter);
	buf_done(&text);
}

TEST(hostile_bodies_take_linear_time)
{
	NEEDS_SHELL();
	check_hostile(__LINE__, "", "(x=1);", "b $x;");
	check_hostile(__LINE__, "", "b $x;", "x=1;");
	check_hostile(__LINE__, "", "a= ", "$x ");
	check_hostile(__LINE__, "b $x;", "a=1 ", "a=2 ");
	check_hostile(__LINE__, "for i in a ", "'$x' ", "$x ");
}
