/*
 * files: the squashed file system, listed by the worker.
 */
#include "scan/session.h"

#include <unistd.h>

#include "io/outfile.h"

/* Collects what the listing writes and hands it on in large pieces. */
struct sink {
	int fd;
	struct buf held;
};

enum { HELD = 1 << 18 };

static int sink_flush(struct sink *s, struct err *e)
{
	int r = session_write(s->fd, buf_str(&s->held), e);

	buf_clear(&s->held);
	return r;
}

static int sink_put(void *context, struct str bytes, struct err *e)
{
	struct sink *s = context;

	buf_add(&s->held, bytes);
	if (buf_failed(&s->held))
		return ERR_NOMEM(e);
	return s->held.len < HELD ? 0 : sink_flush(s, e);
}

/* "drwxr-xr-x" */
static void mode_text(const struct inventory_file *f, char out[11])
{
	static const char types[ENTRY_TYPES] = {
		[ENTRY_FILE] = '-',	[ENTRY_DIR] = 'd',  [ENTRY_SYMLINK] = 'l',
		[ENTRY_HARDLINK] = '-', [ENTRY_CHAR] = 'c', [ENTRY_BLOCK] = 'b',
		[ENTRY_FIFO] = 'p'};
	static const char letters[] = "rwxrwxrwx";

	out[0] = types[f->type];
	for (int i = 0; i < 9; i++)
		out[1 + i] = f->mode & (0400 >> i) ? letters[i] : '-';
	if (f->mode & 04000)
		out[3] = f->mode & 0100 ? 's' : 'S';
	if (f->mode & 02000)
		out[6] = f->mode & 010 ? 's' : 'S';
	if (f->mode & 01000)
		out[9] = f->mode & 1 ? 't' : 'T';
	out[10] = '\0';
}

/* "-rwsr-xr-x     0:0        71912  layer 0  usr/bin/su" */
static int list_file(void *context, const struct inventory_file *f, struct err *e)
{
	struct sink *s = context;
	char mode[11], owner[32];

	mode_text(f, mode);
	snprintf(owner, sizeof(owner), "%u:%u", f->uid, f->gid);
	buf_printf(&s->held, "%s %9s %12llu  layer %-3d  ", mode, owner,
		   (unsigned long long)f->size, f->layer);
	buf_add_escaped(&s->held, f->path);
	if (f->type == ENTRY_SYMLINK || f->type == ENTRY_HARDLINK) {
		buf_add_cstr(&s->held, f->type == ENTRY_SYMLINK ? " -> " : " link to ");
		buf_add_escaped(&s->held, f->link);
	}
	buf_add_char(&s->held, '\n');
	if (buf_failed(&s->held))
		return ERR_NOMEM(e);
	return s->held.len < HELD ? 0 : sink_flush(s, e);
}

static int list_all(struct worker_side *w, const struct session *s, struct worker_image *image,
		    struct err *e)
{
	struct ask_reply reply;
	struct sink sink = {0};
	int r;

	if (ask(w->link, ASK_OUTPUT, STR("0"), &reply, e) < 0)
		return -1;
	sink.fd = reply.fd;
	r = s->json ? inventory_write_files(image->inventory, sink_put, &sink, e)
		    : inventory_each_file(image->inventory, list_file, &sink, e);
	if (r == 0)
		r = sink_flush(&sink, e);
	buf_done(&sink.held);
	close(reply.fd);
	return r;
}

/* In the worker. The codes of scan: 0, or 4 with a gap. */
static int files_body(struct worker_side *w, struct session *s, struct err *e)
{
	struct worker_image image;
	struct diags diags;
	int r;

	diags_init(&diags, w->budget);
	if (worker_open_image(w, &diags, true, &image, e) < 0) {
		diags_done(&diags);
		return -1;
	}
	r = list_all(w, s, &image, e);
	if (r == 0) {
		session_say_gaps(&diags);
		r = diags_count(&diags, DIAG_GAP) ? 4 : 0;
	}
	worker_close_image(&image);
	diags_done(&diags);
	return r;
}

static int write_listing(struct session *s, const char *path, struct err *e)
{
	struct outfile *file = outfile_open(path ? path : "-", e);

	if (!file)
		return -1;
	if (session_copy(s, 0, file, e) < 0) {
		outfile_abort(file);
		return -1;
	}
	return outfile_commit(file, e);
}

int scan_files(struct scan_request *r, bool json, const char *path, int *ret_exit_code,
	       struct err *e)
{
	struct worker_result result = {0};
	struct session s;
	int code;

	if (session_open(&s, r, 1, e) < 0)
		return -1;
	s.json = json;
	code = session_run(&s, files_body, &result, e);
	if (code == 0 && result.signal) {
		char words[256];

		worker_death(&result, s.progress, words, sizeof(words));
		code = err_set(e, ERR_INTERNAL, "%s", words);
	} else if (code == 0) {
		*ret_exit_code = result.status;
		code = write_listing(&s, path, e);
	}
	session_done(&s);
	return code;
}
