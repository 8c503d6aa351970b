#include "image/notation.h"

#include <stdio.h>

int notation_parse(struct walk *w, struct str name, struct str text, struct notation *ret,
		   struct err *e)
{
	struct tree tree;

	if (tree_parse_json(text, &w->scratch, (size_t)w->limits->json_max, &tree, e) < 0)
		return err_wrap(e, "'%.*s'", STR_ARG(name));
	*ret = (struct notation){.walk = w, .name = name, .root = tree.root};
	if (tree.duplicate)
		walk_say_about(
			w, DIAG_ambiguous_json, name,
			"line %u, column %u: the key '%.*s' stands twice; the last one counts",
			tree.duplicate->line, tree.duplicate->column, STR_ARG(tree.duplicate->key));
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool notation_key_is(struct str key, const char *name)
{
	size_t i = 0;

	for (; *name; name++) {
		struct str rest = str_from(key, i);

		if (rest.len && lower(rest.data[0]) == lower(*name))
			i += 1;
		else if (lower(*name) == 's' && str_starts(rest, STR("\xc5\xbf")))
			i += 2; /* U+017F */
		else if (lower(*name) == 'k' && str_starts(rest, STR("\xe2\x84\xaa")))
			i += 3; /* U+212A */
		else
			return false;
	}
	return i == key.len;
}

static void say_odd_key(const struct notation *n, const struct tree_node *node, const char *key)
{
	walk_say_about(
		n->walk, DIAG_ambiguous_json, n->name,
		"line %u, column %u: the key '%.*s' counts as '%s' for container runtimes only",
		node->line, node->column, STR_ARG(node->key), key);
}

const struct tree_node *notation_find(const struct notation *n, const struct tree_node *object,
				      const char *key)
{
	const struct tree_node *found = NULL;

	if (!object || object->type != TREE_OBJECT)
		return NULL;
	for (const struct tree_node *node = tree_first(object); node; node = node->next) {
		if (!notation_key_is(node->key, key))
			continue;
		if (!str_is(node->key, key))
			say_odd_key(n, node, key);
		found = node;
	}
	return found && found->type != TREE_NULL ? found : NULL;
}

struct str notation_str(const struct notation *n, const struct tree_node *object, const char *key)
{
	const struct tree_node *node = notation_find(n, object, key);

	return node && node->type == TREE_STRING ? node->text : STR("");
}

struct str notation_place(const struct notation *n, const struct tree_node *node)
{
	struct str s = arena_printf(&n->walk->arena, "'%.*s', line %u, column %u", STR_ARG(n->name),
				    node ? node->line : 1, node ? node->column : 1);

