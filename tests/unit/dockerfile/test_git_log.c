/*
 * Reading `git log -p`.
 */
#include "dockerfile/git_log.h"

#include "lib/test.h"

struct seen {
	struct buf changes; /* "commit path: before > after" a line */
	struct buf gaps;
};

static int take(void *context, const struct git_change *c, struct err *e)
{
	struct seen *s = context;

	(void)e;
	buf_printf(&s->changes, "%.*s %.*s%s: ", STR_ARG(c->commit), STR_ARG(c->path),
		   c->is_new ? " new" : "");
	buf_add_escaped(&s->changes, c->before);
	buf_add_cstr(&s->changes, " > ");
	buf_add_escaped(&s->changes, c->after);
	buf_add_char(&s->changes, '\n');
	return 0;
}

static void gap(void *context, const char *what)
{
	struct seen *s = context;

	buf_add_cstr(&s->gaps, what);
	buf_add_char(&s->gaps, '\n');
}

static void check(int line, struct str log, const char *changes, const char *gaps)
{
	struct seen s = {BUF_INIT, BUF_INIT};
	const struct git_log_sink sink = {&s, take, gap};
	struct err e = ERR_INIT;
	struct stream *stream = stream_open_memory(log, &e);

	if (!stream || git_log_read(stream, STR("r"), &sink, NULL, &e) < 0)
		test_fail(__FILE__, line, "%s", e.message);
	if (!str_is(buf_str(&s.changes), changes))
		test_fail(__FILE__, line, "changes: %.*s", STR_ARG(buf_str(&s.changes)));
	if (!str_is(buf_str(&s.gaps), gaps))
		test_fail(__FILE__, line, "gaps: %.*s", STR_ARG(buf_str(&s.gaps)));
	buf_done(&s.changes);
	buf_done(&s.gaps);
}

#define LOG(text, changes, gaps) check(__LINE__, STR(text), changes, gaps)
#define FILE_A			 "diff --git a/A b/A\nindex 1..2 100644\n--- a/A\n+++ b/A\n"

TEST(changes_are_told_as_whole_texts_with_commit_and_path)
{
	LOG("\0commit c1\n\n" FILE_A "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n"
	    "diff --git a/B C b/B C\nnew file mode 100644\n--- /dev/null\n+++ b/B C\t\n"
	    "@@ -0,0 +1 @@\n+x\n"
	    "\0commit c2\n\n" FILE_A "@@ -1 +1 @@\n-a\n+b\n",
	    "c1 A: a\\x0ab\\x0ad\\x0a > a\\x0ac\\x0ad\\x0a\nc1 B C new:  > x\\x0a\nc2 A: a\\x0a > "
	    "b\\x0a\n",
	    "");
}

TEST(texts_without_a_last_line_end_stay_so)
{
	LOG("\0commit c\n" FILE_A "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
	    "c A: a > a\\x0a\n", "");
	LOG("\0commit c\n" FILE_A "@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ No newline at end of file\n",
	    "c A: a\\x0ac > b\\x0ac\n", "");
}

TEST(what_stands_in_a_file_is_never_a_header)
{
	LOG("\0commit c\n" FILE_A "@@ -1,2 +1,3 @@\n diff --git a/x b/x\n+\0commit d\n ++ b/y\n",
	    "c A: diff --git a/x b/x\\x0a++ b/y\\x0a > diff --git a/x b/x\\x0a\\x00commit d\\x0a++ "
	    "b/y\\x0a\n",
	    "");
}

TEST(broken_changes_are_gaps_and_the_next_ones_are_read)
{
	LOG("\0commit c\n" FILE_A "@@ -1,9 +1,9 @@\n a\n", "",
	    "r, commit c, A: the change ends early\n");
	LOG("\0commit c\n" FILE_A "@@ -1 +1 @@\n?a\n" FILE_A "@@ -1 +1 @@\n-a\n+b\n",
	    "c A: a\\x0a > b\\x0a\n", "r, commit c, A: a line of the change is none\n");
	LOG("\0commit c\n" FILE_A "@@ -1 +1,2 @@\n-a\n-b\n", "",
	    "r, commit c, A: the change has more lines than it says\n");
	LOG("\0commit c\n" FILE_A "@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d\n", "",
	    "r, commit c, A: the file is not told as a whole\n");
	LOG("\0commit c\n" FILE_A "@@ -x +1 @@\n", "",
	    "r, commit c, A: a line of the change is none\n");
	LOG("words\n+++ b/x\n@@ -1 +1 @@\n-a\n", "", "");
	LOG("", "", "");
}
