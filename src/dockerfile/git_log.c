/*
 * Reading `git log -p`. A hunk says how many lines it has, so nothing in a file can be taken for a
 * header; commits begin with a NUL, which no header does.
 */
#include "dockerfile/git_log.h"

#include <stdio.h>

#include "text/lines.h"

/* clang-format off */
const char *const git_log_arguments[] = {
	"-c", "core.quotePath=false", "-c", "diff.suppressBlankEmpty=false",
	/* a repository with parts left out must not make git fetch them */
	"-c", "protocol.allow=never", "--no-pager", "--no-optional-locks",
	"log", "--no-show-signature", "--no-notes", "--no-merges", "--format=%x00commit %H",
	"--patch", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--text", "--submodule=short",
	"--diff-filter=AM", "--src-prefix=a/", "--dst-prefix=b/", "--unified=100000000",
	"--", ":(icase)*dockerfile*", ":(icase)*containerfile*", NULL,
};
/* clang-format on */

struct reader {
	const struct git_log_sink *sink;
	struct str name;
	struct buf commit, path;
	struct buf before, after;
	uint64_t old_left, new_left; /* lines of the hunk */
	bool open;		     /* a file's header was seen */
	bool is_new, has_hunk;
	char last;	 /* kind of the last line of a hunk, 0: none */
	const char *why; /* the change at hand is a gap */
};

static void tell_gap(const struct reader *r)
{
	char text[1024];

	snprintf(text, sizeof(text), "%.*s, commit %.*s, %.*s: %s", STR_ARG(r->name),
		 STR_ARG(str_to(buf_str(&r->commit), 12)), STR_ARG(buf_str(&r->path)), r->why);
	r->sink->gap(r->sink->context, text);
}

/* Hands the change over. */
static int finish(struct reader *r, struct err *e)
{
	struct git_change c = {.commit = buf_str(&r->commit),
			       .path = buf_str(&r->path),
			       .before = buf_str(&r->before),
			       .after = buf_str(&r->after),
			       .is_new = r->is_new};
	int result = 0;

	if (buf_failed(&r->commit) || buf_failed(&r->path) || buf_failed(&r->before) ||
	    buf_failed(&r->after))
		return ERR_NOMEM(e);
	if (r->open && (r->old_left || r->new_left))
		r->why = "the change ends early";
	if (r->open && r->is_new && c.before.len)
		r->why = "a new file has lines of an older one";
	if (r->open && r->why)
		tell_gap(r);
	else if (r->open && r->has_hunk && c.path.len)
		result = r->sink->change(r->sink->context, &c, e);
	r->open = r->is_new = r->has_hunk = false;
	r->old_left = r->new_left = 0;
	r->last = 0;
	r->why = NULL;
	buf_clear(&r->path);
	buf_clear(&r->before);
	buf_clear(&r->after);
	return result;
}

static void add_line(struct reader *r, struct buf *to, struct str line)
{
	if (to->len + line.len >= CORPUS_ITEM_MAX) {
		r->why = "the file is too long";
		return;
	}
	buf_add(to, line);
	buf_add_char(to, '\n');
}

/* "\ No newline at end of file", of the line before it */
static void cut_line_end(struct reader *r)
{
	if (r->last && r->last != '+' && r->before.len)
		r->before.len--;
	if (r->last && r->last != '-' && r->after.len)
		r->after.len--;
	r->last = 0;
}

/* A line of a hunk. */
static void take_line(struct reader *r, struct str line)
{
	char kind = line.len ? line.data[0] : ' ';
	struct str text = line.len ? str_from(line, 1) : line;
	bool old = kind != '+', new = kind != '-';

	if (kind == '\\') {
		cut_line_end(r);
		return;
	}
	if (kind != ' ' && kind != '+' && kind != '-') {
		r->why = "a line of the change is none";
		r->old_left = r->new_left = 0;
		return;
	}
	if ((old && !r->old_left) || (new && !r->new_left)) {
		r->why = "the change has more lines than it says";
		r->old_left = r->new_left = 0;
		return;
	}
	r->old_left -= old;
	r->new_left -= new;
	r->last = kind;
	if (old)
		add_line(r, &r->before, text);
	if (new)
		add_line(r, &r->after, text);
}

