/*
 * Judges the repairs over a corpus (JSON lines with `text` on standard input), by linting alone:
 * what the fixer itself says of a repair is not believed.
 *
 *	tool-fix_corpus safe|unsafe|each [every N-th line [threads [gold]]]
 *
 * safe, unsafe: all repairs of that kind together, as lint --fix applies them. each: every
 *finding's own edits alone, as an editor would apply them. In all of them: the file parses as well
 *as before, no code is found more often (new), no finding that promises such a repair is left
 *(stays), and for files a second run changes nothing (again). Findings, codes and line numbers of
 *the corpus are printed, never its text. gold: with the gold rules, too. Exit 1 when something is
 *broken.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dockerfile/association_lint.h"
#include "dockerfile/fix.h"
#include "text/json.h"

enum { RULES = 1024, SHOWN = 6, THREADS_MAX = 64, EACH_MAX = 400 };

enum kind { FAILED, PARSE, NEW, STAYS, AGAIN, CHANGES, KINDS };
static const char *const kind_names[KINDS] = {"failed", "parse", "new",
					      "stays",	"again", "changes"};

struct violation {
	const char *code; /* of the rule; "" when it is of the file */
	const char *by; /* of the rule whose edits brought it; "" when they were applied together */
	size_t count;
	size_t shown;
	size_t lines[SHOWN];
};

/* What is found in a text. */
struct state {
	const struct rule *rules[RULES];
	long count[RULES];
	size_t rule_count;
	size_t shell_errors; /* bodies that the grammar does not understand */
	size_t bodies;
};

struct figures {
	struct violation broken[KINDS][RULES];
	size_t files, bytes, fixed, offered;
	double slowest;
	size_t slowest_line;
};

static struct {
	pthread_mutex_t lock;
	char *line;
	size_t room;
	size_t every;
	size_t number;
	bool each, unsafe;
	struct figures figures;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .every = 1};

struct worker {
	pthread_t thread;
	struct linter *linter;
	struct fixer fixer;
	struct dockerfile file;
	struct shell_parser *parser;
	struct buf text, once;
	size_t line;
	struct figures *figures;
};

static void broken(struct worker *w, enum kind kind, const char *code, const char *by)
{
	struct violation *v = w->figures->broken[kind];
	size_t n = 0;

	while (n < RULES - 1 && v[n].code &&
	       (strcmp(v[n].code, code) != 0 || strcmp(v[n].by, by) != 0))
		n++;
	v[n].code = code;
	v[n].by = by;
	v[n].count++;
	if (v[n].shown < SHOWN && (!v[n].shown || v[n].lines[v[n].shown - 1] != w->line))
		v[n].lines[v[n].shown++] = w->line;
}

static long *count_of(struct state *s, const struct rule *rule)
{
	size_t n = 0;

	while (n < s->rule_count && s->rules[n] != rule)
		n++;
	if (n == s->rule_count && n < RULES) {
		s->rules[n] = rule;
		s->count[n] = 0;
		s->rule_count++;
	}
	return &s->count[n < RULES ? n : RULES - 1];
}

static void count_bodies(struct worker *w, const struct instruction *i, struct state *s)
{
	CLEANUP(arena_done) struct arena arena = {0};
	struct shell_tree t;
	struct str interpreter;
	struct joined body;

	if (i->trigger)
		count_bodies(w, i->trigger, s);
	if (i->form != FORM_SHELL)
		return;
	if (shell_body(&w->file, i, &arena, &body, &interpreter, NULL) < 0 ||
	    shell_parse(w->parser, &body, &arena, &t, NULL) < 0) {
		s->shell_errors++;
		return;
	}
	s->bodies++;
	s->shell_errors += t.status == SHELL_PARSED && t.has_error;
}

/* Lints and parses; false when one of them gives up. */
static bool look(struct worker *w, struct str text, bool shells, struct state *s,
		 struct lint_result *result)
{
	struct lint_input in = {.text = text};

	s->rule_count = s->shell_errors = s->bodies = 0;
	if (shells) {
		if (dockerfile_parse(&w->file, text, NULL) < 0)
			return false;
		for (size_t n = 0; n < w->file.instructions.count; n++)
			count_bodies(w, w->file.instructions.items[n], s);
	}
	if (lint_text(w->linter, &in, result, NULL) < 0)
		return false;
	for (size_t n = 0; n < result->count; n++)
		++*count_of(s, result->findings[n]->rule);
	return true;
}

/* What DL1000 is said of cannot be built: more of it is a text that no longer parses. */
static void compare(struct worker *w, struct state *before, struct state *after)
{
	if (after->shell_errors > before->shell_errors)
		broken(w, PARSE, "shell", "");
	for (size_t n = 0; n < after->rule_count; n++) {
		const struct rule *rule = after->rules[n];

		if (after->count[n] <= *count_of(before, rule))
			continue;
		broken(w, strcmp(rule->code, "DL1000") == 0 ? PARSE : NEW, rule->code, "");
	}
}

static bool offers(const struct finding *f, bool unsafe)
{
	return f->fix && f->fix->edits && (f->fix->safe || unsafe);
}

