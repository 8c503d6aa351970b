/*
 * From the Dockerfile to its tree: the instructions, and what its parts share.
 */
#include "dockerfile/docker_tree.h"

#include "dockerfile/abstraction.h"
#include "dockerfile/tree_maker.h"

/* --- nodes --- */

uint32_t maker_symbol(struct maker *m, const char *text)
{
	return symbols_add(m->forest->symbols, str_of(text));
}

void maker_open(struct maker *m, const char *type, struct span span)
{
	forest_open(m->forest, maker_symbol(m, type), 0, span);
}

void maker_leaf(struct maker *m, const char *type, struct span span)
{
	forest_leaf(m->forest, maker_symbol(m, type), 0, span);
}

/* A node whose value is kept in its type: "DOCKER-NAME:PATH". */
void maker_kept(struct maker *m, const char *type, struct str value, bool upper, struct span span)
{
	buf_clear(&m->name);
	buf_printf(&m->name, "%s:", type);
	value = str_to(value, 256);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		buf_add_char(&m->name, upper && c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	forest_leaf(m->forest, symbols_add(m->forest->symbols, buf_str(&m->name)), 0, span);
	m->failed |= buf_failed(&m->name);
}

/* A node with what its text tells. */
void maker_told(struct maker *m, const char *type, struct str text, struct span span)
{
	const char *abstract;
	size_t at = 0;

	maker_open(m, type, span);
	while ((abstract = abstraction_next(text, &at)))
		maker_leaf(m, abstract, span);
	forest_close(m->forest);
}

/* --- the list of things to do --- */

struct job *maker_push(struct maker *m, enum job_kind kind)
{
	struct job *j = vec_push(&m->jobs);

	if (!j) {
		static struct job nowhere;

		m->failed = true;
		return &nowhere;
	}
	j->kind = kind;
	return j;
}

void maker_push_open(struct maker *m, const char *type, uint32_t node)
{
	struct job *j = maker_push(m, JOB_OPEN);

	j->type = type;
	j->node = node;
}

void maker_push_node(struct maker *m, enum job_kind kind, uint32_t node)
{
	maker_push(m, kind)->node = node;
}

void maker_turn_around(struct maker *m, size_t from)
{
	for (size_t a = from, b = m->jobs.count; a + 1 < b; a++) {
		struct job j = m->jobs.items[a];

		m->jobs.items[a] = m->jobs.items[--b];
		m->jobs.items[b] = j;
	}
}

bool maker_is_redirect(const struct maker *m, uint32_t node)
{
	return m->shell->nodes[node].kind == SHELL_REDIRECT;
}

/* The children of that range of kinds, each as a job. */
void maker_push_children(struct maker *m, uint32_t node, enum job_kind kind)
{
	for (uint32_t n = shell_child(m->shell, node); n; n = m->shell->nodes[n].next) {
		if (!maker_is_redirect(m, n))
			maker_push_node(m, kind, n);
	}
}

void maker_push_wrapped(struct maker *m, const char *type, uint32_t node, enum job_kind kind)
{
	maker_push_open(m, type, node);
	maker_push_children(m, node, kind);
	maker_push(m, JOB_CLOSE);
}

/* One child in a node of its own. */
void maker_push_within(struct maker *m, const char *type, uint32_t node, enum job_kind kind)
{
	maker_push_open(m, type, node);
	maker_push_node(m, kind, node);
	maker_push(m, JOB_CLOSE);
}

/* --- instructions --- */

static void add_words(struct maker *m, const struct instruction *i, const char *first,
		      const char *other)
{
	for (uint32_t n = 0; n < i->word_count; n++)
		maker_told(m, n ? other : first, i->words[n].text, i->words[n].span);
}

static void add_paths(struct maker *m, const struct instruction *i, const char *source,
		      const char *target)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];

		maker_open(m, n + 1 < i->word_count ? source : target, w->span);
		maker_told(m, "DOCKER-PATH", w->text, w->span);
		forest_close(m->forest);
	}
}

static void add_pairs(struct maker *m, const struct instruction *i, const char *type)
{
	for (uint32_t n = 0; n < i->pair_count; n++) {
		const struct docker_pair *p = &i->pairs[n];

		maker_open(m, type, p->span);
		maker_kept(m, "DOCKER-NAME", p->name, false, p->name_span);
		if (p->has_value)
			maker_told(m, "DOCKER-LITERAL", p->value, p->value_span);
		forest_close(m->forest);
	}
}

