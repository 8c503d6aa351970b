/*
 * Databases through the layers: where they are found, which layer brought a package, what is said
 * of those that cannot be read; and the distribution.
 */
#include "feeder.h"

#include "test.h"

#define L(...) \
	(const struct line[]) \
	{ \
		__VA_ARGS__, END_ \
	}
#define P(name, version) "Package: " name "\nVersion: " version "\nStatus: install ok installed\n\n"
#define STATUS		 "var/lib/dpkg/status"
#define RELEASE		 FILE_("etc/os-release", "ID=x\n")

struct stack {
	const char *name;
	const struct line *layers[7];
	const char *packages; /* "name version @layer that brought it path:layer; ..." */
	const char *diags;
	int again; /* layers read twice */
};

static const struct stack stacks[] = {
	{"a package counts from the first layer that held it",
	 {L(RELEASE, FILE_(STATUS, P("a", "1"))), L(FILE_(STATUS, P("a", "1") P("b", "1"))),
	  L(FILE_(STATUS, P("a", "2") P("b", "1")))},
	 "a 2 @2 var/lib/dpkg/status:2; b 1 @1 var/lib/dpkg/status:2; ",
	 "",
	 0},
	{"also when it went away in between",
	 {L(RELEASE, FILE_(STATUS, P("a", "1"))), L(FILE_("var/lib/dpkg/.wh.status", "")),
	  L(FILE_(STATUS, P("a", "1")))},
	 "a 1 @0 var/lib/dpkg/status:2; ",
	 "",
	 0},
	{"a database that is gone holds nothing",
	 {L(RELEASE, FILE_(STATUS, P("a", "1"))), L(FILE_("var/.wh.lib", ""))},
	 "",
	 "",
	 0},
	{"one-package files add up",
	 {L(RELEASE, FILE_(STATUS ".d/a", P("a", "1")), FILE_(STATUS ".d/a.md5sums", "x  y\n")),
	  L(FILE_(STATUS ".d/b", P("b", "1"))),
	  L(FILE_(STATUS ".d/a", P("a", "2")), FILE_(STATUS ".d/.wh.b", "")),
	  L(FILE_(STATUS ".d/b", P("b", "1")))},
	 "a 2 @2 var/lib/dpkg/status.d/a:2; b 1 @1 var/lib/dpkg/status.d/b:3; ",
	 "",
	 0},
	{"their folder made opaque",
	 {L(RELEASE, FILE_(STATUS ".d/a", P("a", "1"))),
	  L(FILE_(STATUS ".d/b", P("b", "1")), FILE_(STATUS ".d/.wh..wh..opq", ""))},
	 "b 1 @1 var/lib/dpkg/status.d/b:1; ",
	 "",
	 0},
	{"their folder becomes a link to another",
	 {L(RELEASE, FILE_(STATUS ".d/a", P("a", "1")), FILE_("opt/d/b", P("b", "1"))),
	  L(LINK_(STATUS ".d", "/opt/d")), L(FILE_("opt/d/c", P("c", "1")))},
	 "b 1 @1 var/lib/dpkg/status.d/b:0; c 1 @2 var/lib/dpkg/status.d/c:2; ",
	 "",
	 2},
	{"one of them is a link whose target changes",
	 {L(RELEASE, LINK_(STATUS ".d/a", "/opt/a"), FILE_("opt/a", P("a", "1"))),
	  L(FILE_("x", "")), L(FILE_("opt/a", P("a", "2"))), L(FILE_("y", ""))},
	 "a 2 @2 var/lib/dpkg/status.d/a:2; ",
	 "",
	 2},
	{"the link comes later than the file",
	 {L(RELEASE, FILE_("opt/x", P("a", "1"))), L(FILE_("y", "")), L(LINK_(STATUS, "/opt/x"))},
	 "a 1 @2 var/lib/dpkg/status:0; ",
	 "",
	 1},
	{"the file behind the link changes",
	 {L(RELEASE, FILE_("opt/x", P("a", "1")), LINK_(STATUS, "/opt/x")),
	  L(FILE_("opt/x", P("a", "1") P("b", "1")))},
	 "a 1 @0 var/lib/dpkg/status:1; b 1 @1 var/lib/dpkg/status:1; ",
	 "",
	 2},
	{"a hardlink to another name",
	 {L(RELEASE, FILE_("opt/x", P("a", "1")), HARD_(STATUS, "opt/x"))},
	 "a 1 @0 var/lib/dpkg/status:0; ",
	 "",
	 1},
	{"the second of two entries of one path is the hardlink's",
	 {L(RELEASE, FILE_("opt/x", P("a", "1")), FILE_("opt/x", P("b", "1")),
	    HARD_(STATUS, "opt/x"), FILE_("opt/x", P("c", "1")))},
	 "b 1 @0 var/lib/dpkg/status:0; ",
	 "",
	 1},
	{"two databases that hold the same, and a link between them",
	 {L(RELEASE, LINK_("lib", "usr/lib"), FILE_("usr/lib/apk/db/installed", "P:a\nV:1\n\n"))},
	 "a 1 @0 lib/apk/db/installed:0; ",
	 "",
	 0},
	{"what a replaced database had wrong is not said",
	 {L(RELEASE, FILE_(STATUS, "Package: a\nVersion: 1\nVersion: 2\n")),
	  L(FILE_(STATUS, P("a", "3")))},
	 "a 3 @1 var/lib/dpkg/status:1; ",
	 "",
	 0},
	{"what the present one has wrong is said with its layer",
	 {L(RELEASE, FILE_(STATUS, P("a", "3"))),
	  L(FILE_(STATUS, "Package: a\nVersion: 1\nVersion: 2\n"))},
	 "a 1 @1 var/lib/dpkg/status:1; ",
	 "package_db_malformed 1 var/lib/dpkg/status",
	 0},
	{"a link that leads nowhere",
	 {L(RELEASE), L(LINK_("var/lib/dpkg", "/mnt"))},
	 "",
	 "package_db_unreachable 1 var/lib/dpkg/status",
	 0},
	{"said once for all paths below it, each inspector",
	 {L(RELEASE), L(LINK_("usr/lib", "/mnt"))},
	 "",
	 "package_db_unreachable 1 usr/lib/apk/db/installed; package_db_unreachable 1 "
	 "usr/lib/opkg/status; entry_odd 1 usr/lib/os-release; package_db_unreachable 1 "
	 "usr/lib/sysimage/rpm/Packages",
	 0},
	{"a link of the root that leads nowhere is a note",
	 {L(RELEASE, LINK_("var", "/mnt/var"))},
	 "",
	 "entry_odd 0 var/lib/dpkg/status; entry_odd 0 var/lib/opkg/status; entry_odd 0 "
	 "var/lib/pacman/local; entry_odd 0 var/lib/rpm/Packages",
	 0},
	{"a folder in place of a file, and one in place of a one-package file",
	 {L(RELEASE, DIR_(STATUS, 0755), DIR_(STATUS ".d/x", 0755))},
	 "",
	 "package_db_unreachable 0 var/lib/dpkg/status; package_db_unreachable 0 "
	 "var/lib/dpkg/status.d/x",
	 0},
	{"a file in place of the folder of one-package files is none",
	 {L(RELEASE, FILE_(STATUS ".d", ""))},
	 "",
	 "",
	 0},
	{"a database that was unreachable once and is no more",
	 {L(RELEASE, LINK_(STATUS, "/opt/x")), L(FILE_("opt/x", P("a", "1")))},
	 "a 1 @1 var/lib/dpkg/status:1; ",
	 "",
	 1},
};

