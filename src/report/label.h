/*
 * Short texts that several formats share. Strings from the image come out printable here
 * (base/err.h, err_escape): what a terminal, a browser or XML would obey stands as \xnn.
 */
#ifndef PLIMSOLL_REPORT_LABEL_H
#define PLIMSOLL_REPORT_LABEL_H

#include "base/buf.h"
#include "document/document.h"

/* s itself when it is printable, else an escaped copy in the arena; {NULL, 0} without memory. */
struct str label_text(struct arena *a, struct str s);
/*
 * Parts of a text are made in buffers of their own: label_add appends one and takes over its
 * failure; label_any tells an empty part from one that had no memory.
 */
void label_add(struct buf *out, const struct buf *part);
static inline bool label_any(const struct buf *part)
{
	return part->len || buf_failed(part);
}

/* Characters that a terminal shows of printable text. */
size_t label_width(struct str s);
/* "1 layer", "7 layers" */
void label_count(struct buf *out, size_t count, const char *one, const char *many);

/* "Debian GNU/Linux 12 (bookworm), supported until 2028-06-30", or "unknown distribution". */
void label_distro(struct buf *out, const struct document *d);
/* "digests verified", or which were not. */
void label_verified(struct buf *out, const struct document *d);
/* "database of 2026-11-24", "no database" */
void label_database(struct buf *out, const struct document *d);
/*
 * "0  base", "3  RUN apt-get install ...": the index and where it comes from, cut to `max`
 * characters with an ellipsis (0: not cut); never shorter than the index. "-" when unknown.
 */
void label_layer(struct buf *out, const struct document *d, int layer, size_t max);
/* "layer 3 (RUN apt-get install ...)" */
void label_layer_sentence(struct buf *out, const struct document *d, int layer);
/* "3.0.14-1", "none yet", "will not fix", ... */
struct str label_fix(const struct document_finding *f);
/* "layer 4, 'etc/passwd', at byte 512: message"; the place only as far as there is one. */
void label_diagnostic(struct buf *out, const struct diag *g);

/* The page of a well-known id ("CVE-", "GHSA-", "DSA-", ...); nothing for others. */
void label_url(struct buf *out, struct str id);
/* The page of a finding's id, else its first reference that is a web address, else nothing. */
void label_finding_url(struct buf *out, const struct document_finding *f);
/* One sentence: what is affected by what, and which version fixes it. */
void label_sentence(struct buf *out, const struct document *d, const struct document_finding *f);
/* "10.0", "9.8" */
void label_score(struct buf *out, int score10);

#endif
