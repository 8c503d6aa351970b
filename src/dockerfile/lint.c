/*
 * Drives the rules over one file: parses, builds the graph, calls the hooks, takes out what pragmas
 * silence, sorts.
 */
#include "dockerfile/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/map.h"
#include "dockerfile/pragma.h"
#include "dockerfile/shellcheck.h"
#include "dockerfile/waste.h"

/* A rule that runs under the configuration at hand. */
struct active_rule {
	const struct rule *rule;
	enum rule_set set; /* RULE_SETS: an extra one */
	enum lint_level level;
	size_t state_at;
};

/* Codes of ShellCheck that are no rules of ours become rules when they come up. */
enum { FOREIGN_CODES = 10000, FOREIGN_RULES = 2000, FOREIGN_OFF = UINT16_MAX };
struct foreign {
	uint16_t active[FOREIGN_CODES]; /* index + 1; 0: not seen yet; FOREIGN_OFF: does not run */
	unsigned count;
};

/* Indices of active rules. */
struct rule_list {
	uint16_t *items;
	size_t count, room;
};

struct command_rules {
	struct rule_list list;
	struct command_rules *next;
};

struct tree_slot {
	struct shell_tree tree; /* first: a tree is its slot */
	const struct command_use **uses;
};

struct linter {
	const struct lint_config *config;
	struct budget *budget;
	struct dockerfile file;
	struct graph graph;
	struct arena arena;	  /* of the file at hand */
	struct arena table_arena; /* of the configuration */
	struct shell_parser *parser;
	struct active_rule *active;
	size_t active_count;
	char *state;
	size_t state_size;
	struct rule_list by_kind[INSTRUCTION_KINDS];  /* `instruction` */
	struct rule_list triggers[INSTRUCTION_KINDS]; /* the same, behind ONBUILD */
	struct rule_list shell[INSTRUCTION_KINDS];    /* `shell` */
	bool wants_shell[INSTRUCTION_KINDS];	      /* any hook for shell bodies */
	struct map commands;			      /* name to struct command_rules */
	struct command_rules any_command;
	struct map codes;	 /* code to active index + 1 */
	struct foreign *foreign; /* ShellCheck's codes that came up, or NULL */
	/* of the file at hand */
	size_t current; /* active index of the rule being called */
	struct tree_slot **trees;
	int64_t shell_left; /* microseconds */
	size_t shell_bytes;
	bool shell_unavailable;
	bool in_exec; /* what is at hand is a RUN in JSON form */
	bool failed;
	bool hands_off; /* the body at hand is not understood: nothing in it is edited */
	size_t dropped;
	unsigned trials; /* of lint_would_find */
	VEC(struct finding *) findings;
	VEC(uint64_t) silenced; /* sorted keys, see silence_key */
	struct lint lint;
};

static bool list_add(struct rule_list *l, size_t index)
{
	uint16_t *slot = vec_push(l);

	if (slot)
		*slot = (uint16_t)index;
	return slot != NULL;
}

static bool contains(const struct str *codes, size_t count, const char *code)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(codes[i], code))
			return true;
	}
	return false;
}

static enum lint_level level_of(const struct lint_config *c, const struct rule *rule)
{
	if (c->only_count && !contains(c->only, c->only_count, rule->code))
		return LEVEL_IGNORE;
	if (!(rule->flags & RULE_ALWAYS) && contains(c->ignored, c->ignored_count, rule->code))
		return LEVEL_IGNORE;
	for (int level = 0; level < LEVEL_IGNORE; level++) {
		if (contains(c->override[level].codes, c->override[level].count, rule->code))
			return (enum lint_level)level;
	}
	/* a rule that is off unless asked for was asked for by its name */
	return c->only_count && rule->level == LEVEL_IGNORE ? LEVEL_INFO : rule->level;
}

static unsigned mask_of(const struct rule *rule)
{
	if (rule->flags & RULE_UNMASKED)
		return ~0u;
	return rule->instructions ? rule->instructions : INSTRUCTION_BIT(INSTRUCTION_RUN);
}

