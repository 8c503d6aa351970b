/*
 * Any text as a changelog. The first line is the version to look for. Every fix must belong to the
 * entry it names, in order, once an entry, with an id of a known form.
 */
#include <stdint.h>
#include <stdlib.h>

#include "advisory/changelog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct changelog *c, struct str since)
{
	require(c->entries.count > 0);
	require(c->since == SIZE_MAX ||
		(c->since < c->entries.count && str_eq(c->entries.items[c->since].version, since)));
	for (size_t i = 0; i < c->fixes.count; i++) {
		const struct changelog_fix *fix = &c->fixes.items[i];

		require(fix->entry < c->entries.count);
		require(str_eq(fix->version, c->entries.items[fix->entry].version));
		require(str_starts(fix->id, STR("CVE-")) || str_starts(fix->id, STR("GHSA-")));
		require(fix->evidence.len > 0 && fix->evidence.len <= 240);
		require(str_find_char(fix->evidence, '\n') < 0);
		require(fix->date.len == 0 || fix->date.len == 10);
		if (i == 0)
			continue;
		require(fix[-1].entry <= fix->entry);
		require(fix[-1].entry < fix->entry || !str_eq(fix[-1].id, fix->id));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make(data, size), since;
	struct budget budget = {.bytes_max = 256 << 20};
	struct err e = ERR_INIT;
	struct changelog c;
	struct arena arena;

	if (!str_next_line(&text, &since))
		since = STR("");
	arena_init(&arena, &budget, 0);
	if (changelog_read(text, since, &arena, &c, &e) == 0) {
		check(&c, since);
		changelog_done(&c);
	} else {
		require(e.code == ERR_FORMAT || e.code == ERR_MEMORY);
	}
	arena_done(&arena);
	require(budget.bytes == 0);
	return 0;
}
