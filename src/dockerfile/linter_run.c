/*
 * The way through one file: parses, builds the graph, calls the hooks, takes out what pragmas
 * silence, sorts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dockerfile/linter.h"
#include "dockerfile/pragma.h"
#include "dockerfile/shellcheck.h"
#include "dockerfile/waste.h"

static bool enter_rule(struct linter *l, size_t index)
{
	/* hadolint's rules are about programs; the others are about shells */
	if (l->in_exec && strncmp(l->active[index].rule->code, "DL", 2) != 0)
		return false;
	l->current = index;
	l->lint.rule = l->active[index].rule;
	return !(l->lint.rule->flags & RULE_EXPERIMENTAL) ||
	       lint_experimental(&l->lint, l->lint.rule->code);
}

static void call_command(struct linter *l, const struct shell_tree *t,
			 const struct shell_command *c, unsigned bit, size_t but)
{
	const struct command_rules *rules = c->name.len ? map_find(&l->commands, c->name) : NULL;

	if (!rules)
		rules = &l->any_command;
	for (size_t i = 0; i < rules->list.count; i++) {
		size_t index = rules->list.items[i];

		if (index != but && (linter_mask(l->active[index].rule) & bit) &&
		    enter_rule(l, index))
			l->lint.rule->command(&l->lint, t, c);
	}
}
enum { NO_RULE = UINT16_MAX };

static void call_commands(struct linter *l, const struct shell_tree *t, unsigned bit)
{
	for (uint32_t n = 0; n < t->command_count; n++)
		call_command(l, t, &t->commands[n], bit, NO_RULE);
}

static void call_shell(struct linter *l, const struct instruction *i, const struct shell_tree *t)
{
	for (size_t n = 0; n < l->shell[i->kind].count; n++) {
		if (enter_rule(l, l->shell[i->kind].items[n]))
			l->lint.rule->shell(&l->lint, i, t);
	}
}

static void call_instruction(struct linter *l, const struct instruction *i)
{
	const struct rule_list *list = i->is_trigger ? &l->triggers[i->kind] : &l->by_kind[i->kind];
	const struct shell_tree *t;

	l->lint.instruction = i;
	for (size_t n = 0; n < list->count; n++) {
		if (enter_rule(l, list->items[n]))
			l->lint.rule->instruction(&l->lint, i);
	}
	if (!l->wants_shell[i->kind])
		return;
	l->in_exec = i->form == FORM_JSON;
	t = l->in_exec ? lint_exec(&l->lint, i) : lint_shell(&l->lint, i);
	l->hands_off = t->has_error;
	if (t->status == SHELL_PARSED) {
		call_shell(l, i, t);
		call_commands(l, t, INSTRUCTION_BIT(i->kind));
	}
	l->in_exec = l->hands_off = false;
}

static void call_stage(struct linter *l, const struct stage *s, bool end)
{
	l->lint.instruction = NULL;
	for (size_t n = 0; n < l->active_count; n++) {
		const struct rule *rule = l->active[n].rule;
		void (*hook)(struct lint *, const struct stage *) =
			end ? rule->stage_end : rule->stage;

		if (hook && enter_rule(l, n))
			hook(&l->lint, s);
	}
}

static void call_file(struct linter *l, bool end)
{
	l->lint.instruction = NULL;
	l->lint.stage = NULL;
	l->lint.state = NULL;
	for (size_t n = 0; n < l->active_count; n++) {
		void (*hook)(struct lint *) =
			end ? l->active[n].rule->end : l->active[n].rule->file;

		if (hook && enter_rule(l, n))
			hook(&l->lint);
	}
}

static void call_all(struct linter *l)
{
	const struct dockerfile *d = &l->file;
	const struct stage *stage = NULL;

	call_file(l, false);
	for (size_t n = 0; n < d->instructions.count && !l->failed; n++) {
		const struct instruction *i = d->instructions.items[n];
		const struct stage *now = graph_stage(&l->graph, i);

		if (now != stage) {
			if (stage)
				call_stage(l, stage, true);
			stage = now;
			l->lint.stage = stage;
			call_stage(l, stage, false);
		}
		l->lint.state = l->graph.states[n];
		for (; i; i = i->trigger)
			call_instruction(l, i);
	}
	if (stage)
		call_stage(l, stage, true);
	call_file(l, true);
}

/* The instruction a place belongs to. */
static uint32_t instruction_at(const struct dockerfile *d, uint32_t offset)
{
	size_t low = 0, high = d->instructions.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->instructions.items[middle]->span.start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || d->instructions.items[low - 1]->span.end < offset)
		return NO_INSTRUCTION;
	return (uint32_t)low - 1;
}

