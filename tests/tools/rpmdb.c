/*
 * For the Python tests:
 *	rpmdb [--files] MAIN [WAL]	the packages of a database and its diagnostics, one a line
 *	rpmdb --manifest FILE		the same of an rpm manifest
 *	rpmdb --cut STEP MAIN		"cut LENGTH PACKAGES GAPS" for every STEP-th shorter length
 *	rpmdb --flip COUNT MAIN		"flip OFFSET PACKAGES GAPS" for COUNT single flipped bits
 */
#include <stdio.h>

#include "binary/binary.h"
#include "binary/rpmdb.h"
#include "binary/rpmmanifest.h"
#include "test_io.h"

static struct str read_path(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct str s;

	if (!f) {
		perror(path);
		exit(3);
	}
	s = test_read_stream(f);
	fclose(f);
	return s;
}

static void print(const char *name, struct str value)
{
	struct buf out = BUF_INIT;

	buf_add_escaped(&out, value);
	printf("%s=%.*s\t", name, (int)out.len, out.len ? out.data : "");
	buf_done(&out);
}

static void print_files(const struct rpm_header *h)
{
	struct arena a = {0};
	struct rpm_files files;
	struct rpm_file file;
	struct err e = ERR_INIT;
	int more = -1;

	if (rpm_files_open(h, &a, &files, &e) == 0)
		while ((more = rpm_files_next(&files, &file, &e)) > 0) {
			printf("file\t%.*s%.*s\t%u\n", (int)file.dir.len,
			       file.dir.len ? file.dir.data : "", (int)file.base.len,
			       file.base.data, file.flags);
		}
	if (more < 0)
		printf("bad files: %s\n", e.message);
	arena_done(&a);
}

static void print_package(const struct rpm_package *p)
{
	char epoch[16] = "-";

	if (p->has_epoch)
		snprintf(epoch, sizeof(epoch), "%u", p->epoch);
	printf("package\t");
	print("name", p->name);
	print("epoch", str_of(epoch));
	print("version", p->version);
	print("release", p->release);
	print("arch", p->arch);
	print("source", p->source_rpm);
	print("license", p->license);
	print("vendor", p->vendor);
	print("module", p->module);
	printf("installtime=%llu\tsize=%llu\n", (unsigned long long)p->install_time,
	       (unsigned long long)p->size);
}

static bool with_files;

static int package(void *context, const struct rpm_header *h, const struct rpm_package *p,
		   struct err *e)
{
	(void)context;
	(void)e;
	print_package(p);
	if (with_files)
		print_files(h);
	return 0;
}

static int manifest_package(void *context, const struct rpm_package *p, uint32_t line,
			    struct err *e)
{
	(void)context;
	(void)line;
	(void)e;
	print_package(p);
	return 0;
}

static int print_diags(struct diags *diags)
{
	diags_sort(diags);
	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *d = &diags->list.items[i];

		printf("diag\t%s\t%lld\t%.*s\n", diag_name(d->code), (long long)d->offset,
		       STR_ARG(d->message));
	}
	diags_done(diags);
	return 0;
}

static int manifest(struct str text)
{
	struct rpm_manifest_visitor visitor = {.package = manifest_package};
	struct diags diags;

	diags_init(&diags, NULL);
	rpm_manifest_read(text, &visitor, &diags, DIAG_NOWHERE, NULL);
	return print_diags(&diags);
}

static int quiet(void *context, const struct rpm_header *h, const struct rpm_package *p,
		 struct err *e)
{
	struct arena a = {0};
	struct rpm_files files;
	struct rpm_file file;

	(void)p;
	(void)e;
	++*(size_t *)context;
	if (rpm_files_open(h, &a, &files, NULL) == 0)
		while (rpm_files_next(&files, &file, NULL) > 0)
			;
	arena_done(&a);
	return 0;
}

/* The bytes are copied into a block of their own size, so that a sanitizer sees every step beyond.
 */
static void read_quietly(const char *what, size_t where, struct str bytes)
{
	char *copy = malloc(bytes.len ? bytes.len : 1);
	struct diags diags;
	size_t packages = 0;
	struct rpmdb_visitor visitor = {.context = &packages, .package = quiet};
	struct rpmdb_input in = {.place = DIAG_NOWHERE, .wal_place = DIAG_NOWHERE, .diags = &diags};
	struct err e = ERR_INIT;

	if (!copy)
		abort();
	memcpy(copy, bytes.data, bytes.len);
	in.main = str_make(copy, bytes.len);
	diags_init(&diags, NULL);
	if (rpmdb_read(&in, &visitor, &e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		exit(1);
	}
	printf("%s %zu %zu %zu\n", what, where, packages, diags_count(&diags, DIAG_GAP));
	diags_done(&diags);
	free(copy);
}

static int cut(size_t step, struct str bytes)
{
	for (size_t n = 0; n < bytes.len; n += step)
		read_quietly("cut", n, str_to(bytes, n));
	return 0;
}

static int flip(size_t count, struct str bytes)
{
	char *data = (char *)bytes.data;
	uint64_t random = 88172645463325252;

	for (size_t i = 0; i < count; i++) {
		size_t at;
		char bit;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		at = (random >> 8) % bytes.len;
		bit = (char)(1 << (random & 7));
		data[at] ^= bit;
		read_quietly("flip", at, bytes);
		data[at] ^= bit;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct diags diags;
	struct err e = ERR_INIT;
	struct rpmdb_visitor visitor = {.package = package};
	struct rpmdb_input in = {.place = DIAG_NOWHERE, .wal_place = DIAG_NOWHERE, .diags = &diags};
	const char *name;

	if (argc > 1 && strcmp(argv[1], "--files") == 0) {
		with_files = true;
		argv++;
		argc--;
	}
	if (argc < 2 || binary_init(&e) < 0)
		return 3;
	if (argc > 2 && strcmp(argv[1], "--manifest") == 0)
		return manifest(read_path(argv[2]));
	if (argc > 3 && strcmp(argv[1], "--cut") == 0)
		return cut(strtoul(argv[2], NULL, 10), read_path(argv[3]));
	if (argc > 3 && strcmp(argv[1], "--flip") == 0)
		return flip(strtoul(argv[2], NULL, 10), read_path(argv[3]));
	diags_init(&diags, NULL);
	in.main = read_path(argv[1]);
	if (argc > 2)
		in.wal = read_path(argv[2]);
	name = rpmdb_probe(in.main);
	printf("backend\t%s\n", name ? name : "none");
	if (rpmdb_read(&in, &visitor, &e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		return 1;
	}
	return print_diags(&diags);
}
