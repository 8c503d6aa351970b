/*
 * The documents of an image: the input is cut at NUL bytes; the first part is manifest.json or
 * index.json, the others are blobs by the digests 000..., 111..., ..., by "a", "b", ... and as
 * configuration. Layers are empty.
 */
#include <stdio.h>

#include "image/manifests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENTS = 10 };

static int add(struct members *m, const char *name, struct str text)
{
	struct tar_entry t = {
		.entry = {.type = ENTRY_FILE, .path = str_of(name), .size = text.len}};
	struct err e = ERR_INIT;
	size_t index;

	if (members_add(m, &t, &index, &e) < 0)
		return -1;
	m->list.items[index].kept = true;
	m->list.items[index].bytes = text;
	return 0;
}

static void add_all(struct members *m, struct str rest)
{
	struct str part;
	char name[128];

	for (int i = -1; i < DOCUMENTS && str_next(&rest, '\0', &part); i++) {
		if (i < 0) {
			add(m, "manifest.json", part);
			add(m, "index.json", part);
			add(m, "repositories", part);
			continue;
		}
		snprintf(name, sizeof(name), "blobs/sha256/%064d", 0);
		memset(name + 13, '0' + i, 64);
		add(m, name, part);
		snprintf(name, sizeof(name), "%c", 'a' + i);
		add(m, name, part);
		snprintf(name, sizeof(name), "%c/json", 'a' + i);
		add(m, name, part);
	}
}

static int count_image(struct walk *w, const struct plan *p, void *context)
{
	(void)w;
	*(size_t *)context += p->layers.count;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const selects[] = {"", "a:1", "1", "sha256:000000000000"};
	struct budget budget = {.bytes_max = 512 << 20};
	struct diags diags;
	struct image_request request = {
		.reference = STR("x"), .verify = true, .budget = &budget, .diags = &diags};
	struct err e = ERR_INIT;
	struct plan plan = {0};
	struct members members;
	size_t count = 0;
	struct walk *w;

	if (size < 1 || crypto_init(&e) < 0)
		return 0;
	request.select = str_of(selects[data[0] >> 1 & 3]);
	request.platform = data[0] & 8 ? STR("linux/arm64") : STR("");
	diags_init(&diags, NULL);
	w = walk_new(&request, NULL);
	members_init(&members, &w->arena);
	add_all(&members, str_make(data + 1, size - 1));
	w->store = store_open_passed(w, &members, &e);
	w->source = source_of_kind(data[0] & 1 ? IMAGE_DOCKER_ARCHIVE : IMAGE_OCI_ARCHIVE);
	if (w->source->plan(w, &plan, &e) == 0)
		for (size_t i = 0; i < plan.layers.count; i++)
			count +=
				plan.layers.items[i].name.len + plan.layers.items[i].created_by.len;
	plan_done(&plan);
	(void)w->source->probe(w);
	(void)oci_each_image(w, count_image, &count, &e);
	image_close(&w->image);
	diags_done(&diags);
	if (budget.bytes)
		__builtin_trap();
	return 0;
}
