#include "dockerfile/rules/spelling.h"

enum { DISTANCE_MAX = 2 };

bool is_lower_case(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] >= 'A' && s.data[i] <= 'Z')
			return false;
	}
	return true;
}

bool is_upper_case(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] >= 'a' && s.data[i] <= 'z')
			return false;
	}
	return true;
}

struct str in_case(struct arena *arena, struct str s, bool upper)
{
	struct str copy = arena_str(arena, s);
	char first = upper ? 'a' : 'A', last = upper ? 'z' : 'Z';

	for (size_t i = 0; copy.data && i < copy.len; i++) {
		char *c = (char *)(uintptr_t)&copy.data[i];

		if (*c >= first && *c <= last)
			*c = (char)(*c ^ 32);
	}
	return copy;
}

struct str in_case_of(struct arena *arena, struct str keyword, struct str like)
{
	if (is_upper_case(like))
		return keyword;
	keyword = in_case(arena, keyword, false);
	if (keyword.len && !is_lower_case(like))
		*(char *)(uintptr_t)keyword.data ^= 32;
	return keyword;
}

bool has_casing(const struct lint *l, const struct instruction *i)
{
	return i->kind != INSTRUCTION_UNKNOWN && graph_stage(l->graph, i);
}

bool is_mostly_lower(const struct lint *l)
{
	size_t lower = 0, upper = 0;

	for (size_t n = 0; n < l->file->instructions.count; n++) {
		const struct instruction *i = l->file->instructions.items[n];

		if (!has_casing(l, i))
			continue;
		if (is_lower_case(i->name))
			lower++;
		else if (is_upper_case(i->name))
			upper++;
	}
	return lower > upper;
}

size_t name_distance(struct str a, struct str b)
{
	size_t row[SUGGEST_LENGTH + 1];

	if (a.len > b.len + DISTANCE_MAX || b.len > a.len + DISTANCE_MAX || b.len > SUGGEST_LENGTH)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t best = diagonal + (a.data[i] != b.data[j]);

			diagonal = row[j + 1];
			if (diagonal + 1 < best)
				best = diagonal + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
		}
	}
	return row[b.len];
}

struct str suggest_variable(const struct build_state *state, struct str name)
{
	struct str best = STR_INIT("");
	size_t least = DISTANCE_MAX + 1, looked = 0;

	for (const struct variable *v = state ? state->newest : NULL; v && looked < SUGGEST_MAX;
	     v = v->older, looked++) {
		size_t d = name_distance(name, v->name);

		if (d < least) {
			least = d;
			best = v->name;
		}
	}
	if (name_distance(name, STR("PATH")) < least)
		best = STR("PATH");
	return best;
}
