/*
 * Rules about expansions and quotes. Expectations are ShellCheck's, but where the text beside a
 * case says otherwise.
 */
#include "lint_check.h"

TEST(unquoted_expansions)
{
	struct buf deep = BUF_INIT;

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
	/* hostile: thousands of names that all branches assign */
	buf_add_cstr(&deep, "RUN ");
	for (int i = 0; i < 1500; i++)
		buf_add_cstr(&deep, "a&&x=1;a $x;");
	buf_add_cstr(&deep, "$\n");
	lint_check_finds(__FILE__, __LINE__, NULL, buf_str(&deep), "SC3009", "");
	buf_done(&deep);
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
	CHECK_CLEAN("RUN a && x=1 && echo $x\n", "SC2086");
	CHECK_CLEAN("RUN x=1; if a; then x=2; fi; echo $x\n", "SC2086");
	CHECK_FINDS("RUN x=1; if a; then x='2 3'; fi; echo $x\n", "SC2086", "1:39-1:41");
	/* gone behind the subshell */
	CHECK_FINDS("RUN (x=1); echo $x; a | x=1; echo $x\n", "SC2086", "1:17-1:19 1:35-1:37");
	CHECK_CLEAN("RUN (x=1; echo $x)\n", "SC2086");
	/* for the command alone */
	CHECK_FINDS("RUN x=1 a $x\n", "SC2086", "1:11-1:13");
}