static void list_packages(struct feed *f, struct buf *out)
{
	size_t count;
	const struct package *p = inventory_packages(f->inv, &count);

	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%.*s %.*s @%d %.*s:%d; ", STR_ARG(p[i].name),
			   STR_ARG(p[i].version), p[i].layer, STR_ARG(p[i].location.path),
			   p[i].location.layer);
}

TEST(databases_are_followed_from_layer_to_layer)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++) {
		const struct stack *s = &stacks[i];
		struct buf packages = BUF_INIT, diags = BUF_INIT;
		struct feed *f = malloc(sizeof(*f));

		feed_init(f, false);
		for (size_t n = 0; s->layers[n]; n++)
			CHECK(feed_layer(f, (struct layer_source){.lines = s->layers[n]}) == 0);
		CHECK_INT(feed_build(f), 0);
		list_packages(f, &packages);
		feed_diags(f, &diags);
		if (!str_is(buf_str(&packages), s->packages))
			test_fail(__FILE__, __LINE__, "%s: '%.*s', expected '%s'", s->name,
				  STR_ARG(buf_str(&packages)), s->packages);
		if (!str_is(buf_str(&diags), s->diags))
			test_fail(__FILE__, __LINE__, "%s: '%.*s', expected '%s'", s->name,
				  STR_ARG(buf_str(&diags)), s->diags);
		if ((int)f->again != s->again)
			test_fail(__FILE__, __LINE__, "%s: %u layers read twice, expected %d",
				  s->name, f->again, s->again);
		buf_done(&packages);
		buf_done(&diags);
		feed_done(f);
		CHECK_INT(f->budget.bytes, 0);
		free(f);
	}
}

