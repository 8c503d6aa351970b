/*
 * Formats of lint results, one member each. They are written file by file, so that a run over
 * 100,000 files keeps none of them: head, then items joined by the separator, then tail.
 *
 * To add one: src/dockerfile/format_NAME.c ending in `const struct lint_format lint_format_NAME`,
 * its line in lint_formats.def (sorted), a golden file in tests/golden/lint, a line in
 * docs/formats/lint.md.
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_FORMAT_H
#define PLIMSOLL_DOCKERFILE_LINT_FORMAT_H

#include "base/buf.h"
#include "dockerfile/lint.h"

struct lint_format_options {
	bool color;
	unsigned width; /* columns of the terminal, 0: no terminal */
	const char *version;
	const struct lint_config *config;
};

struct lint_file_report {
	struct str path; /* as the user named it */
	const struct lint_result *result;
};

struct lint_totals {
	size_t files;
	size_t per_level[LEVELS];
	size_t safe;   /* findings that --fix would repair */
	size_t unsafe; /* that only --fix=unsafe would */
	size_t fixed;  /* that were repaired in this run */
	size_t suppressed;
	size_t unreadable; /* files that could not be looked at, and gaps of the image */
	bool image;	   /* there was one to measure in */
	uint64_t wasted;   /* bytes of its layers that findings are about */
	bool shell_unavailable;
};

struct lint_format {
	const char *name;      /* MUST */
	const char *aliases;   /* MAY: other names, separated by blanks (hadolint's) */
	const char *summary;   /* MUST: for help */
	const char *separator; /* MAY: between the items, also of different files; NULL: nothing */
	bool human;	       /* MAY: depends on the terminal */
	/* MAY each. Appends to out; its sticky failure is checked by the caller. */
	void (*head)(const struct lint_format_options *o, struct buf *out);
	/* MUST. The items of one file, joined by `separator`. */
	void (*file)(const struct lint_format_options *o, const struct lint_file_report *f,
		     struct buf *out);
	void (*tail)(const struct lint_format_options *o, const struct lint_totals *t,
		     struct buf *out);
};

extern const struct lint_format *const lint_formats[]; /* NULL-ended, sorted */
const struct lint_format *lint_format_find(struct str name);

/* Hexadecimal, stable over runs: of the code, the path and the text that is found, not of line
 * numbers. */
enum { LINT_FINGERPRINT = 33 };
void lint_fingerprint(const struct lint_file_report *f, size_t finding, char out[LINT_FINGERPRINT]);

#endif
