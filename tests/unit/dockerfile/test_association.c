/*
 * Trees, patterns and tree-association rules.
 */
#include "dockerfile/association_lint.h"
#include "dockerfile/miner.h"
#include "lint_check.h"

static struct symbols symbols;
static struct forest forest;

static void setup(void)
{
	symbols_init(&symbols);
	forest_init(&forest, &symbols);
}

static void teardown(void)
{
	forest_done(&forest);
	symbols_done(&symbols);
}

static bool reads(const char *text)
{
	struct err e = ERR_INIT;
	size_t before = forest.trees.count;
	bool ok = forest_read_json(&forest, str_of(text), &e) == 0;

	CHECK(forest.trees.count == before + ok);
	return ok;
}

TEST(trees_are_read_with_keys_in_any_order_and_written_again)
{
	struct buf out = BUF_INIT;

	setup();
	CHECK(reads(
		"{\"children\": [{\"value\": 1, \"type\": \"b\"}, {\"type\": \"c\", \"x\": [1]}], "
		"\"name\": \"n\", \"type\": \"a\"}"));
	CHECK(str_is(forest.trees.items[0].name, "n"));
	CHECK(forest.nodes.count == 3 && forest.nodes.items[0].last == 2);
	CHECK(forest_child(&forest, 0) == 1 && forest_next(&forest, 1) == 2);
	CHECK(forest_next(&forest, 2) == FOREST_NONE && forest_child(&forest, 1) == FOREST_NONE);
	forest_write_json(&forest, 0, &out);
	CHECK(str_is(buf_str(&out),
		     "{\"type\": \"a\", \"children\": [{\"type\": \"b\", \"value\": \"1\", "
		     "\"children\": []}, {\"type\": \"c\", \"children\": []}]}"));
	buf_done(&out);
	teardown();
}

TEST(what_is_no_tree_is_refused_and_leaves_nothing)
{
	static const char *const bad[] = {"",
					  "[]",
					  "{}",
					  "{\"type\": \"a\", \"children\": [1]}",
					  "{\"type\": \"a\", \"children\": [[]]}",
					  "{\"type\": \"a\", \"children\": [{}]}",
					  "{\"type\": {}}",
					  "{\"type\": \"a\"} x",
					  "{\"type\": null}",
					  "{\"type\": \"a\", \"children\": {\"type\": \"a\"}}",
					  "{\"type\": \"a\", \"children\": [{\"type\": \"b\"}"};

	setup();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (reads(bad[i]))
			test_fail(__FILE__, __LINE__, "was read: %s", bad[i]);
		CHECK(forest.nodes.count == 0);
	}
	CHECK(reads("{\"type\": \"a\"}"));
	teardown();
}

TEST(patterns_come_in_one_form_and_errors_have_columns)
{
	static const struct {
		const char *text;
		const char *normal; /* NULL: refused */
	} cases[] = {
		{" A ( B  C(D) ) ", "A(B C(D))"},
		{"A^=x(\"b c\"=\"(\")", "A^=x(\"b c\"=\"(\")"},
		{"A B(C) D", "A B(C) D"},
		{"A(", NULL},
		{"A)", NULL},
		{"A()", NULL},
		{"", NULL},
		{"A^(B^)", NULL},
		{"A=", NULL},
		{"\"A", NULL},
		{"A(B))", NULL},
		{"\"a\\\"b\"", "\"a\\\"b\""},
	};
	struct arena arena = {0};

	setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern p;
		struct err e = ERR_INIT;
		int r = pattern_parse(str_of(cases[i].text), &symbols, &arena, &p, &e);

		if ((r == 0) != (cases[i].normal != NULL))
			test_fail(__FILE__, __LINE__, "%s: %d %s", cases[i].text, r, e.message);
		else if (r == 0 && !str_is(p.text, cases[i].normal))
			test_fail(__FILE__, __LINE__, "%s: %.*s", cases[i].text, STR_ARG(p.text));
		else if (r < 0 && !strstr(e.message, "column"))
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, e.message);
	}
	arena_done(&arena);
	teardown();
}

