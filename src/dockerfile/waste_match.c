/*
 * Which layer an instruction made, by what the history of the image says of it:
 *
 *	RUN /bin/sh -c apt-get update # buildkit          BuildKit
 *	RUN |1 V=1 /bin/sh -c apt-get update # buildkit   with arguments in scope
 *	/bin/sh -c apt-get update                         the builder before it, podman
 *	|1 V=1 /bin/sh -c apt-get update
 *	RUN apt-get update                                kaniko; and JSON lists
 *	COPY a /b/ # buildkit
 *	/bin/sh -c #(nop) COPY file:HASH in /b/
 */
#include "dockerfile/waste_match.h"

#include "dockerfile/rules/paths.h"
#include "dockerfile/shell_build.h"

/* An instruction that makes a layer. */
struct step {
	const struct instruction *instruction;
	struct str text;   /* RUN: script; COPY, ADD: target */
	struct str source; /* COPY, ADD: the sources, "" not known */
	struct str shell;
};

struct steps {
	struct step *items;
	size_t count;
};

struct str waste_squeeze(struct arena *arena, struct str text)
{
	char *out = arena_bytes(arena, text.len + 1);
	size_t len = 0;

	if (!out)
		return STR_NULL;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';

		if (!blank)
			out[len++] = c;
		else if (len && out[len - 1] != ' ')
			out[len++] = ' ';
	}
	if (len && out[len - 1] == ' ')
		len--;
	return str_make(out, len);
}

/* --- steps --- */

/* Lists beyond this are no command that anybody writes. */
enum { JOINED_MAX = 64 << 10 };

static struct str kept(struct lint *l, const struct buf *joined)
{
	if (joined->failed || !joined->len)
		return STR("");
	return arena_str(l->arena, buf_str(joined));
}

static struct str json_words(struct lint *l, const struct instruction *i)
{
	CLEANUP(buf_done) struct buf joined;

	buf_init(&joined, NULL, JOINED_MAX);
	for (uint32_t n = 0; n < i->word_count && !joined.failed; n++) {
		buf_add_cstr(&joined, n ? " " : "");
		buf_add(&joined, i->words[n].text);
	}
	return kept(l, &joined);
}

struct str waste_script(struct lint *l, const struct instruction *i)
{
	struct joined body;
	struct str interpreter;

	if (i->form == FORM_JSON)
		return waste_squeeze(l->arena, json_words(l, i));
	if (i->form != FORM_SHELL ||
	    shell_body(l->file, i, l->arena, &body, &interpreter, NULL) < 0 || !body.text.data)
		return STR("");
	return waste_squeeze(l->arena, body.text);
}

static struct str shell_of(struct lint *l, const struct build_state *state)
{
	const struct instruction *where = state ? state->shell.where : NULL;

	if (!where || where->kind != INSTRUCTION_SHELL || !where->word_count)
		return STR("/bin/sh -c");
	return waste_squeeze(l->arena, json_words(l, where));
}

static struct str evaluated(struct lint *l, const struct build_state *state,
			    const struct docker_word *w)
{
	struct value v;

	if (w->json)
		return w->text;
	v = value_of_word(l->arena, state, w->text, l->file->escape);
	return v.known ? v.text : STR("");
}

static void read_copy(struct lint *l, const struct build_state *state, struct step *step)
{
	const struct instruction *i = step->instruction;
	const struct docker_word *to = destination(i);
	CLEANUP(buf_done) struct buf joined;

	step->text = step->source = STR("");
	buf_init(&joined, NULL, JOINED_MAX);
	if (!to || i->heredoc_count)
		return;
	step->text = evaluated(l, state, to);
	for (uint32_t n = 0; n + 1 < i->word_count && !joined.failed; n++) {
		struct str word = evaluated(l, state, &i->words[n]);

		if (!word.len)
			return;
		buf_add_cstr(&joined, n ? " " : "");
		buf_add(&joined, word);
	}
	step->source = kept(l, &joined);
}

static bool makes_layer(const struct instruction *i)
{
	return i->kind == INSTRUCTION_RUN || i->kind == INSTRUCTION_COPY ||
	       i->kind == INSTRUCTION_ADD;
}

static void read_step(struct lint *l, const struct instruction *i, struct step *step)
{
	const struct build_state *state = graph_state(l->graph, i);

	step->instruction = i;
	if (i->kind != INSTRUCTION_RUN) {
		read_copy(l, state, step);
		return;
	}
	step->text = waste_script(l, i);
	step->shell = shell_of(l, state);
}

/* The stages of the image from the first to the last, marked. */
static bool *mark_stages(struct lint *l)
{
	const struct graph *g = l->graph;
	bool *in = arena_alloc_array(l->arena, g->stage_count + 1, sizeof(*in));
	int64_t at = (int64_t)g->stage_count - 1;

	for (; in && at >= 0; at = g->stages[at].base)
		in[at] = true;
	return in;
}

/* 1: there are too many. */
static int read_steps(struct lint *l, const bool *in, struct steps *ret, struct err *e)
{
	const struct dockerfile *d = l->file;
	size_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		ret->count = 0;
		for (size_t n = 0; n < d->instructions.count; n++) {
			const struct instruction *i = d->instructions.items[n];
			uint32_t stage = l->graph->stage_of[n];

			if (stage == NO_STAGE || !in[stage] || !makes_layer(i))
				continue;
			if (pass)
				read_step(l, i, &ret->items[ret->count++]);
			else
				count++;
		}
		if (!pass && count > WASTE_STEPS_MAX)
			return 1;
		if (!pass)
			ret->items = arena_alloc_array(l->arena, count, sizeof(*ret->items));
		if (!ret->items)
			return ERR_NOMEM(e);
	}
	return 0;
}

