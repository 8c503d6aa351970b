/*
 * Unified diffs from known changes: no search, linear in the text between the first and last
 * change.
 */
#include "dockerfile/fix.h"

enum { CONTEXT = 3 };

struct differ {
	struct str before;
	struct str after;
	struct buf *out;
};

/* A change grown to whole lines, in both texts. */
struct hunk_change {
	size_t start, end, new_start, new_end;
};

static size_t line_start(struct str t, size_t at)
{
	while (at > 0 && t.data[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(struct str t, size_t at)
{
	const char *lf = at < t.len ? memchr(t.data + at, '\n', t.len - at) : NULL;

	return lf ? (size_t)(lf - t.data) + 1 : t.len;
}

static bool at_line_start(struct str t, size_t at)
{
	return at == 0 || t.data[at - 1] == '\n';
}

static struct hunk_change grow(const struct differ *d, const struct text_change *c)
{
	struct hunk_change g = {c->start, c->end, c->new_start, c->new_end};
	size_t n = g.start - line_start(d->before, g.start);

	g.start -= n;
	g.new_start -= n;
	if (at_line_start(d->before, g.end) && at_line_start(d->after, g.new_end))
		return g;
	n = line_end(d->before, g.end) - g.end;
	g.end += n;
	g.new_end += n;
	return g;
}

static void add_lines(struct differ *d, char mark, struct str text)
{
	while (text.len) {
		size_t n = line_end(text, 0);

		buf_add_char(d->out, mark);
		buf_add(d->out, str_to(text, n));
		if (text.data[n - 1] != '\n')
			buf_add_cstr(d->out, "\n\\ No newline at end of file\n");
		text = str_from(text, n);
	}
}

static size_t count_lines(struct str t)
{
	size_t count = 0;

	while (t.len) {
		t = str_from(t, line_end(t, 0));
		count++;
	}
	return count;
}

/* Up to CONTEXT lines before `at`, not before `floor`. */
static size_t context_start(struct str t, size_t at, size_t floor)
{
	for (int i = 0; i < CONTEXT && at > floor; i++)
		at = line_start(t, at - 1);
	return at < floor ? floor : at;
}

static size_t context_end(struct str t, size_t at)
{
	for (int i = 0; i < CONTEXT && at < t.len; i++)
		at = line_end(t, at);
	return at;
}

static void add_range(struct buf *out, char mark, size_t line, size_t count)
{
	buf_printf(out, "%c%zu", mark, count ? line + 1 : line);
	if (count != 1)
		buf_printf(out, ",%zu", count);
}

/* One hunk: the changes in it, with what stands between them. line, new_line: lines before it. */
static void add_hunk(struct differ *d, const struct hunk_change *changes, size_t count,
		     size_t floor, size_t line, size_t new_line)
{
	size_t start = context_start(d->before, changes[0].start, floor);
	size_t end = context_end(d->before, changes[count - 1].end), at = start;
	size_t new_start = changes[0].new_start - (changes[0].start - start);
	size_t new_end = changes[count - 1].new_end + (end - changes[count - 1].end);

	buf_add_cstr(d->out, "@@ ");
	add_range(d->out, '-', line + count_lines(str_sub(d->before, floor, start)),
		  count_lines(str_sub(d->before, start, end)));
	buf_add_char(d->out, ' ');
	add_range(d->out, '+', new_line + count_lines(str_sub(d->before, floor, start)),
		  count_lines(str_sub(d->after, new_start, new_end)));
	buf_add_cstr(d->out, " @@\n");
	for (size_t i = 0; i < count; i++) {
		add_lines(d, ' ', str_sub(d->before, at, changes[i].start));
		add_lines(d, '-', str_sub(d->before, changes[i].start, changes[i].end));
		add_lines(d, '+', str_sub(d->after, changes[i].new_start, changes[i].new_end));
		at = changes[i].end;
	}
	add_lines(d, ' ', str_sub(d->before, at, end));
}

/* Changes whose contexts touch share a hunk. */
static bool is_near(const struct differ *d, const struct hunk_change *a,
		    const struct hunk_change *b)
{
	size_t at = a->end;

	for (int i = 0; i < 2 * CONTEXT && at < b->start; i++)
		at = line_end(d->before, at);
	return at >= b->start;
}

static void add_path(struct buf *out, const char *mark, struct str path)
{
	buf_add_cstr(out, mark);
	buf_add_escaped(out, path);
	buf_add_char(out, '\n');
}

void diff_unified(struct str path, struct str before, struct str after,
		  const struct text_change *changes, size_t count, struct buf *out)
{
	struct differ d = {before, after, out};
	VEC(struct hunk_change) whole = {0};
	size_t floor = 0, line = 0, new_line = 0;

	if (!count)
		return;
	for (size_t i = 0; i < count; i++) {
		struct hunk_change *last = whole.count ? &whole.items[whole.count - 1] : NULL, g,
				   *slot;

		if (last && changes[i].start < last->end) {
			/* on a line that is changed already */
			size_t n = last->end > changes[i].end
					   ? last->end - changes[i].end
					   : line_end(before, changes[i].end) - changes[i].end;

			if (changes[i].end > last->end)
				last->end = changes[i].end + n;
			last->new_end = changes[i].new_end + (last->end - changes[i].end);
			continue;
		}
		g = grow(&d, &changes[i]);
		slot = vec_push(&whole);
		if (!slot) {
			out->failed = true;
			vec_done(&whole);
			return;
		}
		*slot = g;
	}
	add_path(out, "--- ", path);
	add_path(out, "+++ ", path);
	for (size_t i = 0, n; i < whole.count; i += n) {
		size_t end;

		for (n = 1; i + n < whole.count &&
			    is_near(&d, &whole.items[i + n - 1], &whole.items[i + n]);
		     n++)
			;
		add_hunk(&d, &whole.items[i], n, floor, line, new_line);
		end = whole.items[i + n - 1].end;
		line += count_lines(str_sub(before, floor, end));
		new_line += count_lines(
			str_sub(after, whole.items[i].new_start - (whole.items[i].start - floor),
				whole.items[i + n - 1].new_end));
		floor = end;
	}
	vec_done(&whole);
}
