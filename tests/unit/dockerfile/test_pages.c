/*
 * The pages of the rules that are built in.
 */
#include "dockerfile/pages.h"

#include "dockerfile/association_lint.h"
#include "test.h"

static void check_page(const char *code, const char *title)
{
	const struct rule_page *page = rule_page_find(str_of(code));
	CLEANUP(buf_done) struct buf expected = BUF_INIT;
	CLEANUP(buf_done) struct buf summary = BUF_INIT;

	if (!page) {
		test_fail(__FILE__, __LINE__, "%s has no page", code);
		return;
	}
	buf_printf(&expected, "# %s: %s\n", code, title);
	if (!str_starts(str_of(page->text), buf_str(&expected)))
		test_fail(__FILE__, __LINE__, "the title of the page of %s is not '%s'", code,
			  title);
	rule_page_summary(page, &summary);
	if (summary.len < 20 || str_find_char(buf_str(&summary), '\n') >= 0)
		test_fail(__FILE__, __LINE__, "%s: the summary is '%.*s'", code,
			  STR_ARG(buf_str(&summary)));
	if (!rule_page_section(page, "What it costs").len || !rule_page_section(page, "Good").len)
		test_fail(__FILE__, __LINE__, "%s: a section is empty", code);
}

TEST(every_rule_has_its_page)
{
	struct tree_rules trees;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < rule_count(); i++)
		check_page(rule_at(i)->code, rule_at(i)->title);
	tree_rules_init(&trees);
	CHECK_OK(associations_read_gold(&trees.list, &e));
	CHECK_OK(tree_rules_finish(&trees, &e));
	for (size_t i = 0; i < trees.count; i++)
		CHECK(rule_page_find(str_of(trees.rules[i].code)) != NULL);
	CHECK(rule_page_count == rule_count() + trees.count);
	tree_rules_done(&trees);
}

TEST(pages_are_found_by_code)
{
	CHECK(rule_page_find(STR("dl3008")) == rule_page_find(STR("DL3008")));
	CHECK(!rule_page_find(STR("DL30")) && !rule_page_find(STR("")));
}

TEST(sections)
{
	static const struct rule_page page = {
		"X1", "# X1: t\n\n## Why\n\na\nb\n\nc\n\n## Bad\n## Good\n\nd"};
	CLEANUP(buf_done) struct buf summary = BUF_INIT;

	CHECK_STR(rule_page_section(&page, "Why"), "a\nb\n\nc");
	CHECK_STR(rule_page_section(&page, "Bad"), "");
	CHECK_STR(rule_page_section(&page, "Good"), "d");
	CHECK_STR(rule_page_section(&page, "Ugly"), "");
	rule_page_summary(&page, &summary);
	CHECK_STR(buf_str(&summary), "a b");
}