	return s.data ? s : STR("");
}

int notation_error(const struct notation *n, const struct tree_node *node, struct err *e,
		   const char *what)
{
	return err_set(e, ERR_FORMAT, "'%.*s', line %u, column %u: %s", STR_ARG(n->name),
		       node ? node->line : 1, node ? node->column : 1, what);
}

static struct str without_default_host(struct str s)
{
	(void)(str_skip(&s, STR("docker.io/")) || str_skip(&s, STR("index.docker.io/")));
	str_skip(&s, STR("library/"));
	return s;
}

bool notation_names(struct str name, struct str select)
{
	ptrdiff_t colon = str_find_last_char(name, ':'), slash = str_find_last_char(name, '/');

	if (!name.len || !select.len)
		return false;
	if (str_eq(without_default_host(name), without_default_host(select)))
		return true;
	return colon > slash && str_eq(str_from(name, (size_t)colon + 1), select);
}

struct digest notation_check_digest(struct walk *w, struct str name, struct str text,
				    const struct digest *claimed)
{
	enum digest_algorithm algorithm = claimed->algorithm ? claimed->algorithm : DIGEST_SHA256;
	struct digest computed = {0};
	char is[DIGEST_TEXT];
	struct err e = ERR_INIT;

	if (digest_of(algorithm, text, &computed, &e) < 0) {
		walk_say_about(w, DIAG_digest_mismatch, name, "the digest cannot be computed: %s",
			       e.message);
		return (struct digest){0};
	}
	if (w->request.verify && claimed->algorithm && !digest_eq(claimed, &computed))
		walk_say_about(w, DIAG_digest_mismatch, name, "the bytes have the digest %s",
			       digest_format(&computed, is));
	return computed;
}

/* --- platforms ----------------------------------------------------------------------------------
 */

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#elif defined(__arm__)
#define MACHINE "arm"
#elif defined(__i386__)
#define MACHINE "386"
#elif defined(__powerpc64__)
#define MACHINE "ppc64le"
#elif defined(__s390x__)
#define MACHINE "s390x"
#elif defined(__riscv)
#define MACHINE "riscv64"
#else
#define MACHINE "unknown"
#endif

static struct str usual_architecture(struct str s)
{
	static const struct {
		const char *other, *usual;
	} names[] = {{"x86_64", "amd64"}, {"x86-64", "amd64"}, {"aarch64", "arm64"},
		     {"armhf", "arm"},	  {"i386", "386"},     {"i686", "386"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(s, names[i].other))
			return str_of(names[i].usual);
	return s;
}

int platform_parse(struct str text, struct platform *ret, struct err *e)
{
	struct str rest = text, extra;
	struct platform p = {0};

	if (!text.len) {
		*ret = (struct platform){STR("linux"), STR(MACHINE), STR("")};
		return 0;
	}
	if (!str_next(&rest, '/', &p.os) || !str_next(&rest, '/', &p.architecture) || !p.os.len ||
	    !p.architecture.len)
		return err_set(e, ERR_USAGE,
			       "platform '%.*s' is not of the form os/arch or "
			       "os/arch/variant, like linux/arm64",
			       STR_ARG(text));
	if (str_next(&rest, '/', &p.variant) && str_next(&rest, '/', &extra))
		return err_set(e, ERR_USAGE, "platform '%.*s' has too many parts", STR_ARG(text));
	p.architecture = usual_architecture(p.architecture);
	*ret = p;
	return 0;
}

/* The variant that stands for none: arm64 is v8, amd64 is v1. */
static struct str variant_of(const struct platform *p)
{
	bool plain = (str_is(p->architecture, "arm64") && str_is(p->variant, "v8")) ||
		     (str_is(p->architecture, "amd64") && str_is(p->variant, "v1"));

	return plain ? STR("") : p->variant;
}

int platform_rank(const struct platform *want, const struct platform *have)
{
	/* a 32-bit arm of unknown variant runs the newest there is, and all older ones */
	static const char *const arm[] = {"v7", "", "v6", "v5"};
	struct str variant = variant_of(have);

	if (!str_eq(want->os, have->os) ||
	    !str_eq(want->architecture, usual_architecture(have->architecture)))
		return -1;
	if (str_eq(variant_of(want), variant) && !str_is(want->architecture, "arm"))
		return 0;
	if (want->variant.len)
		return str_eq(want->variant, have->variant) ? 0 : -1;
	if (str_is(want->architecture, "arm"))
		for (int i = 0; i < 4; i++)
			if (str_is(variant, arm[i]))
				return i;
	return -1;
}

void platform_add_name(struct buf *list, const struct platform *p)
{
	char name[160];
	struct str rest = buf_str(list), item;
	int n = snprintf(name, sizeof(name), "%.*s/%.*s%s%.*s", STR_ARG(str_to(p->os, 32)),
			 STR_ARG(str_to(p->architecture, 32)), p->variant.len ? "/" : "",
			 STR_ARG(str_to(p->variant, 32)));

	while (rest.len && str_next(&rest, ',', &item))
		if (str_eq(str_trim(item), str_make(name, (size_t)n)))
			return;
	if (list->len < 400)
		buf_printf(list, "%s%s", list->len ? ", " : "", name);
}
