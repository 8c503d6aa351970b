/*
 * How names are spelled: their case, and which known one was meant.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_SPELLING_H
#define PLIMSOLL_DOCKERFILE_RULES_SPELLING_H

#include "dockerfile/rule.h"

/* No ASCII letter of the other case is in it. */
bool is_lower_case(struct str s);
bool is_upper_case(struct str s);
/* A copy in the arena; STR_NULL without memory. */
struct str in_case(struct arena *arena, struct str s, bool upper);

/* `keyword` (given in upper case) as `like` is written: "ADD", "add" or "Add". */
struct str in_case_of(struct arena *arena, struct str keyword, struct str like);
/*
 * Most keywords of the file are in lower case; mixed ones ("From") count for neither, a tie is
 * upper case, ARGs before the first FROM do not take part.
 */
bool is_mostly_lower(const struct lint *l);
bool has_casing(const struct lint *l, const struct instruction *i);

/*
 * The variable of the chain, or "PATH", whose name is at most two edits away from `name`; the
 * nearest one, of several the newest. Empty when there is none. Only the newest SUGGEST_MAX are
 * looked at, and names of up to SUGGEST_LENGTH bytes.
 */
enum { SUGGEST_MAX = 256, SUGGEST_LENGTH = 64 };
struct str suggest_variable(const struct build_state *state, struct str name);

/*
 * How many letters must be changed, put in or left out: the Levenshtein distance. SIZE_MAX when the
 * lengths alone differ by more than two, or b is longer than SUGGEST_LENGTH.
 */
size_t name_distance(struct str a, struct str b);

#endif
