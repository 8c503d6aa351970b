/*
 * The bytes of each finding.
 */
#include "dockerfile/rules/archive.h"
#include "dockerfile/waste_match.h"

/* Names of files that an instruction speaks of, as patterns: "python-*.tar.xz". */
struct names {
	const struct instruction *instruction;
	char patterns[WASTE_WORDS_MAX][128];
	size_t count;
};

struct finder {
	struct lint *lint;
	const struct waste_image *image;
	const int *layers;		       /* of instructions */
	uint8_t **taken;		       /* of layers: the groups that some finding has */
	const struct lint_waste **recommended; /* of layers: what was found, or NULL */
	uint8_t *whole;			       /* of layers: all of it is some finding's */
	size_t looks;			       /* left */
	bool lost;			       /* there were none left */
	struct names names;
};

/* --- what an instruction names --- */

/* "$V" and "${V%x}" may be anything. */
static size_t skip_variable(struct str word, size_t at)
{
	if (at + 1 < word.len && word.data[at + 1] == '{') {
		while (at < word.len && word.data[at] != '}')
			at++;
		return at + 1;
	}
	at++;
	while (at < word.len &&
	       (word.data[at] == '_' || (word.data[at] >= '0' && word.data[at] <= '9') ||
		((word.data[at] | 32) >= 'a' && (word.data[at] | 32) <= 'z')))
		at++;
	return at;
}

/* The last component of a word, as a pattern; false: too long. */
static bool read_name(struct str word, char out[128])
{
	size_t len = 0;

	for (size_t at = 0; at < word.len;) {
		char c = word.data[at];

		if (c == '/') {
			len = 0;
			at++;
			continue;
		}
		at = c == '$' ? skip_variable(word, at) : at + 1;
		c = c == '$' ? '*' : c;
		if (c == '*' && len && out[len - 1] == '*')
			continue;
		if (len + 1 >= 128)
			return false;
		out[len++] = c;
	}
	out[len] = '\0';
	return len > 0;
}

static void add_names(struct names *names, struct str text)
{
	static const char ends[] = " \t\n\r\"'`;|&()<>=,[]";
	size_t at = 0;

	while (at < text.len && names->count < WASTE_WORDS_MAX) {
		size_t start = at;
		char *name = names->patterns[names->count];

		while (at < text.len && !memchr(ends, text.data[at], sizeof(ends) - 1))
			at++;
		for (size_t row = 0; at > start && row < waste_row_count(); row++) {
			struct str word = str_sub(text, start, at);

			if (!waste_row_names(&waste_rows[row], word))
				continue;
			names->count += read_name(word, name);
			break;
		}
		at++;
	}
}

static void read_names(struct finder *f, const struct instruction *i)
{
	if (f->names.instruction == i)
		return;
	f->names.instruction = i;
	f->names.count = 0;
	add_names(&f->names, i->kind == INSTRUCTION_RUN ? waste_script(f->lint, i) : i->args.text);
}

static bool is_named(struct finder *f, struct str path)
{
	struct str name = base_name(path);

	for (size_t n = 0; n < f->names.count; n++) {
		if (!f->looks) {
			f->lost = true;
			return false;
		}
		f->looks--;
		if (str_glob(f->names.patterns[n], name))
			return true;
	}
	return false;
}

/* --- one finding --- */

/* *ret_place: of the last of its rows. */
static uint64_t places_of(const char *code, const char **ret_place)
{
	uint64_t places = 0;

	*ret_place = "";
	for (size_t row = 0; row < waste_row_count(); row++) {
		if (strcmp(waste_rows[row].code, code) != 0)
			continue;
		places |= UINT64_C(1) << row;
		*ret_place = waste_rows[row].place;
	}
	return places;
}

static bool is_mine(struct finder *f, const struct waste_group *g, uint64_t places)
{
	uint64_t named = waste_named_places();

	if (g->places & places & ~named)
		return true;
	return (g->places & places & named) && is_named(f, g->path);
}

static int measure(struct finder *f, uint64_t places, struct lint_waste *w, struct err *e)
{
	const struct waste_layer *layer = &f->image->layers[w->layer];
	struct str paths[WASTE_PATHS_MAX];
	struct str *kept;

	f->lost = false;
	for (uint32_t n = 0; n < layer->group_count; n++) {
		const struct waste_group *g = &layer->groups[n];

		if (!is_mine(f, g, places))
			continue;
		w->bytes += g->bytes;
		w->files += g->files;
		f->taken[w->layer][n] = 1;
		if (w->path_count < WASTE_PATHS_MAX &&
		    (!w->path_count || !str_eq(paths[w->path_count - 1], g->path)))
			paths[w->path_count++] = g->path;
	}
	kept = arena_alloc_array(f->lint->arena, w->path_count + 1, sizeof(*kept));
	if (!kept)
		return ERR_NOMEM(e);
	for (uint32_t n = 0; n < w->path_count; n++)
		kept[n] = paths[n];
	w->paths = kept;
	w->known = true;
	w->at_least = !layer->complete || f->lost;
	return 0;
}

