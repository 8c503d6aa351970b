#include "scan/progress_line.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double quiet_seconds = 0.3;
enum { WIDTH_UNKNOWN = 80, WHAT_MAX = 40 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_line_init(struct progress_line *l, int fd, bool wanted, struct str what,
			const struct progress *progress)
{
	*l = (struct progress_line){
		.progress = progress,
		.what = what,
		.fd = wanted && progress && isatty(fd) ? fd : -1,
		.start = now(),
	};
}

static void add_megabytes(struct buf *out, uint64_t bytes)
{
	buf_printf(out, "%.1f", (double)bytes / 1e6);
}

/* What is done once no bytes are read any more. */
static const char *later_phase(int phase)
{
	return phase >= PHASE_SQUASH && phase < PHASE_DONE ? phase_name((enum phase)phase) : NULL;
}

static void add_counts(const struct progress *p, double seconds, struct buf *out)
{
	uint64_t bytes = p->bytes, total = p->bytes_total;
	int layers = p->layers, done = p->layers_done;

	if (layers > 0)
		buf_printf(out, "  layer %d of %d", done < layers ? done + 1 : layers, layers);
	if (!bytes)
		return;
	buf_add_cstr(out, "  ");
	add_megabytes(out, bytes);
	if (total >= bytes) {
		buf_add_cstr(out, " of ");
		add_megabytes(out, total);
	}
	buf_add_cstr(out, " MB");
	if (seconds > 0)
		buf_printf(out, "  %.0f MB/s", (double)bytes / 1e6 / seconds);
}

/* Characters, not bytes: what is cut is cut between them. */
static void cut_to(struct buf *out, unsigned width)
{
	size_t at = 0;

	for (unsigned columns = 0; columns < width && at < out->len; columns++) {
		size_t n = str_utf8_len(str_from(buf_str(out), at));

		at += n ? n : 1;
	}
	out->len = at < out->len ? at : out->len;
}

void progress_line_text(const struct progress *p, struct str what, double seconds, unsigned width,
			struct buf *out)
{
	const char *phase = later_phase(p->phase);
	char name[WHAT_MAX * 4];

	/* the end of a long path says more than its start */
	if (what.len > WHAT_MAX) {
		buf_add_cstr(out, "...");
		what = str_from(what, what.len - WHAT_MAX);
	}
	buf_add_cstr(out, err_escape(name, sizeof(name), what));
	if (phase)
		buf_printf(out, "  %s", phase);
	else
		add_counts(p, seconds, out);
	cut_to(out, width);
}

static unsigned columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : WIDTH_UNKNOWN;
}

static void put(struct progress_line *l, struct str text)
{
	/* a lost line is no error */
	if (write(l->fd, text.data, text.len) < 0)
		l->fd = -1;
}

void progress_line_tick(void *line)
{
	struct progress_line *l = line;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	double seconds = now() - l->start;

	if (l->fd < 0 || seconds < quiet_seconds)
		return;
	/* the worker writes its output now, perhaps to this very terminal */
	if (l->progress->phase >= PHASE_OUTPUT) {
		progress_line_clear(l);
		return;
	}
	progress_line_text(l->progress, l->what, seconds, columns(l->fd) - 1, &text);
	buf_add_cstr(&out, "\r");
	buf_add(&out, buf_str(&text));
	buf_add_cstr(&out, "\033[K");
	if (!buf_failed(&out))
		put(l, buf_str(&out));
	l->drawn = true;
}

void progress_line_clear(struct progress_line *l)
{
	if (l->drawn && l->fd >= 0)
		put(l, STR("\r\033[K"));
	l->drawn = false;
}