TEST(input_that_cannot_be_read_twice_is_a_gap_for_what_links_reach)
{
	struct buf diags = BUF_INIT;
	struct feed *f = malloc(sizeof(*f));

	feed_init(f, false);
	f->once = true;
	feed_layer(f, (struct layer_source){
			      .lines = L(RELEASE, FILE_("x", P("a", "1")), LINK_(STATUS, "/x"))});
	CHECK_INT(feed_build(f), 0);
	feed_diags(f, &diags);
	CHECK_STR(buf_str(&diags), "package_db_unreachable 0 var/lib/dpkg/status");
	buf_done(&diags);
	feed_done(f);
	free(f);
}

TEST(two_equal_layers_share_their_facts)
{
	struct buf packages = BUF_INIT;
	struct feed *f = malloc(sizeof(*f));

	feed_init(f, false);
	feed_layer(f, (struct layer_source){.lines = L(RELEASE, FILE_("opt/x", P("a", "1")),
						       LINK_(STATUS, "/opt/x"))});
	feed_layer(f, (struct layer_source){.lines = L(FILE_("var/lib/dpkg/.wh.status", ""))});
	f->layers[2] = (struct image_layer){.index = 2, .task = 0};
	f->sources[2] = f->sources[0];
	f->image.layer_count = 3;
	CHECK_INT(feed_build(f), 0);
	list_packages(f, &packages);
	CHECK_STR(buf_str(&packages), "a 1 @0 var/lib/dpkg/status:2; ");
	CHECK_INT(f->again, 1);
	CHECK_INT(diags_count(&f->diags, DIAG_GAP), 0);
	buf_done(&packages);
	feed_done(f);
	free(f);
}

TEST(a_layer_that_is_missing_hides_nothing_of_the_others)
{
	struct buf packages = BUF_INIT;
	struct feed *f = malloc(sizeof(*f));

	feed_init(f, false);
	feed_layer(f, (struct layer_source){.lines = L(RELEASE, FILE_(STATUS, P("a", "1")))});
	feed_layer(f, (struct layer_source){.lines = L(FILE_(STATUS, P("b", "1")))});
	f->layers[1].state = LAYER_MISSING;
	f->layers[2] = (struct image_layer){.index = 2, .task = 77}; /* never began */
	f->image.layer_count = 3;
	CHECK_INT(feed_build(f), 0);
	list_packages(f, &packages);
	CHECK_STR(buf_str(&packages), "a 1 @0 var/lib/dpkg/status:0; ");
	buf_done(&packages);
	feed_done(f);
	free(f);
}

