/*
 * Any inspector over any bytes: a first line "NAME PATH", then the file. Those that stream get it
 * in pieces of odd sizes.
 */
#include <stdlib.h>

#include "binary/binary.h"
#include "inspect/inspector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int stream(const struct inspector *by, struct inspection *in, struct facts *facts,
		  struct str bytes)
{
	struct err e = ERR_INIT;
	int r;

	if (by->begin(in, facts, &e) < 0)
		return 0;
	for (size_t n = 1; bytes.len; n = n * 5 % 4099) {
		r = by->chunk(in, facts, str_to(bytes, n), &e);
		bytes = str_from(bytes, n);
		if (r < 0)
			break;
	}
	return by->end(in, facts, bytes.len == 0, &e);
}

static void inspect(const struct inspector *by, struct facts *facts, struct str path,
		    struct str bytes)
{
	struct arena scratch = {.budget = facts->budget};
	struct entry entry = {.type = ENTRY_FILE, .path = path, .size = bytes.len};
	struct inspection in = {
		.by = by, .path = path, .info = &entry, .scratch = &scratch, .facts = facts};
	struct err e = ERR_INIT;

	if (facts_add_entry(facts, &entry, 0, &in.entry, &e) < 0)
		return;
	if (by->need == NEED_STREAM)
		stream(by, &in, facts, bytes);
	else {
		in.bytes = by->need == NEED_HEAD ? str_to(bytes, by->max) : bytes;
		by->inspect(&in, facts, &e);
	}
	arena_done(&scratch);
}

/* What an inspector gives has a name and a version. */
static void check(const struct facts *facts)
{
	for (size_t i = 0; i < facts->packages.count; i++)
		for (size_t k = 0; k < facts->packages.items[i].count; k++) {
			const struct package *p = &facts->packages.items[i].items[k];

			if (p->name.len == 0 || p->version.len == 0)
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct budget budget = {.bytes_max = 512 << 20};
	struct str rest = str_make(data, size), line, name;
	const struct inspector *by;
	struct facts *facts;

	if (binary_init(NULL) < 0)
		abort();
	if (!str_next_line(&rest, &line) || !str_next(&line, ' ', &name))
		return 0;
	by = inspector_find(name);
	facts = by && line.data ? facts_new(&budget, false) : NULL;
	if (!facts)
		return 0;
	inspect(by, facts, line, rest.data ? rest : STR(""));
	facts_freeze(facts);
	check(facts);
	facts_free(facts);
	if (budget.bytes)
		abort();
	return 0;
}
