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
