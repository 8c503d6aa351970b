/*
 * The Dockerfile parser: joins, forms, flags, heredocs, positions; every byte in one token.
 */
#include "dockerfile/ast.h"
#include "test.h"

static struct dockerfile file;

static const struct instruction *parse(struct str text)
{
	static bool made;
	struct err e = ERR_INIT;

	if (!made)
		dockerfile_init(&file, NULL);
	made = true;
	CHECK_OK(dockerfile_parse(&file, text, &e));
	if (file.text.len) {
		CHECK(file.tokens.count > 0);
		CHECK_INT(file.tokens.items[0].start, 0);
	}
	for (size_t i = 1; i < file.tokens.count; i++)
		CHECK(file.tokens.items[i].start > file.tokens.items[i - 1].start);
	return file.instructions.count ? file.instructions.items[0] : NULL;
}

#define PARSE(text) parse(STR(text))

static size_t issues(enum docker_issue_code code)
{
	size_t count = 0;

	for (size_t i = 0; i < file.issues.count; i++)
		count += file.issues.items[i].code == code;
	return count;
}

TEST(continuations_comments_and_blank_lines_are_joined)
{
	const struct instruction *i = PARSE("RUN a \\  \n  # no\n\n  b \\\\\nFROM x\n");

	CHECK_INT(file.instructions.count, 2);
	CHECK_STR(i->command.text, "a   b \\\\");
	CHECK(i->empty_continuation);
	CHECK_INT(i->span.start, 0);
	CHECK_STR(dockerfile_slice(&file, joined_span(&i->command, 4, 5)), "b");
	CHECK_STR(dockerfile_slice(&file, joined_span(&i->command, 0, 5)), "a \\  \n  # no\n\n  b");
	CHECK_INT(file.comments.count, 1);
	CHECK(file.comments.items[0].inside);
}

TEST(crlf_and_escape_directive)
{
	const struct instruction *i = PARSE("# escape=`\r\nRUN a `\r\n b\\\r\nUSER x\r\n");

	CHECK_INT(file.escape, '`');
	CHECK_STR(i->command.text, "a  b\\");
	CHECK_STR(file.instructions.items[1]->rest.text, "x");
	i = PARSE("\n# escape=`\nRUN a `\n b\n");
	CHECK_INT(file.escape, '\\');
	PARSE("# foo=bar\n# check=skip=all\n# Syntax = x\n# syntax=y\nFROM a\n");
	CHECK_INT(file.directives.count, 2);
	CHECK_STR(file.directives.items[1].name, "syntax");
	CHECK_INT(issues(ISSUE_DIRECTIVE_DUPLICATE), 1);
	PARSE("# escape=x\nFROM a");
	CHECK_INT(issues(ISSUE_ESCAPE_VALUE), 1);
}

TEST(flags_and_mounts)
{
	const struct instruction *i =
		PARSE("RUN --mount=type=cache,dst=/x,ro --mount=type=bind,\"from=a,b\" "
		      "--network=none --foo -- a --b\n");

	CHECK_INT(i->flag_count, 4);
	CHECK_STR(docker_mount_option(&i->flags[0], "target"), "/x");
	CHECK(docker_mount_option(&i->flags[0], "ro").data);
	CHECK_STR(docker_mount_option(&i->flags[1], "from"),
		  "a"); /* quotes are gone before the list is split */
	CHECK_STR(i->command.text, "a --b");
	CHECK_INT(issues(ISSUE_FLAG_UNKNOWN), 1);
	i = PARSE("COPY --from=a --link --chown=\"x y\" b c\n");
	CHECK_STR(instruction_flag(i, "chown")->value, "x y");
	CHECK(!instruction_flag(i, "link")->has_value);
	CHECK_INT(i->word_count, 2);
	CHECK_INT(file.issues.count, 0);
	PARSE("COPY --from=a --from=b --chown c d\n");
	CHECK_INT(issues(ISSUE_FLAG_DUPLICATE), 1);
	CHECK_INT(issues(ISSUE_FLAG_NO_VALUE), 1);
}

TEST(json_and_shell_form)
{
	const struct instruction *i = PARSE("CMD [ \"a\\u00e4\\n\" , \"b\" ]\n");

	CHECK_INT(i->form, FORM_JSON);
	CHECK_STR(i->words[0].text, "a\xc3\xa4\n");
	CHECK_STR(dockerfile_slice(&file, i->words[1].span), "\"b\"");
	i = PARSE("CMD [\"a\"] && b\n");
	CHECK_INT(i->form, FORM_SHELL);
	CHECK_INT(file.issues.count, 0);
	PARSE("CMD ['a']\n");
	CHECK_INT(issues(ISSUE_JSON_INVALID), 1);
	PARSE("CMD [1, \"a\"]\n");
	CHECK_INT(issues(ISSUE_JSON_NOT_STRINGS), 1);
	i = PARSE("HEALTHCHECK --interval=5s CMD curl x\n");
	CHECK_STR(i->command.text, "curl x");
	CHECK(PARSE("HEALTHCHECK none\n")->health_none);
}

