/*
 * Shared by the fuzz targets of rpm databases: a reading that looks at every byte it is handed.
 */
#ifndef PLIMSOLL_FUZZ_RPM_H
#define PLIMSOLL_FUZZ_RPM_H

#include <stdlib.h>

#include "binary/binary.h"
#include "binary/rpmdb.h"

static volatile uint64_t rpm_touched;

static inline void rpm_touch(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		rpm_touched += (uint8_t)s.data[i];
}

static inline void rpm_touch_package(const struct rpm_header *h, const struct rpm_package *p)
{
	struct arena a;
	struct rpm_files files;
	struct rpm_file file;

	if (p->name.len == 0 || p->version.len == 0)
		abort();
	rpm_touch(p->name);
	rpm_touch(p->version);
	rpm_touch(p->release);
	rpm_touch(p->arch);
	rpm_touch(p->source_rpm);
	rpm_touch(p->vendor);
	rpm_touch(p->license);
	rpm_touch(p->module);
	arena_init(&a, NULL, 64 << 20);
	if (rpm_files_open(h, &a, &files, NULL) == 0)
		while (rpm_files_next(&files, &file, NULL) > 0) {
			rpm_touch(str_to(file.dir, 64));
			rpm_touch(file.base);
		}
	arena_done(&a);
}

static inline int rpm_touch_visit(void *context, const struct rpm_header *h,
				  const struct rpm_package *p, struct err *e)
{
	(void)context;
	(void)e;
	rpm_touch_package(h, p);
	return 0;
}

/* The back end must not need more memory than a few times its limits. */
static inline void rpm_read(const char *backend, struct str main, struct str wal)
{
	struct budget budget = {.bytes_max = 256 << 20};
	struct diags diags;
	struct rpmdb_visitor visitor = {.package = rpm_touch_visit};
	struct rpmdb_input in = {.main = main,
				 .wal = wal,
				 .place = DIAG_NOWHERE,
				 .wal_place = DIAG_NOWHERE,
				 .diags = &diags,
				 .budget = &budget};
	const char *name = rpmdb_probe(main);
	struct err e = ERR_INIT;

	if (!name || strcmp(name, backend) != 0)
		return;
	if (binary_init(NULL) < 0)
		abort();
	diags_init(&diags, NULL);
	if (rpmdb_read(&in, &visitor, &e) < 0 && e.code != ERR_MEMORY)
		abort();
	diags_done(&diags);
	if (budget.bytes)
		abort();
}

#endif
