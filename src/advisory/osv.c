/*
 * OSV (https://ossf.github.io/osv-schema/): one record a file, in JSON or YAML, or a list of
 * records; all ecosystems that a collection carries, each into its own partition.
 *
 * Traps: ids repeat across the files of one distribution's releases (AlmaLinux); notices of rpm
 * distributions name vulnerabilities in `related` and the severity in the first word of `summary`;
 * those of Debian, Ubuntu and Alpine name them in `upstream`, older ones only within their own id;
 * events of a range may open several spans; git ranges compare with nothing; an enumeration of
 * versions is often the range once more.
 */
#include "advisory/ecosystem.h"
#include "advisory/feed.h"
#include "advisory/osv_ranges.h"
#include "text/yaml.h"

/* A record of more is no record; its tree takes up to fifty times as much. */
enum { TEXT_MAX = 32 << 20, TREE_MAX = 512 << 20, LIST_MAX = 65536 };

struct record {
	struct feed_run *run;
	const struct tree_node *root;
	struct str id, day, summary;
	struct strings cves, aliases;
	struct strings related; /* CVE ids there */
	const char *source;	/* of scores: "github", "pypa", ... */
	bool by_cve;		/* one record a vulnerability, not a notice */
	bool useful;		/* an affected package was understood */
	bool sources_only;	/* all that was seen are commits of a source tree */
};

/* --- ids --- */

/* "UBUNTU-CVE-2021-1234" names CVE-2021-1234; empty when there is none in it. */
static struct str cve_within(struct str id)
{
	ptrdiff_t at;

	if (is_cve_id(id))
		return id;
	at = str_find(id, STR("-CVE-"));
	id = at < 0 ? STR("") : str_from(id, (size_t)at + 1);
	return is_cve_id(id) ? id : STR("");
}

/* CVE ids of a list into `cves`, others into `others` (which may be NULL). */
static bool gather(struct record *r, const char *key, struct strings *cves, struct strings *others)
{
	const struct tree_node *list = tree_find_key(r->root, str_of(key));

	if (list && list->count > LIST_MAX)
		return true;
	for (const struct tree_node *n = tree_first(list); n; n = n->next) {
		struct str id = tree_str(n), cve = cve_within(id);

		if (cve.len && !strings_add(r->run->arena, cves, cve))
			return false;
		if (others && id.len && !is_cve_id(id) && !str_eq(id, r->id) &&
		    !strings_add(r->run->arena, others, id))
			return false;
	}
	return true;
}

static bool gather_ids(struct record *r)
{
	struct str own = cve_within(r->id);

	r->by_cve = own.len > 0;
	if (own.len && !strings_add(r->run->arena, &r->cves, own))
		return false;
	if (!gather(r, "aliases", &r->cves, &r->aliases) ||
	    !gather(r, "upstream", &r->cves, NULL) || !gather(r, "related", &r->related, NULL))
		return false;
	strings_sort(&r->cves);
	strings_sort(&r->aliases);
	strings_sort(&r->related);
	return true;
}

