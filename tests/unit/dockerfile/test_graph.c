/*
 * Stages, states and values.
 */
#include "dockerfile/graph.h"
#include "test.h"

static struct dockerfile file;
static struct arena arena;
static struct graph graph;

static void build_with(struct str text, const struct graph_options *options)
{
	static bool made;
	struct err e = ERR_INIT;

	if (!made)
		dockerfile_init(&file, NULL);
	made = true;
	arena_done(&arena);
	CHECK_OK(dockerfile_parse(&file, text, &e));
	CHECK_OK(graph_build(&graph, &file, options, &arena, &e));
}

#define BUILD(text) build_with(STR(text), NULL)

/* The value of a word at the end of the last stage. */
static struct value at_end(const char *word)
{
	return value_of_word(&arena, graph.stages[graph.stage_count - 1].last, str_of(word),
			     file.escape);
}

TEST(modifiers_and_quotes)
{
	BUILD("FROM scratch\nENV a=abc/def.tar.gz empty= b=\"x y\"\nARG unset\n");
	CHECK_STR(at_end("$a-${b}").text, "abc/def.tar.gz-x y");
	CHECK_STR(at_end("'$a'\\$b\"\\$ \\x'$b'\"").text, "$a$b$ \\x'x y'");
	CHECK_STR(at_end("${unset:-d}${empty:-e}${empty-f}${a:+g}${unset+h}${zzz:-${b:-q}}").text,
		  "deg"
		  "x y");
	CHECK_STR(at_end("${a#*/} ${a##*.} ${a%.*} ${a%%.*}").text,
		  "def.tar.gz gz abc/def.tar abc/def");
	CHECK_STR(at_end("${a/d?f/X} ${a//[/]/} ${a//./-}").text,
		  "abc/X.tar.gz abc/def.tar.gz abc/def-tar-gz");
	CHECK(at_end("${a?must}").known);
	CHECK(!at_end("$unset").known);
	CHECK_STR(at_end("x${unset}y$a").text, "x${unset}yabc/def.tar.gz");
	CHECK(!at_end("${a@Q}").known);
	CHECK(at_end("$").known && at_end("a$").known);
}

TEST(arguments_come_from_defaults_globals_and_the_command_line)
{
	struct build_arg given[] = {{STR_INIT("V"), STR_INIT("9")}};
	struct graph_options options = {given, 1};

	BUILD("ARG V=1 W=${V}x\nFROM a:${V}\nARG V\nARG Z=$W\nARG TARGETARCH\nRUN a\nFROM b:$V\n");
	CHECK_STR(graph.stages[0].image.text, "a:1");
	CHECK_STR(graph.stages[0].image_name.tag, "1");
	CHECK_STR(value_of_word(&arena, graph.stages[0].last, STR("$V"), '\\').text, "1");
	CHECK(!value_of_word(&arena, graph.stages[0].last, STR("$Z"), '\\').known);
	CHECK(!value_of_word(&arena, graph.stages[0].last, STR("$TARGETARCH"), '\\').known);
	CHECK(!at_end("$V").known);
	build_with(STR("ARG V=1\nFROM a:${V}\nARG V=2\n"), &options);
	CHECK_STR(graph.stages[0].image.text, "a:9");
	CHECK_STR(at_end("$V").text, "9");
	BUILD("ARG V\nFROM a:$V\nENV X=1\nARG X=2\n");
	CHECK(!graph.stages[0].image.known);
	CHECK_STR(at_end("$X").text, "1");
}

TEST(settings_are_inherited_through_stages)
{
	BUILD("FROM a AS Base\nUSER u\nWORKDIR /w\nWORKDIR x\nSHELL [\"/bin/bash\", \"-c\"]\nENV "
	      "A=1\nLABEL l=m\n"
	      "FROM base\nWORKDIR ../y\nFROM c\n");
	CHECK_INT(graph.stage_count, 3);
	CHECK_INT(graph.stages[1].base, 0);
	CHECK(graph.stages[0].is_used && !graph.stages[1].is_used && graph.stages[2].is_last);
	CHECK_STR(graph.stages[1].first->user.text, "u");
	CHECK_STR(graph.stages[1].last->workdir.text, "/w/x/../y");
	CHECK_STR(graph.stages[1].last->shell.program, "bash");
	CHECK(scope_find(graph.stages[1].last->variables, STR("A")));
	CHECK(scope_find(graph.stages[1].last->labels, STR("l")));
	CHECK_STR(graph.stages[2].last->shell.program, "sh");
	CHECK(!graph.stages[2].last->user.set);
	BUILD("FROM a AS x\nFROM b AS y\nCOPY --from=0 q r\nRUN --mount=type=bind,from=x a\nFROM "
	      "c\nCOPY --from=Y a b\n");
	CHECK(graph.stages[0].is_used && graph.stages[1].is_used);
	CHECK(graph_find_stage(&graph, STR("1"), 2, true) == &graph.stages[1]);
	CHECK(!graph_find_stage(&graph, STR("2"), 2, true));
	CHECK(!graph_find_stage(&graph, STR("y"), 1, true));
}

