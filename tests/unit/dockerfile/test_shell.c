/*
 * Shell bodies: joining with the way back to the file, the compact tree, commands, limits.
 */
#include "base/buf.h"
#include "lint_check.h"

static struct arena arena;
static struct shell_parser *parser;
static struct shell_tree tree;

static void parse_body(struct str text)
{
	static struct joint joint;
	struct joined body = {.text = text, .count = 1, .joints = &joint};
	struct err e = ERR_INIT;

	if (!parser)
		parser = shell_parser_new();
	arena_done(&arena);
	CHECK_OK(shell_parse(parser, &body, &arena, &tree, &e));
}

#define PARSE(text) parse_body(STR(text))

/* "a b|c": commands with their words joined by blanks. */
static void check_commands(int line, const char *expected)
{
	struct buf out = BUF_INIT;

	for (uint32_t i = 0; i < tree.command_count; i++) {
		if (i)
			buf_add_char(&out, '|');
		for (uint32_t k = 0; k < tree.commands[i].argc; k++) {
			if (k)
				buf_add_char(&out, ' ');
			buf_add(&out, tree.commands[i].argv[k].text);
		}
	}
	if (!str_is(buf_str(&out), expected))
		test_fail(__FILE__, line, "commands are '%.*s', expected '%s'",
			  STR_ARG(buf_str(&out)), expected);
	buf_done(&out);
}
#define CHECK_COMMANDS(expected) check_commands(__LINE__, expected)

/* Kinds in preorder with brackets: "script(and(command command))", words left out. */
static void add_shape(uint32_t node, struct buf *out)
{
	bool first = true;

	buf_add_cstr(out, shell_kind_name((enum shell_kind)tree.nodes[node].kind));
	for (uint32_t n = shell_child(&tree, node); n; n = tree.nodes[n].next) {
		if (tree.nodes[n].kind == SHELL_WORD)
			continue;
		buf_add_char(out, first ? '(' : ' ');
		first = false;
		add_shape(n, out);
	}
	if (!first)
		buf_add_char(out, ')');
}

static void check_shape(int line, const char *expected)
{
	struct buf out = BUF_INIT;

	add_shape(0, &out);
	if (!str_is(buf_str(&out), expected))
		test_fail(__FILE__, line, "the shape is %.*s, expected %s", STR_ARG(buf_str(&out)),
			  expected);
	buf_done(&out);
}
#define CHECK_SHAPE(expected) check_shape(__LINE__, expected)

TEST(words_lose_quotes_and_keep_expansions)
{
	NEEDS_SHELL();
	PARSE("a\\ b 'c d' \"e $X \\\"f\\\" $(g)\" h\"i\"'j'k $Y ${Z:-q r}s $'t\\n'");
	CHECK_COMMANDS("a b c d e $X \"f\" $(g) hijk $Y ${Z:-q r}s t\\n|g");
	CHECK(tree.commands[0].argv[1].literal && tree.commands[0].argv[1].quoted);
	CHECK(!tree.commands[0].argv[2].literal);
	PARSE("/usr/bin/apt-get update");
	CHECK_STR(tree.commands[0].name, "apt-get");
	PARSE("export A=\"b c\" D=$E F; local x");
	CHECK_COMMANDS("export A=b c D=$E F|local x");
}

TEST(statements_have_one_shape)
{
	NEEDS_SHELL();
	PARSE("a && b && c || d; e | f | g &");
	CHECK_SHAPE("script(or(and(command command command) command) pipeline(command command "
		    "command))");
	PARSE("if a; then b; elif c; then d; else e; fi; for x in 1 2; do f; done; while g; do h; "
	      "done");
	CHECK_SHAPE(
		"script(if(list(command) list(command) list(command) list(command) list(command)) "
		"for(list(command)) while(list(command) list(command)))");
	PARSE("case $x in a|b) c;; *) d;; esac; f() { g; }; ( h ); { i; }; ! j; [ -f k ]; [[ l ]]; "
	      "(( m ))");
	CHECK_SHAPE("script(case(case-item(command) case-item(command)) function(group(command)) "
		    "subshell(command) "
		    "group(command) not(command) test test arith(variable))");
	PARSE("A=1 B=2 c; D=3");
	CHECK_SHAPE("script(command(assignment assignment) command(assignment))");
	CHECK_COMMANDS("c");
}

TEST(redirects_belong_to_their_statement)
{
	NEEDS_SHELL();
	PARSE("a > f b 2>&1 && c | d >> g");
	CHECK_COMMANDS("a b|c|d");
	CHECK_SHAPE("script(and(command(redirect redirect) pipeline(command command(redirect))))");
	PARSE("cat <<A && b || c\nx $Y\nA\ncat <<'B' | d && e\nz\nB\nf");
	CHECK_COMMANDS("cat|b|c|cat|d|e|f");
	CHECK_SHAPE("script(or(and(command(redirect(heredoc(literal variable literal))) command) "
		    "command) "
		    "and(pipeline(command(redirect(heredoc(literal))) command) command) command)");
	PARSE("> f");
	CHECK_SHAPE("script(command(redirect))");
	PARSE("while a; do b; done < f; { c; } > g");
	CHECK_SHAPE("script(while(list(command) list(command) redirect) group(command redirect))");
}