static int cmp_finding(const void *a, const void *b)
{
	const struct finding *x = *(struct finding *const *)a, *y = *(struct finding *const *)b;
	int order;

	if (x->span.start != y->span.start)
		return x->span.start < y->span.start ? -1 : 1;
	if (x->span.end != y->span.end)
		return x->span.end < y->span.end ? -1 : 1;
	order = strcmp(x->rule->code, y->rule->code);
	return order ? order : str_cmp(x->message, y->message);
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->rule == b->rule && a->span.start == b->span.start && a->span.end == b->span.end &&
	       str_eq(a->message, b->message);
}

static void finish(struct linter *l, struct lint_result *ret)
{
	/* "# check=error=true" makes BuildKit's checks fail the build */
	bool errors =
		str_eq_nocase(check_option(linter_check_value(&l->lint), "error"), STR("true"));
	size_t kept = 0;

	if (l->findings.count)
		qsort(l->findings.items, l->findings.count, sizeof(*l->findings.items),
		      cmp_finding);
	for (size_t n = 0; n < l->findings.count; n++) {
		struct finding *f = l->findings.items[n];

		if (kept && is_same(l->findings.items[kept - 1], f))
			continue;
		f->instruction = instruction_at(&l->file, f->span.start);
		if (linter_is_silenced(l, f)) {
			ret->suppressed++;
			continue;
		}
		if (errors && l->active[f->order].set == RULE_SET_buildkit)
			f->level = LEVEL_ERROR;
		f->start = dockerfile_position(&l->file, f->span.start);
		f->end = dockerfile_position(&l->file, f->span.end);
		ret->per_level[f->level]++;
		l->findings.items[kept++] = f;
	}
	l->findings.count = kept;
	ret->findings = l->findings.items;
	ret->count = kept;
}

/* What the rules but the one at hand find in the body, by rule; their state stays as it was. */
static void count_trial(struct linter *l, const struct shell_tree *t, const struct shell_command *c,
			uint32_t *counts, const char *state)
{
	const struct instruction *i = l->lint.instruction;
	size_t old = l->findings.count, dropped = l->dropped, current = l->current;

	call_shell(l, i, t);
	call_command(l, t, c, INSTRUCTION_BIT(i->kind), current);
	for (size_t n = old; n < l->findings.count; n++) {
		struct finding *f = l->findings.items[n];

		f->instruction = instruction_at(&l->file, f->span.start);
		if (!linter_is_silenced(l, f))
			counts[f->order]++;
	}
	l->findings.count = old;
	l->dropped = dropped;
	memcpy(l->state, state, l->state_size);
	enter_rule(l, current);
}

bool lint_would_find(struct lint *lint, const struct shell_tree *t, const struct shell_command *c,
		     const struct shell_command *instead)
{
	struct linter *l = lint->linter;
	struct tree_slot *slot = (struct tree_slot *)(uintptr_t)t;
	size_t at = (size_t)(c - t->commands);
	struct shell_command *place = (struct shell_command *)(uintptr_t)c, old = *c;
	const struct command_use **uses = slot->uses;
	uint32_t *now = arena_alloc_array(&l->arena, l->active_count, sizeof(*now));
	uint32_t *then = arena_alloc_array(&l->arena, l->active_count, sizeof(*then));
	char *state = arena_bytes(&l->arena, l->state_size + 1);
	bool more = false;

	if (!now || !then || !state) {
		l->failed = true;
		return true;
	}
	if (l->trials++ >= LINT_TRIALS_MAX || at >= t->command_count)
		return true;
	memcpy(state, l->state, l->state_size);
	count_trial(l, t, c, now, state);
	*place = *instead;
	slot->uses = NULL;
	count_trial(l, t, c, then, state);
	*place = old;
	slot->uses = uses;
	for (size_t n = 0; n < l->active_count && !more; n++)
		more = then[n] > now[n];
	return more;
}

/* The limit on findings is itself a finding. */
static void report_dropped(struct linter *l)
{
	void *found = map_find(&l->codes, STR("PL1002"));

	if (!l->dropped || !found)
		return;
	l->findings.count--;
	enter_rule(l, (uintptr_t)found - 1);
	lint_report(&l->lint, (struct span){0, 0},
		    "The file has more than %d findings; %zu are not listed", LINT_FINDINGS_MAX,
		    l->dropped + 1);
}

static const struct instruction *innermost(const struct instruction *i)
{
	while (i->kind == INSTRUCTION_ONBUILD && i->trigger)
		i = i->trigger;
	return i;
}

