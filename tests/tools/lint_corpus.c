/*
 * Runs the Dockerfile parser and linter over a corpus: JSON lines with `text` on standard input,
 *one line of figures on standard output, one line for each broken promise (exit 1). See
 *fix_corpus.c for repairs.
 *
 *	tool-lint_corpus parse|lint [every N-th line]
 *
 * parse: tokens tile the file, spans lie within it and within each other, joined texts map back to
 * the bytes they came from, the same for shell bodies and trees. lint: all rules; findings a code,
 * bodies by shell status, files a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/map.h"
#include "dockerfile/lint.h"
#include "text/json.h"

static size_t broken;
static size_t line_number;
static size_t statuses[8];
static size_t shell_errors;

static void promise(bool kept, const char *what, struct span where)
{
	if (kept)
		return;
	broken++;
	printf("broken: line %zu, bytes %u-%u: %s\n", line_number, where.start, where.end, what);
}

static void check_joined(const struct dockerfile *d, const struct joined *j, struct span in)
{
	for (size_t at = 0; at < j->text.len; at++) {
		uint32_t file = joined_offset(j, at);

		if (file >= d->text.len || d->text.data[file] != j->text.data[at]) {
			promise(false, "a joined text does not map to its bytes", in);
			return;
		}
	}
	promise(joined_offset(j, j->text.len) <= d->text.len, "the end of a joined text is outside",
		in);
}

static void check_inside(struct span part, struct span whole, const char *what)
{
	promise(part.start <= part.end && part.start >= whole.start && part.end <= whole.end, what,
		part);
}

/* The quick way and the grammar must agree on every node. */
static void check_same(struct shell_parser *p, const struct shell_tree *a, struct arena *arena,
		       struct span where)
{
	struct shell_tree b;
	struct err e = ERR_INIT;

	shell_parser_thorough(p, true);
	if (shell_parse(p, &a->body, arena, &b, &e) < 0 || b.status != a->status ||
	    b.count != a->count) {
		promise(false, "plain and thorough parse differ in size", where);
	} else {
		for (uint32_t n = 0; n < a->count; n++) {
			const struct shell_node *x = &a->nodes[n], *y = &b.nodes[n];

			if (x->kind == y->kind && x->flags == y->flags && x->start == y->start &&
			    x->end == y->end && x->parent == y->parent && x->next == y->next &&
			    x->last == y->last && str_eq(x->text, y->text))
				continue;
			promise(false, "plain and thorough parse differ",
				shell_span_of(a, x->start, x->end));
			break;
		}
	}
	shell_parser_thorough(p, false);
}

static void check_shell(struct dockerfile *d, const struct instruction *i, struct shell_parser *p)
{
	CLEANUP(arena_done) struct arena arena = {0};
	struct shell_tree t;
	struct str interpreter;
	struct joined body;
	struct err e = ERR_INIT;

	if (shell_body(d, i, &arena, &body, &interpreter, &e) < 0 ||
	    shell_parse(p, &body, &arena, &t, &e) < 0) {
		promise(false, e.message, i->span);
		return;
	}
	statuses[t.status]++;
	if (t.status == SHELL_PARSED)
		check_same(p, &t, &arena, i->span);
	shell_errors += t.has_error;
	if (i->heredoc_count == 0)
		check_joined(d, &body, i->span);
	for (uint32_t n = 0; n < t.count; n++) {
		const struct shell_node *node = &t.nodes[n];

		promise(node->start <= node->end && node->end <= body.text.len,
			"a shell node is outside", i->span);
		promise(node->last >= n && node->last < t.count, "a shell subtree has no end",
			i->span);
		promise(n == 0 || (node->parent < n && t.nodes[node->parent].last >= node->last),
			"a shell node is not within its parent", i->span);
		promise(!node->next || (node->next == node->last + 1 &&
					t.nodes[node->next].parent == node->parent),
			"a shell sibling does not follow", i->span);
		if (node->kind == SHELL_WORD) {
			uint32_t at = node->start;

			/* parts are in order and without gaps */
			for (uint32_t c = shell_child(&t, n); c; c = t.nodes[c].next) {
				promise(t.nodes[c].start == at, "a word has a gap",
					shell_span_of(&t, at, t.nodes[c].start));
				at = t.nodes[c].end;
			}
			promise(at == node->end, "a word has a gap at its end", shell_span(&t, n));
		}
	}
	for (uint32_t n = 0; n < t.command_count; n++)
		promise(t.commands[n].argc > 0 && t.nodes[t.commands[n].node].kind == SHELL_COMMAND,
			"a command is none", i->span);
}