TEST(pairs_of_env_label_and_arg)
{
	const struct instruction *i = PARSE("ENV a=\"b c\" d=e\\ f g=\n");

	CHECK_INT(i->pair_count, 3);
	CHECK_STR(i->pairs[0].value, "\"b c\"");
	CHECK_STR(i->pairs[1].value, "e\\ f");
	CHECK(i->pairs[2].has_value);
	i = PARSE("ENV a b  c=d\n");
	CHECK_INT(i->pair_count, 1);
	CHECK(i->pairs[0].legacy);
	CHECK_STR(i->pairs[0].value, "b  c=d");
	i = PARSE("ARG a b=c\n");
	CHECK_INT(i->pair_count, 2);
	CHECK(!i->pairs[0].has_value);
	PARSE("ENV a\nENV b=c d\nLABEL x=\"y\n");
	CHECK_INT(issues(ISSUE_PAIR_NO_VALUE), 2);
	CHECK_INT(issues(ISSUE_QUOTE_OPEN), 1);
}

TEST(heredocs_of_every_form)
{
	const struct instruction *i =
		PARSE("RUN <<EOF cat <<-'B' 3<<C\na\nEOF\n\t\tb\n\tB\nc\nC\nUSER x\n");

	CHECK_INT(i->heredoc_count, 3);
	CHECK_STR(dockerfile_slice(&file, i->heredocs[1].body), "\t\tb\n");
	CHECK(i->heredocs[1].chomp && !i->heredocs[1].expand && i->heredocs[0].expand);
	CHECK_STR(i->heredocs[2].name, "C");
	CHECK_INT(file.instructions.count, 2);
	i = PARSE("ONBUILD COPY <<a <<\"b c\" /x/\n1\na\n2\nb c\nUSER x\n");
	CHECK_INT(i->trigger->heredoc_count, 2);
	CHECK_STR(i->trigger->heredocs[1].name, "b c");
	CHECK_STR(dockerfile_slice(&file, i->span), "ONBUILD COPY <<a <<\"b c\" /x/\n1\na\n2\nb c");
	i = PARSE("RUN cat << EOF\n");
	CHECK_INT(i->heredoc_count, 0);
	i = PARSE("RUN a<<EOF <<<EOF \"<<EOF\"\n");
	CHECK_INT(i->heredoc_count, 0);
	i = PARSE("RUN foo <<EOF \\\n  bar\nx\nEOF\n");
	CHECK_INT(i->heredoc_count, 1);
	i = PARSE("RUN <<\\EOF\n$x\nEOF\n");
	CHECK(!i->heredocs[0].expand && i->heredocs[0].closed);
}

TEST(a_heredoc_without_end_loses_no_instruction)
{
	const struct instruction *i = PARSE("RUN <<EOF\necho\nUSER root\nCMD x\n");

	CHECK(!i->heredocs[0].closed);
	CHECK_STR(dockerfile_slice(&file, i->heredocs[0].body), "echo\n");
	CHECK_INT(file.instructions.count, 3);
	CHECK_INT(issues(ISSUE_HEREDOC_OPEN), 1);
}

TEST(stages_fragments_and_triggers)
{
	const struct instruction *i = PARSE("from --platform=$BUILDPLATFORM a As b\n");

	CHECK_INT(i->kind, INSTRUCTION_FROM);
	CHECK_INT(i->word_count, 3);
	PARSE("FROM a b\nFROM\n");
	CHECK_INT(issues(ISSUE_FROM_FORM), 1);
	CHECK_INT(issues(ISSUE_INSTRUCTION_EMPTY), 1);
	i = PARSE("ONBUILD ONBUILD RUN x\n");
	CHECK_INT(i->trigger->trigger->kind, INSTRUCTION_RUN);
	i = PARSE("ONBUILD\nFOO bar\n");
	CHECK_INT(issues(ISSUE_ONBUILD_EMPTY), 1);
	CHECK_INT(issues(ISSUE_INSTRUCTION_UNKNOWN), 1);
}

TEST(positions_count_code_points_and_bad_bytes)
{
	char text[5000];
	struct position p;

	PARSE("a\xc3\xa4\xff\xf0\x9f\x98\x80z\r\nb");
	p = dockerfile_position(&file, 8);
	CHECK_INT(p.line, 1);
	CHECK_INT(p.column, 5);
	p = dockerfile_position(&file, 11);
	CHECK_INT(p.line, 2);
	CHECK_INT(p.column, 1);
	CHECK_INT(issues(ISSUE_FILE_INVALID_UTF8), 1);
	/* across checkpoints, with a character over the bound of a block */
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[4999] = 'x';
	memmove(text + 1, text, 4999);
	text[0] = 'y';
	parse(str_make(text, sizeof(text)));
	for (uint32_t at = 1; at < 4999; at += 2)
		CHECK_INT(dockerfile_position(&file, at).column, at / 2 + 2);
}

TEST(odd_bytes_are_issues)
{
	PARSE("FROM a\0b\n");
	CHECK_INT(issues(ISSUE_FILE_NUL), 1);
	PARSE("\xff\xfe"
	      "F\0R\0O\0M\0 \0\xe4\0\n\0");
	CHECK_INT(issues(ISSUE_FILE_UTF16), 1);
	CHECK_STR(file.text, "FROM \xc3\xa4\n");
	CHECK_INT(file.instructions.items[0]->kind, INSTRUCTION_FROM);
	PARSE("\xef\xbb\xbf# escape=`\nFROM a\n");
	CHECK_INT(file.escape, '`');
	CHECK_INT(file.issues.count, 0);
	PARSE("");
	PARSE("\\");
	PARSE("\\\n\\\n");
	CHECK_INT(file.instructions.count, 0);
	PARSE("RUN \\");
	CHECK_INT(issues(ISSUE_INSTRUCTION_EMPTY), 1);
}
