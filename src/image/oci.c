/*
 * OCI image layout: "index.json" names manifests and further indexes by digest; each blob is
 * "blobs/ALGORITHM/HEX". image-spec 1.1, image-layout.md, image-index.md, manifest.md; Docker's
 * media types are the same documents under other names.
 *
 * Indexes are opened breadth first, in order, no deeper and no more than the limits below, so that
 * a layout that names itself ends. Attestations, signatures and other artifacts beside the images
 * are passed over.
 */
#include "image/manifests.h"

enum { DEPTH_MAX = 8, DESCRIPTORS_MAX = 2000 };

struct descriptor {
	struct str media_type, name; /* name: as tagged; "" none */
	struct str artifact;	     /* what it is when it is no image, for messages; "" */
	struct str digest_text;
	struct digest digest;
	uint64_t size;
	struct platform platform; /* os "": unknown */
	unsigned depth;
	bool is_index, read; /* read: its children are in the list */
	bool chosen;	     /* it or what it stands in is meant */
};

struct layout {
	struct walk *walk;
	VEC(struct descriptor) list;
	bool full; /* there were more than are kept */
};

static void layout_done(struct layout *l)
{
	vec_done(&l->list);
}

/* --- documents ----------------------------------------------------------------------------------
 */

static struct str blob_name(struct walk *w, struct str digest)
{
	ptrdiff_t colon = str_find_char(digest, ':');

	return arena_printf(&w->arena, "blobs/%.*s/%.*s", STR_ARG(str_to(digest, (size_t)colon)),
			    STR_ARG(str_from(digest, (size_t)colon + 1)));
}

/* The bytes of a described document, checked against what names it. */
static int read_described(struct walk *w, const struct descriptor *d, struct str *ret_name,
			  struct str *ret_text, struct digest *ret_computed, struct err *e)
{
	struct str name;
	struct str text;

	if (!d->digest.algorithm)
		return err_set(e, ERR_FORMAT, "'%.*s' is no digest", STR_ARG(d->digest_text));
	name = blob_name(w, d->digest_text);
	if (!name.data)
		return ERR_NOMEM(e);
	if (store_read(w, name, &w->scratch, &text, e) < 0)
		return -1;
	*ret_computed = notation_check_digest(w, name, text, &d->digest);
	if (d->size != UINT64_MAX && d->size != text.len)
		walk_say_about(w, DIAG_manifest_note, name,
			       "is %zu bytes long, its descriptor says %llu", text.len,
			       (unsigned long long)d->size);
	*ret_name = name;
	*ret_text = text;
	return 0;
}

static bool index_type(struct str media_type)
{
	return str_is(media_type, "application/vnd.oci.image.index.v1+json") ||
	       str_is(media_type, "application/vnd.docker.distribution.manifest.list.v2+json");
}

static bool config_type(struct str media_type)
{
	return str_is(media_type, "application/vnd.oci.image.config.v1+json") ||
	       str_is(media_type, "application/vnd.docker.container.image.v1+json") ||
	       !media_type.len;
}

static void read_platform(const struct notation *n, const struct tree_node *object,
			  struct platform *ret)
{
	*ret = (struct platform){
		.os = notation_str(n, object, "os"),
		.architecture = notation_str(n, object, "architecture"),
		.variant = notation_str(n, object, "variant"),
	};
}

/* What a descriptor says that its thing is, other than an image; or "". */
static struct str artifact_of(const struct notation *n, const struct tree_node *node,
			      const struct tree_node *annotations)
{
	/* cosign keeps these beside the image they are about */
	static const char *const kinds[] = {"/sigs", "/atts", "/sboms"};
	const struct tree_node *kind = tree_find_key(annotations, STR("kind"));
	struct str type = notation_str(n, node, "artifactType"), k = tree_str(kind);

	if (tree_find_key(annotations, STR("vnd.docker.reference.type")))
		return STR("an attestation");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_ends(k, str_of(kinds[i])))
			return k;
	return type;
}

static void read_descriptor(const struct notation *n, const struct tree_node *node,
			    struct descriptor *ret)
{
	const struct tree_node *annotations = notation_find(n, node, "annotations");
	struct str name = tree_str(tree_find_key(annotations, STR("io.containerd.image.name")));

	if (!name.len)
		name = tree_str(
			tree_find_key(annotations, STR("org.opencontainers.image.ref.name")));
	*ret = (struct descriptor){
		.media_type = notation_str(n, node, "mediaType"),
		.digest_text = notation_str(n, node, "digest"),
		.name = name.data ? name : STR(""),
		.artifact = artifact_of(n, node, annotations),
		.size = UINT64_MAX,
	};
	(void)digest_parse(ret->digest_text, &ret->digest);
	(void)tree_u64(notation_find(n, node, "size"), &ret->size);
	read_platform(n, notation_find(n, node, "platform"), &ret->platform);
	if (str_is(ret->platform.os, "unknown"))
		ret->artifact = ret->artifact.len ? ret->artifact : STR("of no platform");
	ret->is_index = index_type(ret->media_type);
}