/* --- one step, one layer --- */

/* "", or the arguments in scope: "|2 A=1 B=2". */
static bool is_arguments(struct str text)
{
	return !text.len ||
	       (text.len > 1 && text.data[0] == '|' && text.data[1] >= '0' && text.data[1] <= '9');
}

bool waste_is_run(struct str created_by, struct str script, struct str shell, bool json)
{
	bool named = str_starts(created_by, STR("RUN "));
	struct str front;

	if (named)
		created_by = str_from(created_by, 4);
	if (!script.len || !str_ends(created_by, script))
		return false;
	front = str_to(created_by, created_by.len - script.len);
	if (front.len && front.data[front.len - 1] != ' ')
		return false;
	front = str_trim(front);
	if (json || !front.len)
		return is_arguments(front) && (named || json);
	if (str_ends(front, shell))
		return is_arguments(str_trim(str_to(front, front.len - shell.len)));
	return str_ends(front, STR("/bin/sh -c")) &&
	       is_arguments(str_trim(str_to(front, front.len - 10)));
}

static struct str without_slash(struct str path)
{
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path = str_to(path, path.len - 1);
	while (str_starts(path, STR("./")))
		path = str_from(path, 2);
	return path;
}

/* A target as the history has it, relative or made absolute. */
static bool is_target(struct str said, struct str target)
{
	said = without_slash(said);
	target = without_slash(target);
	if (str_eq(said, target))
		return true;
	if (!target.len || str_is(target, "."))
		return true;
	return target.data[0] != '/' && str_ends(said, target) &&
	       said.data[said.len - target.len - 1] == '/';
}

/* `said` behind the keyword: "a b /c/" or "file:HASH in /c/". */
static bool is_copy(struct str said, const struct step *s)
{
	ptrdiff_t blank = str_find_last_char(said, ' ');
	struct str sources;

	if (blank < 0 || !s->text.len)
		return false;
	if (!is_target(str_from(said, (size_t)blank + 1), s->text))
		return false;
	sources = str_to(said, (size_t)blank);
	/* hashes of the sources, which the file does not have */
	if (str_ends(sources, STR(" in")))
		return true;
	if (!s->source.len || !str_ends(sources, s->source))
		return false;
	return sources.len == s->source.len || sources.data[sources.len - s->source.len - 1] == ' ';
}

static bool matches(const struct waste_layer *layer, const struct step *s)
{
	const struct instruction *i = s->instruction;
	struct str said = layer->created_by, word;

	if (!said.len)
		return false;
	if (i->kind == INSTRUCTION_RUN)
		return waste_is_run(said, s->text, s->shell, i->form == FORM_JSON);
	word = i->kind == INSTRUCTION_COPY ? STR("COPY ") : STR("ADD ");
	if (str_starts(said, STR("/bin/sh -c #(nop) ")))
		said = str_from(said, strlen("/bin/sh -c #(nop) "));
	return str_starts(said, word) && is_copy(str_from(said, word.len), s);
}

/* --- all of them --- */

/* The longest common subsequence; cell (i, j) is that of the first i steps and j layers. */
static int align(const struct steps *steps, const struct waste_image *image, int *layers,
		 struct err *e)
{
	size_t wide = (size_t)image->layer_count + 1, i, j;
	uint16_t *best = mem_zero((steps->count + 1) * wide, sizeof(*best));

	if (!best)
		return ERR_NOMEM(e);
	for (i = 1; i <= steps->count; i++) {
		for (j = 1; j < wide; j++) {
			uint16_t up = best[(i - 1) * wide + j], left = best[i * wide + j - 1];

			if (matches(&image->layers[j - 1], &steps->items[i - 1]))
				best[i * wide + j] = (uint16_t)(best[(i - 1) * wide + j - 1] + 1);
			else
				best[i * wide + j] = up > left ? up : left;
		}
	}
	for (i = steps->count, j = wide - 1; i && j;) {
		if (matches(&image->layers[j - 1], &steps->items[i - 1])) {
			layers[steps->items[i - 1].instruction->index] = (int)--j;
			i--;
		} else if (best[(i - 1) * wide + j] >= best[i * wide + j - 1]) {
			i--;
		} else {
			j--;
		}
	}
	mem_free(best);
	return 0;
}

int waste_match(struct lint *l, const struct waste_image *image, int **ret_layers, struct err *e)
{
	size_t count = l->file->instructions.count;
	int *layers = arena_alloc_array(l->arena, count + 1, sizeof(*layers));
	const bool *in = mark_stages(l);
	struct steps steps = {0};
	bool matched = false;
	int many;

	if (!layers || !in)
		return ERR_NOMEM(e);
	for (size_t n = 0; n < count; n++)
		layers[n] = WASTE_NO_LAYER;
	*ret_layers = layers;
	many = read_steps(l, in, &steps, e);
	if (many < 0 || (!many && align(&steps, image, layers, e) < 0))
		return -1;
	for (size_t n = 0; n < count; n++)
		matched = matched || layers[n] >= 0;
	for (size_t n = 0; n < count; n++) {
		uint32_t stage = l->graph->stage_of[n];

		/* only when the last stage is known to be the image */
		if (matched && stage != NO_STAGE && !in[stage])
			layers[n] = WASTE_OTHER_STAGE;
		else if (many && layers[n] == WASTE_NO_LAYER)
			layers[n] = WASTE_TOO_MANY;
	}
	return 0;
}