static void check_changes(struct worker *w, struct str before)
{
	struct str after = buf_str(&w->fixer.text);
	struct buf *made = &w->once;
	bool right = true;
	uint32_t at = 0;

	buf_clear(made);
	for (size_t i = 0; i < w->fixer.changes.count; i++) {
		const struct text_change *c = &w->fixer.changes.items[i];

		buf_add(made, str_sub(before, at, c->start));
		right = right && made->len == c->new_start;
		buf_add(made, str_sub(after, c->new_start, c->new_end));
		at = c->end;
	}
	buf_add(made, str_from(before, at));
	if (!right || !str_eq(buf_str(made), after))
		broken(w, CHANGES, "", "");
}

static void check_file(struct worker *w, struct str text)
{
	struct lint_input in = {.text = text};
	struct lint_result result;
	struct state before, after;
	size_t applied;

	if (!look(w, text, true, &before, &result) ||
	    fix_text(&w->fixer, w->linter, &in, all.unsafe, &result, NULL) < 0) {
		broken(w, FAILED, "", "");
		return;
	}
	applied = w->fixer.applied;
	w->figures->fixed += applied;
	if (applied) {
		check_changes(w, text);
		buf_clear(&w->once);
		buf_add(&w->once, buf_str(&w->fixer.text));
		in.text = buf_str(&w->once);
	}
	if (!look(w, in.text, applied > 0, &after, &result)) {
		broken(w, FAILED, "", "");
		return;
	}
	for (size_t n = 0; n < result.count; n++) {
		if (offers(result.findings[n], all.unsafe))
			broken(w, STAYS, result.findings[n]->rule->code, "");
	}
	if (!applied)
		return;
	compare(w, &before, &after);
	if (fix_text(&w->fixer, w->linter, &in, all.unsafe, &result, NULL) < 0 || w->fixer.applied)
		broken(w, AGAIN, "", "");
}

/* The finding's own edits, copied out of a result that does not outlive the next lint. */
struct single {
	const struct rule *rule;
	size_t first, count; /* of edits */
};
struct single_edit {
	uint32_t start, end;
	size_t at, len; /* of the text, in `texts` */
};
struct singles {
	VEC(struct single) items;
	VEC(struct single_edit) edits;
	struct buf texts;
};

static bool copy_singles(struct singles *s, const struct lint_result *result)
{
	for (size_t n = 0; n < result->count; n++) {
		const struct finding *f = result->findings[n];
		struct single *single;

		if (!offers(f, true))
			continue;
		single = vec_push(&s->items);
		if (!single)
			return false;
		*single = (struct single){f->rule, s->edits.count, 0};
		for (const struct lint_edit *e = f->fix->edits; e; e = e->next) {
			struct single_edit *edit = vec_push(&s->edits);

			if (!edit)
				return false;
			*edit = (struct single_edit){e->start, e->end, s->texts.len, e->text.len};
			buf_add(&s->texts, e->text);
			single->count++;
		}
	}
	return !buf_failed(&s->texts);
}

static void check_single(struct worker *w, struct str text, const struct singles *s,
			 const struct single *single, struct state *before)
{
	struct lint_result result;
	struct state after;
	uint32_t at = 0;

	buf_clear(&w->once);
	for (size_t n = 0; n < single->count; n++) {
		const struct single_edit *e = &s->edits.items[single->first + n];

		buf_add(&w->once, str_sub(text, at, e->start));
		buf_add(&w->once, str_sub(buf_str(&s->texts), e->at, e->at + e->len));
		at = e->end;
	}
	buf_add(&w->once, str_from(text, at));
	if (!look(w, buf_str(&w->once), true, &after, &result)) {
		broken(w, FAILED, "", single->rule->code);
		return;
	}
	if (after.shell_errors > before->shell_errors)
		broken(w, PARSE, "shell", single->rule->code);
	for (size_t n = 0; n < after.rule_count; n++) {
		const struct rule *rule = after.rules[n];

		if (rule != single->rule && after.count[n] > *count_of(before, rule))
			broken(w, NEW, rule->code, single->rule->code);
	}
	if (*count_of(&after, single->rule) >= *count_of(before, single->rule))
		broken(w, STAYS, "", single->rule->code);
}