static struct str why_not(int layer)
{
	if (layer == WASTE_OTHER_STAGE)
		return STR("its stage is not part of the image");
	if (layer == WASTE_TOO_MANY)
		return STR("the file has more instructions than an image has layers");
	return STR("no layer of the image tells of this instruction");
}

/* An instruction has one layer, so that several findings of it cost the same packages once. */
static int weigh_packages(struct finder *f, const struct instruction *i, struct lint_waste *w,
			  struct err *e)
{
	const struct lint_waste *known = f->recommended[w->layer];

	if (known) {
		*w = *known;
		return 0;
	}
	if (waste_recommended(f->lint, i, &f->image->layers[w->layer], w, e) < 0)
		return -1;
	f->recommended[w->layer] = w;
	return 0;
}

/* Nothing but owners and modes is changed: then every file of the layer is there twice. */
static bool changes_rights_alone(struct lint *l, const struct instruction *i)
{
	const struct shell_tree *t = lint_shell(l, i);

	if (t->status != SHELL_PARSED || t->has_error)
		return false;
	for (uint32_t n = 0; n < t->count; n++) {
		if (t->nodes[n].kind == SHELL_REDIRECT || t->nodes[n].kind == SHELL_SUBSTITUTION)
			return false;
	}
	for (uint32_t n = 0; n < t->command_count; n++) {
		struct str name = t->commands[n].name;

		if (!str_is(name, "chown") && !str_is(name, "chmod") && !str_is(name, "chgrp") &&
		    !str_is(name, "cd") && !str_is(name, "set") && !str_is(name, "true"))
			return false;
	}
	return t->command_count > 0;
}

static int weigh_layer(struct finder *f, const struct instruction *i, struct lint_waste *w,
		       struct err *e)
{
	const struct waste_layer *layer = &f->image->layers[w->layer];

	(void)e;
	if (!changes_rights_alone(f->lint, i)) {
		w->reason = STR("the instruction does more than that in its layer");
		return 0;
	}
	w->bytes = layer->bytes;
	w->files = layer->files;
	w->known = true;
	w->at_least = !layer->complete;
	f->whole[w->layer] = 1;
	return 0;
}

static int weigh(struct finder *f, struct finding *x, struct err *e)
{
	struct lint_waste *w;
	const char *place;
	uint64_t places = places_of(x->rule->code, &place);
	int layer = x->instruction == NO_INSTRUCTION ? WASTE_NO_LAYER : f->layers[x->instruction];

	if (!places)
		return 0;
	w = ARENA_NEW(f->lint->arena, struct lint_waste);
	if (!w)
		return ERR_NOMEM(e);
	x->waste = w;
	w->layer = layer < 0 ? -1 : layer;
	if (layer < 0) {
		w->known = layer == WASTE_OTHER_STAGE;
		w->reason = why_not(layer);
		return 0;
	}
	if (f->image->layers[layer].missing) {
		w->reason = STR("the layer could not be read");
		return 0;
	}
	if (strcmp(place, ":layer") == 0)
		return weigh_layer(f, f->lint->file->instructions.items[x->instruction], w, e);
	if (strcmp(place, ":recommended") == 0)
		return weigh_packages(f, f->lint->file->instructions.items[x->instruction], w, e);
	read_names(f, f->lint->file->instructions.items[x->instruction]);
	return measure(f, places, w, e);
}

/* Each byte once, however many findings speak of it. */
static uint64_t sum(const struct finder *f)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < f->image->layer_count; i++) {
		if (f->whole[i]) {
			bytes += f->image->layers[i].bytes;
			continue;
		}
		if (f->recommended[i] && f->recommended[i]->known)
			bytes += f->recommended[i]->bytes;
		for (uint32_t n = 0; n < f->image->layers[i].group_count; n++)
			bytes += f->taken[i][n] ? f->image->layers[i].groups[n].bytes : 0;
	}
	return bytes;
}

static bool has_waste(const struct lint_result *r)
{
	const char *place;

	for (size_t n = 0; n < r->count; n++) {
		if (places_of(r->findings[n]->rule->code, &place))
			return true;
	}
	return false;
}

int waste_find(struct lint *l, const struct waste_image *image, struct lint_result *result,
	       struct err *e)
{
	struct finder f = {.lint = l, .image = image, .looks = WASTE_LOOKS_MAX};
	int *layers;

	if (!has_waste(result))
		return 0;
	if (waste_match(l, image, &layers, e) < 0)
		return -1;
	f.layers = layers;
	f.taken = arena_alloc_array(l->arena, image->layer_count + 1, sizeof(*f.taken));
	for (uint32_t i = 0; f.taken && i < image->layer_count; i++) {
		f.taken[i] = arena_alloc_array(l->arena, image->layers[i].group_count + 1, 1);
		if (!f.taken[i])
			return ERR_NOMEM(e);
	}
	f.recommended = arena_alloc_array(l->arena, image->layer_count + 1, sizeof(*f.recommended));
	f.whole = arena_alloc_array(l->arena, image->layer_count + 1, sizeof(*f.whole));
	if (!f.taken || !f.recommended || !f.whole)
		return ERR_NOMEM(e);
	for (size_t n = 0; n < result->count; n++) {
		if (weigh(&f, result->findings[n], e) < 0)
			return -1;
	}
	result->wasted = sum(&f);
	return 0;
}