static bool add_active(struct linter *l, const struct rule *rule, enum rule_set set)
{
	enum lint_level level = level_of(l->config, rule);
	struct active_rule *a;
	void **slot;

	if (level == LEVEL_IGNORE)
		return true;
	a = &l->active[l->active_count++];
	*a = (struct active_rule){rule, set, level, l->state_size};
	l->state_size += (rule->state_size + 15) & ~(size_t)15;
	slot = map_put(&l->codes, str_of(rule->code));
	if (!slot)
		return false;
	if (!*slot)
		*slot = (void *)(uintptr_t)l->active_count;
	return true;
}

static bool is_override(const struct lint_config *c, const char *code)
{
	for (int level = 0; level < LEVEL_IGNORE; level++) {
		if (contains(c->override[level].codes, c->override[level].count, code))
			return true;
	}
	return false;
}

/* Makes a rule of a code of ShellCheck. */
static bool add_foreign(struct linter *l, unsigned code)
{
	size_t before = l->active_count;
	struct rule *rule;
	char text[16];
	void *found;

	if (!l->foreign)
		l->foreign = arena_alloc(&l->table_arena, sizeof(*l->foreign));
	if (!l->foreign)
		return false;
	if (code >= FOREIGN_CODES || l->foreign->active[code])
		return true;
	l->foreign->active[code] = FOREIGN_OFF;
	snprintf(text, sizeof(text), "SC%04u", code);
	found = map_find(&l->codes, str_of(text));
	if (found) {
		l->foreign->active[code] = (uint16_t)(uintptr_t)found;
		return true;
	}
	rule = ARENA_NEW(&l->table_arena, struct rule);
	if (!rule || l->foreign->count++ >= FOREIGN_RULES)
		return false;
	rule->code = arena_str(&l->table_arena, str_of(text)).data;
	rule->title = "ShellCheck's own: see its wiki";
	rule->level = LEVEL_INFO;
	if (!rule->code || !add_active(l, rule, RULE_SET_shell))
		return false;
	if (l->active_count > before)
		l->foreign->active[code] = (uint16_t)l->active_count;
	return true;
}

static struct command_rules *command_list(struct linter *l, const char *name)
{
	void **slot = map_put(&l->commands, str_of(name));

	if (slot && !*slot)
		*slot = arena_alloc(&l->table_arena, sizeof(struct command_rules));
	return slot ? *slot : NULL;
}

static bool has_command(const struct rule *rule, struct str name)
{
	for (size_t i = 0; rule->commands && rule->commands[i]; i++) {
		if (str_is(name, rule->commands[i]))
			return true;
	}
	return !rule->commands;
}

/* For each command name that some rule asks for: its rules and those for all commands, in order. */
static bool fill_commands(struct linter *l)
{
	struct map_slot *slot;

	for (size_t n = 0; n < l->active_count; n++) {
		const struct rule *rule = l->active[n].rule;

		for (size_t i = 0; rule->command && rule->commands && rule->commands[i]; i++) {
			if (!command_list(l, rule->commands[i]))
				return false;
		}
		if (rule->command && !rule->commands && !list_add(&l->any_command.list, n))
			return false;
	}
	for (size_t at = 0; (slot = map_next(&l->commands, &at));) {
		struct command_rules *c = slot->value;

		for (size_t n = 0; n < l->active_count; n++) {
			const struct rule *rule = l->active[n].rule;

			if (rule->command && has_command(rule, slot->key) && !list_add(&c->list, n))
				return false;
		}
	}
	return true;
}

static bool fill_hooks(struct linter *l)
{
	bool ok = true;

	for (size_t n = 0; n < l->active_count; n++) {
		const struct rule *rule = l->active[n].rule;

		for (int kind = 0; kind < INSTRUCTION_KINDS; kind++) {
			unsigned bit = INSTRUCTION_BIT(kind);

			if (rule->instruction &&
			    (!rule->instructions || (rule->instructions & bit))) {
				ok = ok && list_add(&l->by_kind[kind], n);
				if (rule->flags & RULE_TRIGGERS)
					ok = ok && list_add(&l->triggers[kind], n);
			}
			if (!(mask_of(rule) & bit))
				continue;
			if (rule->shell)
				ok = ok && list_add(&l->shell[kind], n);
			if (rule->shell || rule->command)
				l->wants_shell[kind] = true;
		}
	}
	return ok && fill_commands(l);
}

