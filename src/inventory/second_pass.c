/*
 * Files of databases that no glob met while the layers were walked, because links lead to them:
 * their layers are read once more for them alone. Then what inspectors found odd is said, of the
 * files that still show.
 */
#include "inventory/private.h"

struct want {
	struct inspect_want want;
	int layer; /* the first of those that share the walk */
};

static bool has_facts(const struct database_file *d)
{
	return facts_find_packages(d->facts, d->by, d->entry) ||
	       facts_find_blob(d->facts, d->by, d->entry) ||
	       facts_find_other(d->facts, d->by, d->entry);
}

/*
 * Under the path it has in its layer. One that said nothing there may say something under the
 * wanted one: inspectors pass over files by their names.
 */
static int was_inspected(const struct database_file *d, bool *ret)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	bool wanted = false;

	path_table_format(d->facts->paths, d->facts->entries.items[d->entry].path, &path);
	for (const char *const *glob = d->by->globs; *glob; glob++)
		wanted |= str_glob(*glob, buf_str(&path));
	*ret = wanted && (str_eq(d->path, buf_str(&path)) || has_facts(d));
	return buf_failed(&path) ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
	const struct want *x = a, *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->want.entry != y->want.entry)
		return x->want.entry < y->want.entry ? -1 : 1;
	return strcmp(x->want.by->name, y->want.by->name);
}

static int first_layer(const struct inventory *inv, const struct facts *facts)
{
	int i = 0;

	while (inv->squash.trees[i].facts != facts)
		i++;
	return i;
}

/* Sorted, each once. */
static int list_wants(struct inventory *inv, struct arena *a, struct want **ret, size_t *ret_count)
{
	struct want *wants = arena_alloc_array(a, inv->databases.count + 1, sizeof(*wants));
	size_t count = 0, kept = 0;

	if (!wants)
		return -1;
	for (size_t i = 0; i < inv->databases.count; i++) {
		const struct database_file *d = &inv->databases.items[i];
		bool inspected;

		if (was_inspected(d, &inspected) < 0)
			return -1;
		if (!inspected)
			wants[count++] = (struct want){
				.want = {.entry = d->entry, .by = d->by, .path = d->path},
				.layer = first_layer(inv, d->facts)};
	}
	qsort(wants, count, sizeof(*wants), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare(&wants[kept - 1], &wants[i]) != 0)
			wants[kept++] = wants[i];
	*ret = wants;
	*ret_count = kept;
	return 0;
}

static int read_layer(struct inventory *inv, struct arena *a, const struct want *wants,
		      size_t count, struct err *e)
{
	struct inspect_want *list = arena_alloc_array(a, count, sizeof(*list));
	struct err why = ERR_INIT;
	int r = 0;

	if (!list)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++)
		list[i] = wants[i].want;
	if (inv->options.again)
		r = inspect_again(inv->squash.trees[wants->layer].facts, inv->options.progress,
				  inv->options.again, inv->options.image, wants->layer, list, count,
				  &why);
	else
		err_set(&why, ERR_UNSUPPORTED, "the input cannot be read twice");
	if (r < 0 && why.code == ERR_CANCELLED) {
		*e = why;
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (!list[i].seen)
			diag_add(inv->options.diags, DIAG_package_db_unreachable,
				 (struct diag_place){wants->layer, list[i].path, -1},
				 "%s: reached by links, and not read: %s", list[i].by->name,
				 why.code ? why.message : "it was not met again");
	return 0;
}

/* --- what inspectors noted
 * ------------------------------------------------------------------------ */

static void say_note(struct inventory *inv, struct facts *facts, struct fact_note *note, int layer)
{
	enum diag_code code = note->code;
	struct diags *diags = inv->options.diags;
	size_t kept = 0;

	if (note->said)
		return;
	note->said = true;
	diag_add(diags, code, (struct diag_place){layer, note->path, note->offset}, "%.*s",
		 STR_ARG(note->message));
	if (facts->notes_of[code] <= DIAG_KEEP)
		return;
	/* those that were only counted are of the same code: they go with the first that is said */
	kept = facts->notes_of[code] - DIAG_KEEP;
	facts->notes_of[code] = 0;
	pthread_mutex_lock(&diags->lock);
	diags->per_code[code] += kept;
	diags->dropped += kept;
	pthread_mutex_unlock(&diags->lock);
}

static void say_database_notes(struct inventory *inv)
{
	for (size_t i = 0; i < inv->databases.count; i++) {
		const struct database_file *d = &inv->databases.items[i];
		struct facts *facts = d->facts;
		struct fact_note *note = facts_find_notes(facts, d->entry);

		if (d->last != inv->squash.count - 1 || !note)
			continue;
		for (; note < facts->notes.items + facts->notes.count && note->entry == d->entry;
		     note++)
			if (note->by == d->by)
				say_note(inv, facts, note, d->layer);
	}
}

static void say_other_notes(struct inventory *inv)
{
	for (int i = 0; i < inv->squash.count; i++) {
		struct facts *facts = inv->squash.trees[i].facts;

		for (size_t n = 0; facts && n < facts->notes.count; n++) {
			struct fact_note *note = &facts->notes.items[n];

			if (!note->by->database && !note->by->linked)
				say_note(inv, facts, note, i);
		}
		if (facts && facts->notes_lost) {
			diag_add(inv->options.diags, DIAG_memory_limit, DIAG_LAYER(i),
				 "what was odd in %zu places could not be kept", facts->notes_lost);
			facts->notes_lost = 0;
		}
	}
}

int databases_read(struct inventory *inv, struct err *e)
{
	CLEANUP(arena_done) struct arena scratch = {.budget = inv->options.budget};
	struct want *wants = NULL;
	size_t count = 0;

	if (list_wants(inv, &scratch, &wants, &count) < 0)
		return ERR_NOMEM(e);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && wants[end].layer == wants[i].layer;)
			end++;
		if (read_layer(inv, &scratch, wants + i, end - i, e) < 0)
			return -1;
	}
	say_database_notes(inv);
	say_other_notes(inv);
	return 0;
}
