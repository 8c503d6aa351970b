/*
 * The virtual file system serves the main file and its log by what SQLite asks for, not by name,
 * and refuses everything else: no journal, no temporary file, no shared memory. Locking is
 * exclusive, so SQLite keeps the log's index on the heap. Nothing is ever written: recovery of a
 * log reads only.
 *
 * An allocation belongs to the database that is open in its thread and carries its owner in front,
 * so that it is given back to the same budget whoever frees it.
 */
#include "binary/sqlite_memory.h"

#include "binary/binary.h"

static const char vfs_name[] = "plimsoll-memory";

static _Thread_local struct sqlite_memory *open_here;

/* --- allocator -------------------------------------------------------------------------------- */

struct block {
	struct sqlite_memory *owner; /* NULL: SQLite's own, at start */
	size_t size;
	_Alignas(16) char bytes[];
};

static struct block *block_of(void *p)
{
	return (struct block *)((char *)p - offsetof(struct block, bytes));
}

static bool take(struct sqlite_memory *m, size_t size)
{
	if (!m)
		return true;
	if (size > m->max - m->used) {
		m->over_max = true;
		return false;
	}
	if (budget_charge(m->budget, size) < 0)
		return false;
	m->used += size;
	return true;
}

static void give_back(struct sqlite_memory *m, size_t size)
{
	if (!m)
		return;
	m->used -= size;
	budget_release(m->budget, size);
}

static void *memory_malloc(int n)
{
	size_t size = (size_t)n;
	struct block *b;

	if (n <= 0 || !take(open_here, size))
		return NULL;
	b = mem_alloc(sizeof(*b) + size);
	if (!b) {
		give_back(open_here, size);
		return NULL;
	}
	b->owner = open_here;
	b->size = size;
	return b->bytes;
}

static void memory_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	b = block_of(p);
	give_back(b->owner, b->size);
	mem_free(b);
}

static void *memory_realloc(void *p, int n)
{
	void *new = memory_malloc(n);

	if (!new)
		return NULL;
	if (p) {
		size_t old = block_of(p)->size;

		memcpy(new, p, old < (size_t)n ? old : (size_t)n);
		memory_free(p);
	}
	return new;
}

static int memory_size(void *p)
{
	return p ? (int)block_of(p)->size : 0;
}

static int memory_roundup(int n)
{
	return n > INT32_MAX - 8 ? n : (n + 7) & ~7;
}

static int memory_init(void *unused)
{
	(void)unused;
	return SQLITE_OK;
}

static void memory_shutdown(void *unused)
{
	(void)unused;
}

static const sqlite3_mem_methods allocator = {
	.xMalloc = memory_malloc,
	.xFree = memory_free,
	.xRealloc = memory_realloc,
	.xSize = memory_size,
	.xRoundup = memory_roundup,
	.xInit = memory_init,
	.xShutdown = memory_shutdown,
};

/* --- files ------------------------------------------------------------------------------------ */

struct memory_file {
	sqlite3_file base;
	struct str bytes;
	uint64_t size;
};

static int file_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int n, sqlite3_int64 offset)
{
	struct memory_file *f = (struct memory_file *)base;
	struct str part;

	if (n < 0 || offset < 0)
		return SQLITE_IOERR_READ;
	part = str_to(str_from(f->bytes, (size_t)offset), (size_t)n);
	if (part.len)
		memcpy(out, part.data, part.len);
	memset((char *)out + part.len, 0, (size_t)n - part.len);
	return (uint64_t)offset + (uint64_t)n <= f->size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
	(void)f;
	(void)bytes;
	(void)n;
	(void)offset;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f;
	(void)size;
	return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)((struct memory_file *)base)->size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *f, int level)
{
	(void)f;
	(void)level;
	return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *argument)
{
	(void)f;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static int file_characteristics(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
		    int *ret_flags)
{
	struct memory_file *f = (struct memory_file *)base;
	const struct sqlite_memory *m = open_here;

	(void)vfs;
	(void)name;
	*f = (struct memory_file){0};
	if (!m || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return SQLITE_CANTOPEN;
	f->bytes = flags & SQLITE_OPEN_WAL ? m->wal : m->main;
	f->size = f->bytes.len;
	if (flags & SQLITE_OPEN_MAIN_DB && m->main_size > f->size)
		f->size = m->main_size;
	f->base.pMethods = &file_methods;
	if (ret_flags)
		*ret_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
			     SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_READONLY;
}

/* Asked of journals and logs: only a log exists. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs;
	(void)flags;
	*ret = open_here && open_here->wal.data && str_ends(str_of(name), STR("-wal"));
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
	(void)vfs;
	sqlite3_snprintf(room, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	memset(out, 0, (size_t)n);
	return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 2440587.5; /* 1970 */
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int room, char *out)
{
	(void)vfs;
	if (room > 0)
		*out = '\0';
	return 0;
}

static sqlite3_vfs memory_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct memory_file),
	.mxPathname = 64,
	.zName = vfs_name,
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_path,
	.xRandomness = vfs_randomness,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
	.xGetLastError = vfs_last_error,
};

