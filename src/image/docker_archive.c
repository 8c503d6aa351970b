/*
 * docker-archive: what `docker save` wrote over the years, and who imitates it.
 *
 *	manifest.json	[{"Config": NAME, "RepoTags": [...], "Layers": [NAME...]}], names of members
 *	repositories	{"name": {"tag": ID}}, ID/json, ID/layer.tar: before Docker 1.10, a chain of
 *parents
 *
 * Since Docker 25 the same archive is an OCI layout too. containerd reads that half and Docker the
 * other; where they select different bytes the archive is ambiguous. Rules: docs/formats/images.md.
 */
#include "image/manifests.h"

enum { IMAGES_MAX = 1000 };

static struct str text_of(const struct tree_node *n)
{
	return n && n->type == TREE_STRING ? n->text : STR("");
}

static bool tagged(const struct notation *n, const struct tree_node *image, struct str select)
{
	const struct tree_node *tags = notation_find(n, image, "RepoTags");

	for (const struct tree_node *t = tree_first(tags); t; t = t->next)
		if (notation_names(text_of(t), select))
			return true;
	return false;
}

/* The digest in names like "HEX.json", "sha256:HEX" and "blobs/sha256/HEX", if it is one. */
static struct digest digest_in_name(struct str name)
{
	struct digest d = {0};
	char text[DIGEST_TEXT];
	struct str hex = name;

	if (digest_parse(name, &d))
		return d;
	if (str_ends(hex, STR(".json")))
		hex.len -= 5;
	else if (!str_skip(&hex, STR("blobs/sha256/")))
		return d;
	if (hex.len != 64)
		return d;
	snprintf(text, sizeof(text), "sha256:%.*s", STR_ARG(hex));
	(void)digest_parse(str_of(text), &d);
	return d;
}

/* "sha256:..." or at least twelve digits of it: of the configuration, which is Docker's image id.
 */
static bool has_id(struct walk *w, const struct notation *n, const struct tree_node *image,
		   struct str select)
{
	struct str name = notation_str(n, image, "Config"), text;
	struct digest d;
	struct err e = ERR_INIT;
	char id[DIGEST_TEXT];

	str_skip(&select, STR("sha256:"));
	if (select.len < 12 || store_read(w, name, &w->scratch, &text, &e) < 0 ||
	    digest_of(DIGEST_SHA256, text, &d, &e) < 0)
		return false;
	return str_starts(str_of(digest_format_hex(&d, id)), select);
}

static void add_label(const struct notation *n, const struct tree_node *image, struct buf *names)
{
	const struct tree_node *tags = notation_find(n, image, "RepoTags");
	struct str name = text_of(tree_first(tags));

	if (!name.len)
		name = notation_str(n, image, "Config");
	if (names->len < 400)
		buf_printf(names, "%s'%.*s'", names->len ? ", " : "", STR_ARG(str_to(name, 100)));
}

int say_several(struct walk *w, const struct buf *names, struct err *e)
{
	struct str first = buf_str(names);
	ptrdiff_t quote;

	err_set(e, ERR_USAGE, "holds several images: %.*s", STR_ARG(first));
	if (str_skip(&first, STR("'")) && (quote = str_find_char(first, '\'')) > 0)
		err_hint(e, "name one of them: %.*s#%.*s", STR_ARG(w->request.reference),
			 STR_ARG(str_to(first, (size_t)quote)));
	return -1;
}

/* The one image that is meant. */
static int choose(struct walk *w, const struct notation *n, const struct tree_node **ret,
		  struct err *e)
{
	struct str select = w->request.select;
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	CLEANUP(buf_done) struct buf all = BUF_INIT;
	size_t found = 0, count = 0;

	for (const struct tree_node *i = tree_first(n->root); i && count < IMAGES_MAX;
	     i = i->next) {
		count++;
		if (i->type != TREE_OBJECT)
			return notation_error(n, i, e, "an image that is no object");
		add_label(n, i, &all);
		if (select.len && !tagged(n, i, select) && !has_id(w, n, i, select))
			continue;
		add_label(n, i, &names);
		*ret = i;
		found++;
	}
	if (count == 0)
		return notation_error(n, n->root, e, "names no image");
	if (found == 0)
		return err_set(e, ERR_USAGE, "has no image '%.*s'; it holds %.*s", STR_ARG(select),
			       STR_ARG(buf_str(&all)));
	return found > 1 ? say_several(w, &names, e) : 0;
}