TEST(shells_are_recognised)
{
	BUILD("# hadolint shell=powershell.exe\nFROM a\nFROM b\nSHELL [\"cmd\", \"/S\"]\n");
	CHECK_INT(graph.stages[0].last->shell.family, SHELL_FAMILY_POWERSHELL);
	CHECK_INT(graph.stages[1].last->shell.family, SHELL_FAMILY_CMD);
	BUILD("FROM mcr.microsoft.com/windows/nanoserver\n");
	CHECK_INT(graph.stages[0].last->shell.family, SHELL_FAMILY_CMD);
	BUILD("FROM a\nRUN a\n# hadolint shell = pwsh\nRUN b\n");
	CHECK_INT(graph_state(&graph, file.instructions.items[1])->shell.family,
		  SHELL_FAMILY_POSIX);
	CHECK_INT(graph_state(&graph, file.instructions.items[2])->shell.family,
		  SHELL_FAMILY_POWERSHELL);
	CHECK_STR(shell_setting_of(&arena, STR("C:\\Windows\\System32\\PowerShell.exe")).program,
		  "powershell");
	CHECK_INT(shell_setting_of(&arena, STR("/usr/bin/perl")).family, SHELL_FAMILY_OTHER);
}

TEST(a_fragment_is_one_stage)
{
	BUILD("ARG A=1\nRUN echo $A\nUSER x\n");
	CHECK_INT(graph.stage_count, 1);
	CHECK(!graph.stages[0].from);
	CHECK_INT(graph.stage_of[0], NO_STAGE);
	CHECK_STR(at_end("$A").text, "1");
	BUILD("ARG A=1\n");
	CHECK_INT(graph.stage_count, 0);
}

TEST(image_names)
{
	struct image_name n = image_name_parse(STR("reg.io:5000/a/b:t@sha256:x"));

	CHECK_STR(n.registry, "reg.io:5000");
	CHECK_STR(n.repository, "a/b");
	CHECK_STR(n.tag, "t");
	CHECK_STR(n.digest, "sha256:x");
	n = image_name_parse(STR("library/debian"));
	CHECK_STR(n.registry, "");
	CHECK_STR(n.repository, "library/debian");
	CHECK_STR(n.tag, "");
	n = image_name_parse(STR("localhost:5000/x"));
	CHECK_STR(n.tag, "");
}

TEST(uses_of_variables)
{
	struct variable_use u = variable_uses(STR("a$b'$c'\"${d:-$e}'$f'\"\\$g${h}"), '\\');
	char names[16];
	size_t n = 0;

	while (variable_use_next(&u))
		names[n++] = u.name.data[0];
	CHECK_STR(str_make(names, n), "bdefh");
}

TEST(doubling_values_and_many_stages_stay_linear)
{
	size_t room = 8 << 20, n = 0;
	char *text = malloc(room);

	n += (size_t)snprintf(text + n, room - n, "FROM a\nENV A=0123456789\n");
	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, room - n,
				      "ENV A=$A$A\nWORKDIR x$A\nENV B=${A%%*9%%*8*}\n");
	build_with(str_make(text, n), NULL);
	CHECK(!at_end("$A").known);
	n = 0;
	for (int i = 0; i < 100000; i++)
		n += (size_t)snprintf(text + n, room - n, "FROM s%d AS s%d\nENV V%d=$V%d\n", i - 1,
				      i, i, i - 1);
	build_with(str_make(text, n), NULL);
	CHECK_INT(graph.stage_count, 100000);
	CHECK_INT(graph.stages[99999].base, 99998);
	free(text);
}
