/*
 * rpm's databases (binary/rpmdb.h): in var/lib/rpm, in usr/lib/sysimage/rpm where the former is a
 * link to it, in usr/share/rpm of image-based systems; and what distroless images keep in their
 * place (binary/rpmmanifest.h).
 *
 * A database that SQLite keeps may have a write-ahead log beside it, which is part of it and may
 * come from another layer: the log is kept as a blob, and the resolver joins the two. A journal
 * that is not empty belongs to a transaction that was interrupted: rpm would undo it, so what the
 * database says is not what rpm would say.
 */
#include "inspect/rpm.h"

#include "binary/rpmdb.h"
#include "binary/rpmmanifest.h"

/* Of a few thousand packages; the scan's budget may end it earlier. */
enum { DATABASE_MAX = 512 << 20 };

struct reading {
	struct inspection *in;
	struct facts *out;
	struct package_list list;
};

/* --- packages ------------------------------------------------------------------------------------
 */

bool rpm_is_key(const struct rpm_package *p)
{
	return str_is(p->name, "gpg-pubkey") && p->arch.len == 0 && p->source_rpm.len == 0;
}

/* "NAME-VERSION-RELEASE.src.rpm"; false for other names. */
static bool split_source(struct str file, struct str *ret_name, struct str *ret_version)
{
	ptrdiff_t dash;

	if (str_ends(file, STR(".src.rpm")))
		file = str_to(file, file.len - 8);
	else if (str_ends(file, STR(".nosrc.rpm")))
		file = str_to(file, file.len - 10);
	else
		return false;
	dash = str_find_last_char(file, '-');
	if (dash <= 0)
		return false;
	dash = str_find_last_char(str_to(file, (size_t)dash), '-');
	if (dash <= 0)
		return false;
	*ret_name = str_to(file, (size_t)dash);
	*ret_version = str_from(file, (size_t)dash + 1);
	return true;
}

static struct str with_epoch(struct arena *a, const struct rpm_package *p, struct str version)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (p->has_epoch && p->epoch)
		buf_printf(&text, "%u:", p->epoch);
	buf_add(&text, version);
	return buf_failed(&text) ? STR_NULL : arena_str(a, buf_str(&text));
}

static struct str join_version(struct arena *a, const struct rpm_package *p)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_add(&text, p->version);
	if (p->release.len) {
		buf_add_char(&text, '-');
		buf_add(&text, p->release);
	}
	return buf_failed(&text) ? STR_NULL : with_epoch(a, p, buf_str(&text));
}

int rpm_to_package(struct arena *a, const struct rpm_package *from, struct str *license,
		   struct package *ret)
{
	struct str source, version;
	struct package p = {
		.type = PACKAGE_RPM,
		.name = from->name,
		.version = join_version(a, from),
		.arch = from->arch,
		.source_rpm = from->source_rpm,
		.module = from->module,
		.vendor = from->vendor,
		.licenses = license,
		.license_count = from->license.len ? 1 : 0,
		.layer = -1,
		.origin = ORIGIN_PACKAGE_MANAGER,
	};

	p.source_name = p.name;
	p.source_version = p.version;
	/* the source's epoch stands nowhere; all packages of a source share it but for rare ones */
	if (split_source(from->source_rpm, &source, &version)) {
		p.source_name = source;
		p.source_version = with_epoch(a, from, version);
	}
	if (!p.version.data || !p.source_version.data)
		return -1;
	*license = from->license;
	*ret = p;
	return 0;
}

static int add_package(struct reading *r, const struct rpm_package *from, uint32_t line,
		       struct err *e)
{
	struct str license;
	struct package p;

	if (rpm_is_key(from))
		return 0;
	if (rpm_to_package(r->in->scratch, from, &license, &p) < 0)
		return ERR_NOMEM(e);
	p.location.line = line;
	return package_list_add(&r->list, r->out, &p) < 0 ? ERR_NOMEM(e) : 0;
}

