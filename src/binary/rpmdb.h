/*
 * rpm's package database, whole in memory: three back ends, told apart by their first bytes and not
 * by their names.
 *
 * To add a back end: src/binary/rpmdb_NAME.c ending in `const struct rpmdb_backend rpmdb_NAME`, its
 * line in src/binary/rpmdb.def (sorted), a fuzz target fuzz/fuzz_rpmdb_NAME.c with seeds.
 */
#ifndef PLIMSOLL_BINARY_RPMDB_H
#define PLIMSOLL_BINARY_RPMDB_H

#include "base/buf.h"
#include "base/diag.h"
#include "binary/rpmheader.h"

struct rpmdb_input {
	struct str main;
	struct str wal;		     /* sqlite's write-ahead log; data NULL: there is none */
	struct diag_place place;     /* of main, for diagnostics; its offset is filled in */
	struct diag_place wal_place; /* of wal */
	struct diags *diags;
	struct budget *budget;
};

struct rpmdb_visitor {
	void *context;
	/* A package; borrowed until it returns. <0 ends the reading with that error. */
	int (*package)(void *context, const struct rpm_header *header, const struct rpm_package *p,
		       struct err *e);
};

/*
 * Visits every package of the database. What is damaged is a package_db_malformed with its offset,
 * and reading goes on where it can; so is a database that cannot be read at all. <0 only without
 * memory (ERR_MEMORY) or when the visitor says so.
 *
 * The database is read as rpm would read it, with the runtime's view deciding, and what rpm would
 * miss for damage (an unreachable page that holds packages) is read too and reported.
 *
 * binary_init() must have been called. Time is linear in the input.
 */
int rpmdb_read(const struct rpmdb_input *in, const struct rpmdb_visitor *visitor, struct err *e);

/* Name of the back end that knows these first bytes (64 are enough): "bdb", "ndb", "sqlite"; or
 * NULL. */
const char *rpmdb_probe(struct str head);

/* --- for the back ends ------------------------------------------------------------------------ */

struct rpmdb_run {
	const struct rpmdb_input *in;
	const struct rpmdb_visitor *visitor;
	size_t packages;
	size_t damaged;
};

struct rpmdb_backend {
	const char *name;		/* MUST */
	bool (*probe)(struct str head); /* MUST */
	/* MUST: as rpmdb_read. ERR_FORMAT, ERR_TRUNCATED and ERR_UNSUPPORTED become the diagnostic.
	 */
	int (*read)(struct rpmdb_run *run, struct err *e);
};

/*
 * Hands a header blob on: parses it and calls the visitor, or reports it as damaged. `number` is
 * the record's, `offset` its place in main or -1.
 */
int rpmdb_deliver(struct rpmdb_run *run, struct str blob, uint64_t number, int64_t offset,
		  struct err *e);
/* A package_db_malformed at an offset of main (-1: none). */
void rpmdb_damage(struct rpmdb_run *run, int64_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