int binary_init(struct err *e)
{
	static bool done;

	if (done)
		return 0;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &allocator) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK || sqlite3_vfs_register(&memory_vfs, 0) != SQLITE_OK)
		return err_set(e, ERR_INTERNAL, "SQLite could not be started");
	done = true;
	return 0;
}

/* --- connections ------------------------------------------------------------------------------ */

static const struct {
	int what, most;
} limits[] = {
	{SQLITE_LIMIT_LENGTH, 33 << 20},   {SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
	{SQLITE_LIMIT_COLUMN, 64},	   {SQLITE_LIMIT_EXPR_DEPTH, 32},
	{SQLITE_LIMIT_COMPOUND_SELECT, 8}, {SQLITE_LIMIT_VDBE_OP, 10000},
	{SQLITE_LIMIT_FUNCTION_ARG, 16},   {SQLITE_LIMIT_ATTACHED, 0},
	{SQLITE_LIMIT_TRIGGER_DEPTH, 1},   {SQLITE_LIMIT_WORKER_THREADS, 0},
};

static const char setup[] = "PRAGMA locking_mode = EXCLUSIVE;"
			    "PRAGMA temp_store = MEMORY;"
			    "PRAGMA mmap_size = 0;"
			    "PRAGMA query_only = 1;"
			    "PRAGMA cell_size_check = 1;"
			    "PRAGMA automatic_index = 0;";

static int count_steps(void *context)
{
	struct sqlite_memory *m = context;

	if (m->steps == 0)
		return 1;
	m->steps--;
	return 0;
}

static int harden(struct sqlite_memory *m, sqlite3 *db)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i].what, limits[i].most);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_progress_handler(db, 1000, count_steps, m);
	return sqlite3_exec(db, setup, NULL, NULL, NULL);
}

int sqlite_err(const struct sqlite_memory *m, sqlite3 *db, int code, struct err *e,
	       const char *what)
{
	if (code == SQLITE_NOMEM && !m->over_max)
		return ERR_NOMEM(e);
	if (code == SQLITE_NOMEM)
		return err_set(e, ERR_LIMIT, "%s: more than %zu MiB of memory needed", what,
			       m->max >> 20);
	if (code == SQLITE_INTERRUPT)
		return err_set(e, ERR_LIMIT, "%s: more steps needed than its size explains", what);
	return err_set(e, ERR_FORMAT, "%s: %s", what, db ? sqlite3_errmsg(db) : "cannot be opened");
}

int sqlite_open(struct sqlite_memory *m, sqlite3 **ret, struct err *e)
{
	sqlite3 *db = NULL;
	int code;

	open_here = m;
	code = sqlite3_open_v2("db", &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs_name);
	if (code == SQLITE_OK)
		code = harden(m, db);
	if (code == SQLITE_OK) {
		*ret = db;
		return 0;
	}
	sqlite_err(m, db, code, e, "sqlite");
	sqlite_close(m, db);
	return -1;
}

void sqlite_close(struct sqlite_memory *m, sqlite3 *db)
{
	sqlite3_close(db);
	if (open_here == m)
		open_here = NULL;
}
