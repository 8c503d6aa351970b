/*
 * What rules call while a file is linted: reports, edits, shell trees.
 */
#include "dockerfile/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "dockerfile/linter.h"
#include "dockerfile/pragma.h"

struct finding *lint_report(struct lint *lint, struct span span, const char *format, ...)
{
	struct linter *l = lint->linter;
	struct finding *f, **slot;
	va_list args;
	int n;
	char *text;

	if (l->findings.count >= LINT_FINDINGS_MAX) {
		l->dropped++;
		return NULL;
	}
	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	f = ARENA_NEW(&l->arena, struct finding);
	text = n < 0 ? NULL : arena_bytes(&l->arena, (size_t)n + 1);
	slot = f && text ? vec_push(&l->findings) : NULL;
	if (!slot) {
		l->failed = true;
		return NULL;
	}
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	*slot = f;
	f->rule = lint->rule;
	f->level = l->active[l->current].level;
	f->span = span;
	f->message = str_make(text, (size_t)n);
	f->order = (uint32_t)l->current;
	return f;
}

void lint_fix(struct lint *lint, struct finding *f, bool safe, const char *format, ...)
{
	struct linter *l = lint->linter;
	va_list args;
	char *text;
	int n;

	/* repairs write shell text */
	if (!f || l->file.transcoded || l->in_exec)
		return;
	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	f->fix = ARENA_NEW(&l->arena, struct lint_fix);
	text = n < 0 ? NULL : arena_bytes(&l->arena, (size_t)n + 1);
	if (!f->fix || !text) {
		l->failed = true;
		f->fix = NULL;
		return;
	}
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	f->fix->safe = safe;
	f->fix->reason = str_make(text, (size_t)n);
}

void lint_edit(struct lint *lint, struct finding *f, uint32_t start, uint32_t end, struct str text)
{
	struct linter *l = lint->linter;
	const struct lint_edit **at;
	struct lint_edit *edit;

	if (!f || !f->fix || l->hands_off)
		return;
	edit = ARENA_NEW(&l->arena, struct lint_edit);
	if (edit)
		edit->text = arena_str(&l->arena, text);
	if (!edit || !edit->text.data) {
		l->failed = true;
		return;
	}
	edit->start = start;
	edit->end = end;
	for (at = &f->fix->edits; *at && (*at)->start <= start;)
		at = (const struct lint_edit **)(uintptr_t) & (*at)->next;
	edit->next = *at;
	*at = edit;
	f->fix->edit_count++;
}

void *lint_state(struct lint *lint)
{
	return lint->linter->state + lint->linter->active[lint->linter->current].state_at;
}

void lint_report_issues(struct lint *lint)
{
	const struct dockerfile *d = lint->file;

	for (size_t i = 0; i < d->issues.count; i++) {
		const struct docker_issue *issue = &d->issues.items[i];
		const char *message = docker_issue_message(issue->code);
		const char *mark = strstr(message, "%s");

		if (strcmp(docker_issue_rule(issue->code), lint->rule->code) != 0)
			continue;
		if (mark)
			lint_report(lint, issue->span, "%.*s%.*s%s", (int)(mark - message), message,
				    (int)(issue->detail.len > 120 ? 120 : issue->detail.len),
				    issue->detail.data, mark + 2);
		else
			lint_report(lint, issue->span, "%s", message);
	}
}

static int64_t now_microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The shell that reads the body does not speak sh. */
static bool is_foreign(struct linter *l, const struct build_state *state, struct str interpreter)
{
	if (interpreter.data)
		return shell_setting_of(&l->arena, interpreter).family != SHELL_FAMILY_POSIX;
	return state->shell.family != SHELL_FAMILY_POSIX;
}

