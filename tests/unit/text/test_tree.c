#include "test.h"

#include "base/buf.h"
#include "base/fault.h"
#include "text/json.h"
#include "text/tree.h"

TEST(members_are_found_by_path_and_key)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct tree t;
	uint64_t n;
	bool yes;

	CHECK_OK(tree_parse_json(
		STR("{\"config\":{\"Labels\":{\"a.b\":\"x\"},\"n\":7,\"t\":true,\"f\":false,"
		    "\"neg\":-1,\"quoted\":\"7\"},\n \"layers\":[{\"digest\":\"d0\"},[1,2]],"
		    "\"none\":null}"),
		&a, 0, &t, &e));
	CHECK_STR(tree_str(tree_find_key(tree_find(t.root, "config.Labels"), STR("a.b"))), "x");
	CHECK(tree_find(t.root, "config.Labels.a.b") == NULL);
	CHECK_STR(tree_str(tree_find(t.root, "layers.0.digest")), "d0");
	CHECK(tree_u64(tree_find(t.root, "layers.1.1"), &n) && n == 2);
	CHECK(tree_find(t.root, "layers.2") == NULL);
	CHECK(tree_find(t.root, "layers.x") == NULL);
	CHECK(tree_find(t.root, "nothing.there") == NULL);
	CHECK(tree_find(NULL, "a") == NULL && tree_find_key(NULL, STR("a")) == NULL);
	CHECK(tree_u64(tree_find(t.root, "config.n"), &n) && n == 7);
	CHECK(!tree_u64(tree_find(t.root, "config.neg"), &n));
	CHECK(!tree_u64(tree_find(t.root, "config.quoted"), &n));
	CHECK(!tree_u64(tree_find(t.root, "config.absent"), &n));
	CHECK(tree_bool(tree_find(t.root, "config.t"), &yes) && yes);
	CHECK(tree_bool(tree_find(t.root, "config.f"), &yes) && !yes);
	CHECK(!tree_bool(tree_find(t.root, "config.n"), &yes));
	CHECK(tree_str(tree_find(t.root, "config.n")).data == NULL);
	CHECK(tree_str(tree_find(t.root, "none")).data == NULL);
	CHECK_INT(tree_find(t.root, "none")->type, TREE_NULL);
	CHECK_INT(t.root->count, 3);
	CHECK_INT(t.root->size, 16);
	CHECK_INT(tree_find(t.root, "layers")->line, 2);
	CHECK_INT(tree_find(t.root, "layers")->column, 11);
	CHECK_ERR(tree_error(tree_find(t.root, "layers"), &e, "%s", "odd"), ERR_FORMAT);
	CHECK_STR(str_of(e.message), "line 2, column 11: odd");
	CHECK_STR(str_of(tree_type_name(tree_find(t.root, "layers"))), "a list");
	arena_done(&a);
}

TEST(children_keep_their_order)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct tree t;
	char seen[8] = "";
	int i = 0;

	CHECK_OK(tree_parse_json(STR("{\"z\":1,\"a\":{},\"m\":[]}"), &a, 0, &t, &e));
	for (const struct tree_node *n = tree_first(t.root); n; n = n->next)
		seen[i++] = n->key.data[0];
	CHECK_STR(str_of(seen), "zam");
	CHECK(tree_first(tree_find(t.root, "a")) == NULL);
	CHECK(tree_first(NULL) == NULL);
	arena_done(&a);
}

TEST(the_last_of_duplicate_keys_is_found_and_the_first_repetition_told)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct tree t;

	CHECK_OK(tree_parse_json(STR("{\"a\":\"1\",\"b\":{\"a\":0},\n\"a\":\"2\",\"a\":\"3\"}"), &a,
				 0, &t, &e));
	CHECK_STR(tree_str(tree_find(t.root, "a")), "3");
	CHECK(t.duplicate && t.duplicate->line == 2);
	CHECK_STR(tree_str(t.duplicate), "2");
	CHECK_OK(tree_parse_json(STR("{\"a\":1}"), &a, 0, &t, &e));
	CHECK(t.duplicate == NULL);
	arena_done(&a);
}

TEST(a_tree_of_one_item_is_read_out_of_a_stream)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct str key;
	struct tree t;
	struct json j;
	int items = 0;

	json_init_slice(&j,
			STR("{\"skip\":[1],\"list\":[{\"id\":\"a\"},\"text\",{\"id\":\"c\"}],\"x\":"
			    "{\"y\":1}}"),
			NULL);
	CHECK_OK(json_expect(&j, JSON_OBJECT, &e));
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK_OK(json_skip_value(&j, &e));
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK_OK(json_expect(&j, JSON_ARRAY, &e));
	while (json_next_item(&j, &e) > 0) {
		CHECK_OK(tree_read_json(&j, &a, &t, &e));
		CHECK(items == 1 ? str_is(tree_str(t.root), "text")
				 : tree_str(tree_find(t.root, "id")).len == 1);
		items++;
		arena_done(&a);
	}
	CHECK_INT(items, 3);
	CHECK_INT(json_next_key(&j, &key, &e), 1);
	CHECK_OK(tree_read_json(&j, &a, &t, &e));
	CHECK_INT(tree_find(t.root, "y")->type, TREE_NUMBER);
	CHECK_INT(json_next_key(&j, &key, &e), 0);
	CHECK_ERR(tree_read_json(&j, &a, &t, &e), ERR_FORMAT);
	json_done(&j);
	arena_done(&a);
}

TEST(limits_and_errors_leave_the_result_untouched)
{
	static const struct {
		const char *text;
		size_t max;
		enum err_code code;
	} rows[] = {
		{"[1,2,3]", 6, ERR_LIMIT}, {"[1,2", 0, ERR_TRUNCATED}, {"[1] x", 0, ERR_FORMAT},
		{"", 0, ERR_TRUNCATED},	   {"]", 0, ERR_FORMAT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct tree t = {.root = (void *)&e};

		CHECK_ERR(tree_parse_json(str_of(rows[i].text), &a, rows[i].max, &t, &e),
			  rows[i].code);
		CHECK(t.root == (void *)&e);
		arena_done(&a);
	}
}

TEST(a_hostile_document_ends_at_the_maximum_of_the_arena)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct arena a;
	struct tree t;

	arena_init(&a, NULL, 1 << 20);
	buf_add_cstr(&b, "[0");
	for (int i = 0; i < 1000000; i++)
		buf_add_cstr(&b, ",0");
	buf_add_cstr(&b, "]");
	CHECK_ERR(tree_parse_json(buf_str(&b), &a, 0, &t, &e), ERR_MEMORY);
	CHECK(a.total <= 1 << 20);
	arena_done(&a);
	buf_done(&b);
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	struct buf b = BUF_INIT;

	buf_add_char(&b, '[');
	for (int i = 0; i < 500; i++)
		buf_printf(&b, "{\"key\\n%d\":[\"%0100d\"]},", i, i);
	buf_add_cstr(&b, "{}]");
	for (int k = 0;; k++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct tree t;
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		r = tree_parse_json(buf_str(&b), &a, 0, &t, &e);
		fault_hook = NULL;
		/* an arena answers the failure of a large chunk with a smaller one */
		CHECK(r == 0 ? t.root->count == 501 : e.code == ERR_MEMORY);
		arena_done(&a);
		if (countdown >= 0) {
			CHECK(r == 0 && k > 3);
			break;
		}
	}
	buf_done(&b);
}
