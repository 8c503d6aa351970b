/*
 * rpmdb.sqlite (rpm 4.16 and later): CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT,
 * blob BLOB NOT NULL), the blob being the header. Read through libsqlite3 (binary/sqlite_memory.h),
 * because the database is in WAL mode and a log that was not copied back is part of it.
 *
 * Traps: `Packages` may be a view, a virtual or WITHOUT ROWID table, or hold a generated column
 * named blob: then the bytes are what some expression makes them, and the database is refused. An
 * index may lack rows: it is not used. One damaged page must not hide the others: row numbers are
 * walked from both ends and each blob is read on its own. Rows may share an overflow chain: no more
 * bytes are read than the files hold.
 */
#include "binary/rpmdb.h"

#include "base/cur.h"
#include "binary/sqlite_memory.h"
#include "binary/sqlite_wal.h"

enum { SQLITE_MEMORY_MAX = 64 << 20, HEADER_SIZE = 100 };

static const char magic[16] = "SQLite format 3";

struct reading {
	struct rpmdb_run *run;
	struct sqlite_memory memory;
	sqlite3 *db;
	sqlite3_blob *blob; /* open on some row, or NULL */
	struct buf body;
	uint64_t bytes_left; /* that all blobs together may still have */
	bool any;	     /* a row was seen going up: */
	int64_t highest;     /* the last one */
};

static bool probe(struct str head)
{
	return str_starts(head, str_make(magic, sizeof(magic)));
}

/* --- schema ----------------------------------------------------------------------------------- */

/* The one row of a query of integers; SQLITE_ROW, or what went wrong. */
static int query_numbers(sqlite3 *db, const char *sql, int *ret, int count)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(statement);
	for (int i = 0; code == SQLITE_ROW && i < count; i++)
		ret[i] = sqlite3_column_int(statement, i);
	sqlite3_finalize(statement);
	return code;
}

static int check_schema(struct reading *r, struct err *e)
{
	int tables[2], columns[3], code;

	code = query_numbers(
		r->db,
		"SELECT count(*), sum(type = 'table' AND rootpage > 1)"
		" FROM sqlite_schema"
		" WHERE name = 'Packages' COLLATE NOCASE AND type IN ('table', 'view')",
		tables, 2);
	if (code != SQLITE_ROW)
		return sqlite_err(&r->memory, r->db, code, e, "its schema");
	if (tables[0] == 0)
		return err_set(e, ERR_FORMAT, "there is no table Packages");
	if (tables[0] != 1 || tables[1] != 1)
		return err_set(e, ERR_FORMAT, "Packages is not a plain table");
	code = query_numbers(r->db,
			     "SELECT sum(name = 'hnum' COLLATE NOCASE AND pk = 1),"
			     " sum(name = 'blob' COLLATE NOCASE AND hidden = 0),"
			     " sum(name COLLATE NOCASE IN ('rowid', '_rowid_', 'oid'))"
			     " FROM pragma_table_xinfo('Packages')",
			     columns, 3);
	if (code != SQLITE_ROW)
		return sqlite_err(&r->memory, r->db, code, e, "its schema");
	if (columns[0] != 1 || columns[1] != 1 || columns[2] != 0)
		return err_set(e, ERR_FORMAT, "the columns of Packages are not those of rpm");
	return 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Opens the blob of a row; an error closes it, as SQLite's handle is spent then. */
static int open_blob(struct reading *r, int64_t row)
{
	int code;

	if (r->blob) {
		code = sqlite3_blob_reopen(r->blob, row);
		if (code == SQLITE_OK)
			return code;
		sqlite3_blob_close(r->blob);
		r->blob = NULL;
	}
	code = sqlite3_blob_open(r->db, "main", "Packages", "blob", row, 0, &r->blob);
	if (code != SQLITE_OK) {
		sqlite3_blob_close(r->blob);
		r->blob = NULL;
	}
	return code;
}

/* The bytes into r->body. SQLite's code; SQLITE_TOOBIG for our own limits. */
static int load_blob(struct reading *r, int64_t row)
{
	int code = open_blob(r, row), size;

	buf_clear(&r->body);
	if (code != SQLITE_OK)
		return code;
	size = sqlite3_blob_bytes(r->blob);
	if (size > RPM_HEADER_MAX || (uint64_t)size > r->bytes_left)
		return SQLITE_TOOBIG;
	r->bytes_left -= (uint64_t)size;
	if (!buf_reserve(&r->body, size ? (size_t)size : 1))
		return SQLITE_NOMEM;
	buf_used(&r->body, (size_t)size);
	return size ? sqlite3_blob_read(r->blob, r->body.data, size, 0) : SQLITE_OK;
}

/* <0: the reading cannot go on (memory, steps); damage is told. */
static int read_row(struct reading *r, int64_t row, struct err *e)
{
	int code = load_blob(r, row);

	if (code == SQLITE_OK)
		return rpmdb_deliver(r->run, buf_str(&r->body), (uint64_t)row, -1, e);
	if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT)
		return sqlite_err(&r->memory, r->db, code, e, "its rows");
	rpmdb_damage(r->run, -1, "sqlite: record %lld: %s", (long long)row,
		     code == SQLITE_TOOBIG ? "larger than the file or the limit"
					   : sqlite3_errmsg(r->db));
	return 0;
}

