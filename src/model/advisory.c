/* Names of the states of advisories, as the report writes them. */
#include "model/advisory.h"

static const char *const fix_names[] = {
	[FIX_AVAILABLE] = "available",	     [FIX_NONE] = "none",
	[FIX_WILL_NOT_FIX] = "will_not_fix", [FIX_DEFERRED] = "deferred",
	[FIX_END_OF_LIFE] = "end_of_life",   [FIX_UNKNOWN] = "unknown",
};

static const char *const state_names[] = {
	[STATE_AFFECTED] = "affected",
	[STATE_UNDER_INVESTIGATION] = "under_investigation",
	[STATE_NOT_AFFECTED] = "not_affected",
};

const char *fix_state_name(enum fix_state f)
{
	return f <= FIX_UNKNOWN ? fix_names[f] : fix_names[FIX_UNKNOWN];
}

bool fix_state_parse(struct str s, enum fix_state *ret)
{
	for (int i = 0; i <= FIX_UNKNOWN; i++) {
		if (str_is(s, fix_names[i])) {
			*ret = (enum fix_state)i;
			return true;
		}
	}
	return false;
}

const char *advisory_state_name(enum advisory_state s)
{
	return s <= STATE_NOT_AFFECTED ? state_names[s] : state_names[STATE_AFFECTED];
}

bool advisory_state_parse(struct str s, enum advisory_state *ret)
{
	for (int i = 0; i <= STATE_NOT_AFFECTED; i++) {
		if (str_is(s, state_names[i])) {
			*ret = (enum advisory_state)i;
			return true;
		}
	}
	return false;
}