/* Does the descriptor have the name that is asked for? */
static bool named(const struct notation *n, const struct tree_node *node, struct str select)
{
	static const char *const keys[] = {"io.containerd.image.name",
					   "org.opencontainers.image.ref.name"};
	const struct tree_node *annotations = notation_find(n, node, "annotations");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct str name = tree_str(tree_find_key(annotations, str_of(keys[i])));

		if (notation_names(name, select) || (name.len && str_eq(name, select)))
			return true;
	}
	return false;
}

/* --- indexes ------------------------------------------------------------------------------------
 */

/* The children of an index behind the list. `from` is NULL for index.json. */
static int add_children(struct layout *l, const struct notation *n, size_t from, unsigned depth,
			struct err *e)
{
	const struct tree_node *list = notation_find(n, n->root, "manifests");
	struct str select = l->walk->request.select;

	if (!list || list->type != TREE_ARRAY)
		return notation_error(n, list ? list : n->root, e,
				      "is no index: it has no list \"manifests\"");
	if (notation_find(n, n->root, "layers"))
		return notation_error(n, n->root, e, "is both an index and a manifest");
	for (const struct tree_node *node = tree_first(list); node; node = node->next) {
		struct descriptor d, *slot;

		if (l->list.count >= DESCRIPTORS_MAX) {
			l->full = true;
			return 0;
		}
		read_descriptor(n, node, &d);
		d.depth = depth;
		d.chosen = !select.len || str_eq(d.digest_text, select) || named(n, node, select);
		if (from != SIZE_MAX) {
			const struct descriptor *parent = &l->list.items[from];

			d.chosen |= parent->chosen;
			d.name = parent->name.len ? parent->name : d.name;
		}
		slot = vec_push(&l->list);
		if (!slot)
			return ERR_NOMEM(e);
		*slot = d;
	}
	return 0;
}

static bool read_before(const struct layout *l, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (l->list.items[j].read &&
		    digest_eq(&l->list.items[j].digest, &l->list.items[i].digest))
			return true;
	return false;
}

static int open_index(struct layout *l, size_t i, struct err *e)
{
	struct walk *w = l->walk;
	struct descriptor *d = &l->list.items[i];
	struct notation n;
	struct str name, text;
	struct digest computed;

	/* what an index names twice it has once; an index in itself ends here */
	if (read_before(l, i))
		return 0;
	if (d->depth >= DEPTH_MAX)
		return err_set(e, ERR_LIMIT, "indexes inside indexes, more than %d deep",
			       DEPTH_MAX);
	d->read = true;
	if (read_described(w, d, &name, &text, &computed, e) < 0)
		return -1;
	if (notation_parse(w, name, text, &n, e) < 0)
		return -1;
	return add_children(l, &n, i, d->depth + 1, e);
}

/*
 * index.json and all indexes below. One that cannot be read hides images: an error when it is
 * meant, a gap otherwise.
 */
static int open_layout(struct walk *w, struct layout *l, struct err *e)
{
	struct notation n;
	struct str text;

	*l = (struct layout){.walk = w};
	if (store_read(w, STR("index.json"), &w->scratch, &text, e) < 0)
		return -1;
	if (notation_parse(w, STR("index.json"), text, &n, e) < 0 ||
	    add_children(l, &n, SIZE_MAX, 1, e) < 0)
		return -1;
	for (size_t i = 0; i < l->list.count; i++)
		if (l->list.items[i].is_index && open_index(l, i, e) < 0)
			return -1;
	if (l->full)
		return err_set(e, ERR_LIMIT, "'index.json' leads to more than %d manifests",
			       DESCRIPTORS_MAX);
	return 0;
}

/* --- manifests ----------------------------------------------------------------------------------
 */

/* What a layer's media type says that cannot be read; NULL. */
static const char *refusal(struct str media_type)
{
	return str_find(media_type, STR("+encrypted")) >= 0 ? "is encrypted" : NULL;
}

static bool foreign(struct str media_type)
{
	return str_find(media_type, STR("nondistributable")) >= 0 ||
	       str_find(media_type, STR(".foreign.")) >= 0;
}