/* Row numbers only ever grow in a sound table; a loop of pages shows here. */
static int walk_up(struct reading *r, sqlite3_stmt *rows, struct err *e)
{
	int code;

	while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
		int64_t row = sqlite3_column_int64(rows, 0);

		if (r->any && row <= r->highest) {
			rpmdb_damage(r->run, -1, "sqlite: record %lld stands behind record %lld",
				     (long long)row, (long long)r->highest);
			return 0;
		}
		r->any = true;
		r->highest = row;
		if (read_row(r, row, e) < 0)
			return -1;
	}
	return code;
}

static int walk_down(struct reading *r, sqlite3_stmt *rows, struct err *e)
{
	int64_t lowest = 0;
	bool any = false;
	int code;

	while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
		int64_t row = sqlite3_column_int64(rows, 0);

		if ((r->any && row <= r->highest) || (any && row >= lowest))
			return 0;
		any = true;
		lowest = row;
		if (read_row(r, row, e) < 0)
			return -1;
	}
	return code;
}

static int walk(struct reading *r, const char *sql,
		int (*step)(struct reading *r, sqlite3_stmt *rows, struct err *e), int *ret_code,
		struct err *e)
{
	sqlite3_stmt *rows;
	int result;

	*ret_code = sqlite3_prepare_v2(r->db, sql, -1, &rows, NULL);
	if (*ret_code != SQLITE_OK)
		return sqlite_err(&r->memory, r->db, *ret_code, e, "its rows");
	result = step(r, rows, e);
	if (result > 0)
		*ret_code = result;
	sqlite3_finalize(rows);
	return result < 0 ? -1 : 0;
}

static int read_rows(struct reading *r, struct err *e)
{
	int code;

	if (walk(r, "SELECT _rowid_ FROM main.Packages NOT INDEXED ORDER BY _rowid_", walk_up,
		 &code, e) < 0)
		return -1;
	if (code == SQLITE_DONE || code == SQLITE_OK)
		return 0;
	if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT)
		return sqlite_err(&r->memory, r->db, code, e, "its rows");
	rpmdb_damage(r->run, -1, "sqlite: behind record %lld: %s", (long long)r->highest,
		     sqlite3_errmsg(r->db));
	return walk(r, "SELECT _rowid_ FROM main.Packages NOT INDEXED ORDER BY _rowid_ DESC",
		    walk_down, &code, e);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Page size and size in bytes as the header says; 0 when it makes no sense. */
static uint32_t read_page_size(struct str file, uint64_t *ret_size)
{
	struct cur c = cur_of(file);
	uint32_t page_size, pages;

	cur_seek(&c, 16);
	page_size = cur_be16(&c);
	if (page_size == 1)
		page_size = 65536;
	cur_seek(&c, 28);
	pages = cur_be32(&c);
	*ret_size = (uint64_t)page_size * pages;
	if (page_size < 512 || (page_size & (page_size - 1)))
		return 0;
	return page_size;
}

static int read_database(struct rpmdb_run *run, struct err *e)
{
	const struct rpmdb_input *in = run->in;
	struct reading r = {
		.run = run,
		.bytes_left = in->main.len + in->wal.len,
		.memory = {.main = in->main,
			   .wal = in->wal,
			   .budget = in->budget,
			   .max = SQLITE_MEMORY_MAX,
			   .steps = 100 + (in->main.len + in->wal.len) / 4096},
	};
	uint32_t page_size = read_page_size(in->main, &r.memory.main_size);
	int result = -1;

	if (in->main.len < HEADER_SIZE)
		return err_set(e, ERR_TRUNCATED, "its header is cut short");
	if (!page_size)
		return err_set(e, ERR_FORMAT, "an impossible page size");
	if (r.memory.main_size > in->main.len)
		rpmdb_damage(run, (int64_t)in->main.len, "sqlite: ends %llu bytes too early",
			     (unsigned long long)(r.memory.main_size - in->main.len));
	if (in->wal.data)
		sqlite_wal_check(in->wal, page_size, in->diags, in->wal_place);
	buf_init(&r.body, in->budget, RPM_HEADER_MAX);
	if (sqlite_open(&r.memory, &r.db, e) == 0) {
		result = check_schema(&r, e);
		if (result == 0)
			result = read_rows(&r, e);
		sqlite3_blob_close(r.blob);
		sqlite_close(&r.memory, r.db);
	}
	buf_done(&r.body);
	return result;
}

const struct rpmdb_backend rpmdb_sqlite = {
	.name = "sqlite",
	.probe = probe,
	.read = read_database,
};