static int parse_shell(struct linter *l, const struct instruction *i, struct shell_tree *ret)
{
	struct str interpreter;
	struct joined body;
	int64_t start;
	int status;

	*ret = (struct shell_tree){.status = SHELL_NO_BODY};
	if (i->form == FORM_JSON) {
		status = shell_exec(&l->file, i, &l->arena, ret);
		l->shell_bytes += ret->body.text.len;
		if (l->shell_bytes > LINT_SHELL_BYTES)
			ret->status = SHELL_TOO_MUCH;
		return status;
	}
	if (shell_body(&l->file, i, &l->arena, &body, &interpreter, NULL) < 0)
		return -1;
	ret->body = body;
	if (!l->config->read_foreign && is_foreign(l, l->graph.states[i->index], interpreter)) {
		ret->status = SHELL_FOREIGN;
		return 0;
	}
	l->shell_bytes += body.text.len;
	if (l->shell_left <= 0 || l->shell_bytes > LINT_SHELL_BYTES) {
		ret->status = l->shell_left <= 0 ? SHELL_TOO_SLOW : SHELL_TOO_MUCH;
		return 0;
	}
	start = now_microseconds();
	status = shell_parse(l->parser, &body, &l->arena, ret, NULL);
	l->shell_left -= now_microseconds() - start;
	if (ret->status == SHELL_UNAVAILABLE)
		l->shell_unavailable = true;
	return status;
}

void lint_fail(struct lint *lint)
{
	lint->linter->failed = true;
}

static const struct shell_tree no_body = {.status = SHELL_NO_BODY};

static const struct shell_tree *tree_of(struct linter *l, const struct instruction *i)
{
	struct tree_slot **slot = &l->trees[i->index];

	if (*slot)
		return &(*slot)->tree;
	*slot = ARENA_NEW(&l->arena, struct tree_slot);
	if (!*slot || parse_shell(l, i, &(*slot)->tree) < 0)
		l->failed = true;
	return *slot ? &(*slot)->tree : &no_body;
}

const struct shell_tree *lint_shell(struct lint *lint, const struct instruction *i)
{
	while (i->kind == INSTRUCTION_ONBUILD && i->trigger)
		i = i->trigger;
	return i->form == FORM_SHELL ? tree_of(lint->linter, i) : &no_body;
}

const struct shell_tree *lint_exec(struct lint *lint, const struct instruction *i)
{
	bool is_exec = i->kind == INSTRUCTION_RUN && i->form == FORM_JSON && i->word_count;

	return is_exec ? tree_of(lint->linter, i) : &no_body;
}

const struct command_use *lint_use(struct lint *lint, const struct shell_tree *t,
				   const struct shell_command *c)
{
	static const struct command_use unknown;
	struct linter *l = lint->linter;
	struct tree_slot *slot = (struct tree_slot *)(uintptr_t)t;
	bool listed = c >= t->commands && c < t->commands + t->command_count;
	struct command_use *use;
	const struct command_use **cached;

	if (listed && !slot->uses) {
		slot->uses = arena_alloc_array(&l->arena, t->command_count, sizeof(*slot->uses));
		if (!slot->uses) {
			l->failed = true;
			return NULL;
		}
	}
	cached = listed ? &slot->uses[c - t->commands] : NULL;
	if (cached && *cached)
		return *cached == &unknown ? NULL : *cached;
	use = ARENA_NEW(&l->arena, struct command_use);
	if (!use || !command_use_parse(&l->arena, c, use))
		use = NULL;
	if (cached)
		*cached = use ? use : &unknown;
	return use;
}

struct str linter_check_value(const struct lint *lint)
{
	const struct graph_options *o = &lint->config->graph;
	const struct dockerfile *d = lint->file;

	for (size_t i = 0; i < o->build_arg_count; i++) {
		if (str_is(o->build_args[i].name, "BUILDKIT_DOCKERFILE_CHECK"))
			return o->build_args[i].value;
	}
	for (size_t i = 0; i < d->directives.count; i++) {
		if (str_is(d->directives.items[i].name, "check"))
			return d->directives.items[i].value;
	}
	return STR_NULL;
}

bool lint_runs(const struct lint *lint, const char *code)
{
	return map_find(&lint->linter->codes, str_of(code)) != NULL;
}

bool lint_experimental(const struct lint *lint, const char *code)
{
	struct str names = check_option(linter_check_value(lint), "experimental"), name;

	while (pragma_name_next(&names, &name)) {
		if (str_is(name, "all") || str_is(name, code))
			return true;
	}
	return false;
}