static int visit_header(void *context, const struct rpm_header *h, const struct rpm_package *p,
			struct err *e)
{
	(void)h;
	return add_package(context, p, 0, e);
}

static int visit_line(void *context, const struct rpm_package *p, uint32_t line, struct err *e)
{
	return add_package(context, p, line, e);
}

/* --- files ---------------------------------------------------------------------------------------
 */

/* Diagnostics become notes: they are said only when the file still shows in the image. */
static bool take_diags(struct inspection *in, struct diags *diags)
{
	bool gap = diags_count(diags, DIAG_GAP) > 0;

	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *d = &diags->list.items[i];

		inspection_note(in, d->code, d->offset, "%.*s", STR_ARG(d->message));
	}
	if (diags->dropped)
		inspection_note(in, DIAG_package_db_malformed, -1, "and %zu further places",
				diags->dropped);
	diags_done(diags);
	return gap;
}

static int read_file(struct reading *r, struct diags *diags, struct err *e)
{
	struct str bytes = r->in->bytes;
	struct rpm_manifest_visitor lines = {.context = r, .package = visit_line};
	struct rpmdb_visitor headers = {.context = r, .package = visit_header};
	struct rpmdb_input input = {
		.main = bytes,
		.place = DIAG_NOWHERE,
		.wal_place = DIAG_NOWHERE,
		.diags = diags,
		.budget = r->out->budget,
	};

	if (str_find(r->in->path, STR("rpmmanifest/")) >= 0)
		return rpm_manifest_read(bytes, &lines, diags, DIAG_NOWHERE, e);
	return rpmdb_read(&input, &headers, e);
}

static int inspect_database(struct inspection *in, struct facts *out, struct err *e)
{
	struct reading r = {.in = in, .out = out, .list.arena = in->scratch};
	struct diags diags;
	int result;
	bool gap;

	diags_init(&diags, out->budget);
	result = read_file(&r, &diags, e);
	gap = take_diags(in, &diags);
	if (package_list_end(&r.list, in, out, gap || result < 0) < 0)
		return ERR_NOMEM(e);
	return result;
}

static bool all_zero(struct str s)
{
	return s.len == 0 || (s.data[0] == 0 && memcmp(s.data, s.data + 1, s.len - 1) == 0);
}

static int keep(struct inspection *in, struct facts *out, struct err *e)
{
	return facts_add_blob(out, in->by, in->entry, in->bytes) < 0 ? ERR_NOMEM(e) : 0;
}

static int inspect(struct inspection *in, struct facts *out, struct err *e)
{
	if (str_ends(in->path, STR("-wal")))
		return all_zero(in->bytes) ? 0 : keep(in, out, e);
	if (!str_ends(in->path, STR("-journal")))
		return inspect_database(in, out, e);
	/* SQLite clears the first bytes of a journal that is done with */
	if (!all_zero(str_to(in->bytes, 8)))
		inspection_note(in, DIAG_package_db_malformed, 0,
				"the journal of a transaction that was interrupted");
	return 0;
}

#define FOLDER(name) \
	name "/Packages", name "/Packages.db", name "/rpmdb.sqlite", name "/rpmdb.sqlite-wal", \
		name "/rpmdb.sqlite-journal"

static const char *const globs[] = {
	FOLDER("var/lib/rpm"),
	FOLDER("usr/lib/sysimage/rpm"),
	FOLDER("usr/share/rpm"),
	"var/lib/rpmmanifest/container-manifest-1",
	"var/lib/rpmmanifest/container-manifest-2",
	NULL,
};

const struct inspector inspector_rpm_bytes = {
	.name = "rpm",
	.version = 1,
	.globs = globs,
	.need = NEED_WHOLE,
	.max = DATABASE_MAX,
	.database = true,
	.inspect = keep,
};

const struct inspector inspector_rpm = {
	.name = "rpm",
	.version = 1,
	.globs = globs,
	.need = NEED_WHOLE,
	.max = DATABASE_MAX,
	.database = true,
	.inspect = inspect,
};
