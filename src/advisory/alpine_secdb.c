/*
 * Alpine's secdb, JSON (secdb.alpinelinux.org) or YAML (its repository): one document a release and
 * repository.
 *
 *	{"distroversion": "v3.19", "reponame": "main",
 *	 "packages": [{"pkg": {"name": "xz", "secfixes": {"5.2.5-r1": ["CVE-2022-1271"], "0":
 *[...]}}}]}
 *
 * A record is one package. Traps: names are origin packages; version "0" says that no version was
 *ever affected; one cell may hold several ids, some of them other names of the first; what is not
 *fixed is not in it; the document has no date.
 */
#include "advisory/feed.h"
#include "text/yaml.h"

enum { TEXT_MAX = 64 << 20, TREE_MAX = 1 << 30 };

struct origin {
	struct feed_run *run;
	struct str partition, package, version;
};

static int give(struct origin *o, struct str id, struct str *aliases, size_t alias_count,
		struct err *e)
{
	struct version_span span = {.introduced = STR("0"), .fixed = o->version};
	bool never = str_is(o->version, "0");
	struct str cve = id;
	struct advisory a = {.id = id,
			     .package = o->package,
			     .names = NAMES_SOURCE,
			     .state = never ? STATE_NOT_AFFECTED : STATE_AFFECTED,
			     .fix = FIX_AVAILABLE,
			     .spans = &span,
			     .span_count = 1,
			     .aliases = aliases,
			     .alias_count = alias_count,
			     .feed = STR("alpine-secdb")};

	if (is_cve_id(id)) {
		a.cves = &cve;
		a.cve_count = 1;
	}
	return feed_give_advisory(o->run, o->partition, RANK_TRACKER, STR(""), &a, e);
}

/* "CVE-2017-17566 XSA-248": the ids that are no CVE are other names of those that are. */
static int read_cell(struct origin *o, struct str cell, struct err *e)
{
	struct str others[16], rest = cell, id;
	size_t other_count = 0, cves = 0;

	while (str_next(&rest, ' ', &id)) {
		if (is_cve_id(id))
			cves++;
		else if (id.len && other_count < sizeof(others) / sizeof(others[0]))
			others[other_count++] = id;
	}
	for (rest = cell; cves && str_next(&rest, ' ', &id);)
		if (is_cve_id(id) && give(o, id, others, other_count, e) < 0)
			return -1;
	for (size_t i = 0; cves == 0 && i < other_count; i++)
		if (give(o, others[i], NULL, 0, e) < 0)
			return -1;
	return 0;
}

static int read_package(struct origin *o, const struct tree_node *item, struct err *e)
{
	const struct tree_node *package = tree_find_key(item, STR("pkg"));
	const struct tree_node *fixes = tree_find_key(package, STR("secfixes"));

	feed_record(o->run);
	o->package = tree_str(tree_find_key(package, STR("name")));
	if (!o->package.len) {
		feed_left_out(o->run, "line %u: a package without a name", item->line);
		return 0;
	}
	for (const struct tree_node *v = tree_first(fixes); v; v = v->next) {
		o->version = str_trim(v->key);
		if (v->type != TREE_ARRAY && v->type != TREE_NULL)
			feed_left_out(o->run, "line %u: fixes of '%.*s' are no list", v->line,
				      STR_ARG(v->key));
		for (const struct tree_node *id = tree_first(v); id && o->version.len;
		     id = id->next)
			if (read_cell(o, tree_str(id), e) < 0)
				return -1;
	}
	return 0;
}

static int read_document(struct feed_run *run, const struct tree_node *root, struct err *e)
{
	struct str release = tree_str(tree_find_key(root, STR("distroversion")));
	const struct tree_node *packages = tree_find_key(root, STR("packages"));
	struct origin o = {.run = run};

	if (!release.len || release.len > 32 || !packages) {
		feed_record(run);
		feed_left_out(run, "no secdb: 'distroversion' or 'packages' is missing");
		return 0;
	}
	str_skip(&release, STR("v"));
	for (size_t i = 0; i < release.len; i++) {
		char c = release.data[i];

		if (c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
			continue;
		feed_record(run);
		feed_left_out(run, "'%.*s' is no release", STR_ARG(release));
		return 0;
	}
	o.partition = arena_printf(run->arena, "alpine-%.*s", STR_ARG(release));
	if (!o.partition.data)
		return ERR_NOMEM(e);
	for (const struct tree_node *n = tree_first(packages); n; n = n->next)
		if (read_package(&o, n, e) < 0)
			return -1;
	return 0;
}

static int parse(struct str path, struct str text, struct arena *a, struct tree *ret, struct err *e)
{
	struct yaml_reader *y;
	int r;

	if (!str_ends(path, STR(".yaml")) && !str_ends(path, STR(".yml")))
		return tree_parse_json(text, a, 0, ret, e);
	y = yaml_reader_new(text, NULL, e);
	r = y ? yaml_reader_next(y, a, ret, e) : -1;
	yaml_reader_free(y);
	return r < 0 ? -1 : r > 0 ? 0 : err_set(e, ERR_FORMAT, "empty");
}

static int read_alpine_secdb(struct feed_run *run, struct stream *in, struct err *e)
{
	struct arena trees;
	struct tree tree;
	struct str text;
	int r = stream_read_all(in, run->arena, TEXT_MAX, &text, e);

	arena_init(&trees, run->arena->budget, TREE_MAX);
	if (r == 0)
		r = parse(run->path, text, &trees, &tree, e);
	if (r == 0)
		r = read_document(run, tree.root, e);
	arena_done(&trees);
	return r;
}

static bool wants_alpine_secdb(struct str path)
{
	return str_ends(path, STR(".json")) || str_ends(path, STR(".yaml")) ||
	       str_ends(path, STR(".yml"));
}

const struct feed feed_alpine_secdb = {
	.name = "alpine-secdb",
	.what = "Alpine's secdb, JSON or YAML: a folder, an archive or one file",
	.wants = wants_alpine_secdb,
	.read = read_alpine_secdb,
};
