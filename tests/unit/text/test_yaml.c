#include "test.h"

#include "base/buf.h"
#include "base/fault.h"
#include "text/yaml.h"

/* The tree as one line of JSON-like text; plain scalars without quotes. */
static void describe(struct buf *b, const struct tree_node *n)
{
	const char *separator = "";

	if (n->duplicate)
		buf_add_cstr(b, "(twice)");
	if (n->type == TREE_ARRAY || n->type == TREE_OBJECT) {
		buf_add_char(b, n->type == TREE_ARRAY ? '[' : '{');
		for (const struct tree_node *c = tree_first(n); c; c = c->next) {
			buf_add_cstr(b, separator);
			if (n->type == TREE_OBJECT) {
				buf_add_escaped(b, c->key);
				buf_add_char(b, '=');
			}
			describe(b, c);
			separator = ",";
		}
		buf_add_char(b, n->type == TREE_ARRAY ? ']' : '}');
		return;
	}
	buf_add_char(b, "nb#'"[n->type]);
	buf_add_escaped(b, n->text);
	if (!n->plain)
		buf_add_char(b, '\'');
}

TEST(documents_become_trees)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", "n'"},
		{"# only a comment\n", "n'"},
		{"---\n", "n"},
		{"a: 1\nb: [x, 'y', \"z\"]\nc:\n- d: e\n- ~\n",
		 "{a=#1,b=['x,'y','z'],c=[{d='e},n~]}"},
		{"{a: true, b: 'true', c: yes, d: null, e: '', f: }",
		 "{a=btrue,b='true',c='yes,d=nnull,e='',f=n}"},
		{"[1.10, 0x1F, 0o17, -5, 1e3, .5, ., 1.2.3, .inf, .nan, 012, +1, 1_000, 0b1]",
		 "[#1.10,#0x1F,#0o17,#-5,#1e3,#.5,'.,'1.2.3,#.inf,#.nan,#012,#+1,'1_000,'0b1]"},
		{"a: |\n  two\n  lines\nb: >-\n  one\n  line\n",
		 "{a='two\\x0alines\\x0a',b='one line'}"},
		{"a: !!str 1\nb: !!int '2'\nc: !mine 3\n", "{a='1',b=#2,c='3'}"},
		{"x: &a [1, 2]\ny: *a\nz: *a\n", "{x=[#1,#2],y=[#1,#2],z=[#1,#2]}"},
		{"&k key: 1\nv: *k\n*k : 2\n", "{key=#1,v='key,key=(twice)#2}"},
		{"a: 1\na: 2\nb: {a: 1}\n", "{a=#1,a=(twice)#2,b={a=#1}}"},
		{"<<: {a: 1}\n", "{<<={a=#1}}"},
		{"\xef\xbb\xbf"
		 "a: \xc3\xa4\n",
		 "{a='\xc3\xa4}"},
		{"? a\n: b\n? c\n", "{a='b,c=n}"},
		{"%YAML 1.1\n---\na: b\n...\n", "{a='b}"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct buf b = BUF_INIT;
		struct tree t = {0};

		CHECK_OK(tree_parse_yaml(str_of(rows[i].text), &a, 0, &t, &e));
		if (t.root)
			describe(&b, t.root);
		CHECK_STR(buf_str(&b), rows[i].expected);
		arena_done(&a);
		buf_done(&b);
	}
}

