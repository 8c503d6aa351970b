#include "binary/rpmdb.h"

#include <stdarg.h>
#include <stdio.h>

#define RPMDB(name) extern const struct rpmdb_backend rpmdb_##name;
#include "binary/rpmdb.def"
#undef RPMDB

static const struct rpmdb_backend *const backends[] = {
#define RPMDB(name) &rpmdb_##name,
#include "binary/rpmdb.def"
#undef RPMDB
};

static const struct rpmdb_backend *find_backend(struct str head)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
		if (backends[i]->probe(head))
			return backends[i];
	return NULL;
}

const char *rpmdb_probe(struct str head)
{
	const struct rpmdb_backend *backend = find_backend(head);

	return backend ? backend->name : NULL;
}

void rpmdb_damage(struct rpmdb_run *run, int64_t offset, const char *format, ...)
{
	struct diag_place place = run->in->place;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	place.offset = offset;
	run->damaged++;
	diag_add(run->in->diags, DIAG_package_db_malformed, place, "%s", text);
}

int rpmdb_deliver(struct rpmdb_run *run, struct str blob, uint64_t number, int64_t offset,
		  struct err *e)
{
	struct rpm_header header;
	struct rpm_package package;
	struct err why = ERR_INIT;

	if (rpm_header_open(blob, &header, &why) < 0 ||
	    rpm_header_package(&header, &package, &why) < 0) {
		rpmdb_damage(run, offset, "record %llu: %s", (unsigned long long)number,
			     why.message);
		return 0;
	}
	run->packages++;
	return run->visitor->package(run->visitor->context, &header, &package, e);
}

static bool about_the_input(const struct err *e)
{
	return e->code == ERR_FORMAT || e->code == ERR_TRUNCATED || e->code == ERR_UNSUPPORTED ||
	       e->code == ERR_LIMIT;
}

int rpmdb_read(const struct rpmdb_input *in, const struct rpmdb_visitor *visitor, struct err *e)
{
	const struct rpmdb_backend *backend = find_backend(str_to(in->main, 64));
	struct rpmdb_run run = {.in = in, .visitor = visitor};
	struct err why = ERR_INIT;

	if (!backend) {
		rpmdb_damage(&run, -1, "not an rpm database of a known form (%zu bytes)",
			     in->main.len);
		return 0;
	}
	if (backend->read(&run, &why) == 0)
		return 0;
	if (!about_the_input(&why)) {
		if (e)
			*e = why;
		return -1;
	}
	rpmdb_damage(&run, -1, "%s: %s", backend->name, why.message);
	return 0;
}
