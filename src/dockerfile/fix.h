/*
 * Repairs: the edits of findings applied to a text, again and again until nothing is left to apply,
 * everything else byte for byte as written. What is promised of every repair is checked each time,
 * not believed: the findings that were repaired are gone, and no code is found more often than
 * before (syntax included). Edits that break the promise are left out, found by halving.
 */
#ifndef PLIMSOLL_DOCKERFILE_FIX_H
#define PLIMSOLL_DOCKERFILE_FIX_H

#include "base/buf.h"
#include "dockerfile/lint.h"

/*
 * Rounds of linting a file at most; each applies what does not overlap. Tries over all rounds: so
 * many, and more for a short text, as FIX_TRIES_BYTES allow.
 */
enum {
	FIX_ROUNDS = 50,
	FIX_EDITS_MAX = 400000,
	FIX_TRIES = 1000,
	FIX_TRIES_LEAST = 40,
	FIX_TRIES_BYTES = 4 << 20,
};

/* Bytes [start, end) of the old text are [new_start, new_end) of the new one. */
struct text_change {
	uint32_t start;
	uint32_t end;
	uint32_t new_start;
	uint32_t new_end;
};

struct fixer {
	/* result, valid until the next call */
	struct buf text;		 /* the repaired text */
	VEC(struct text_change) changes; /* in order */
	size_t applied;			 /* findings that were repaired */
	size_t rejected;		 /* fixes that would have broken a promise */

	/* private */
	struct arena arena;
	VEC(struct fix_piece) pieces;
	VEC(struct fix_piece) next_pieces;
	VEC(struct fix_edit) edits;
	VEC(struct fix_candidate) candidates;
	VEC(size_t) order;
	struct buf trial;
	size_t tries;
};

struct fix_piece {
	bool inserted;
	struct str text;
	uint32_t start; /* in the original, when not inserted */
};

struct fix_edit {
	uint32_t start;
	uint32_t end;
	struct str text;
	size_t candidate;
};

struct fix_candidate {
	const struct rule *rule;
	size_t first_edit; /* in fixer.edits */
	size_t edit_count;
	size_t same_as; /* an earlier candidate with the same edits, or SIZE_MAX */
	bool taken;
};

void fixer_init(struct fixer *f, struct budget *budget);
void fixer_done(struct fixer *f);

/*
 * Repairs in->text. `unsafe`: also what is not marked safe. ret is the result of linting the
 * repaired text. applied == 0: nothing was changed. Fails as lint_text.
 */
int fix_text(struct fixer *f, struct linter *l, const struct lint_input *in, bool unsafe,
	     struct lint_result *ret, struct err *e);

/* A unified diff (three lines of context) of the changes; nothing when there are none. */
void diff_unified(struct str path, struct str before, struct str after,
		  const struct text_change *changes, size_t count, struct buf *out);

#endif