TEST(commands_inside_of_words_are_found)
{
	NEEDS_SHELL();
	PARSE("a \"$(b `c`)\" <(d) x=$(e) ${f:-$(g)} $((1 + $(h)))");
	CHECK_COMMANDS("a $(b `c`) <(d) x=$(e) ${f:-$(g)} $((1 + $(h)))|b `c`|c|d|e|g|h");
	CHECK(shell_command_of(&tree, tree.commands[1].argv[1].node) == &tree.commands[1]);
}

TEST(errors_are_noted_and_the_rest_is_there)
{
	NEEDS_SHELL();
	PARSE("a && b; if c; then d");
	CHECK(tree.has_error);
	CHECK(tree.command_count >= 2);
	PARSE("a 'b");
	CHECK(tree.has_error);
	PARSE("");
	CHECK_INT(tree.command_count, 0);
	CHECK(!tree.has_error);
}

TEST(long_text_is_refused_and_wide_or_deep_text_survives)
{
	char *text = malloc(200000);
	size_t n = 0;

	NEEDS_SHELL();
	/* more children than libtree-sitter 0.20.7 survives: must not reach it */
	memset(text, '`', 65535);
	parse_body(str_make(text, 65535));
	CHECK_INT(tree.status, SHELL_TOO_LONG);
	memset(text, '`', SHELL_BODY_MAX);
	parse_body(str_make(text, SHELL_BODY_MAX));
	CHECK(tree.status == SHELL_PARSED || tree.status == SHELL_TOO_SLOW);
	for (size_t i = 0; i < 20000; i++, n += 6)
		memcpy(text + n, "f(){ \n", 6);
	parse_body(str_make(text, n));
	CHECK_INT(tree.status, SHELL_TOO_LONG);
	parse_body(str_make(text, SHELL_BODY_MAX));
	CHECK(tree.status == SHELL_PARSED || tree.status == SHELL_TOO_SLOW);
	for (n = 0; n + 3 <= SHELL_BODY_MAX; n += 3)
		memcpy(text + n, "a&&", 3);
	text[n - 2] = text[n - 1] = ' ';
	parse_body(str_make(text, n));
	CHECK_INT(tree.status, SHELL_PARSED);
	CHECK_INT(tree.command_count, n / 3);
	CHECK_INT(tree.nodes[1].kind, SHELL_AND);
	for (n = 0; n + 2 <= SHELL_BODY_MAX; n += 2)
		memcpy(text + n, "$(", 2);
	parse_body(str_make(text, n));
	CHECK(tree.status == SHELL_PARSED || tree.status == SHELL_TOO_SLOW);
	PARSE("a\0b");
	CHECK_INT(tree.status, SHELL_BAD_BYTES);
	free(text);
}

/* The body of the first instruction of a file, and where its offset `at` lies. */
static struct joined body_of(struct dockerfile *d, struct str text, struct str *ret_interpreter)
{
	struct joined body = {0};
	struct err e = ERR_INIT;

	CHECK_OK(dockerfile_parse(d, text, &e));
	CHECK_OK(shell_body(d, instruction_inner(d->instructions.items[0]), &arena, &body,
			    ret_interpreter, &e));
	return body;
}

TEST(bodies_are_what_the_shell_gets)
{
	struct dockerfile d;
	struct str interpreter;
	struct joined body;

	dockerfile_init(&d, NULL);
	body = body_of(&d, STR("RUN a \\\n # c\n  b\n"), &interpreter);
	CHECK_STR(body.text, "a   b");
	CHECK_INT(joined_offset(&body, 4), 15);
	body = body_of(&d, STR("RUN <<EOF\n# c\na \\\n b\nEOF\n"), &interpreter);
	CHECK_STR(body.text, "# c\na \\\n b\n");
	CHECK_INT(joined_offset(&body, 4), 14);
	CHECK(!interpreter.data);
	body = body_of(&d, STR("RUN <<-EOF\n\t#!/usr/bin/env -S python3 -u\n\t\ta\n\tEOF\n"),
		       &interpreter);
	CHECK_STR(body.text, "#!/usr/bin/env -S python3 -u\na\n");
	CHECK_STR(interpreter, "python3");
	CHECK_INT(joined_offset(&body, 29), 43);
	body = body_of(&d, STR("ONBUILD RUN cat <<A > x && \\\n cat <<B\n1\nA\n2\nB\n"),
		       &interpreter);
	CHECK_STR(body.text, "cat <<A > x &&  cat <<B\n1\nA\n2\nB");
	CHECK_STR(dockerfile_slice(&d, joined_span(&body, 24, 25)), "1");
	CHECK_STR(dockerfile_slice(&d, joined_span(&body, 28, 29)), "2");
	body = body_of(&d, STR("RUN [\"a\"]\n"), &interpreter);
	CHECK(!body.text.data);
	dockerfile_done(&d);
}
