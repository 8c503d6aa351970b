/*
 * Ends of life of distribution releases: the tables of distro-info-data (debian.csv, ubuntu.csv),
 *and the products of endoflife.date (Markdown with YAML front matter, for distributions that have
 *no table).
 *
 *	version,codename,series,created,release,eol,eol-lts,eol-elts
 *	12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30
 *
 * A record is a row, or a product. The day kept is the end of free support: Debian's LTS, Ubuntu's
 * standard support of servers; what is sold beyond (ELTS, ESM) is not.
 */
#include "advisory/feed.h"
#include "text/csv.h"
#include "text/yaml.h"

enum { TEXT_MAX = 4 << 20, RANK_TABLE = 10, RANK_PRODUCT = 20 };

/* --- tables --- */

static struct str base_name(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	return str_from(path, (size_t)(slash + 1));
}

static bool is_day(struct str s)
{
	return s.len == 10 && s.data[4] == '-' && s.data[7] == '-';
}

/* The later of two days, where there are any. */
static struct str later(struct str a, struct str b)
{
	if (!is_day(a))
		return is_day(b) ? b : STR("");
	return is_day(b) && str_cmp(b, a) > 0 ? b : a;
}

struct table {
	ptrdiff_t version, series, eol, more;
	const char *distribution;
};

static int read_head(struct table *t, const struct csv *c, struct err *e)
{
	t->version = csv_column(c, "version");
	t->series = csv_column(c, "series");
	t->eol = csv_column(c, "eol");
	t->distribution = csv_column(c, "eol-server") >= 0 ? "ubuntu" : "debian";
	t->more = csv_column(c, t->distribution[0] == 'u' ? "eol-server" : "eol-lts");
	if (t->version < 0 || t->series < 0 || t->eol < 0)
		return err_set(e, ERR_FORMAT, "no head line with version, series and eol");
	return 0;
}

static int read_row(struct feed_run *run, const struct table *t, const struct csv *c, struct err *e)
{
	struct str version = csv_field(c, t->version), number, key;
	struct eol_facts facts = {.codename = csv_field(c, t->series)};

	feed_record(run);
	if (!version.len) { /* sid, experimental */
		feed_dropped(run, "releases without a number");
		return 0;
	}
	str_next(&version, ' ', &number); /* "22.04 LTS" */
	facts.day = later(csv_field(c, t->eol), csv_field(c, t->more));
	key = arena_printf(run->arena, "%s/%.*s", t->distribution, STR_ARG(number));
	if (!key.data)
		return ERR_NOMEM(e);
	return feed_give_eol(run, key, RANK_TABLE, &facts, e);
}

static int read_table(struct feed_run *run, struct str text, struct err *e)
{
	struct table t = {.version = -1};
	struct csv c;
	int r;

	csv_init(&c, 1 << 16, run->arena->budget);
	csv_feed(&c, text);
	csv_feed_end(&c);
	while ((r = csv_next(&c, e)) > 0) {
		r = t.version < 0 ? read_head(&t, &c, e) : read_row(run, &t, &c, e);
		if (r < 0)
			break;
	}
	csv_done(&c);
	return r;
}

/* --- products --- */

/* Names of products as os-release has them. */
static const struct {
	const char *product, *id;
} products[] = {
	{"almalinux.md", "almalinux"}, {"alpine-linux.md", "alpine"},
	{"amazon-linux.md", "amzn"},   {"azure-linux.md", "azurelinux"},
	{"centos.md", "centos"},       {"debian.md", "debian"},
	{"fedora.md", "fedora"},       {"opensuse.md", "opensuse-leap"},
	{"oracle-linux.md", "ol"},     {"vmware-photon.md", "photon"},
	{"rhel.md", "rhel"},	       {"rocky-linux.md", "rocky"},
	{"sles.md", "sles"},	       {"ubuntu.md", "ubuntu"},
};

/* Between the first two lines of three dashes. */
static struct str front_matter(struct str text)
{
	ptrdiff_t end;

	if (!str_skip(&text, STR("---\n")))
		return STR("");
	end = str_find(text, STR("\n---"));
	return end < 0 ? STR("") : str_to(text, (size_t)end + 1);
}

static int read_release(struct feed_run *run, const char *id, const struct tree_node *n,
			struct err *e)
{
	struct str cycle = tree_str(tree_find_key(n, STR("releaseCycle")));
	struct str eol = tree_str(tree_find_key(n, STR("eol"))), key;
	struct eol_facts facts = {.day = STR(""), .codename = STR("")};

	if (!cycle.len || !is_day(eol)) /* not known yet: "eol: false" */
		return 0;
	facts.day = eol;
	key = arena_printf(run->arena, "%s/%.*s", id, STR_ARG(cycle));
	if (!key.data)
		return ERR_NOMEM(e);
	return feed_give_eol(run, key, RANK_PRODUCT, &facts, e);
}

static int read_releases(struct feed_run *run, const char *id, struct str text, struct err *e)
{
	struct yaml_reader *y = yaml_reader_new(front_matter(text), NULL, e);
	struct err why = ERR_INIT;
	struct tree tree = {0};
	int r = y ? yaml_reader_next(y, run->arena, &tree, &why) : -1;

	yaml_reader_free(y);
	if (!y)
		return -1;
	if (r < 0 && why.code == ERR_MEMORY) {
		*e = why;
		return -1;
	}
	if (r <= 0) {
		feed_left_out(run, "%s", r < 0 ? why.message : "no front matter");
		return 0;
	}
	for (const struct tree_node *n = tree_first(tree_find_key(tree.root, STR("releases"))); n;
	     n = n->next)
		if (read_release(run, id, n, e) < 0)
			return -1;
	return 0;
}

static int read_product(struct feed_run *run, struct str text, struct err *e)
{
	feed_record(run);
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
		if (str_is(base_name(run->path), products[i].product))
			return read_releases(run, products[i].id, text, e);
	feed_dropped(run, "products that are no distribution");
	return 0;
}

static int read_eol(struct feed_run *run, struct stream *in, struct err *e)
{
	struct str text;

	if (stream_read_all(in, run->arena, TEXT_MAX, &text, e) < 0)
		return -1;
	return str_ends(run->path, STR(".md")) ? read_product(run, text, e)
					       : read_table(run, text, e);
}

/* The tables by their names (other tables may lie beside them), and products. */
static bool wants_eol(struct str path)
{
	struct str name = base_name(path);

	return str_is(name, "debian.csv") || str_is(name, "ubuntu.csv") ||
	       str_ends(name, STR(".md"));
}

const struct feed feed_eol = {
	.name = "eol",
	.what = "ends of life: debian.csv and ubuntu.csv of distro-info-data, or endoflife.date",
	.wants = wants_eol,
	.read = read_eol,
};