static const struct {
	struct line lines[5];
	const char *expected; /* "id version codename path name" */
	const char *diags;
} releases[] = {
	{{FILE_("etc/os-release",
		"NAME=\"X\"\nID=debian\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n"
		"PRETTY_NAME='Debian \"12\"'\n")},
	 "debian 12 bookworm etc/os-release Debian \"12\"",
	 ""},
	{{LINK_("etc/os-release", "../usr/lib/os-release"), FILE_("usr/lib/os-release", "ID=a\n")},
	 "a   etc/os-release ",
	 ""},
	{{LINK_("etc/os-release", "/opt/release"), FILE_("opt/release", "ID=a\nID=b # c\n")},
	 "b   etc/os-release ",
	 ""},
	{{FILE_("etc/os-release", "ID=a\n"), FILE_("usr/lib/os-release", "ID=b\n")},
	 "a   etc/os-release ",
	 "distro_ambiguous 0 etc/os-release"},
	{{FILE_("etc/os-release", "# nothing\n"), FILE_("usr/lib/os-release", "ID=b\n")},
	 "b   usr/lib/os-release ",
	 "distro_ambiguous 0 etc/os-release"},
	{{LINK_("etc/os-release", "/mnt/x"), FILE_("usr/lib/os-release", "ID=b\n")},
	 "b   usr/lib/os-release ",
	 "entry_odd 0 etc/os-release"},
	{{FILE_("usr/lib/os-release", "ID=\"a\\\"b\\\\c\"\nVERSION_CODENAME=x\n")},
	 "a\"b\\c  x usr/lib/os-release ",
	 ""},
	{{FILE_("etc/alpine-release", "3.10.2\n")}, "alpine 3.10.2  etc/alpine-release ", ""},
	{{FILE_("etc/debian_version", "12.5\n")}, "debian 12.5  etc/debian_version ", ""},
	{{FILE_("etc/debian_version", "trixie/sid\n")}, "debian  trixie etc/debian_version ", ""},
	{{FILE_("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n"
				   "DISTRIB_CODENAME=jammy\n"),
	  FILE_("etc/debian_version", "bookworm/sid\n")},
	 "ubuntu 22.04 jammy etc/lsb-release ",
	 ""},
	{{FILE_("etc/redhat-release", "CentOS release 6.10 (Final)\n")},
	 "centos 6.10 Final etc/redhat-release CentOS release 6.10 (Final)",
	 ""},
	{{FILE_("etc/oracle-release", "Oracle Linux Server release 8.5\n"),
	  FILE_("etc/redhat-release", "Red Hat Enterprise Linux release 8.5 (Ootpa)\n")},
	 "ol 8.5  etc/oracle-release Oracle Linux Server release 8.5",
	 ""},
	{{FILE_("etc/system-release", "Amazon Linux release 2 (Karoo)\n")},
	 "amzn 2 Karoo etc/system-release Amazon Linux release 2 (Karoo)",
	 ""},
	{{FILE_("etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n"
				    "PATCHLEVEL = 4\n")},
	 "sles 11.4  etc/SuSE-release SUSE Linux Enterprise Server 11 (x86_64)",
	 ""},
	{{FILE_("etc/arch-release", "")}, "arch   etc/arch-release Arch Linux", ""},
	{{FILE_("etc/issue", "Debian GNU/Linux 12\n")}, "    ", "distro_unknown -1 "},
};

TEST(the_distribution_is_the_first_file_that_names_one)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++) {
		struct buf out = BUF_INIT, diags = BUF_INIT;
		struct feed *f = malloc(sizeof(*f));
		const struct distro *d;

		feed_init(f, false);
		feed_layer(f, (struct layer_source){.lines = releases[i].lines});
		CHECK_INT(feed_build(f), 0);
		d = inventory_distro(f->inv);
		buf_printf(&out, "%.*s %.*s %.*s %.*s %.*s", STR_ARG(d->id), STR_ARG(d->version_id),
			   STR_ARG(d->codename), STR_ARG(d->path), STR_ARG(d->name));
		feed_diags(f, &diags);
		CHECK_STR(buf_str(&out), releases[i].expected);
		CHECK_STR(buf_str(&diags), releases[i].diags);
		buf_done(&out);
		buf_done(&diags);
		feed_done(f);
		free(f);
	}
}