static int add_layers(struct walk *w, const struct notation *n, struct plan *p, struct err *e)
{
	const struct tree_node *list = notation_find(n, n->root, "layers");

	if (list && list->type != TREE_ARRAY)
		return notation_error(n, list, e, "\"layers\" is no list");
	for (const struct tree_node *node = tree_first(list); node; node = node->next) {
		struct plan_layer layer = {.size = UINT64_MAX};
		struct str digest = notation_str(n, node, "digest");

		layer.media_type = notation_str(n, node, "mediaType");
		layer.message = digest;
		layer.place = notation_place(n, node);
		layer.refused = refusal(layer.media_type);
		(void)tree_u64(notation_find(n, node, "size"), &layer.size);
		if (digest_parse(digest, &layer.digest))
			layer.name = blob_name(w, digest);
		else
			layer.refused = "is named by what is no digest";
		if (foreign(layer.media_type))
			layer.message = arena_printf(&w->arena,
						     "%.*s (a layer that its maker does "
						     "not allow to be passed on)",
						     STR_ARG(digest));
		if (plan_add_layer(w, p, layer, e) < 0)
			return -1;
	}
	return 0;
}

struct manifest {
	struct notation n;
	struct digest computed;
	struct descriptor config;
	struct str not_an_image; /* "" it is one; else what it is */
};

static int read_manifest(struct walk *w, const struct descriptor *d, struct manifest *ret,
			 struct err *e)
{
	const struct tree_node *config;
	struct str name, text;

	*ret = (struct manifest){.not_an_image = STR("")};
	if (read_described(w, d, &name, &text, &ret->computed, e) < 0 ||
	    notation_parse(w, name, text, &ret->n, e) < 0)
		return -1;
	if (!ret->n.root || ret->n.root->type != TREE_OBJECT)
		return notation_error(&ret->n, ret->n.root, e, "is no manifest");
	if (notation_find(&ret->n, ret->n.root, "manifests"))
		return notation_error(&ret->n, ret->n.root, e, "is both an index and a manifest");
	if (notation_find(&ret->n, ret->n.root, "fsLayers"))
		return err_set(e, ERR_UNSUPPORTED,
			       "'%.*s' is a manifest of Docker's first format; convert the image",
			       STR_ARG(name));
	config = notation_find(&ret->n, ret->n.root, "config");
	if (!config || config->type != TREE_OBJECT)
		return notation_error(&ret->n, ret->n.root, e, "has no \"config\"");
	read_descriptor(&ret->n, config, &ret->config);
	if (!config_type(ret->config.media_type))
		ret->not_an_image = ret->config.media_type;
	return 0;
}

/* The platform of a manifest whose descriptor names none is that of its configuration. */
static void learn_platform(struct walk *w, struct descriptor *d)
{
	struct manifest m;
	struct notation n;
	struct str name, text;
	struct digest computed;

	if (d->platform.os.len || d->artifact.len)
		return;
	if (read_manifest(w, d, &m, NULL) < 0)
		return;
	d->artifact = m.not_an_image;
	if (m.not_an_image.len || read_described(w, &m.config, &name, &text, &computed, NULL) < 0 ||
	    notation_parse(w, name, text, &n, NULL) < 0)
		return;
	read_platform(&n, n.root, &d->platform);
}

/* --- which one is meant -------------------------------------------------------------------------
 */

/* The chosen manifests, each once, artifacts left out unless there is nothing else. */
static size_t list_chosen(struct layout *l, struct descriptor **out, bool artifacts)
{
	size_t count = 0;

	for (size_t i = 0; i < l->list.count; i++) {
		struct descriptor *d = &l->list.items[i];
		bool seen = false;

		if (!d->chosen || d->is_index || (d->artifact.len && !artifacts))
			continue;
		for (size_t j = 0; j < count && d->digest.algorithm; j++)
			seen |= digest_eq(&out[j]->digest, &d->digest);
		if (!seen)
			out[count++] = d;
	}
	return count;
}

static void add_image_name(struct buf *names, const struct descriptor *d)
{
	struct str name = str_to(d->name.len ? d->name : d->digest_text, 120);
	struct str rest = buf_str(names), item;

	while (rest.len && str_next(&rest, ',', &item)) {
		item = str_trim(item);
		if (item.len == name.len + 2 && str_eq(str_sub(item, 1, item.len - 1), name))
			return;
	}
	if (names->len < 400)
		buf_printf(names, "%s'%.*s'", names->len ? ", " : "", STR_ARG(name));
}

static bool several_names(struct descriptor **found, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!str_eq(found[i]->name, found[0]->name))
			return true;
	return false;
}

static int say_platforms(const struct platform *want, struct descriptor **found, size_t count,
			 struct err *e)
{
	CLEANUP(buf_done) struct buf list = BUF_INIT;
	CLEANUP(buf_done) struct buf wanted = BUF_INIT;
	struct str first;
	size_t first_len;