static bool fill_rules(struct linter *l)
{
	size_t count = rule_count() + l->config->extra_rule_count;
	bool ok = true;

	if (count + FOREIGN_RULES > UINT16_MAX)
		return false;
	l->active = arena_alloc_array(&l->table_arena, count + FOREIGN_RULES, sizeof(*l->active));
	if (!l->active)
		return false;
	for (size_t i = 0; i < rule_count(); i++)
		ok = ok && add_active(l, rule_at(i), rule_set_at(i));
	for (size_t i = 0; i < l->config->extra_rule_count; i++)
		ok = ok && add_active(l, l->config->extra_rules[i], RULE_SETS);
	l->state = arena_alloc(&l->table_arena, l->state_size ? l->state_size : 1);
	return ok && l->state && fill_hooks(l);
}

struct linter *linter_new(const struct lint_config *config, struct budget *budget, struct err *e)
{
	struct linter *l = mem_zero(1, sizeof(*l));

	if (!l) {
		ERR_NOMEM(e);
		return NULL;
	}
	l->config = config;
	l->budget = budget;
	dockerfile_init(&l->file, budget);
	arena_init(&l->arena, budget, 0);
	arena_init(&l->table_arena, budget, 0);
	map_init(&l->commands, budget);
	map_init(&l->codes, budget);
	l->parser = shell_parser_new();
	if (!l->parser || !fill_rules(l)) {
		linter_free(l);
		ERR_NOMEM(e);
		return NULL;
	}
	return l;
}

void linter_free(struct linter *l)
{
	struct map_slot *slot;

	if (!l)
		return;
	for (size_t at = 0; (slot = map_next(&l->commands, &at));) {
		struct command_rules *c = slot->value;

		if (c)
			vec_done(&c->list);
	}
	for (int kind = 0; kind < INSTRUCTION_KINDS; kind++) {
		vec_done(&l->by_kind[kind]);
		vec_done(&l->triggers[kind]);
		vec_done(&l->shell[kind]);
	}
	vec_done(&l->any_command.list);
	vec_done(&l->findings);
	vec_done(&l->silenced);
	map_done(&l->commands);
	map_done(&l->codes);
	shell_parser_free(l->parser);
	if (l->lint.tree)
		l->lint.tree_free(l->lint.tree);
	dockerfile_done(&l->file);
	arena_done(&l->arena);
	arena_done(&l->table_arena);
	mem_free(l);
}

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

/* What BuildKit's checks are told: by the build argument for it, else by "# check=" of the file. */
static struct str check_value(const struct lint *lint)
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
	struct str names = check_option(check_value(lint), "experimental"), name;

	while (pragma_name_next(&names, &name)) {
		if (str_is(name, "all") || str_is(name, code))
			return true;
	}
	return false;
}

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

		if (index != but && (mask_of(l->active[index].rule) & bit) && enter_rule(l, index))
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

/*
 * What pragmas silence, as one sorted list of keys: scope (2 bits), place (32 bits: instruction,
 * stage or nothing), rule (30 bits: active index, or SILENCE_ALL for all of BuildKit's).
 */
enum silence_scope { SILENCE_FILE, SILENCE_STAGE, SILENCE_INSTRUCTION };
#define SILENCE_ALL ((1u << 30) - 1)

static uint64_t silence_key(enum silence_scope scope, uint32_t place, size_t rule)
{
	return (uint64_t)scope << 62 | (uint64_t)place << 30 | rule;
}

static void silence(struct linter *l, enum silence_scope scope, uint32_t place, struct str names,
		    bool check)
{
	struct str name;

	while (pragma_name_next(&names, &name)) {
		void *found = map_find(&l->codes, name);
		uint64_t *slot;

		if (!found && !(check && str_eq_nocase(name, STR("all"))))
			continue;
		slot = vec_push(&l->silenced);
		if (!slot) {
			l->failed = true;
			return;
		}
		*slot = silence_key(scope, place, found ? (uintptr_t)found - 1 : SILENCE_ALL);
	}
}