static void read_config(struct walk *w, struct plan *p, struct str name)
{
	struct digest claimed = digest_in_name(name);
	struct str text;
	struct err e = ERR_INIT;

	if (store_read(w, name, &w->scratch, &text, &e) < 0) {
		walk_say_about(w, DIAG_config_unreadable, name, "the configuration %s", e.message);
		return;
	}
	p->config = notation_check_digest(w, name, text, &claimed);
	plan_read_config(w, p, name, text);
}

/* A name "blobs/sha256/HEX" says what the bytes are; other names with digits in them do not. */
static struct digest claim_of(struct str name)
{
	struct digest none = {0};

	return str_starts(name, STR("blobs/sha256/")) ? digest_in_name(name) : none;
}

/* The tag that was asked for; else, with a digest or nothing asked for, the first. */
static struct str chosen_tag(struct walk *w, const struct tree_node *first)
{
	for (const struct tree_node *t = first; t; t = t->next)
		if (notation_names(text_of(t), w->request.select))
			return arena_str(&w->arena, text_of(t));
	return arena_str(&w->arena, text_of(first));
}

static int plan_image(struct walk *w, const struct notation *n, const struct tree_node *image,
		      struct plan *p, struct err *e)
{
	const struct tree_node *layers = notation_find(n, image, "Layers");
	const struct tree_node *config = notation_find(n, image, "Config");
	const struct tree_node *tags = notation_find(n, image, "RepoTags");

	if (layers && layers->type != TREE_ARRAY)
		return notation_error(n, layers, e, "\"Layers\" is no list");
	if (!config || config->type != TREE_STRING)
		return notation_error(n, config ? config : image, e, "\"Config\" is no name");
	for (const struct tree_node *l = tree_first(layers); l; l = l->next) {
		struct plan_layer layer = {.name = text_of(l), .size = UINT64_MAX};

		if (l->type != TREE_STRING)
			return notation_error(n, l, e, "a layer that is no name");
		layer.digest = claim_of(layer.name);
		layer.place = notation_place(n, l);
		if (plan_add_layer(w, p, layer, e) < 0)
			return -1;
	}
	p->reference = chosen_tag(w, tree_first(tags));
	read_config(w, p, config->text);
	return 0;
}

/* --- both halves of an archive of Docker 25 ------------------------------------------------------
 */

static bool same_blob(struct walk *w, struct str a, struct str b)
{
	struct blob x, y;
	struct err e = ERR_INIT;

	return w->store->ops->find(w->store, a, &x, &e) == 0 &&
	       w->store->ops->find(w->store, b, &y, &e) == 0 && x.member == y.member;
}

static bool same_layers(struct walk *w, const struct plan *a, const struct plan *b)
{
	if (a->layers.count != b->layers.count)
		return false;
	for (size_t i = 0; i < a->layers.count; i++)
		if (!same_blob(w, a->layers.items[i].name, b->layers.items[i].name))
			return false;
	return true;
}

struct comparison {
	const struct plan *docker;
	bool equal;
};

static int compare_half(struct walk *w, const struct plan *oci, void *context)
{
	struct comparison *c = context;

	c->equal |= digest_eq(&oci->config, &c->docker->config) && same_layers(w, oci, c->docker);
	return c->equal;
}

static bool has(struct walk *w, const char *name)
{
	struct blob blob;

	return w->store->ops->find(w->store, str_of(name), &blob, NULL) == 0;
}

static void compare_with_oci(struct walk *w, const struct plan *p)
{
	struct comparison c = {.docker = p};
	struct err e = ERR_INIT;

	if (w->request.forced || !has(w, "oci-layout") || !has(w, "index.json"))
		return;
	if (oci_each_image(w, compare_half, &c, &e) < 0)
		walk_say(w, DIAG_ambiguous_archive,
			 "is an OCI layout too, which cannot be read: %s", e.message);
	else if (!c.equal)
		walk_say(w, DIAG_ambiguous_archive,
			 "is an OCI layout too, whose 'index.json' selects other layers than "
			 "'manifest.json': containerd reads the one, Docker the other");
}

/* --- the chain of parents -----------------------------------------------------------------------
 */

static bool is_id(struct str s)
{
	return s.len > 0 && s.len <= 128 && str_find_char(s, '/') < 0 && !str_is(s, "..");
}

