/*
 * hadolint DL3026: images come from the registries of the configuration (trustedRegistries) only,
 * in FROM, COPY --from and mounts. A name without registry is Docker Hub's. '*' in an entry
 * stands for any text. What is not known is not judged.
 */
#include "dockerfile/lint.h"

static bool matches(struct str pattern, struct str registry)
{
	struct str part;
	ptrdiff_t at;

	if (str_find_char(pattern, '*') < 0)
		return str_eq(pattern, registry);
	str_next(&pattern, '*', &part);
	if (!str_skip(&registry, part))
		return false;
	/* between two '*' the first place will do */
	while (str_next(&pattern, '*', &part)) {
		if (!pattern.data)
			return str_ends(registry, part);
		at = str_find(registry, part);
		if (at < 0)
			return false;
		registry = str_from(registry, (size_t)at + part.len);
	}
	return true;
}

static bool is_trusted(const struct lint_config *c, struct str registry)
{
	static const struct str hub[] = {STR_INIT("docker.io"), STR_INIT("hub.docker.com"),
					 STR_INIT("index.docker.io"),
					 STR_INIT("registry-1.docker.io")};

	for (size_t i = 0; i < c->trusted_registry_count; i++) {
		struct str pattern = c->trusted_registries[i];

		if (registry.len) {
			if (matches(pattern, registry))
				return true;
			continue;
		}
		for (size_t n = 0; n < sizeof(hub) / sizeof(*hub); n++) {
			if (matches(pattern, hub[n]))
				return true;
		}
	}
	return false;
}

static void check_image(struct lint *l, struct str name, struct span span)
{
	struct str registry = image_name_parse(name).registry;

	if (is_trusted(l->config, registry))
		return;
	if (!registry.len)
		registry = STR("docker.io");
	lint_report(l, span, "Use images of trusted registries only; '%.*s' is none",
		    STR_ARG(registry));
}

/* The value of --from, or of from= in a mount. */
static void check_from(struct lint *l, struct str word, struct span span)
{
	struct value v = value_of_word(l->arena, l->state, word, l->file->escape);
	uint64_t number;

	if (!v.known || !v.text.len || str_parse_u64(v.text, &number) || str_is(v.text, "scratch"))
		return;
	if (l->stage && (graph_find_stage(l->graph, v.text, l->stage->index, true) ||
			 str_eq_nocase(v.text, l->stage->name)))
		return;
	check_image(l, v.text, span);
}

static void check(struct lint *l, const struct instruction *i)
{
	const struct stage *s = l->stage;

	if (!l->config->trusted_registry_count)
		return;
	if (i->kind == INSTRUCTION_FROM) {
		if (s->base < 0 && !s->is_scratch && s->image.known && s->image.text.len)
			check_image(l, s->image.text, s->image_span);
		return;
	}
	for (uint32_t n = 0; n < i->flag_count; n++) {
		const struct docker_flag *flag = &i->flags[n];

		if (str_is(flag->name, "from"))
			check_from(l, flag->value, flag->span);
		else if (str_is(flag->name, "mount"))
			check_from(l, docker_mount_option(flag, "from"), flag->span);
	}
}

const struct rule rule_dl3026 = {
	.code = "DL3026",
	.title = "Use images of trusted registries only",
	.level = LEVEL_ERROR,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_FROM) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_RUN),
	.instruction = check,
};