	platform_add_name(&wanted, want);
	for (size_t i = 0; i < count; i++)
		if (found[i]->platform.os.len)
			platform_add_name(&list, &found[i]->platform);
	first = buf_str(&list);
	first_len = str_find_char(first, ',') < 0 ? first.len : (size_t)str_find_char(first, ',');
	err_set(e, ERR_USAGE, "has no image for %.*s; there is %.*s", STR_ARG(buf_str(&wanted)),
		STR_ARG(list.len ? first : STR("none with a platform")));
	if (list.len)
		err_hint(e, "choose with --platform %.*s", STR_ARG(str_to(first, first_len)));
	return -1;
}

static int choose_platform(struct walk *w, struct descriptor **found, size_t count,
			   struct descriptor **ret, struct err *e)
{
	struct platform want;
	int best = -1;
	bool twice = false;

	if (platform_parse(w->request.platform, &want, e) < 0)
		return -1;
	/* one image is taken as it is, unless its platform was asked for */
	if (count == 1 && !w->request.platform.len) {
		*ret = found[0];
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		int rank;

		learn_platform(w, found[i]);
		rank = found[i]->artifact.len ? -1 : platform_rank(&want, &found[i]->platform);
		twice |= rank >= 0 && rank == best;
		if (rank >= 0 && (best < 0 || rank < best)) {
			best = rank;
			twice = false;
			*ret = found[i];
		}
	}
	if (twice)
		walk_say(w, DIAG_manifest_note,
			 "has several images for the platform: the first one is taken, as the "
			 "container runtime does");
	return best < 0 ? say_platforms(&want, found, count, e) : 0;
}

static int choose(struct layout *l, struct descriptor **ret, struct err *e)
{
	struct walk *w = l->walk;
	struct descriptor **found =
		arena_alloc_array(&w->scratch, l->list.count + 1, sizeof(*found));
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	size_t count;

	if (!found)
		return ERR_NOMEM(e);
	count = list_chosen(l, found, false);
	if (!count)
		count = list_chosen(l, found, true);
	if (!count) {
		for (size_t i = 0; i < l->list.count; i++)
			if (l->list.items[i].depth == 1)
				add_image_name(&names, &l->list.items[i]);
		if (!w->request.select.len || !names.len)
			return err_set(e, ERR_FORMAT, "'index.json' names no image");
		return err_set(e, ERR_USAGE, "has no image '%.*s'; it holds %.*s",
			       STR_ARG(w->request.select), STR_ARG(buf_str(&names)));
	}
	if (!w->request.select.len && several_names(found, count)) {
		for (size_t i = 0; i < count; i++)
			add_image_name(&names, found[i]);
		return say_several(w, &names, e);
	}
	return choose_platform(w, found, count, ret, e);
}

static int plan_manifest(struct walk *w, const struct descriptor *d, struct plan *p, struct err *e)
{
	struct manifest m;
	struct str name, text;
	struct err why = ERR_INIT;

	if (read_manifest(w, d, &m, e) < 0)
		return -1;
	if (m.not_an_image.len || d->artifact.len)
		return err_set(e, ERR_UNSUPPORTED, "is no container image but %.*s",
			       STR_ARG(m.not_an_image.len ? m.not_an_image : d->artifact));
	p->manifest = d->digest;
	p->reference = arena_str(&w->arena, d->name);
	if (add_layers(w, &m.n, p, e) < 0)
		return -1;
	if (read_described(w, &m.config, &name, &text, &p->config, &why) < 0) {
		walk_say(w, DIAG_config_unreadable, "the configuration %s", why.message);
		return 0;
	}
	plan_read_config(w, p, name, text);
	return 0;
}

int oci_plan(struct walk *w, struct plan *ret, struct err *e)
{
	CLEANUP(layout_done) struct layout l = {0};
	struct descriptor *d = NULL;

	if (open_layout(w, &l, e) < 0 || choose(&l, &d, e) < 0)
		return -1;
	return plan_manifest(w, d, ret, e);
}

int oci_each_image(struct walk *w, int (*each)(struct walk *w, const struct plan *p, void *context),
		   void *context, struct err *e)
{
	CLEANUP(layout_done) struct layout l = {0};

	if (open_layout(w, &l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.list.count; i++) {
		struct descriptor *d = &l.list.items[i];
		struct plan p = {0};
		struct manifest m;
		bool stop;

		if (d->is_index || d->artifact.len)
			continue;
		if (read_manifest(w, d, &m, e) < 0)
			return -1;
		p.config = m.config.digest;
		if (!m.not_an_image.len && add_layers(w, &m.n, &p, e) < 0) {
			plan_done(&p);
			return -1;
		}
		stop = !m.not_an_image.len && each(w, &p, context);
		plan_done(&p);
		if (stop)
			return 0;
	}
	return 0;
}
