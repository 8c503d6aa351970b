/*
 * The worker's side: what happens between the first byte of the source and the document.
 */
#include "scan/worker_side.h"

#include <time.h>

#include "advisory/notices.h"
#include "base/log.h"
#include "inspect/inspector.h"
#include "inventory/inventory.h"
#include "match/match.h"

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void note_time(struct document *d, const char *name, double *since)
{
	struct document_time *t = vec_push(&d->times);
	double now = seconds_now();

	if (t)
		*t = (struct document_time){.name = str_of(name), .seconds = now - *since};
	*since = now;
}

/* Gaps that say nothing about which packages there are. */
static const enum diag_code advisory_gaps[] = {
	DIAG_database_missing,	  DIAG_database_unreadable, DIAG_partition_missing,
	DIAG_notices_unavailable, DIAG_unfixed_unknown,	    DIAG_notices_changelog_missing,
};

static size_t package_gaps(const struct diags *diags)
{
	size_t gaps = diags_count(diags, DIAG_GAP);

	for (size_t i = 0; i < sizeof(advisory_gaps) / sizeof(advisory_gaps[0]); i++)
		gaps -= diags->per_code[advisory_gaps[i]];
	return gaps;
}

static int add_scanner(struct document *d, struct err *e)
{
	struct document_scanner *s = vec_push(&d->scanners);

	if (!s)
		return ERR_NOMEM(e);
	*s = (struct document_scanner){.name = STR("packages"),
				       .ran = true,
				       .complete = package_gaps(&d->diagnostics) == 0};
	return 0;
}

static int fill_target(struct document *d, const struct image *image, const struct distro *distro,
		       struct err *e)
{
	struct document_target *t = &d->target;

	t->reference = document_str(d, image->reference);
	t->kind = str_of(image_kind_name(image->kind));
	t->digest = document_str(d, str_of(image->digest));
	t->image_id = document_str(d, str_of(image->image_id));
	if (image->os.len && image->architecture.len)
		t->platform = arena_printf(&d->arena, "%.*s/%.*s%s%.*s", STR_ARG(image->os),
					   STR_ARG(image->architecture),
					   image->variant.len ? "/" : "", STR_ARG(image->variant));
	t->distro = (struct distro){
		.id = document_str(d, distro->id),
		.version_id = document_str(d, distro->version_id),
		.codename = document_str(d, distro->codename),
		.name = document_str(d, distro->name),
		.id_like = document_str(d, distro->id_like),
		.end_of_life = document_str(d, distro->end_of_life),
		.path = document_str(d, distro->path),
	};
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct image_layer *l = &image->layers[i];
		struct document_layer *out = vec_push(&t->layers);

		if (!out)
			return ERR_NOMEM(e);
		*out = (struct document_layer){
			.index = l->index,
			.digest = document_str(d, str_of(l->digest)),
			.diff_id = document_str(d, str_of(l->diff_id)),
			.size = l->size,
			.created_by = document_str(d, l->created_by),
			.verified = l->verified ? VERIFIED_NOW : VERIFIED_NO,
			.origin = STR("unknown"),
		};
	}
	return 0;
}

static struct str *copy_strings(struct document *d, const struct str *from, size_t count)
{
	struct str *to = arena_alloc_array(&d->arena, count, sizeof(*to));

	for (size_t i = 0; to && i < count; i++)
		to[i] = document_str(d, from[i]);
	return to;
}

