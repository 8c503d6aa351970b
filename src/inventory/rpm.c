/*
 * The packages of rpm's databases.
 *
 * Where a write-ahead log shows beside a database of SQLite, the two are read together: the
 * inspector saw the database alone, so its bytes are fetched by a second pass over their layer.
 * That is done for the image as it is, not for the images on the way: a package that was in the log
 * alone for some layers counts from the layer that brought the log or the database.
 *
 * All databases that show are read, as there is no telling which of them the rpm of an image would
 * take; packages that two of them name are listed once.
 */
#include "inspect/rpm.h"

#include "binary/rpmdb.h"
#include "inventory/private.h"
#include "inventory/resolution.h"

struct rpm {
	struct resolution *r;
	const struct database_file *files;
	size_t count;
	const struct database_file *listed; /* the last database whose packages were added */
};

static bool shows(const struct rpm *rpm, const struct database_file *f)
{
	return f->last == rpm->r->layers - 1;
}

static const struct fact_packages *packages_of(const struct database_file *f)
{
	return facts_find_packages(f->facts, f->by, f->entry);
}

static bool same_file(const struct database_file *a, const struct database_file *b)
{
	return a->facts == b->facts && a->entry == b->entry;
}

/* Under another path already (a folder that links to another). */
static bool met_before(const struct rpm *rpm, const struct database_file *f)
{
	for (const struct database_file *g = rpm->files; g < f; g++)
		if (shows(rpm, g) && same_file(f, g))
			return true;
	return false;
}

static bool is_manifest(const struct database_file *f, char digit)
{
	return str_ends(f->path, STR("container-manifest-1"))	? digit == '1'
	       : str_ends(f->path, STR("container-manifest-2")) ? digit == '2'
								: false;
}

/* --- a database with its log ---------------------------------------------------------------------
 */

static const struct database_file *find_log(const struct rpm *rpm, const struct database_file *f)
{
	for (size_t i = 0; i < rpm->count; i++) {
		const struct database_file *log = &rpm->files[i];

		if (shows(rpm, log) && log->path.len == f->path.len + 4 &&
		    str_starts(log->path, f->path) && str_ends(log->path, STR("-wal")) &&
		    facts_find_blob(log->facts, log->by, log->entry))
			return log;
	}
	return NULL;
}

struct joined {
	struct resolution *r;
	VEC(struct package) packages;
};

static int visit(void *context, const struct rpm_header *h, const struct rpm_package *from,
		 struct err *e)
{
	struct joined *j = context;
	struct package *slot, p;
	struct str license;

	(void)h;
	if (rpm_is_key(from))
		return 0;
	slot = vec_push(&j->packages);
	if (!slot || rpm_to_package(j->r->arena, from, &license, &p) < 0 ||
	    package_copy(j->r->arena, &p, slot) < 0)
		return ERR_NOMEM(e);
	return 0;
}

/* The bytes of the database; empty when its layer cannot be read again, which is said. */
static int fetch(const struct rpm *rpm, const struct database_file *f, struct str *ret,
		 struct err *e)
{
	const struct inventory_options *options = &rpm->r->inv->options;
	struct inspect_want want = {.entry = f->entry, .by = &inspector_rpm_bytes, .path = f->path};
	struct err why = ERR_INIT;
	const struct fact_blob *blob;

	if (!options->again)
		err_set(&why, ERR_UNSUPPORTED, "the input cannot be read twice");
	else if (inspect_again(f->facts, options->progress, options->again, options->image,
			       f->layer, &want, 1, &why) < 0 &&
		 why.code == ERR_CANCELLED) {
		*e = why;
		return -1;
	}
	blob = facts_find_blob(f->facts, &inspector_rpm_bytes, f->entry);
	*ret = blob ? blob->bytes : STR_NULL;
	if (!blob)
		diag_add(options->diags, DIAG_package_db_unreachable,
			 (struct diag_place){f->layer, f->path, -1},
			 "rpm: not read together with its write-ahead log: %s",
			 why.code ? why.message : "it was not met again");
	return 0;
}

static int add_joined(struct rpm *rpm, const struct database_file *f,
		      const struct database_file *log, struct str main, struct err *e)
{
	struct joined j = {.r = rpm->r};
	struct rpmdb_visitor visitor = {.context = &j, .package = visit};
	struct rpmdb_input input = {
		.main = main,
		.wal = facts_find_blob(log->facts, log->by, log->entry)->bytes,
		.place = {f->layer, f->path, -1},
		.wal_place = {log->layer, log->path, -1},
		.diags = rpm->r->diags,
		.budget = rpm->r->inv->options.budget,
	};
	int first = f->first > log->first ? f->first : log->first;
	int result = rpmdb_read(&input, &visitor, e);

	if (result == 0)
		result = resolution_add_packages(rpm->r, j.packages.items, j.packages.count, f, e);
	if (result == 0)
		result = resolution_see(rpm->r, j.packages.items, j.packages.count, first, e);
	vec_done(&j.packages);
	return result;
}

/* --- all -----------------------------------------------------------------------------------------
 */

static void note_second(struct rpm *rpm, const struct database_file *f)
{
	if (rpm->listed && !is_manifest(f, '2'))
		diag_add(rpm->r->diags, DIAG_entry_odd, (struct diag_place){f->layer, f->path, -1},
			 "rpm: a further database besides %.*s", STR_ARG(rpm->listed->path));
	rpm->listed = f;
}

static int add_file(struct rpm *rpm, const struct database_file *f, struct err *e)
{
	const struct fact_packages *p = packages_of(f);
	const struct database_file *log = p ? find_log(rpm, f) : NULL;
	struct str main = STR_NULL;

	if (!p)
		return 0;
	if (log && fetch(rpm, f, &main, e) < 0)
		return -1;
	if (main.data) {
		note_second(rpm, f);
		return add_joined(rpm, f, log, main, e);
	}
	/* the second pass may have moved the facts */
	p = packages_of(f);
	if (p->count)
		note_second(rpm, f);
	return resolution_add_packages(rpm->r, p->items, p->count, f, e);
}

static int see_all(struct rpm *rpm, struct err *e)
{
	for (size_t i = 0; i < rpm->count; i++) {
		const struct fact_packages *p = packages_of(&rpm->files[i]);

		if (p && resolution_see(rpm->r, p->items, p->count, rpm->files[i].first, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * The first manifest has no epochs, so its versions would not be those that the second or a
 * database gives for the same packages: it is taken only when it stands alone.
 */
static int resolve(struct resolution *r, struct err *e)
{
	struct rpm rpm = {.r = r};

	rpm.files = inventory_databases(r->inv, &inspector_rpm, &rpm.count);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < rpm.count; i++) {
			const struct database_file *f = &rpm.files[i];

			if (!shows(&rpm, f) || met_before(&rpm, f) ||
			    is_manifest(f, '1') != (pass == 1) || (pass == 1 && rpm.listed))
				continue;
			if (add_file(&rpm, f, e) < 0)
				return -1;
		}
	return see_all(&rpm, e);
}

const struct resolver resolver_rpm = {.name = "rpm", .resolve = resolve};