static void check_each(struct worker *w, struct str text)
{
	struct singles s = {.texts = BUF_INIT};
	struct lint_result result;
	struct state before;
	size_t step;

	if (!look(w, text, true, &before, &result) || !copy_singles(&s, &result)) {
		broken(w, FAILED, "", "");
		return;
	}
	/* of very many an even sample */
	step = 1 + s.items.count / EACH_MAX;
	w->figures->offered += s.items.count;
	for (size_t n = 0; n < s.items.count; n += step) {
		check_single(w, text, &s, &s.items.items[n], &before);
		w->figures->fixed++;
	}
	vec_done(&s.items);
	vec_done(&s.edits);
	buf_done(&s.texts);
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool read_text(struct str line, struct buf *out)
{
	struct json j;
	struct str key, text;
	struct err e = ERR_INIT;
	bool found = false;
	int r;

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

/* 1: w->text is the next text; 0: the end; <0: the line has none. */
static int next_text(struct worker *w)
{
	ssize_t n;
	int r = 0;

	pthread_mutex_lock(&all.lock);
	while ((n = getline(&all.line, &all.room, stdin)) > 0) {
		w->line = ++all.number;
		if ((w->line - 1) % all.every)
			continue;
		r = read_text(str_make(all.line, (size_t)n), &w->text) ? 1 : -1;
		break;
	}
	pthread_mutex_unlock(&all.lock);
	return r;
}

static void *work(void *context)
{
	struct worker *w = context;
	int r;

	while ((r = next_text(w)) != 0) {
		double start = now(CLOCK_THREAD_CPUTIME_ID), spent;

		w->figures->files++;
		if (r < 0) {
			broken(w, FAILED, "", "");
			continue;
		}
		w->figures->bytes += w->text.len;
		if (all.each)
			check_each(w, buf_str(&w->text));
		else
			check_file(w, buf_str(&w->text));
		spent = now(CLOCK_THREAD_CPUTIME_ID) - start;
		if (spent > w->figures->slowest) {
			w->figures->slowest = spent;
			w->figures->slowest_line = w->line;
		}
	}
	return NULL;
}

static void merge(const struct figures *from)
{
	struct figures *to = &all.figures;

	to->files += from->files;
	to->bytes += from->bytes;
	to->fixed += from->fixed;
	to->offered += from->offered;
	if (from->slowest > to->slowest) {
		to->slowest = from->slowest;
		to->slowest_line = from->slowest_line;
	}
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t n = 0; n < RULES && from->broken[kind][n].code; n++) {
			const struct violation *v = &from->broken[kind][n];
			struct worker w = {.figures = to};
			size_t count = v->count - v->shown;

			for (size_t i = 0; i < v->shown; i++) {
				w.line = v->lines[i];
				broken(&w, (enum kind)kind, v->code, v->by);
			}
			for (size_t i = 0; i < count; i++) {
				w.line = v->lines[v->shown - 1];
				broken(&w, (enum kind)kind, v->code, v->by);
			}
		}
	}
}

static size_t print_broken(void)
{
	size_t total = 0;

	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t n = 0; n < RULES && all.figures.broken[kind][n].code; n++) {
			const struct violation *v = &all.figures.broken[kind][n];

			printf("broken: %s %s%s%s %zu, lines", kind_names[kind], v->code,
			       *v->by ? " by " : "", v->by, v->count);
			for (size_t i = 0; i < v->shown; i++)
				printf(" %zu", v->lines[i]);
			putchar('\n');
			total += v->count;
		}
	}
	return total;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	static struct lint_config config;
	static struct tree_rules trees;
	size_t threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 1, total;
	double wall = now(CLOCK_MONOTONIC);
	struct err e = ERR_INIT;

	all.each = argc > 1 && strcmp(argv[1], "each") == 0;
	all.unsafe = argc > 1 && strcmp(argv[1], "unsafe") == 0;
	all.every = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	if (argc < 2 || !all.every || !threads || threads > THREADS_MAX ||
	    (!all.each && !all.unsafe && strcmp(argv[1], "safe") != 0)) {
		fputs("usage: tool-fix_corpus safe|unsafe|each [every [threads [gold]]]\n", stderr);
		return 2;
	}
	tree_rules_init(&trees);
	if (argc > 4) {
		if (associations_read_gold(&trees.list, &e) < 0 ||
		    tree_rules_finish(&trees, &e) < 0)
			return 2;
		config.extra_rules = trees.pointers;
		config.extra_rule_count = trees.count;
	}
	for (size_t n = 0; n < threads; n++) {
		struct worker *w = &workers[n];

		w->linter = linter_new(&config, NULL, &e);
		w->parser = shell_parser_new();
		w->figures = calloc(1, sizeof(*w->figures));
		dockerfile_init(&w->file, NULL);
		fixer_init(&w->fixer, NULL);
		if (!w->linter || !w->parser || !w->figures ||
		    pthread_create(&w->thread, NULL, work, w) != 0)
			return 2;
	}
	for (size_t n = 0; n < threads; n++) {
		struct worker *w = &workers[n];

		pthread_join(w->thread, NULL);
		merge(w->figures);
		free(w->figures);
		fixer_done(&w->fixer);
		dockerfile_done(&w->file);
		shell_parser_free(w->parser);
		linter_free(w->linter);
		buf_done(&w->text);
		buf_done(&w->once);
	}
	tree_rules_done(&trees);
	free(all.line);
	total = print_broken();
	printf("slowest line %zu, %.2f s of CPU\n", all.figures.slowest_line, all.figures.slowest);
	printf("files %zu bytes %zu fixed %zu offered %zu broken %zu cpu-ms %.0f wall-ms %.0f\n",
	       all.figures.files, all.figures.bytes, all.figures.fixed, all.figures.offered, total,
	       now(CLOCK_PROCESS_CPUTIME_ID) * 1e3, (now(CLOCK_MONOTONIC) - wall) * 1e3);
	return total > 0;
}