/* "n:1 n:0": matches by node and whether the rule holds. */
static void note_match(void *context, const struct association *a, uint32_t node, bool holds)
{
	struct buf *out = context;

	(void)a;
	buf_printf(out, "%s%u:%d", out->len ? " " : "", node, holds);
}

static void check_rule(int line, const char *tree, const char *rule, const char *want)
{
	struct association_scratch scratch = {0};
	struct associations list;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	setup();
	associations_init(&list, &symbols);
	if (!reads(tree) || associations_read(&list, str_of(rule), "rule", &e) < 0)
		test_fail(__FILE__, line, "%s", e.message);
	else if (association_run((const struct association *const *)list.rules.items, 1, &forest,
				 &forest.trees.items[0], &scratch, note_match, &out, &e) < 0 ||
		 !str_is(buf_str(&out), want))
		test_fail(__FILE__, line, "got %.*s", STR_ARG(buf_str(&out)));
	buf_done(&out);
	association_scratch_done(&scratch);
	associations_done(&list);
	teardown();
}

#define RULE_OF(antecedent, consequent, location, scope) \
	"- {name: r, antecedent: \"" antecedent "\", consequent: \"" consequent \
	"\", location: " location ", scope: " scope "}"
#define N(type, ...)	       "{\"type\": \"" type "\", \"children\": [" __VA_ARGS__ "]}"
#define SAYS(tree, rule, want) check_rule(__LINE__, tree, rule, want)

TEST(matching_follows_the_published_semantics)
{
	/* order and distance free, but nothing below an equal type that does not fit */
	SAYS(N("R", N("X", N("A", N("C") "," N("B")))), RULE_OF("A(B)", "C", "child", "R"), "2:1");
	SAYS(N("A", N("X", N("B"))), RULE_OF("A(B)", "C", "child", "R"), "0:0");
	SAYS(N("A", N("B", N("B", N("C")))), RULE_OF("A(B(C))", "C", "child", "R"), "0:1");
	SAYS(N("A", N("B", N("B", N("D"))) "," N("C")), RULE_OF("A", "B(D)", "child", "R"), "0:1");
	/* every node of the antecedent's type is a match of its own, nested ones too */
	SAYS(N("A", N("A", N("B"))), RULE_OF("A", "B", "child", "R"), "0:1 1:1");
	SAYS(N("A", N("A", N("B")) "," N("C")), RULE_OF("A", "C", "child", "R"), "0:1 1:0");
	/* the mark says whose children are looked at */
	SAYS(N("A", N("B", N("C")) "," N("D")), RULE_OF("A(B^)", "C", "child", "R"), "0:1");
	SAYS(N("A", N("B", N("C")) "," N("D")), RULE_OF("A(B^)", "D", "child", "R"), "0:0");
	/* several consequents */
	SAYS(N("A", N("B") "," N("D")), RULE_OF("A", "D B", "child", "R"), "0:1");
	SAYS(N("A", N("B")), RULE_OF("A", "D B", "child", "R"), "0:0");
}

TEST(beside_reaches_to_the_scope)
{
	static const char tree[] =
		N("F", N("S", N("B") "," N("G", N("A") "," N("C"))) "," N("S", N("D")));

	SAYS(tree, RULE_OF("A", "B", "precedes", "S"), "4:1");
	SAYS(tree, RULE_OF("A", "C", "follows", "S"), "4:1");
	SAYS(tree, RULE_OF("A", "B", "follows", "S"), "4:0");
	SAYS(tree, RULE_OF("A", "D", "follows", "S"), "4:0");
	SAYS(tree, RULE_OF("A", "D", "follows", "F"), "4:1");
	SAYS(tree, RULE_OF("A", "B", "precedes", "G"), "4:0");
}