static int fill_packages(struct document *d, const struct inventory *inv, struct err *e)
{
	size_t count;
	const struct package *from = inventory_packages(inv, &count);

	for (size_t i = 0; i < count; i++) {
		struct package *p = vec_push(&d->packages);

		if (!p)
			return ERR_NOMEM(e);
		*p = from[i];
		p->name = document_str(d, from[i].name);
		p->version = document_str(d, from[i].version);
		p->arch = document_str(d, from[i].arch);
		p->source_name = document_str(d, from[i].source_name);
		p->source_version = document_str(d, from[i].source_version);
		p->source_rpm = document_str(d, from[i].source_rpm);
		p->module = document_str(d, from[i].module);
		p->vendor = document_str(d, from[i].vendor);
		p->location.path = document_str(d, from[i].location.path);
		p->location.evidence = document_str(d, from[i].location.evidence);
		p->licenses = copy_strings(d, from[i].licenses, from[i].license_count);
		if (!p->name.data || !p->version.data || !p->location.path.data ||
		    (from[i].license_count && !p->licenses))
			return ERR_NOMEM(e);
	}
	return 0;
}

/* --- the source, open and squashed
 * ----------------------------------------------------------------- */

struct image_request worker_image_request(const struct worker_side *w, struct diags *diags,
					  struct arena *arena)
{
	struct image_request request = w->image;

	request.limits = &w->request->limits.image;
	request.link = w->link;
	request.budget = w->budget;
	request.diags = diags;
	request.progress = w->progress;
	request.threads = w->threads;
	request.arena = arena;
	return request;
}

int worker_open_image(const struct worker_side *w, struct diags *diags, bool hash_files,
		      struct worker_image *ret, struct err *e)
{
	const struct scan_request *r = w->request;
	struct worker_image out = {0};
	struct inspect_options inspect = {
		.hash_files = hash_files,
		.details = hash_files,
		.budget = w->budget,
		.progress = w->progress,
		.limits = &r->limits.image,
	};
	struct image_request request;
	struct layer_visitor visitor;

	arena_init(&out.arena, w->budget, 0);
	out.run = inspect_run_new(&inspect, e);
	if (!out.run)
		return -1;
	ret->arena = out.arena;
	request = worker_image_request(w, diags, &ret->arena);
	visitor = inspect_visitor(out.run);
	if (image_walk(&request, &visitor, &out.image, e) < 0) {
		inspect_run_free(out.run);
		arena_done(&ret->arena);
		return -1;
	}
	ret->run = out.run;
	ret->image = out.image;
	ret->inventory = NULL;
	if (inventory_build(&(struct inventory_options){.image = out.image,
							.run = out.run,
							.again = image_walk_again,
							.keep_files = hash_files,
							.budget = w->budget,
							.diags = diags,
							.progress = w->progress},
			    &ret->inventory, e) < 0) {
		worker_close_image(ret);
		return -1;
	}
	return 0;
}

void worker_close_image(struct worker_image *i)
{
	inventory_free(i->inventory);
	image_close(i->image);
	inspect_run_free(i->run);
	arena_done(&i->arena);
}

/* --- the database through the broker
 * ----------------------------------------------------------------- */

struct match_source worker_match_source(struct worker_side *w)
{
	return (struct match_source){.context = &w->database, .open = database_link_partition};
}

/* The notices of the package archive for this image; NULL when they were not asked for or not to be
 * had. */
static int read_notices(struct worker_side *w, struct document *d, struct arena *arena,
			struct partition **ret, struct str *ret_date, struct err *e)
{
	struct notices_request request = {
		.link = w->link,
		.distro = &d->target.distro,
		.packages = d->packages.items,
		.package_count = d->packages.count,
		.now = w->request->now,
		.budget = w->budget,
		.diags = &d->diagnostics,
		.arena = arena,
	};

	*ret = NULL;
	if (!w->request->mirror || d->packages.count == 0)
		return 0;
	return notices_read(&request, ret, ret_date, e) < 0 ? -1 : 0;
}

/* Records in memory have no feed of their own: the archive's index is it. */
static int date_notices(struct document *d, struct str day, struct err *e)
{
	for (size_t i = 0; i < d->partitions.count; i++) {
		struct document_partition *p = &d->partitions.items[i];
		struct document_feed *feed;

		if (!str_starts(p->name, STR("notices/")) || p->feeds.count)
			continue;
		feed = vec_push(&p->feeds);
		if (!feed)
			return ERR_NOMEM(e);
		feed->name = STR("notices");
		feed->date = document_str(d, day);
	}
	return 0;
}