static void check_instruction(struct dockerfile *d, const struct instruction *i,
			      struct shell_parser *p)
{
	check_inside(i->keyword, i->span, "the keyword is outside of its instruction");
	check_inside(i->line, i->span, "the line is outside of its instruction");
	check_joined(d, &i->args, i->span);
	for (uint32_t n = 0; n < i->flag_count; n++) {
		check_inside(i->flags[n].span, i->line, "a flag is outside");
		check_inside(i->flags[n].name_span, i->flags[n].span, "a flag's name is outside");
		check_inside(i->flags[n].value_span, i->flags[n].span, "a flag's value is outside");
	}
	for (uint32_t n = 0; n < i->word_count; n++)
		check_inside(i->words[n].span, i->line, "a word is outside");
	for (uint32_t n = 0; n < i->pair_count; n++) {
		check_inside(i->pairs[n].span, i->line, "a pair is outside");
		check_inside(i->pairs[n].name_span, i->pairs[n].span, "a name is outside");
		check_inside(i->pairs[n].value_span, i->pairs[n].span, "a value is outside");
	}
	for (uint32_t n = 0; n < i->heredoc_count; n++)
		check_inside(i->heredocs[n].body, i->span, "a heredoc is outside");
	if (i->form == FORM_SHELL)
		check_shell(d, i, p);
	if (i->trigger)
		check_instruction(d, i->trigger, p);
}

static void check_file(struct dockerfile *d, struct shell_parser *p, struct str text)
{
	struct err e = ERR_INIT;
	uint32_t end = 0;

	if (dockerfile_parse(d, text, &e) < 0) {
		promise(false, e.message, (struct span){0, 0});
		return;
	}
	promise(d->text.len == 0 || (d->tokens.count && d->tokens.items[0].start == 0),
		"no first token", (struct span){0, 0});
	for (size_t n = 1; n < d->tokens.count; n++)
		promise(d->tokens.items[n].start > d->tokens.items[n - 1].start,
			"tokens do not tile",
			(struct span){d->tokens.items[n - 1].start, d->tokens.items[n].start});
	for (size_t n = 0; n < d->instructions.count; n++) {
		const struct instruction *i = d->instructions.items[n];

		promise(i->span.start >= end, "instructions overlap", i->span);
		end = i->span.end;
		promise(end <= d->text.len, "an instruction ends outside", i->span);
		check_instruction(d, i, p);
	}
}

struct tally {
	const char *code;
	size_t count;
	size_t fixes;
};

static struct tally tallies[1024];

static void count_finding(const struct finding *f)
{
	size_t n = 0;

	while (tallies[n].code && strcmp(tallies[n].code, f->rule->code) != 0)
		n++;
	tallies[n].code = f->rule->code;
	tallies[n].count++;
	tallies[n].fixes += f->fix && f->fix->edits;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool read_text(struct str line, struct buf *out)
{
	struct json j;
	struct str key, text;
	struct err e = ERR_INIT;
	int r;
	bool found = false;

	json_init_slice(&j, line, NULL);
	r = json_expect(&j, JSON_OBJECT, &e);
	while (r >= 0 && (r = json_next_key(&j, &key, &e)) > 0) {
		if (!str_is(key, "text")) {
			r = json_skip_value(&j, &e);
			continue;
		}
		r = json_expect_string(&j, &text, &e);
		if (r >= 0) {
			buf_clear(out);
			buf_add(out, text);
			found = true;
		}
	}
	json_done(&j);
	return found && !buf_failed(out);
}

int main(int argc, char **argv)
{
	bool lint = argc > 1 && strcmp(argv[1], "lint") == 0;
	size_t every = argc > 2 ? strtoul(argv[2], NULL, 10) : 1, files = 0, findings = 0,
	       bytes = 0;
	struct lint_config config = {0};
	struct err e = ERR_INIT;
	struct linter *linter = linter_new(&config, NULL, &e);
	struct shell_parser *parser = shell_parser_new();
	struct dockerfile d;
	struct buf text = BUF_INIT;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	double spent = 0;

	dockerfile_init(&d, NULL);
	if (!linter || !parser || every == 0)
		return 1;
	while ((n = getline(&line, &room, stdin)) > 0) {
		double start;

		if (line_number++ % every)
			continue;
		if (!read_text(str_make(line, (size_t)n), &text)) {
			promise(false, "the corpus line has no text", (struct span){0, 0});
			continue;
		}
		files++;
		bytes += text.len;
		start = now();
		if (lint) {
			struct lint_input in = {.text = buf_str(&text)};
			struct lint_result result;

			if (lint_text(linter, &in, &result, &e) < 0)
				promise(false, e.message, (struct span){0, 0});
			findings += result.count;
			spent += now() - start;
			for (size_t i = 0; i < result.count; i++)
				count_finding(result.findings[i]);
		} else {
			check_file(&d, parser, buf_str(&text));
			spent += now() - start;
		}
	}
	for (size_t i = 0; tallies[i].code; i++)
		printf("code %s %zu fixes %zu\n", tallies[i].code, tallies[i].count,
		       tallies[i].fixes);
	for (size_t i = 0; i < 8; i++) {
		if (statuses[i])
			printf("shell %s %zu\n", shell_status_name((enum shell_status)i),
			       statuses[i]);
	}
	printf("files %zu bytes %zu findings %zu shell-errors %zu broken %zu "
	       "files-a-second %.0f\n",
	       files, bytes, findings, shell_errors, broken, spent > 0 ? (double)files / spent : 0);
	linter_free(linter);
	shell_parser_free(parser);
	dockerfile_done(&d);
	buf_done(&text);
	free(line);
	return broken > 0;
}
