/*
 * CISA's catalogue of known exploited vulnerabilities, JSON or CSV. A record is one vulnerability.
 */
#include "advisory/feed.h"
#include "text/csv.h"
#include "text/tree.h"

enum { TEXT_MAX = 64 << 20, TREE_MAX = 1 << 30 };

static int give(struct feed_run *run, struct str id, struct str day, struct str added,
		struct str due, struct str ransomware, uint64_t line, struct err *e)
{
	struct kev_facts facts = {
		.added = added, .due = due, .ransomware = str_eq_nocase(ransomware, STR("known"))};

	feed_record(run);
	if (!is_cve_id(id) || added.len != 10) {
		feed_left_out(run, "line %llu: no id with the day it was added",
			      (unsigned long long)line);
		return 0;
	}
	return feed_give_kev(run, id, day.len ? day : added, &facts, e);
}

static struct str member(const struct tree_node *n, const char *key)
{
	struct str s = tree_str(tree_find_key(n, str_of(key)));

	return s.data ? s : STR("");
}

static int read_json(struct feed_run *run, struct str text, struct err *e)
{
	struct arena trees;
	struct tree tree;
	const struct tree_node *list;
	int r;

	arena_init(&trees, run->arena->budget, TREE_MAX);
	r = tree_parse_json(text, &trees, 0, &tree, e);
	list = r == 0 ? tree_find_key(tree.root, STR("vulnerabilities")) : NULL;
	if (r == 0 && (!list || list->type != TREE_ARRAY))
		r = err_set(e, ERR_FORMAT, "no list 'vulnerabilities'");
	for (const struct tree_node *n = tree_first(list); n && r == 0; n = n->next)
		r = give(run, member(n, "cveID"), member(tree.root, "dateReleased"),
			 member(n, "dateAdded"), member(n, "dueDate"),
			 member(n, "knownRansomwareCampaignUse"), n->line, e);
	arena_done(&trees);
	return r;
}

static int read_csv(struct feed_run *run, struct str text, struct err *e)
{
	ptrdiff_t id = -1, added = -1, due = -1, ransomware = -1;
	struct csv c;
	int r;

	csv_init(&c, 1 << 20, run->arena->budget);
	csv_feed(&c, text);
	csv_feed_end(&c);
	while ((r = csv_next(&c, e)) > 0) {
		if (id < 0) {
			id = csv_column(&c, "cveID");
			added = csv_column(&c, "dateAdded");
			due = csv_column(&c, "dueDate");
			ransomware = csv_column(&c, "knownRansomwareCampaignUse");
			if (id < 0 || added < 0)
				r = err_set(e, ERR_FORMAT, "no head line with cveID and dateAdded");
		} else {
			r = give(run, csv_field(&c, id), STR(""), csv_field(&c, added),
				 csv_field(&c, due), csv_field(&c, ransomware), c.line, e);
		}
		if (r < 0)
			break;
	}
	csv_done(&c);
	return r;
}

static int read_kev(struct feed_run *run, struct stream *in, struct err *e)
{
	struct str text;

	if (stream_read_all(in, run->arena, TEXT_MAX, &text, e) < 0)
		return -1;
	return str_starts(str_trim(text), STR("{")) ? read_json(run, text, e)
						    : read_csv(run, text, e);
}

/* Of a folder or archive the JSON; the same stands beside it as CSV, and a schema. */
static bool wants_kev(struct str path)
{
	return str_ends(path, STR(".json")) && !str_ends(path, STR("schema.json"));
}

const struct feed feed_kev = {
	.name = "kev",
	.what = "CISA's known exploited vulnerabilities, JSON or CSV",
	.wants = wants_kev,
	.read = read_kev,
};