/* Which id a tag of 'repositories' means; all of them without a choice. */
static int choose_legacy(struct walk *w, const struct notation *n, struct str *ret,
			 struct str *ret_name, struct err *e)
{
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	struct str select = w->request.select, id = STR_NULL;
	bool several = false;

	for (const struct tree_node *r = tree_first(n->root); r; r = r->next)
		for (const struct tree_node *t = tree_first(r); t; t = t->next) {
			char name[512];

			snprintf(name, sizeof(name), "%.*s:%.*s", STR_ARG(str_to(r->key, 255)),
				 STR_ARG(str_to(t->key, 255)));
			if (names.len < 400)
				buf_printf(&names, "%s'%s'", names.len ? ", " : "", name);
			if (select.len && !notation_names(str_of(name), select) &&
			    !(select.len >= 12 && str_starts(text_of(t), select)))
				continue;
			several |= id.data && !str_eq(id, text_of(t));
			id = text_of(t);
			*ret_name = arena_str(&w->arena, str_of(name));
		}
	if (!names.len)
		return notation_error(n, n->root, e, "names no image");
	if (!id.data)
		return err_set(e, ERR_USAGE, "has no image '%.*s'; it holds %.*s", STR_ARG(select),
			       STR_ARG(buf_str(&names)));
	*ret = id;
	return several ? say_several(w, &names, e) : 0;
}

/* The command of an old image, as history has it. */
static struct str created_by(struct walk *w, const struct notation *n)
{
	const struct tree_node *c = notation_find(n, n->root, "container_config");
	CLEANUP(buf_done) struct buf words = {.max = 64 << 10};

	for (const struct tree_node *word = tree_first(notation_find(n, c, "Cmd")); word;
	     word = word->next)
		buf_printf(&words, "%s%.*s", words.len ? " " : "", STR_ARG(text_of(word)));
	return arena_str(&w->arena, buf_str(&words));
}

static int read_legacy_json(struct walk *w, struct str id, struct notation *ret, struct err *e)
{
	struct str name = arena_printf(&w->arena, "%.*s/json", STR_ARG(id)), text;

	if (!name.data)
		return ERR_NOMEM(e);
	if (!is_id(id))
		return err_set(e, ERR_FORMAT, "the id '%.*s' is none", STR_ARG(id));
	if (store_read(w, name, &w->scratch, &text, e) < 0)
		return -1;
	return notation_parse(w, name, text, ret, e);
}

static void reverse(struct plan *p)
{
	for (size_t i = 0, j = p->layers.count; i + 1 < j; i++) {
		struct plan_layer swap = p->layers.items[i];

		p->layers.items[i] = p->layers.items[--j];
		p->layers.items[j] = swap;
	}
}

static int plan_chain(struct walk *w, struct str id, struct plan *p, struct err *e)
{
	struct notation n;

	while (id.len) {
		struct plan_layer layer = {.size = UINT64_MAX};

		if (read_legacy_json(w, id, &n, e) < 0)
			return -1;
		if (!p->layers.count) {
			p->os = arena_str(&w->arena, notation_str(&n, n.root, "os"));
			p->architecture =
				arena_str(&w->arena, notation_str(&n, n.root, "architecture"));
		}
		layer.name = arena_printf(&w->arena, "%.*s/layer.tar", STR_ARG(id));
		layer.created_by = created_by(w, &n);
		layer.place = arena_printf(&w->arena, "'%.*s/json'", STR_ARG(id));
		if (plan_add_layer(w, p, layer, e) < 0)
			return -1;
		/* a circle of parents ends here too */
		if (p->dropped)
			return err_set(e, ERR_LIMIT,
				       "the chain of parents is longer than %llu layers",
				       (unsigned long long)w->limits->layers_max);
		id = arena_str(&w->arena, notation_str(&n, n.root, "parent"));
	}
	reverse(p);
	return 0;
}