/* Who publishes records of such ids. */
static const char *source_of(struct str id)
{
	static const struct {
		const char *prefix, *source;
	} sources[] = {
		{"GHSA-", "github"}, {"PYSEC-", "pypa"},    {"RUSTSEC-", "rustsec"},
		{"GO-", "go"},	     {"BIT-", "bitnami"},   {"UBUNTU-", "ubuntu"},
		{"USN-", "ubuntu"},  {"DEBIAN-", "debian"}, {"ALPINE-", "alpine"},
		{"RLSA-", "rocky"},  {"RXSA-", "rocky"},    {"RHSA-", "redhat"},
		{"SUSE-", "suse"},   {"openSUSE-", "suse"}, {"MGASA-", "mageia"},
		{"EEF-", "erlef"},   {"HSEC-", "haskell"},  {"OSV-", "oss-fuzz"},
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (str_starts(id, str_of(sources[i].prefix)))
			return sources[i].source;
	return "osv";
}

/* --- severity --- */

static enum severity word(const struct tree_node *n)
{
	return severity_from_feed(tree_str(n));
}

/* A severity list's own word: {"type": "Ubuntu", "score": "medium"}. */
static enum severity listed_word(const struct tree_node *list)
{
	for (const struct tree_node *n = tree_first(list); n; n = n->next) {
		struct str type = tree_str(tree_find_key(n, STR("type")));

		if (type.len && !str_starts(type, STR("CVSS_"))) {
			enum severity s = word(tree_find_key(n, STR("score")));

			if (s != SEVERITY_UNKNOWN)
				return s;
		}
	}
	return SEVERITY_UNKNOWN;
}

static enum severity specific_word(const struct tree_node *n)
{
	static const char *const places[] = {
		"ecosystem_specific.urgency",
		"database_specific.urgency",
		"ecosystem_specific.severity",
		"database_specific.severity",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		enum severity s = word(tree_find(n, places[i]));

		if (s != SEVERITY_UNKNOWN)
			return s;
	}
	return listed_word(tree_find_key(n, STR("severity")));
}

/* "Important: kernel security update": the first word, before a colon. */
static enum severity summary_word(struct str summary)
{
	struct str rest = summary, first;

	if (!str_next(&rest, ':', &first) || !rest.data || first.len > 16)
		return SEVERITY_UNKNOWN;
	return severity_from_feed(first);
}

static enum severity severity_of(const struct record *r, const struct ecosystem *eco,
				 const struct tree_node *affected)
{
	enum severity s = specific_word(affected);

	if (s == SEVERITY_UNKNOWN)
		s = specific_word(r->root);
	if (s == SEVERITY_UNKNOWN && eco->rpm)
		s = summary_word(r->summary);
	return s;
}

/* --- modules --- */

/*
 * Modules that the summary names: "Moderate: virt:rhel and virt-devel:rhel security update", "new
 * module: php:8.0". A part behind the stream ("httpd:2.4/mod_http2") is a package of it.
 */
static bool module_word(struct str w, struct str *ret)
{
	ptrdiff_t colon = str_find_char(w, ':'), slash = str_find_char(w, '/');

	if (slash >= 0)
		w = str_to(w, (size_t)slash);
	if (colon <= 0 || (size_t)colon + 1 >= w.len)
		return false;
	*ret = w;
	return true;
}

static bool modules_of(struct record *r, struct strings *ret)
{
	struct str rest = r->summary, w, module;

	while (str_next(&rest, ' ', &w))
		if (module_word(w, &module) && !strings_add(r->run->arena, ret, module))
			return false;
	return true;
}

static bool is_modular(const struct advisory *a)
{
	for (size_t i = 0; i < a->span_count; i++)
		if (str_find(a->spans[i].fixed, STR(".module")) >= 0 ||
		    str_find(a->spans[i].last_affected, STR(".module")) >= 0)
			return true;
	return false;
}

/* --- packages --- */

/* A qualifier of a package URL: "arch=x86_64" in "pkg:rpm/x@1?arch=x86_64&epoch=1". */
static struct str qualifier(struct str purl, const char *name)
{
	ptrdiff_t at = str_find_char(purl, '?');
	struct str rest = at < 0 ? STR("") : str_from(purl, (size_t)at + 1), pair;

	at = str_find_char(rest, '#');
	if (at >= 0)
		rest = str_to(rest, (size_t)at);
	while (str_next(&rest, '&', &pair)) {
		struct str key;

		if (str_next(&pair, '=', &key) && str_is(key, name))
			return pair;
	}
	return STR("");
}

static enum fix_state fix_of(const struct advisory *a, const struct tree_node *affected)
{
	for (size_t i = 0; i < a->span_count; i++)
		if (a->spans[i].fixed.len && !str_is(a->spans[i].fixed, "0"))
			return FIX_AVAILABLE;
	if (str_is(tree_str(tree_find(affected, "ecosystem_specific.urgency")), "end-of-life"))
		return FIX_END_OF_LIFE;
	return FIX_NONE;
}

static bool never_affected(const struct advisory *a)
{
	for (size_t i = 0; i < a->span_count; i++)
		if (!str_is(a->spans[i].fixed, "0"))
			return false;
	return a->span_count > 0 && a->version_count == 0;
}

/* PEP 503: names are compared in lower case, with one dash for each run of '-', '_' and '.'. */
static struct str python_name(struct arena *a, struct str name)
{
	char *p = arena_bytes(a, name.len + 1);
	size_t len = 0;

	for (size_t i = 0; p && i < name.len; i++) {
		char c = name.data[i];

		if (c == '-' || c == '_' || c == '.') {
			if (len && p[len - 1] == '-')
				continue;
			c = '-';
		}
		p[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return str_make(p, len);
}

static void name_package(struct advisory *a, const struct ecosystem *eco,
			 const struct tree_node *package)
{
	struct str arch = qualifier(tree_str(tree_find_key(package, STR("purl"))), "arch");

	a->package = tree_str(tree_find_key(package, STR("name")));
	a->names = eco->names;
	if (!eco->rpm || !arch.len)
		return;
	if (str_is(arch, "src"))
		a->names = NAMES_SOURCE;
	else
		a->arches = arch;
}

/* One advisory, or one for each module that the record names. */
static int give(struct record *r, struct str partition, struct advisory *a,
		const struct ecosystem *eco, struct str module, struct err *e)
{
	enum feed_rank rank = r->by_cve ? RANK_OSV_CVE : RANK_NOTICE;
	struct strings modules = {0};

	a->module = module;
	if (eco->rpm && !module.len && is_modular(a) && !modules_of(r, &modules))
		return ERR_NOMEM(e);
	if (modules.count == 0)
		return feed_give_advisory(r->run, partition, rank, r->day, a, e);
	for (size_t i = 0; i < modules.count; i++) {
		a->module = modules.items[i];
		if (feed_give_advisory(r->run, partition, rank, r->day, a, e) < 0)
			return -1;
	}
	return 0;
}

static int read_package(struct record *r, const struct tree_node *affected, struct err *e)
{
	const struct tree_node *package = tree_find_key(affected, STR("package"));
	CLEANUP(buf_done) struct buf partition = BUF_INIT;
	struct advisory a = {.id = r->id, .feed = STR("osv")};
	const struct ecosystem *eco;
	struct osv_ranges ranges = {0};

	if (!package) /* a program or source tree, by its commits: nothing that is installed */
		return 0;
	r->sources_only = false;
	eco = ecosystem_partition(tree_str(tree_find_key(package, STR("ecosystem"))), &partition);
	if (buf_failed(&partition))
		return ERR_NOMEM(e);
	if (!eco) {
		feed_left_out(r->run, "line %u: a package without an ecosystem", affected->line);
		return 0;
	}
	name_package(&a, eco, package);
	if (str_is(str_of(eco->osv), "PyPI"))
		a.package = python_name(r->run->arena, a.package);
	if (!a.package.data)
		a.package = STR("");
	if (!osv_read_ranges(affected, eco->comparator, r->run->arena, &a, &ranges))
		return ERR_NOMEM(e);
	if (ranges.odd)
		feed_left_out(r->run, "line %u: an event of a range is not understood",
			      affected->line);
	if (a.span_count == 0 && a.version_count == 0) {
		if (ranges.git)
			r->sources_only = true;
		else
			feed_left_out(r->run, "line %u: neither ranges nor versions",
				      affected->line);
		return 0;
	}
	r->useful = true;
	a.cves = r->cves.items;
	a.cve_count = r->cves.count;
	if (a.cve_count == 0 && eco->distribution) {
		a.cves = r->related.items;
		a.cve_count = r->related.count;
	}
	a.aliases = r->aliases.items;
	a.alias_count = r->aliases.count;
	a.state = never_affected(&a) ? STATE_NOT_AFFECTED : STATE_AFFECTED;
	a.fix = fix_of(&a, affected);
	a.severity = severity_of(r, eco, affected);
	if (a.severity != SEVERITY_UNKNOWN)
		a.severity_source = eco->distribution ? str_of(eco->source) : str_of(r->source);
	if (eco->distribution && !r->by_cve && a.fix == FIX_AVAILABLE)
		a.fix_date = str_to(tree_str(tree_find_key(r->root, STR("published"))), 10);
	return give(r, buf_str(&partition), &a, eco,
		    qualifier(tree_str(tree_find_key(package, STR("purl"))), "rpmmod"), e);
}

/* --- what is known of the ids --- */

static int give_facts(struct record *r, struct err *e)
{
	const struct tree_node *list = tree_find_key(r->root, STR("severity"));
	struct cve_facts facts = {.title = r->summary};
	struct str id = r->cves.count == 1 ? r->cves.items[0] : r->id;

	/* of a notice on many, score and title are of none of them */
	if (r->cves.count > 1 || (r->cves.count == 0 && r->related.count))
		return 0;
	facts.scores =
		list ? arena_alloc_array(r->run->arena, list->count, sizeof(*facts.scores)) : NULL;
	if (list && !facts.scores)
		return ERR_NOMEM(e);
	for (const struct tree_node *n = tree_first(list); n; n = n->next) {
		struct str vector = tree_str(tree_find_key(n, STR("score")));
		int version;

		if (facts.score_count < 16 && cvss_score10(vector, &version) >= 0)
			facts.scores[facts.score_count++] =
				(struct id_score){str_of(r->source), vector};
	}
	return feed_give_cve(r->run, id, r->by_cve ? 20 : 10, &facts, e);
}

static int give_aliases(struct record *r, struct err *e)
{
	const struct tree_node *list = tree_find_key(r->root, STR("aliases"));

	if (list && list->count > LIST_MAX)
		return 0;
	for (const struct tree_node *n = tree_first(list); n; n = n->next) {
		struct str alias = tree_str(n);

		if (alias.len && (feed_give_alias(r->run, r->id, alias, e) < 0 ||
				  feed_give_alias(r->run, alias, r->id, e) < 0))
			return -1;
	}
	return 0;
}

/* --- records --- */

/* Errata that are no security notices: ALBA-2021:1099, RHEA-2019:2. */
static bool is_bug_fix(const struct record *r)
{
	struct str rest = r->id, prefix;

	return r->cves.count == 0 && r->related.count == 0 && str_next(&rest, '-', &prefix) &&
	       prefix.len == 4 && (str_ends(prefix, STR("BA")) || str_ends(prefix, STR("EA")));
}

static int read_record(struct feed_run *run, const struct tree_node *root, struct err *e)
{
	struct record r = {
		.run = run, .root = root, .id = tree_str(tree_find_key(root, STR("id")))};
	const struct tree_node *withdrawn = tree_find_key(root, STR("withdrawn")),
			       *affected = tree_find_key(root, STR("affected"));

	feed_record(run);
	if (!r.id.len || r.id.len > 256) {
		feed_left_out(run, "no OSV record: it has no id");
		return 0;
	}
	if (tree_str(withdrawn).len) {
		feed_dropped(run, "withdrawn");
		return 0;
	}
	r.source = source_of(r.id);
	r.summary = tree_str(tree_find_key(root, STR("summary")));
	r.day = tree_str(tree_find_key(root, STR("modified")));
	if (!gather_ids(&r))
		return ERR_NOMEM(e);
	if (is_bug_fix(&r)) {
		feed_dropped(run, "bug fixes and enhancements that name no vulnerability");
		return 0;
	}
	r.sources_only = tree_first(affected) != NULL;
	for (const struct tree_node *n = tree_first(affected); n; n = n->next)
		if (read_package(&r, n, e) < 0)
			return -1;
	if (!r.useful && r.sources_only) {
		feed_dropped(run, "name commits of a source tree, no versions of a package");
		return 0;
	}
	if (!r.useful && feed_is_left_out(run))
		return 0;
	if (!r.useful) {
		feed_left_out(run, "%.*s: names no package with versions", STR_ARG(r.id));
		return 0;
	}
	return give_facts(&r, e) < 0 || give_aliases(&r, e) < 0 ? -1 : 0;
}

static int read_tree(struct feed_run *run, const struct tree_node *root, struct err *e)
{
	if (!root || root->type != TREE_ARRAY)
		return read_record(run, root, e);
	for (const struct tree_node *n = tree_first(root); n; n = n->next)
		if (read_record(run, n, e) < 0)
			return -1;
	return 0;
}

static int parse_yaml(struct str text, struct arena *a, struct tree *ret, struct err *e)
{
	struct yaml_reader *y = yaml_reader_new(text, NULL, e);
	int r = y ? yaml_reader_next(y, a, ret, e) : -1;

	yaml_reader_free(y);
	return r < 0 ? -1 : r > 0 ? 0 : err_set(e, ERR_FORMAT, "empty");
}

static bool is_yaml(struct str path)
{
	return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml"));
}

static int read_osv(struct feed_run *run, struct stream *in, struct err *e)
{
	struct arena trees;
	struct tree tree;
	struct str text;
	struct err why = ERR_INIT;
	int r;

	if (stream_read_all(in, run->arena, TEXT_MAX, &text, e) < 0) {
		if (e->code != ERR_LIMIT)
			return -1;
		feed_record(run);
		feed_left_out(run, "%s", e->message);
		return 0;
	}
	arena_init(&trees, run->arena->budget, TREE_MAX);
	r = is_yaml(run->path) ? parse_yaml(text, &trees, &tree, &why)
			       : tree_parse_json(text, &trees, 0, &tree, &why);
	if (r == 0) {
		r = read_tree(run, tree.root, e);
	} else if (why.code == ERR_MEMORY && trees.total < TREE_MAX / 2) {
		*e = why;
	} else {
		feed_record(run);
		feed_left_out(run, "%s", why.message);
		r = 0;
	}
	arena_done(&trees);
	return r;
}

static bool wants_osv(struct str path)
{
	return str_ends(path, STR(".json")) || is_yaml(path);
}

const struct feed feed_osv = {
	.name = "osv",
	.what = "OSV records of any ecosystem: a zip, a folder, or one file",
	.wants = wants_osv,
	.read = read_osv,
};
