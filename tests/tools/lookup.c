/*
 * lookup DB PARTITION NAME...: what a partition says of names, one JSON object a line, for the
 * Python tests: advisories of pkg/, facts of id/.
 */
#include <stdio.h>
#include <string.h>

#include "advisory/database.h"
#include "text/json_write.h"

static char **names;

static void member(struct json_writer *w, const char *key, struct str value)
{
	json_write_key(w, str_of(key));
	json_write_string(w, value);
}

static void list(struct json_writer *w, const char *key, const struct str *items, size_t count)
{
	json_write_key(w, str_of(key));
	json_write_array(w);
	for (size_t i = 0; i < count; i++)
		json_write_string(w, items[i]);
	json_write_end(w);
}

static void put(struct json_writer *w, struct buf *out)
{
	struct err e;

	json_write_end(w);
	json_writer_end(w, &e);
	json_writer_done(w);
	printf("%.*s\n", (int)out->len, out->data);
	buf_done(out);
}

static int found(void *context, size_t index, const struct advisory *a)
{
	struct buf out = BUF_INIT;
	struct json_writer w;

	(void)context;
	json_writer_init(&w, &out, 0);
	json_write_object(&w);
	member(&w, "name", str_of(names[index]));
	member(&w, "id", a->id);
	list(&w, "cves", a->cves, a->cve_count);
	list(&w, "aliases", a->aliases, a->alias_count);
	member(&w, "names", a->names == NAMES_SOURCE ? STR("source") : STR("binary"));
	member(&w, "state", str_of(advisory_state_name(a->state)));
	member(&w, "fix", str_of(fix_state_name(a->fix)));
	json_write_key(&w, STR("spans"));
	json_write_array(&w);
	for (size_t i = 0; i < a->span_count; i++) {
		json_write_array(&w);
		json_write_string(&w, a->spans[i].introduced);
		json_write_string(&w, a->spans[i].fixed);
		json_write_string(&w, a->spans[i].last_affected);
		json_write_end(&w);
	}
	json_write_end(&w);
	list(&w, "versions", a->versions, a->version_count);
	member(&w, "severity", str_of(severity_name(a->severity)));
	member(&w, "severity_source", a->severity_source);
	member(&w, "arches", a->arches);
	member(&w, "module", a->module);
	member(&w, "feed", a->feed);
	member(&w, "fix_date", a->fix_date);
	put(&w, &out);
	return 0;
}

static void print_info(const char *name, const struct id_info *i)
{
	struct buf out = BUF_INIT;
	struct json_writer w;
	char number[64];

	if (!i->has_cve && !i->has_epss && !i->has_kev && !i->has_alias)
		return;
	json_writer_init(&w, &out, 0);
	json_write_object(&w);
	member(&w, "name", str_of(name));
	if (i->has_cve) {
		member(&w, "severity", str_of(severity_name(i->severity)));
		member(&w, "severity_source", i->severity_source);
		member(&w, "title", i->title);
		member(&w, "cvss", i->cvss);
	}
	if (i->has_epss) {
		snprintf(number, sizeof(number), "%.5f %.5f", i->epss_score, i->epss_percentile);
		member(&w, "epss", str_of(number));
	}
	if (i->has_kev) {
		member(&w, "kev_date", i->kev_date);
		member(&w, "kev_due", i->kev_due);
		member(&w, "kev_ransomware", i->kev_ransomware ? STR("known") : STR("unknown"));
	}
	if (i->has_alias)
		list(&w, "aliases", i->aliases, i->alias_count);
	put(&w, &out);
}

static int find_eol(struct partition *p, const char *name, struct err *e)
{
	struct arena arena = {0};
	struct str version = str_of(name), id, day, codename;
	int r;

	str_next(&version, '/', &id);
	r = partition_find_eol(p, id, version, &arena, &day, &codename, e);
	if (r == 0)
		printf("{\"name\":\"%s\",\"day\":\"%.*s\",\"codename\":\"%.*s\"}\n", name,
		       STR_ARG(day), STR_ARG(codename));
	arena_done(&arena);
	return r;
}

static int look_up(struct partition *p, const char *partition, struct str *keys, size_t count,
		   struct err *e)
{
	struct arena arena = {0};
	struct id_info *infos;
	int r = 0;

	if (strncmp(partition, "pkg/", 4) == 0)
		return partition_find_packages(p, keys, count, NULL, found, NULL, e);
	for (size_t i = 0; r == 0 && strcmp(partition, "id/eol") == 0 && i < count; i++)
		r = find_eol(p, names[i], e);
	if (strcmp(partition, "id/eol") == 0)
		return r;
	infos = mem_zero(count, sizeof(*infos));
	r = partition_find_ids(p, keys, count, &arena, infos, e);
	for (size_t i = 0; r == 0 && i < count; i++)
		print_info(names[i], &infos[i]);
	arena_done(&arena);
	mem_free(infos);
	return r;
}

int main(int argc, char **argv)
{
	struct database_folder *folder = NULL;
	struct partition *p = NULL;
	struct err e = ERR_INIT;
	struct str *keys;
	int r = -1;

	if (argc < 3)
		return 3;
	names = argv + 3;
	keys = mem_zero((size_t)argc, sizeof(*keys));
	for (int i = 3; i < argc; i++)
		keys[i - 3] = str_of(argv[i]);
	if (crypto_init(&e) == 0 && database_folder_open(argv[1], &folder, &e) == 0 &&
	    database_folder_partition(folder, str_of(argv[2]), NULL, &p, &e) == 0)
		r = look_up(p, argv[2], keys, (size_t)argc - 3, &e);
	partition_close(p);
	database_folder_close(folder);
	mem_free(keys);
	if (r < 0)
		fprintf(stderr, "%s\n", e.message);
	return r < 0;
}
