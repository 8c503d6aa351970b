/*
 * The image configuration: platform, diff_ids, history. It names no bytes that are scanned, so what
 * is wrong with it never ends a scan.
 */
#include "image/notation.h"

void plan_done(struct plan *p)
{
	vec_done(&p->layers);
}

int plan_add_layer(struct walk *w, struct plan *p, struct plan_layer layer, struct err *e)
{
	struct plan_layer *slot;

	if (p->layers.count >= w->limits->layers_max) {
		p->dropped++;
		return 0;
	}
	slot = vec_push(&p->layers);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = layer;
	slot->name = arena_str(&w->arena, layer.name);
	slot->message = layer.message.data ? arena_str(&w->arena, layer.message) : slot->name;
	slot->media_type = arena_str(&w->arena, layer.media_type);
	slot->created_by = arena_str(&w->arena, layer.created_by);
	if (!slot->name.data || !slot->message.data || !slot->media_type.data ||
	    !slot->created_by.data)
		return ERR_NOMEM(e);
	return 0;
}

static void say(const struct notation *n, enum diag_code code, const char *what)
{
	walk_say_about(n->walk, code, n->name, "%s", what);
}

static void read_diff_ids(const struct notation *n, struct plan *p)
{
	const struct tree_node *rootfs = notation_find(n, n->root, "rootfs");
	const struct tree_node *list = notation_find(n, rootfs, "diff_ids");
	size_t listed = list && list->type == TREE_ARRAY ? list->count : 0, i = 0;

	if (listed != p->layers.count + p->dropped)
		walk_say_about(n->walk, DIAG_diff_ids_missing, n->name,
			       "the configuration lists %zu layers, the manifest %zu", listed,
			       p->layers.count + p->dropped);
	if (!listed)
		return;
	for (const struct tree_node *d = tree_first(list); d && i < p->layers.count; d = d->next)
		if (!digest_parse(tree_str(d), &p->layers.items[i++].diff_id))
			say(n, DIAG_digest_mismatch, "a diff_id is no digest that can be verified");
}

static void read_history(const struct notation *n, struct plan *p)
{
	const struct tree_node *list = notation_find(n, n->root, "history");
	size_t layer = 0;

	if (!list || list->type != TREE_ARRAY)
		return;
	for (const struct tree_node *h = tree_first(list); h; h = h->next) {
		bool empty = false;
		struct str by;

		(void)tree_bool(notation_find(n, h, "empty_layer"), &empty);
		if (empty)
			continue;
		by = notation_str(n, h, "created_by");
		if (layer < p->layers.count)
			p->layers.items[layer].created_by = arena_str(&n->walk->arena, by);
		layer++;
	}
	if (layer != p->layers.count + p->dropped)
		walk_say_about(n->walk, DIAG_manifest_note, n->name,
			       "the history tells of %zu layers, the manifest of %zu", layer,
			       p->layers.count + p->dropped);
}

void plan_read_config(struct walk *w, struct plan *p, struct str name, struct str text)
{
	struct notation n;
	struct err e = ERR_INIT;

	progress_phase(w->request.progress, PHASE_CONFIG, -1);
	if (notation_parse(w, name, text, &n, &e) < 0) {
		walk_say_about(w, DIAG_config_unreadable, name, "%s", e.message);
		return;
	}
	if (!n.root || n.root->type != TREE_OBJECT) {
		say(&n, DIAG_config_unreadable, "the configuration is no object");
		return;
	}
	p->os = arena_str(&w->arena, notation_str(&n, n.root, "os"));
	p->architecture = arena_str(&w->arena, notation_str(&n, n.root, "architecture"));
	p->variant = arena_str(&w->arena, notation_str(&n, n.root, "variant"));
	read_diff_ids(&n, p);
	read_history(&n, p);
}
