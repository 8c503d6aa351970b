/*
 * Inventory times advisories times comparators: fills the findings of a document. No I/O of its
 * own: partitions come through the callback.
 */
#ifndef PLIMSOLL_MATCH_MATCH_H
#define PLIMSOLL_MATCH_MATCH_H

#include "advisory/database.h"
#include "document/document.h"

struct match_source {
	void *context;
	/* Opens "pkg/debian-12", "id/epss"...; ERR_NOT_FOUND when the database has none. */
	int (*open)(void *context, struct str name, struct partition **ret, struct err *e);
};

struct match_options {
	const struct match_source *source;
	struct partition *notices; /* MAY: of this image's packages; used besides the database */
	bool require_unfixed;	   /* a source that knows fixed ones only is a gap */
	struct budget *budget;
	struct progress *progress;
};

/*
 * Reads document->packages and target.distro, adds findings, partitions, scanner state and
 * diagnostics (database_missing, partition_missing, ...). A package whose version cannot be
 * compared is a diagnostic, never dropped silently.
 */
int match_run(struct document *document, const struct match_options *options, struct err *e);

/*
 * explain: why an id (or alias) is, or is not, a finding for a package (or all, when empty): writes
 * text lines into out. Needs the report and, for what is not in it, the database.
 */
int match_explain(const struct document *document, const struct match_source *source, struct str id,
		  struct str package, struct buf *out, bool *ret_found, struct err *e);

#endif