/* "12,34" or "12": the lines; false when it is neither. */
static bool read_count(struct str *rest, char sign, uint64_t *ret)
{
	struct str text, number;
	ptrdiff_t comma;
	size_t end = 1;

	if (!rest->len || rest->data[0] != sign)
		return false;
	while (end < rest->len && rest->data[end] != ' ')
		end++;
	text = str_sub(*rest, 1, end);
	*rest = str_from(*rest, end < rest->len ? end + 1 : end);
	comma = str_find_char(text, ',');
	if (comma < 0) {
		*ret = 1;
		return str_parse_u64(text, &(uint64_t){0});
	}
	number = str_from(text, (size_t)comma + 1);
	return str_parse_u64(number, ret);
}

/* "@@ -1,20 +1,21 @@" */
static void take_hunk(struct reader *r, struct str line)
{
	struct str rest = str_from(line, 3);

	if (r->has_hunk)
		r->why = "the file is not told as a whole";
	if (!read_count(&rest, '-', &r->old_left) || !read_count(&rest, '+', &r->new_left)) {
		r->old_left = r->new_left = 0;
		r->why = "a line of the change is none";
	}
	r->has_hunk = true;
}

/* "+++ b/path", with a tab behind it where the path has blanks; quoted where it has odd bytes. */
static void take_path(struct reader *r, struct str line)
{
	struct str path = str_trim(str_from(line, 4));

	if (path.len >= 2 && path.data[0] == '"')
		path = str_sub(path, 1, path.len - 1);
	if (str_starts(path, STR("b/")))
		path = str_from(path, 2);
	buf_clear(&r->path);
	buf_add(&r->path, path);
}

static int take(struct reader *r, struct str line, struct err *e)
{
	if (r->old_left || r->new_left) {
		take_line(r, line);
		return 0;
	}
	if (str_starts(line, STR("\0commit "))) {
		if (finish(r, e) < 0)
			return -1;
		buf_clear(&r->commit);
		buf_add(&r->commit, str_from(line, 8));
	} else if (str_starts(line, STR("diff --git "))) {
		if (finish(r, e) < 0)
			return -1;
		r->open = true;
	} else if (str_starts(line, STR("\\ "))) {
		cut_line_end(r);
	} else if (str_starts(line, STR("new file mode "))) {
		r->is_new = true;
	} else if (r->open && str_starts(line, STR("+++ "))) {
		take_path(r, line);
	} else if (r->open && str_starts(line, STR("@@ "))) {
		take_hunk(r, line);
	}
	return 0;
}

static int take_lines(struct reader *r, struct lines *l, struct err *e)
{
	struct str line;
	int result;

	while ((result = lines_next(l, &line, e)) > 0) {
		if (result == LINES_TOO_LONG)
			r->why = "a line is too long";
		if (take(r, result == LINES_TOO_LONG ? STR("") : line, e) < 0)
			return -1;
	}
	return result;
}

static int read_all(struct reader *r, struct stream *s, struct lines *l, struct err *e)
{
	struct str chunk;
	int result;

	while ((result = stream_next(s, &chunk, e)) > 0) {
		lines_feed(l, chunk);
		if (take_lines(r, l, e) < 0)
			return -1;
	}
	if (result < 0)
		return -1;
	lines_feed_end(l);
	return take_lines(r, l, e) < 0 ? -1 : finish(r, e);
}

int git_log_read(struct stream *s, struct str name, const struct git_log_sink *sink,
		 struct budget *budget, struct err *e)
{
	struct reader r = {.sink = sink, .name = name};
	struct lines l;
	int result;

	buf_init(&r.commit, budget, 0);
	buf_init(&r.path, budget, 0);
	buf_init(&r.before, budget, 0);
	buf_init(&r.after, budget, 0);
	lines_init(&l, CORPUS_ITEM_MAX, budget);
	result = read_all(&r, s, &l, e);
	lines_done(&l);
	stream_close(s);
	buf_done(&r.commit);
	buf_done(&r.path);
	buf_done(&r.before);
	buf_done(&r.after);
	return result;
}
