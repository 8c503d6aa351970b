/*
 * BuildKit's UndefinedVar. Which names the base image sets is known without it only for scratch and
 * for the plain distributions, whose images set PATH alone; above all others this says nothing.
 */
#include "dockerfile/rules/spelling.h"

static bool sets_path_alone(const struct stage *s)
{
	static const char *const names[] = {
		"alpine", "almalinux", "amazonlinux", "archlinux",  "busybox",
		"centos", "debian",    "fedora",      "rockylinux", "ubuntu",
	};
	struct str name = s->image_name.repository;

	if (s->is_scratch)
		return true;
	if (s->image_name.registry.len && !str_is(s->image_name.registry, "docker.io"))
		return false;
	str_skip(&name, STR("library/"));
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		if (str_is(name, names[n]))
			return true;
	}
	return false;
}

struct state {
	bool *known; /* by stage: PATH is all that its base image sets */
};

/* Bases come earlier, so one pass answers for all stages. */
static void look_at_bases(struct lint *l)
{
	struct state *state = lint_state(l);
	const struct graph *g = l->graph;

	state->known = arena_alloc(l->arena, g->stage_count * sizeof(*state->known));
	for (size_t n = 0; state->known && n < g->stage_count; n++) {
		const struct stage *s = &g->stages[n];

		state->known[n] =
			s->base >= 0 ? state->known[s->base] : s->from && sets_path_alone(s);
	}
}

static bool is_defined(const struct lint *l, const struct instruction *i, uint32_t pair,
		       struct str name)
{
	if (str_is(name, "PATH") || scope_find(l->state->variables, name))
		return true;
	/* ARG A=1 B=$A */
	for (uint32_t n = 0; i->kind == INSTRUCTION_ARG && n < pair; n++) {
		if (str_eq(i->pairs[n].name, name))
			return true;
	}
	return false;
}

static void check_text(struct lint *l, const struct instruction *i, uint32_t pair, struct str text,
		       struct span span, char escape)
{
	struct variable_use u = variable_uses(text, escape);

	if (str_find_char(text, '$') < 0)
		return;
	while (variable_use_next(&u)) {
		bool exact = str_eq(dockerfile_slice(l->file, span), text);
		struct span place = exact ? (struct span){span.start + (uint32_t)u.start,
							  span.start + (uint32_t)u.end}
					  : span;
		struct str meant;

		if (u.has_default || !u.name.len ||
		    (u.name.data[0] >= '0' && u.name.data[0] <= '9') ||
		    is_defined(l, i, pair, u.name))
			continue;
		meant = suggest_variable(l->state, u.name);
		lint_report(l, place, "Nothing sets the variable '$%.*s'%s%.*s%s", STR_ARG(u.name),
			    meant.len ? " (did you mean $" : "", STR_ARG(meant),
			    meant.len ? "?)" : "");
	}
}

/* In a heredoc quotes are text. */
static void check_heredoc(struct lint *l, const struct instruction *i,
			  const struct docker_heredoc *h)
{
	struct str body = dockerfile_slice(l->file, h->body);
	uint32_t at = h->body.start;
	size_t start = 0;

	if (!h->expand)
		return;
	for (size_t n = 0; n <= body.len; n++) {
		if (n < body.len && body.data[n] != '\'' && body.data[n] != '"')
			continue;
		check_text(l, i, 0, str_sub(body, start, n),
			   (struct span){at + (uint32_t)start, at + (uint32_t)n}, '\\');
		start = n + 1;
	}
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct state *state = lint_state(l);
	char escape = l->file->escape;
	bool files = i->kind == INSTRUCTION_COPY || i->kind == INSTRUCTION_ADD;

	if (!l->stage || !state->known || !state->known[l->stage->index])
		return;
	/* of RUN the build reads the mounts alone, the rest is the shell's */
	for (uint32_t n = 0; i->kind != INSTRUCTION_RUN && n < i->word_count; n++)
		check_text(l, i, 0, i->words[n].text, i->words[n].span, escape);
	for (uint32_t n = 0; n < i->pair_count; n++) {
		check_text(l, i, n, i->pairs[n].name, i->pairs[n].name_span, escape);
		check_text(l, i, n, i->pairs[n].value, i->pairs[n].value_span, escape);
	}
	for (uint32_t n = 0; n < i->flag_count; n++) {
		const struct docker_flag *f = &i->flags[n];

		if (files ? !str_is(f->name, "from") : str_is(f->name, "mount"))
			check_text(l, i, 0, f->value, f->value_span, escape);
	}
	for (uint32_t n = 0; files && n < i->heredoc_count; n++)
		check_heredoc(l, i, &i->heredocs[n]);
}

const struct rule rule_undefined_var = {
	.code = "UndefinedVar",
	.title = "Use only variables that are set",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ADD) | INSTRUCTION_BIT(INSTRUCTION_ARG) |
			INSTRUCTION_BIT(INSTRUCTION_COPY) | INSTRUCTION_BIT(INSTRUCTION_ENV) |
			INSTRUCTION_BIT(INSTRUCTION_LABEL) | INSTRUCTION_BIT(INSTRUCTION_RUN) |
			INSTRUCTION_BIT(INSTRUCTION_STOPSIGNAL) |
			INSTRUCTION_BIT(INSTRUCTION_USER) | INSTRUCTION_BIT(INSTRUCTION_VOLUME) |
			INSTRUCTION_BIT(INSTRUCTION_WORKDIR),
	.state_size = sizeof(struct state),
	.file = look_at_bases,
	.instruction = check,
};
