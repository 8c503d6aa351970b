/*
 * The JSON of Debian's security tracker: {source: {id: {description, scope, releases: {codename:
 * {status, fixed_version, urgency, nodsa, nodsa_reason}}}}}. A record is one id of one source
 * package.
 *
 * Traps: the document has no date; "fixed_version": "0" says that the release never had it;
 * urgencies end in "**" where they were guessed; ids may be TEMP-...; a description is that of the
 * id, not of the package; one document has 70 MB, so it is read by events, one id at a time.
 */
#include "advisory/ecosystem.h"
#include "advisory/feed.h"
#include "text/json.h"
#include "text/tree.h"

enum { ID_TREE_MAX = 64 << 20 };

struct release_status {
	struct str status, fixed, urgency, reason;
};

static struct str member(const struct tree_node *n, const char *key)
{
	struct str s = tree_str(tree_find_key(n, str_of(key)));

	return s.data ? s : STR("");
}

static enum severity urgency_of(struct str urgency)
{
	if (str_ends(urgency, STR("**")))
		urgency = str_to(urgency, urgency.len - 2);
	return severity_from_feed(urgency);
}

/* REPORT: ignored is will_not_fix, postponed is deferred; without a reason the fix is only not
 * there yet. */
static enum fix_state fix_of(const struct release_status *s)
{
	if (str_starts(s->urgency, STR("end-of-life")))
		return FIX_END_OF_LIFE;
	if (str_is(s->reason, "ignored"))
		return FIX_WILL_NOT_FIX;
	if (str_is(s->reason, "postponed"))
		return FIX_DEFERRED;
	return FIX_NONE;
}

/* What the status says, into an advisory; false when it is none that is known. */
static bool apply_status(const struct release_status *s, struct advisory *a,
			 struct version_span *span)
{
	if (str_is(s->status, "resolved")) {
		if (!s->fixed.len)
			return false;
		span->fixed = s->fixed;
		a->fix = FIX_AVAILABLE;
		a->state = str_is(s->fixed, "0") ? STATE_NOT_AFFECTED : STATE_AFFECTED;
		return true;
	}
	a->fix = fix_of(s);
	if (str_is(s->status, "open"))
		a->state = STATE_AFFECTED;
	else if (str_is(s->status, "undetermined"))
		a->state = STATE_UNDER_INVESTIGATION;
	else
		return false;
	return true;
}

static int read_release(struct feed_run *run, struct str package, struct str id,
			const struct tree_node *n, struct err *e)
{
	struct release_status status = {member(n, "status"), member(n, "fixed_version"),
					member(n, "urgency"), member(n, "nodsa_reason")};
	struct str release = debian_release_of(n->key), cve = id, partition;
	struct version_span span = {.introduced = STR("0")};
	struct advisory a = {.id = id,
			     .package = package,
			     .names = NAMES_SOURCE,
			     .spans = &span,
			     .span_count = 1,
			     .feed = STR("debian-tracker")};

	if (!release.len) {
		feed_left_out(run, "%.*s of %.*s: the release '%.*s' is not known", STR_ARG(id),
			      STR_ARG(package), STR_ARG(n->key));
		return 0;
	}
	if (!apply_status(&status, &a, &span)) {
		feed_left_out(run, "%.*s of %.*s: the status '%.*s' of %.*s is not known",
			      STR_ARG(id), STR_ARG(package), STR_ARG(status.status),
			      STR_ARG(n->key));
		return 0;
	}
	if (is_cve_id(id)) {
		a.cves = &cve;
		a.cve_count = 1;
	}
	a.severity = urgency_of(status.urgency);
	if (a.severity != SEVERITY_UNKNOWN)
		a.severity_source = STR("debian");
	partition = arena_printf(run->arena, "debian-%.*s", STR_ARG(release));
	if (!partition.data)
		return ERR_NOMEM(e);
	return feed_give_advisory(run, partition, RANK_TRACKER, STR(""), &a, e);
}

static int read_id(struct feed_run *run, struct str package, struct str id,
		   const struct tree_node *root, struct err *e)
{
	const struct tree_node *releases = tree_find_key(root, STR("releases"));
	struct cve_facts facts = {.title = member(root, "description")};

	feed_record(run);
	if (!releases || releases->type != TREE_OBJECT) {
		feed_left_out(run, "%.*s of %.*s: no releases", STR_ARG(id), STR_ARG(package));
		return 0;
	}
	for (const struct tree_node *n = tree_first(releases); n; n = n->next)
		if (read_release(run, package, id, n, e) < 0)
			return -1;
	return feed_give_cve(run, id, 40, &facts, e);
}

/* The value of one id as a tree that is gone afterwards. */
static int read_value(struct feed_run *run, struct json *j, struct str package, struct str key,
		      struct err *e)
{
	struct arena arena, *kept = run->arena;
	struct tree tree;
	struct str id;
	int r = -1;

	arena_init(&arena, kept->budget, ID_TREE_MAX);
	id = arena_str(&arena, key);
	run->arena = &arena;
	if (!id.data)
		ERR_NOMEM(e);
	else if (tree_read_json(j, &arena, &tree, e) == 0)
		r = read_id(run, package, id, tree.root, e);
	run->arena = kept;
	arena_done(&arena);
	return r;
}

static int read_package(struct feed_run *run, struct json *j, struct str key, struct err *e)
{
	CLEANUP(buf_done) struct buf package = BUF_INIT;
	struct str id;
	int r;

	buf_add(&package, key);
	if (buf_failed(&package))
		return ERR_NOMEM(e);
	if (json_expect(j, JSON_OBJECT, e) < 0)
		return -1;
	while ((r = json_next_key(j, &id, e)) > 0)
		if (read_value(run, j, buf_str(&package), id, e) < 0)
			return -1;
	return r;
}

static int read_all(struct feed_run *run, struct json *j, struct err *e)
{
	struct str package;
	int r;

	if (json_expect(j, JSON_OBJECT, e) < 0)
		return -1;
	while ((r = json_next_key(j, &package, e)) > 0)
		if (read_package(run, j, package, e) < 0)
			return -1;
	return r < 0 ? -1 : json_expect(j, JSON_END, e);
}

static int read_debian_tracker(struct feed_run *run, struct stream *in, struct err *e)
{
	struct json j;
	int r;

	json_init_pull(&j, stream_pull, in, &(struct json_options){.replace_invalid = true});
	r = read_all(run, &j, e);
	json_done(&j);
	return r;
}

static bool wants_debian_tracker(struct str path)
{
	return str_ends(path, STR(".json"));
}

const struct feed feed_debian_tracker = {
	.name = "debian-tracker",
	.what = "the JSON of Debian's security tracker",
	.wants = wants_debian_tracker,
	.read = read_debian_tracker,
};