TEST(hostile_documents_are_refused_with_their_place)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *place;
	} rows[] = {
		{"a: [1, 2", ERR_FORMAT, "line 2, column 1"},
		{"a: 1\n b: 2\n", ERR_FORMAT, "line 2, column 3"},
		{"a: 1\n\tb: 2\n", ERR_FORMAT, "line 2, column 1"},
		{"a: *nothing\n", ERR_FORMAT, "line 1, column 4: an alias without an anchor"},
		{"a: &a [1, *a]\n", ERR_FORMAT, "line 1, column 11: an alias inside"},
		{"&a {x: {y: *a}}\n", ERR_FORMAT, "line 1, column 12: an alias inside"},
		{"[a, b]: c\n", ERR_FORMAT, "line 1, column 1: a key must be a scalar"},
		{"{{a: b}: c}\n", ERR_FORMAT, "line 1, column 2: a key must be a scalar"},
		{"x: &l [1]\n*l : 1\n", ERR_FORMAT, "line 2, column 1: a key must be a scalar"},
		{"a: b\n---\nc: d\n", ERR_FORMAT, "line 3, column 1: a second document"},
		{"a: \xff\n", ERR_FORMAT, "line 1, column 4"},
		{"a: b\nc: \x01\n", ERR_FORMAT, "line 2, column 4"},
		{"\xff\xfe"
		 "a",
		 ERR_FORMAT, "line 1, column 1"},
		{"a: 'no end\n", ERR_FORMAT, "line 2, column 1"},
		{"%YAML 9.9\n---\na\n", ERR_FORMAT, "line 1"},
		{"a: !x!y z\n", ERR_FORMAT, "line 1, column 4"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct tree t;

		CHECK_ERR(tree_parse_yaml(str_of(rows[i].text), &a, 0, &t, &e), rows[i].code);
		if (!str_starts(str_of(e.message), str_of(rows[i].place)))
			test_fail(__FILE__, __LINE__, "'%s': '%s', expected '%s'", rows[i].text,
				  e.message, rows[i].place);
		arena_done(&a);
	}
}

TEST(aliases_cannot_multiply_beyond_the_limit)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct arena a = {0};
	struct tree t;

	/* a thousand million laughs */
	buf_add_cstr(&b, "a: &a [l,l,l,l,l,l,l,l,l,l]\n");
	for (char c = 'b'; c < 'j'; c++) {
		buf_printf(&b, "%c: &%c [", c, c);
		for (int i = 0; i < 10; i++)
			buf_printf(&b, "%s*%c", i ? "," : "", c - 1);
		buf_add_cstr(&b, "]\n");
	}
	CHECK_ERR(tree_parse_yaml(buf_str(&b), &a, 0, &t, &e), ERR_LIMIT);
	CHECK(a.total < 1 << 20);
	arena_done(&a);

	/* a chain of aliases grows no deeper than what is written */
	buf_clear(&b);
	buf_add_cstr(&b, "- &a0 [x]\n");
	for (int i = 1; i < 1000; i++)
		buf_printf(&b, "- &a%d [*a%d]\n", i, i - 1);
	CHECK_ERR(tree_parse_yaml(buf_str(&b), &a, 0, &t, &e), ERR_LIMIT);
	arena_done(&a);
	buf_done(&b);
}

TEST(a_hundred_thousand_levels_end_at_the_limit)
{
	static const char *const forms[] = {"[", "{a: ", "- ", "? "};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct arena a = {0};
		struct tree t;
		int r;

		for (int i = 0; i < 100000; i++)
			buf_add_cstr(&b, forms[f]);
		r = tree_parse_yaml(buf_str(&b), &a, 0, &t, &e);
		CHECK(r < 0 && (e.code == ERR_LIMIT || e.code == ERR_FORMAT));
		arena_done(&a);
		buf_done(&b);
	}
}

TEST(many_tag_directives_cannot_make_the_reader_slow)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct arena a = {0};
	struct tree t;

	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "%%TAG !t%d! tag:x%d,2000:\n", i, i);
	buf_add_cstr(&b, "---\na\n");
	CHECK_ERR(tree_parse_yaml(buf_str(&b), &a, 0, &t, &e), ERR_LIMIT);
	arena_done(&a);
	buf_done(&b);
}

TEST(a_stream_gives_one_document_after_the_other)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct yaml_reader *y = yaml_reader_new(STR("a: &x 1\n---\n- 2\n...\n---\n*x\n"), NULL, &e);
	struct tree t;

	CHECK(yaml_reader_next(y, &a, &t, &e) == 1 && t.root->type == TREE_OBJECT);
	CHECK(yaml_reader_next(y, &a, &t, &e) == 1 && t.root->type == TREE_ARRAY);
	/* an anchor lives in its own document */
	CHECK_ERR(yaml_reader_next(y, &a, &t, &e), ERR_FORMAT);
	CHECK_ERR(yaml_reader_next(y, &a, &t, &e), ERR_FORMAT);
	yaml_reader_free(y);
	y = yaml_reader_new(STR("--- a\n--- b\n"), NULL, &e);
	CHECK_INT(yaml_reader_next(y, &a, &t, &e), 1);
	CHECK_INT(yaml_reader_next(y, &a, &t, &e), 1);
	CHECK_STR(tree_str(t.root), "b");
	CHECK_INT(yaml_reader_next(y, &a, &t, &e), 0);
	CHECK_INT(yaml_reader_next(y, &a, &t, &e), 0);
	yaml_reader_free(y);
	yaml_reader_free(NULL);
	arena_done(&a);
}

