/*
 * Any bytes as an index of a package archive: a signed release file, Sources or Packages, by the
 * first byte. What comes out must be usable as it is: digests of 64 characters, names of the map.
 */
#include <stdint.h>
#include <stdlib.h>

#include "advisory/notices_index.h"
#include "text/deb822.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(const struct index_file *f)
{
	if (f->sha256.len != 64 || f->path.len == 0 || str_find_char(f->path, '\n') >= 0)
		abort();
}

static void read_release(struct str text, struct arena *a)
{
	struct release release;
	struct err e = ERR_INIT;
	struct str body;

	if (deb822_skip_signature(text, &body, &e) < 0 || release_read(body, a, &release, &e) < 0)
		return;
	for (size_t i = 0; i < release.files.count; i++)
		check_file(&release.files.items[i]);
	if (release_find(&release, "main/source/Sources") && release.files.count == 0)
		abort();
	release_done(&release);
}

static void read_sources(struct stream *s, const struct map *wanted, struct arena *a,
			 struct budget *budget)
{
	struct err e = ERR_INIT;
	struct map_slot *slot;
	struct map entries;
	size_t at = 0;

	map_init(&entries, budget);
	sources_read(s, wanted, a, &entries, budget, &e);
	while ((slot = map_next(&entries, &at))) {
		const struct source_entry *entry = slot->value;

		if (!map_find(wanted, slot->key) || !str_eq(slot->key, entry->package))
			abort();
		for (size_t i = 0; i < entry->files.count; i++)
			check_file(&entry->files.items[i]);
	}
	sources_done(&entries);
}

static void read_packages(struct stream *s, const struct map *wanted, struct arena *a,
			  struct budget *budget)
{
	struct binary_list list = {0};
	struct err e = ERR_INIT;

	if (packages_read(s, wanted, a, &list, budget, &e) == 0)
		for (size_t i = 0; i < list.items.count; i++)
			check_file(&list.items.items[i].file);
	vec_done(&list.items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = size ? str_make(data + 1, size - 1) : STR("");
	struct budget budget = {.bytes_max = 256 << 20};
	struct err e = ERR_INIT;
	struct stream *s = stream_open_memory(text, &e);
	struct arena arena;
	struct map wanted;
	void **demo;

	if (!s)
		abort();
	arena_init(&arena, &budget, 0);
	map_init(&wanted, &budget);
	demo = map_put(&wanted, STR("demo"));
	if (!demo)
		abort();
	*demo = &wanted;
	if (size && data[0] == 'R')
		read_release(text, &arena);
	else if (size && data[0] == 'S')
		read_sources(s, &wanted, &arena, &budget);
	else
		read_packages(s, &wanted, &arena, &budget);
	map_done(&wanted);
	arena_done(&arena);
	stream_close(s);
	if (budget.bytes)
		abort();
	return 0;
}