static void add_each(struct maker *m, const struct instruction *i, const char *type,
		     const char *child, bool keep)
{
	for (uint32_t n = 0; n < i->word_count; n++) {
		maker_open(m, type, i->words[n].span);
		if (keep)
			maker_kept(m, child, i->words[n].text, false, i->words[n].span);
		else
			maker_told(m, child, i->words[n].text, i->words[n].span);
		forest_close(m->forest);
	}
}

static void add_from(struct maker *m, const struct instruction *i)
{
	struct image_name image;
	struct span span = i->word_count ? i->words[0].span : i->span;

	maker_open(m, "DOCKER-FROM", i->span);
	if (i->word_count) {
		image = image_name_parse(i->words[0].text);
		maker_kept(m, "DOCKER-IMAGE-NAME", image.repository, false, span);
		if (image.registry.len)
			maker_kept(m, "DOCKER-IMAGE-REPO", image.registry, false, span);
		if (image.tag.len)
			maker_kept(m, "DOCKER-IMAGE-TAG", image.tag, false, span);
	}
	forest_close(m->forest);
}

static void add_shell_or_list(struct maker *m, const struct instruction *i, const char *type,
			      const char *first, const char *other)
{
	maker_open(m, type, i->span);
	if (i->form == FORM_JSON) {
		add_words(m, i, first, other);
	} else if (i->form == FORM_SHELL) {
		const struct shell_tree *t = lint_shell(m->lint, i);

		if (t->status == SHELL_PARSED && t->count)
			maker_add_script(m, t);
		else
			maker_leaf(m, "UNKNOWN", i->span);
	}
	forest_close(m->forest);
}

static void add_instruction(struct maker *m, const struct instruction *i)
{
	switch (i->kind) {
	case INSTRUCTION_FROM:
		add_from(m, i);
		break;
	case INSTRUCTION_RUN:
		add_shell_or_list(m, i, "DOCKER-RUN", "DOCKER-RUN-EXECUTABLE", "DOCKER-RUN-ARG");
		break;
	case INSTRUCTION_CMD:
		add_shell_or_list(m, i, "DOCKER-CMD", "DOCKER-CMD-ARG", "DOCKER-CMD-ARG");
		break;
	case INSTRUCTION_ENTRYPOINT:
		add_shell_or_list(m, i, "DOCKER-ENTRYPOINT", "DOCKER-ENTRYPOINT-EXECUTABLE",
				  "DOCKER-ENTRYPOINT-ARG");
		break;
	case INSTRUCTION_SHELL:
		maker_open(m, "DOCKER-SHELL", i->span);
		add_words(m, i, "DOCKER-SHELL-EXECUTABLE", "DOCKER-SHELL-ARG");
		forest_close(m->forest);
		break;
	case INSTRUCTION_COPY:
	case INSTRUCTION_ADD: {
		bool copy = i->kind == INSTRUCTION_COPY;

		maker_open(m, copy ? "DOCKER-COPY" : "DOCKER-ADD", i->span);
		add_paths(m, i, copy ? "DOCKER-COPY-SOURCE" : "DOCKER-ADD-SOURCE",
			  copy ? "DOCKER-COPY-TARGET" : "DOCKER-ADD-TARGET");
		forest_close(m->forest);
		break;
	}
	case INSTRUCTION_ENV:
		add_pairs(m, i, "DOCKER-ENV");
		break;
	case INSTRUCTION_ARG:
		add_pairs(m, i, "DOCKER-ARG");
		break;
	case INSTRUCTION_EXPOSE:
		add_each(m, i, "DOCKER-EXPOSE", "DOCKER-PORT", true);
		break;
	case INSTRUCTION_VOLUME:
		add_each(m, i, "DOCKER-VOLUME", "DOCKER-PATH", false);
		break;
	case INSTRUCTION_WORKDIR:
		add_each(m, i, "DOCKER-WORKDIR", "DOCKER-PATH", false);
		break;
	case INSTRUCTION_USER:
		add_each(m, i, "DOCKER-USER", "DOCKER-LITERAL", false);
		break;
	default:
		/* the published trees have no other instructions */
		break;
	}
}

int docker_tree_add(struct lint *l, struct forest *f, bool deep, struct str name, struct err *e)
{
	struct maker m = {.lint = l, .forest = f, .deep = deep};
	size_t count = l->file->instructions.count;

	maker_open(&m, "DOCKER-FILE", (struct span){0, (uint32_t)l->file->text.len});
	for (size_t n = 0; n < count && !m.failed && !f->failed; n++)
		add_instruction(&m, l->file->instructions.items[n]);
	f->failed |= m.failed;
	vec_done(&m.jobs);
	buf_done(&m.name);
	return forest_end_tree(f, name, e);
}