static void take_pragma(struct linter *l, const struct pragma *p, const struct instruction *i)
{
	uint32_t stage = i ? l->graph.stage_of[i->index] : NO_STAGE;

	if (p->kind == PRAGMA_CHECK) {
		if (i)
			silence(l, SILENCE_INSTRUCTION, i->index, check_option(p->names, "skip"),
				true);
		return;
	}
	if (p->kind == PRAGMA_SHELL || l->config->disable_ignore_pragma || p->bad.data)
		return;
	if (p->kind == PRAGMA_GLOBAL)
		silence(l, SILENCE_FILE, 0, p->names, false);
	else if (i && p->kind == PRAGMA_IGNORE)
		silence(l, SILENCE_INSTRUCTION, i->index, p->names, false);
	else if (i && i->kind == INSTRUCTION_FROM && stage != NO_STAGE)
		silence(l, SILENCE_STAGE, stage, p->names, false);
}

static int cmp_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void read_pragmas(struct linter *l)
{
	const struct dockerfile *d = &l->file;
	size_t next = 0;
	struct pragma p;

	l->silenced.count = 0;
	for (size_t n = 0; n < d->comments.count; n++) {
		const struct instruction *i;

		if (d->comments.items[n].inside ||
		    !pragma_read(dockerfile_slice(d, d->comments.items[n].span), l->config, &p))
			continue;
		while (next < d->instructions.count &&
		       d->instructions.items[next]->comment_end <= n)
			next++;
		i = next < d->instructions.count ? d->instructions.items[next] : NULL;
		/* a blank line or other instruction between: it stands above nothing */
		take_pragma(l, &p, i && i->comment_start <= n ? i : NULL);
	}
	silence(l, SILENCE_FILE, 0, check_option(check_value(&l->lint), "skip"), true);
	if (l->silenced.count)
		qsort(l->silenced.items, l->silenced.count, sizeof(uint64_t), cmp_key);
}

static bool has_key(const struct linter *l, enum silence_scope scope, uint32_t place, size_t rule)
{
	uint64_t key = silence_key(scope, place, rule);

	if (!l->silenced.count)
		return false;
	return bsearch(&key, l->silenced.items, l->silenced.count, sizeof(key), cmp_key) != NULL;
}

static bool is_silenced(const struct linter *l, const struct finding *f)
{
	const struct active_rule *a = &l->active[f->order];
	uint32_t stage =
		f->instruction == NO_INSTRUCTION ? NO_STAGE : l->graph.stage_of[f->instruction];

	if (!l->silenced.count || (a->rule->flags & RULE_ALWAYS))
		return false;
	for (int all = 0; all <= (a->set == RULE_SET_buildkit); all++) {
		size_t rule = all ? SILENCE_ALL : f->order;

		if (has_key(l, SILENCE_FILE, 0, rule) ||
		    (stage != NO_STAGE && has_key(l, SILENCE_STAGE, stage, rule)) ||
		    (f->instruction != NO_INSTRUCTION &&
		     has_key(l, SILENCE_INSTRUCTION, f->instruction, rule)))
			return true;
	}
	return false;
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
	bool errors = str_eq_nocase(check_option(check_value(&l->lint), "error"), STR("true"));
	size_t kept = 0;

	if (l->findings.count)
		qsort(l->findings.items, l->findings.count, sizeof(*l->findings.items),
		      cmp_finding);
	for (size_t n = 0; n < l->findings.count; n++) {
		struct finding *f = l->findings.items[n];

		if (kept && is_same(l->findings.items[kept - 1], f))
			continue;
		f->instruction = instruction_at(&l->file, f->span.start);
		if (is_silenced(l, f)) {
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
		if (!is_silenced(l, f))
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
	if (f && !is_override(l->config, l->lint.rule->code))
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
		if (!add_foreign(l, in->checks[n].code))
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
	read_pragmas(l);
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