static void report_check(struct linter *l, const struct shellcheck_comment *c)
{
	const struct instruction *i = innermost(l->file.instructions.items[c->instruction]);
	const struct shell_tree *t = lint_shell(&l->lint, i);
	unsigned active = l->foreign->active[c->code];
	struct str message = c->message;
	struct finding *f;
	uint32_t start, end;

	if (active == FOREIGN_OFF || !t->body.text.data || c->line <= SHELLCHECK_PREAMBLE)
		return;
	start = shellcheck_offset(t->body.text, c->line - SHELLCHECK_PREAMBLE, c->column);
	end = c->end_line <= SHELLCHECK_PREAMBLE
		      ? start
		      : shellcheck_offset(t->body.text, c->end_line - SHELLCHECK_PREAMBLE,
					  c->end_column);
	if (!enter_rule(l, active - 1))
		return;
	if (str_ends(message, STR(".")))
		message = str_trim(str_to(message, message.len - 1));
	f = lint_report(&l->lint, joined_span(&t->body, start, end > start ? end : start), "%.*s",
			STR_ARG(message));
	if (f && !linter_is_override(l->config, l->lint.rule->code))
		f->level = c->level;
}

/* What ShellCheck says of bodies that our own rules saw is theirs where there is one. */
static bool is_ours(struct linter *l, const struct shellcheck_comment *c)
{
	const struct instruction *i = innermost(l->file.instructions.items[c->instruction]);
	char code[16];

	snprintf(code, sizeof(code), "SC%04u", c->code);
	return rule_find(str_of(code)) && lint_shell(&l->lint, i)->status == SHELL_PARSED;
}

static void report_checks(struct linter *l, const struct lint_input *in)
{
	for (size_t n = 0; n < in->check_count && !l->failed; n++) {
		const struct shellcheck_comment *c = &in->checks[n];

		if (c->code < FOREIGN_CODES && c->instruction < l->file.instructions.count &&
		    !is_ours(l, c))
			report_check(l, c);
	}
}

/* Before pragmas are read: they may name them. */
static int add_checks(struct linter *l, const struct lint_input *in, struct err *e)
{
	for (size_t n = 0; n < in->check_count; n++) {
		if (!linter_add_foreign(l, in->checks[n].code))
			return ERR_NOMEM(e);
	}
	return 0;
}

/* Reads the file; no rule is called yet. */
static int begin(struct linter *l, const struct lint_input *in, struct err *e)
{
	l->findings.count = 0;
	l->failed = l->shell_unavailable = l->hands_off = false;
	l->dropped = 0;
	l->trials = 0;
	l->shell_left = LINT_SHELL_MICROSECONDS;
	l->shell_bytes = 0;
	arena_done(&l->arena);
	memset(l->state, 0, l->state_size);
	if (dockerfile_parse(&l->file, in->text, e) < 0)
		return -1;
	if (graph_build(&l->graph, &l->file, &l->config->graph, &l->arena, e) < 0)
		return -1;
	l->trees = arena_alloc_array(&l->arena, l->file.instructions.count + 1, sizeof(*l->trees));
	if (!l->trees)
		return ERR_NOMEM(e);
	l->lint = (struct lint){
		.file = &l->file,
		.graph = &l->graph,
		.config = l->config,
		.path = in->path,
		.ignore_file = in->ignore_file,
		.arena = &l->arena,
		.linter = l,
		.tree = l->lint.tree,
		.tree_free = l->lint.tree_free,
	};
	return 0;
}

int lint_text(struct linter *l, const struct lint_input *in, struct lint_result *ret, struct err *e)
{
	*ret = (struct lint_result){.file = &l->file};
	if (add_checks(l, in, e) < 0 || begin(l, in, e) < 0)
		return -1;
	linter_read_pragmas(l);
	call_all(l);
	report_checks(l, in);
	report_dropped(l);
	if (l->failed)
		return ERR_NOMEM(e);
	finish(l, ret);
	if (in->image && waste_find(&l->lint, in->image, ret, e) < 0)
		return -1;
	ret->dropped = l->dropped;
	ret->shell_unavailable = l->shell_unavailable;
	return 0;
}

int lint_scripts(struct linter *l, const struct lint_input *in, lint_script *put, void *context,
		 struct err *e)
{
	CLEANUP(buf_done) struct buf script = BUF_INIT;
	int r = begin(l, in, e);

	for (uint32_t n = 0; r >= 0 && n < l->file.instructions.count; n++) {
		const struct instruction *i = innermost(l->file.instructions.items[n]);
		const struct build_state *state = l->graph.states[n];

		if (!state || i->kind != INSTRUCTION_RUN)
			continue;
		buf_clear(&script);
		if (!shellcheck_script(&l->arena, state, i, lint_shell(&l->lint, i), &script))
			continue;
		if (buf_failed(&script) || l->failed)
			return ERR_NOMEM(e);
		r = put(context, n, buf_str(&script), e);
	}
	return r < 0 ? -1 : 0;
}
