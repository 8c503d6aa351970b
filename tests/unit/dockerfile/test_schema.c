/*
 * The table of commands, and commands read by it.
 */
#include "lint_check.h"

static struct arena arena;

/* "sub flag flag=value - role:word role:word" */
static void check_use(int line, const char *text, const char *expected)
{
	static struct shell_parser *parser;
	static struct joint joint;
	struct joined body = {.text = str_of(text), .count = 1, .joints = &joint};
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct shell_tree t;
	struct command_use use;

	if (!parser)
		parser = shell_parser_new();
	arena_done(&arena);
	CHECK_OK(shell_parse(parser, &body, &arena, &t, &e));
	if (!t.command_count || !command_use_parse(&arena, &t.commands[0], &use)) {
		test_fail(__FILE__, line, "%s is not known", text);
		return;
	}
	buf_add_cstr(&out, use.sub ? use.sub->name : "?");
	for (uint32_t i = 0; i < use.flag_count; i++) {
		buf_printf(&out, " %s%.*s", use.flags[i].known ? "" : "?",
			   STR_ARG(use.flags[i].name));
		if (use.flags[i].has_value)
			buf_printf(&out, "=%.*s", STR_ARG(use.flags[i].value));
	}
	buf_add_cstr(&out, " -");
	for (uint32_t i = 0; i < use.position_count; i++)
		buf_printf(&out, " %.*s:%.*s", STR_ARG(use.positions[i].role),
			   STR_ARG(t.commands[0].argv[use.positions[i].arg].text));
	if (!str_is(buf_str(&out), expected))
		test_fail(__FILE__, line, "'%s' is '%.*s', expected '%s'", text,
			  STR_ARG(buf_str(&out)), expected);
	buf_done(&out);
}
#define CHECK_USE(text, expected) check_use(__LINE__, text, expected)

TEST(rows_are_well_formed_sorted_and_found)
{
	struct str before = STR("");

	CHECK(command_schema_count() >= 100);
	for (size_t i = 0; i < command_schema_count(); i++) {
		const struct command_schema *s = command_schema_at(i);
		struct str rest = str_of(s->names), name, first;
		struct option_spec spec;
		bool own = false;

		str_next(&rest, ' ', &first);
		if (str_cmp(before, first) >= 0)
			test_fail(__FILE__, __LINE__, "%s is not sorted", s->names);
		before = first;
		rest = str_of(s->names);
		while (str_next(&rest, ' ', &name)) {
			if (command_schema_find(name) != s)
				test_fail(__FILE__, __LINE__, "%.*s is not found, or twice",
					  STR_ARG(name));
		}
		for (const struct subcommand_schema *sub = s->subs; sub->name; sub++)
			own = own || !*sub->name;
		if (!own)
			test_fail(__FILE__, __LINE__, "%s has no SUB(\"\")", s->names);
		rest = str_of(s->options);
		while (option_spec_next(&rest, &spec)) {
			if (!spec.name.len || str_find(spec.spellings, STR("||")) >= 0)
				test_fail(__FILE__, __LINE__, "%s: odd option '%.*s'", s->names,
					  STR_ARG(spec.spellings));
		}
	}
	CHECK(!command_schema_find(STR("no-such-command")));
}

TEST(options_positions_and_sub_commands)
{
	NEEDS_SHELL();
	CHECK_USE("apt-get -qqy install --no-install-recommends -t sid a=1 b",
		  "install quiet quiet yes no-install-recommends target-release=sid - package:a=1 "
		  "package:b");
	CHECK_USE("apt-get -o A=b update", "update option=A=b -");
	CHECK_USE("pip install -r req.txt --index-url=x y -U",
		  "install requirement=req.txt index-url=x upgrade - target:y");
	CHECK_USE("python3 -m pip install x", "install - target:x");
	CHECK_USE("npm cache clean --force", "cache clean force -");
	CHECK_USE("tar xzf a.tgz -C /b --strip-components=1",
		  " extract gzip file=a.tgz directory=/b strip-components=1 -");
	CHECK_USE("tar -xJf a.txz b", " extract xz file=a.txz - path:b");
	CHECK_USE("curl -fsSLo /x https://y",
		  " fail silent show-error location output=/x - url:https://y");
	CHECK_USE("wget -nv -O- https://y", " no-verbose output-document=- - url:https://y");
	CHECK_USE("ln -s a b c d", " symbolic - target:a target:b target:c link:d");
	CHECK_USE("rm -rf -- -x", " recursive force - path:-x");
	CHECK_USE("foo/configure --prefix=/x --zzz=q", " prefix=/x ?zzz=q -");
	CHECK_USE("find . -name '*.c' -exec rm {} +",
		  " name=*.c exec - target:. target:rm target:{} target:+");
	CHECK_USE("git clone --depth 1 url dir", "clone depth=1 - url:url directory:dir");
	CHECK_USE("yum", " -");
}

TEST(wrapped_commands_are_unwrapped)
{
	NEEDS_SHELL();
	CHECK_USE("sudo -u root apt-get install -y x",
		  " user=root - command:apt-get command:install command:-y command:x");
	CHECK_USE("env -i A=b c -d", " ignore-environment - command:A=b command:c command:-d");
}
