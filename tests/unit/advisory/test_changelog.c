#include "test.h"

#include "advisory/changelog.h"

static const char sample[] =
	"demo (1.2-3+deb12u3) bookworm-security; urgency=high\n"
	"\n"
	"  * Fix regression introduced by the patch for CVE-2024-0001.\n"
	"  * CVE-2024-0002: overflow in the parser that goes on\n"
	"    in a second line, also known as GHSA-abcd-1234-efgh\n"
	"    - Revert \"net: add thing\" (CVE-2024-0003)\n"
	"    - Revert the fix for CVE-2024-0004, it breaks builds\n"
	"  * Not affected by CVE-2024-0005\n"
	"  * Drop CVE-2024-0006.patch, applied upstream\n"
	"  * wifi: drop frames without a key (CVE-2024-0007)\n"
	"\n"
	" -- A Person <a@example.test>  Tue, 05 Mar 2024 10:00:00 +0100\n"
	"\n"
	"demo (1.2-3+deb12u2) bookworm; urgency=medium\n"
	"\n"
	"  [ B Person ]\n"
	"  * Fix CVE-2024-0001, CVE-2024-0008 and XCVE-2024-0009, CVE-2024-1.\n"
	"\n"
	" -- B Person <b@example.test>  Mon,  1 Jan 2024 10:00:00 +0000\n"
	"\n"
	"Old words that are no entry\n"
	"  CVE-2001-0001\n";

static const struct changelog_fix *find(const struct changelog *c, const char *id)
{
	for (size_t i = 0; i < c->fixes.count; i++)
		if (str_is(c->fixes.items[i].id, id))
			return &c->fixes.items[i];
	return NULL;
}

TEST(ids_go_to_the_version_of_their_entry)
{
	struct arena a = {0};
	struct changelog c;
	struct err e = ERR_INIT;

	CHECK_OK(changelog_read(STR(sample), STR("1.2-3+deb12u2"), &a, &c, &e));
	CHECK_INT(c.entries.count, 2);
	CHECK_INT(c.since, 1);
	CHECK_STR(c.entries.items[0].source, "demo");
	CHECK_STR(c.entries.items[0].version, "1.2-3+deb12u3");
	CHECK(find(&c, "CVE-2024-0002") &&
	      str_is(find(&c, "CVE-2024-0002")->version, "1.2-3+deb12u3"));
	CHECK(find(&c, "CVE-2024-0002") && str_is(find(&c, "CVE-2024-0002")->date, "2024-03-05"));
	CHECK(find(&c, "GHSA-abcd-1234-efgh") != NULL);
	CHECK(find(&c, "CVE-2024-0003") != NULL);
	CHECK(find(&c, "CVE-2024-0004") == NULL);
	CHECK(find(&c, "CVE-2024-0005") == NULL);
	CHECK(find(&c, "CVE-2024-0006") == NULL);
	CHECK(find(&c, "CVE-2024-0007") != NULL);
	CHECK(find(&c, "CVE-2024-0008") && str_is(find(&c, "CVE-2024-0008")->date, "2024-01-01"));
	CHECK(find(&c, "CVE-2024-0009") == NULL);
	CHECK(find(&c, "CVE-2024-1") == NULL);
	CHECK(find(&c, "CVE-2001-0001") == NULL);
	/* the regression does not move the older fix */
	CHECK(find(&c, "CVE-2024-0001") &&
	      str_is(find(&c, "CVE-2024-0001")->version, "1.2-3+deb12u2"));
	CHECK_INT(c.negated, 3);
	changelog_done(&c);
	arena_done(&a);
}

TEST(every_truncation_ends)
{
	for (size_t n = 0; n < sizeof(sample); n++) {
		struct arena a = {0};
		struct changelog c;
		struct err e = ERR_INIT;

		if (changelog_read(str_to(STR(sample), n), STR_NULL, &a, &c, &e) == 0)
			changelog_done(&c);
		arena_done(&a);
	}
}

TEST(what_is_no_changelog_is_refused)
{
	struct arena a = {0};
	struct changelog c;
	struct err e = ERR_INIT;

	CHECK_ERR(changelog_read(STR("hello\nworld\n"), STR_NULL, &a, &c, &e), ERR_FORMAT);
	CHECK_ERR(changelog_read(STR(""), STR_NULL, &a, &c, &e), ERR_FORMAT);
	arena_done(&a);
}