/* Without 'repositories': the one image that is nobody's parent. */
static int find_head(struct walk *w, struct str *ret, struct err *e)
{
	const struct members *m = store_members(w->store);
	CLEANUP(map_done) struct map parents;
	struct notation n;
	struct str head = STR_NULL;
	bool several = false;

	map_init(&parents, w->request.budget);
	for (int pass = 0; m && pass < 2; pass++)
		for (size_t i = 0; i < m->list.count; i++) {
			struct str name = m->list.items[i].name, id;

			if (!str_ends(name, STR("/json")) || name.len > 256)
				continue;
			id = str_to(name, name.len - 5);
			if (pass == 1 && !map_find(&parents, id)) {
				several |= head.data && !str_eq(head, id);
				head = id;
			}
			if (pass == 1)
				continue;
			if (read_legacy_json(w, id, &n, e) < 0)
				return -1;
			id = arena_str(&w->arena, notation_str(&n, n.root, "parent"));
			if (id.len && !map_put(&parents, id))
				return ERR_NOMEM(e);
			if (id.len)
				*map_put(&parents, id) = w;
		}
	if (!head.data)
		return err_set(e, ERR_NOT_FOUND, "has no 'manifest.json' and no 'repositories'");
	*ret = head;
	return several ? err_set(e, ERR_USAGE, "holds several images without names") : 0;
}

static int plan_legacy(struct walk *w, struct plan *p, struct err *e)
{
	struct str text, id;
	struct notation n;
	int r = store_read(w, STR("repositories"), &w->scratch, &text, e);

	if (r < 0 && e->code != ERR_NOT_FOUND)
		return -1;
	if (r < 0)
		r = find_head(w, &id, e);
	else if (notation_parse(w, STR("repositories"), text, &n, e) < 0)
		return -1;
	else
		r = choose_legacy(w, &n, &id, &p->reference, e);
	return r < 0 ? -1 : plan_chain(w, arena_str(&w->arena, id), p, e);
}

/* --- the member of the family -------------------------------------------------------------------
 */

static int plan_one(struct walk *w, struct plan *ret, struct err *e)
{
	const struct tree_node *image = NULL;
	struct notation n;
	struct str text;

	ret->kind = IMAGE_DOCKER_ARCHIVE;
	if (store_read(w, STR("manifest.json"), &w->scratch, &text, e) < 0)
		return e->code == ERR_NOT_FOUND ? plan_legacy(w, ret, e) : -1;
	if (notation_parse(w, STR("manifest.json"), text, &n, e) < 0)
		return -1;
	if (!n.root || n.root->type != TREE_ARRAY)
		return notation_error(&n, n.root, e, "is no list of images");
	if (choose(w, &n, &image, e) < 0 || plan_image(w, &n, image, ret, e) < 0)
		return -1;
	compare_with_oci(w, ret);
	return 0;
}

/* An archive is not an index: there is nothing to choose, but what was asked for has to be there.
 */
static int plan(struct walk *w, struct plan *ret, struct err *e)
{
	struct platform want, have;

	if (plan_one(w, ret, e) < 0 || platform_parse(w->request.platform, &want, e) < 0)
		return -1;
	have = (struct platform){ret->os, ret->architecture, ret->variant};
	if (!w->request.platform.len || !have.os.len || platform_rank(&want, &have) >= 0)
		return 0;
	return err_set(e, ERR_USAGE, "is an image for %.*s/%.*s, not for %.*s", STR_ARG(have.os),
		       STR_ARG(have.architecture), STR_ARG(w->request.platform));
}

static int probe_legacy(struct walk *w)
{
	struct tree tree;
	struct str text;

	if (store_read(w, STR("repositories"), &w->scratch, &text, NULL) < 0 ||
	    tree_parse_json(text, &w->scratch, 0, &tree, NULL) < 0)
		return 0;
	return tree.root && tree.root->type == TREE_OBJECT ? 1 : 0;
}

/*
 * A root file system may have a 'manifest.json' too: one that is JSON and no list is not ours. One
 * that is no JSON is taken for a damaged one of ours, which is an error later.
 */
static int probe(struct walk *w)
{
	struct tree tree;
	struct str text;
	struct err e = ERR_INIT;

	if (store_read(w, STR("manifest.json"), &w->scratch, &text, &e) < 0) {
		if (e.code != ERR_NOT_FOUND)
			return 2;
		return probe_legacy(w);
	}
	if (tree_parse_json(text, &w->scratch, 0, &tree, &e) < 0)
		return 2;
	return tree.root && tree.root->type == TREE_ARRAY ? 2 : 0;
}

const struct source source_docker_archive = {
	.name = "docker-archive",
	.kind = IMAGE_DOCKER_ARCHIVE,
	.probe = probe,
	.plan = plan,
};