TEST(places_are_lines_columns_and_bytes)
{
	const char *text = "\xc3\xa4: \xe2\x82\xac\r\nb: [x,\n  &n \xc3\xb6, y]\nc: {d: *n}\n";
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct tree t;
	const struct tree_node *n;

	CHECK_OK(tree_parse_yaml(str_of(text), &a, 0, &t, &e));
	n = tree_find(t.root, "\xc3\xa4");
	CHECK(n && n->line == 1 && n->column == 4 && n->offset == 4);
	n = tree_find(t.root, "b.0");
	CHECK(n && n->line == 2 && n->column == 5 && !strncmp(text + n->offset, "x,", 2));
	n = tree_find(t.root, "b.2");
	CHECK(n && n->line == 3 && !strncmp(text + n->offset, "y]", 2));
	n = tree_find(t.root, "c.d");
	CHECK(n && n->line == 4 && !strncmp(text + n->offset, "*n", 2));
	CHECK_STR(tree_str(n), "\xc3\xb6");
	arena_done(&a);
}

TEST(getters_tell_plain_from_quoted)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct tree t;
	uint64_t u;
	bool yes;

	CHECK_OK(tree_parse_yaml(STR("v: 1.10\nn: 12\nq: '12'\nt: True\nqt: 'true'\nz: null\n"), &a,
				 0, &t, &e));
	CHECK_STR(tree_str(tree_find(t.root, "v")), "1.10");
	CHECK(tree_u64(tree_find(t.root, "n"), &u) && u == 12);
	CHECK_STR(tree_str(tree_find(t.root, "n")), "12");
	CHECK(!tree_u64(tree_find(t.root, "q"), &u));
	CHECK_STR(tree_str(tree_find(t.root, "q")), "12");
	CHECK(tree_bool(tree_find(t.root, "t"), &yes) && yes);
	CHECK(!tree_bool(tree_find(t.root, "qt"), &yes));
	CHECK(tree_str(tree_find(t.root, "z")).data == NULL);
	CHECK_ERR(tree_parse_yaml(STR("a: b"), &a, 3, &t, &e), ERR_LIMIT);
	arena_done(&a);
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	struct buf b = BUF_INIT;

	buf_add_cstr(&b, "list:\n");
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "- &a%d {key: \"%0100d\", other: [*a%d]}\n", i, i, i ? i - 1 : 0);
	/* the first alias stands inside of its anchor */
	memcpy(b.data + 7 + (size_t)(strstr(b.data + 6, "[*a0]") - (b.data + 7)), "[nil]", 5);
	for (int i = 0; i < 120; i++)
		buf_printf(&b, "- k%d: v\n", i);
	for (int k = 0;; k++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct tree t;
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		r = tree_parse_yaml(str_to(buf_str(&b), 12000), &a, 0, &t, &e);
		fault_hook = NULL;
		arena_done(&a);
		if (countdown >= 0) {
			CHECK(k > 5);
			break;
		}
		CHECK(r == 0 || e.code == ERR_MEMORY || e.code == ERR_FORMAT);
	}
	buf_done(&b);
}

TEST(every_truncation_ends_in_a_tree_or_an_error)
{
	static const char sample[] =
		"a: &x [1, 'two', \"th\\u0072ee\"]\nb:\n  - {c: *x}\n  - |\n    text\n"
		"  - ! 'q'\n? k\n: - >-\n      folded\n...\n";

	for (size_t n = 0; n < sizeof(sample); n++) {
		struct err e = ERR_INIT;
		struct arena a = {0};
		struct tree t = {0};
		char *copy = malloc(n ? n : 1);
		int r;

		if (!copy)
			abort();
		memcpy(copy, sample, n);
		r = tree_parse_yaml(str_make(copy, n), &a, 0, &t, &e);
		CHECK(r == 0 ? t.root != NULL : e.code == ERR_FORMAT);
		arena_done(&a);
		free(copy);
	}
}