/* --- scan
 * --------------------------------------------------------------------------------------------- */

static int inventory_into(struct worker_side *w, struct document *d, double *since, struct err *e)
{
	struct worker_image i;
	int r;

	if (worker_open_image(w, &d->diagnostics, false, &i, e) < 0)
		return -1;
	note_time(d, "inventory", since);
	r = fill_target(d, i.image, inventory_distro(i.inventory), e);
	if (r == 0)
		r = fill_packages(d, i.inventory, e);
	if (r == 0)
		r = add_scanner(d, e);
	w->second_pass_bytes = i.image->second_pass_bytes;
	log_line(1, "second pass: %llu bytes", (unsigned long long)w->second_pass_bytes);
	worker_close_image(&i);
	return r;
}

/* A kernel that lacks a part of the cage: what was read could do more than it should. */
static void tell_confinement(struct document *d, enum confinement confinement)
{
	if (confinement == CONFINEMENT_FULL)
		return;
	diag_add(&d->diagnostics, DIAG_confinement_partial, DIAG_NOWHERE, "%s",
		 confinement == CONFINEMENT_PARTIAL
			 ? "this kernel gives only one of Landlock and seccomp: the image was read "
			   "in half a cage"
			 : "this kernel gives neither Landlock nor seccomp: the image was read "
			   "without a cage");
}

/* Half of the findings may be half made: none is told, the packages are. */
static void drop_findings(struct document *d)
{
	for (size_t i = 0; i < d->findings.count; i++)
		vec_done(&d->findings.items[i].cvss);
	d->findings.count = 0;
	for (size_t i = 0; i < d->scanners.count; i++)
		if (str_is(d->scanners.items[i].name, "vulnerabilities"))
			d->scanners.items[i].complete = false;
	diag_add(&d->diagnostics, DIAG_memory_limit, DIAG_NOWHERE,
		 "match: not enough memory, no vulnerabilities are told");
}

static int match_packages(struct worker_side *w, struct document *d, struct err *e)
{
	const struct scan_request *r = w->request;
	struct match_source source = worker_match_source(w);
	struct partition *notices = NULL;
	struct str day = STR_NULL;
	struct arena arena;
	int result;

	arena_init(&arena, w->budget, 0);
	result = read_notices(w, d, &arena, &notices, &day, e);
	if (result == 0)
		result = match_run(d,
				   &(struct match_options){
					   .source = w->has_database ? &source : NULL,
					   .notices = notices,
					   .require_unfixed = r->require_unfixed,
					   .budget = w->budget,
					   .progress = w->progress,
				   },
				   e);
	if (result == 0 && notices)
		result = date_notices(d, day, e);
	partition_close(notices);
	arena_done(&arena);
	database_link_done(&w->database);
	return result;
}

int worker_scan(struct worker_side *w, struct document *d, struct err *e)
{
	const struct scan_request *r = w->request;
	double since = seconds_now();
	struct err why = ERR_INIT;
	int result;

	d->now = r->now;
	d->version = str_of(r->version);
	d->confinement = w->confinement;
	tell_confinement(d, w->confinement);
	if (!r->verify)
		diag_add(&d->diagnostics, DIAG_unverified, DIAG_NOWHERE,
			 "digests were not verified, as asked");
	if (inventory_into(w, d, &since, e) < 0)
		return -1;
	if (match_packages(w, d, &why) < 0) {
		if (why.code != ERR_MEMORY) {
			*e = why;
			return -1;
		}
		drop_findings(d);
	}
	document_sort(d);
	result = policy_judge(r->policy, d, e);
	/* the judge may have said diagnostics of its own */
	document_sort(d);
	note_time(d, "match", &since);
	return result;
}