TEST(rule_files_are_checked_with_their_line)
{
	static const char *const bad[] = {
		"{}",
		"- 1",
		"- {name: r}",
		"- {name: \"a b\", antecedent: A, consequent: B, location: child}",
		"- {name: r, antecedent: A, consequent: B, location: near}",
		"- {name: r, antecedent: A, consequent: B, location: child, level: high}",
		"- {name: r, antecedent: A, consequent: B, location: child, foo: 1}",
		"- {name: r, antecedent: A B, consequent: B, location: child}",
		"- {name: r, antecedent: A, consequent: B C, location: follows}",
		"- {name: r, antecedent: A(B^), consequent: B, location: follows}",
		("- {name: r, antecedent: A, consequent: B, location: child}\n"
		 "- {name: r, antecedent: A, consequent: B, location: child}"),
	};
	struct associations list;

	setup();
	associations_init(&list, &symbols);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		if (associations_read(&list, str_of(bad[i]), "x.yaml", &e) == 0)
			test_fail(__FILE__, __LINE__, "was read: %s", bad[i]);
		else if (!strstr(e.message, "x.yaml, line "))
			test_fail(__FILE__, __LINE__, "%s: %s", bad[i], e.message);
		CHECK(list.rules.count == 0);
	}
	associations_done(&list);
	teardown();
}

TEST(gold_rules_have_pages_and_run_in_lint)
{
	struct tree_rules trees;
	struct lint_config config = {0};
	struct lint_check c;
	struct err e = ERR_INIT;

	tree_rules_init(&trees);
	CHECK(associations_read_gold(&trees.list, &e) == 0);
	CHECK(tree_rules_finish(&trees, &e) == 0 && trees.count == 23);
	for (size_t i = 0; i < trees.count; i++) {
		char name[256], head[512];
		struct str page;

		snprintf(name, sizeof(name), "docs/rules/%s.md", trees.rules[i].code);
		snprintf(head, sizeof(head), "# %s: %s\n\n## Why\n", trees.rules[i].code,
			 trees.rules[i].title);
		page = test_read_file(test_source(name));
		if (!str_starts(page, str_of(head)))
			test_fail(__FILE__, __LINE__, "%s does not start with %s", name, head);
		free((char *)(uintptr_t)page.data);
	}
	config.extra_rules = trees.pointers;
	config.extra_rule_count = trees.count;
	if (!shell_parser_unavailable()) {
		struct buf places = BUF_INIT;

		CHECK(lint_check_run(&c, &config,
				     STR("FROM a\nRUN true && sudo apk add x\n# hadolint "
					 "ignore=apkAddUseNoCache\nRUN apk add y\n"),
				     "apkAddUseNoCache") == 0);
		lint_check_places(&c, &places);
		CHECK_STR(buf_str(&places), "2:18-2:25");
		buf_done(&places);
		linter_free(c.linter);
	}
	tree_rules_done(&trees);
}

TEST(hostile_trees_cost_no_more_than_their_length)
{
	const struct miner_options options = {.support_min = 1000};
	struct association_scratch scratch = {0};
	struct associations list;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	uint32_t a, b;

	setup();
	associations_init(&list, &symbols);
	a = symbols_add(&symbols, STR("A"));
	b = symbols_add(&symbols, STR("B"));
	/* 10,000 deep, each with the same 2 children; then 20,000 wide */
	for (int i = 0; i < 10000; i++) {
		forest_open(&forest, a, 0, (struct span){0});
		forest_leaf(&forest, b, 0, (struct span){0});
	}
	CHECK(forest_end_tree(&forest, STR("deep"), &e) == 0);
	forest_open(&forest, a, 0, (struct span){0});
	for (int i = 0; i < 20000; i++)
		forest_leaf(&forest, b, 0, (struct span){0});
	CHECK(forest_end_tree(&forest, STR("wide"), &e) == 0);
	CHECK(associations_read(&list, STR(RULE_OF("A(A(A))", "B", "child", "A")), "x", &e) == 0);
	CHECK(association_run((const struct association *const *)list.rules.items, 1, &forest,
			      &forest.trees.items[0], &scratch, note_match, &out, &e) == 0);
	CHECK(out.len > 10000);
	list.rules.count = 0;
	CHECK(miner_run(&forest, &options, &list, &e) == 0);
	buf_done(&out);
	association_scratch_done(&scratch);
	associations_done(&list);
	teardown();
}
