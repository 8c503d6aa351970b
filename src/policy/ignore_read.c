/*
 * The ignore file: YAML, a list of entries. Strict, because a misspelt key would silently ignore
 * more, or less, than its author meant.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "base/date.h"
#include "policy/policy.h"
#include "text/yaml.h"

struct reading {
	struct policy *policy;
	const char *file;
	struct err *e;
};

static int wrong(struct reading *r, const struct tree_node *n, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(struct reading *r, const struct tree_node *n, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(r->e, ERR_USAGE, "'%s', line %" PRIu32 ", column %" PRIu32 ": %s", r->file,
		       n->line, n->column, text);
}

static int read_text(struct reading *r, const struct tree_node *n, struct str *ret)
{
	struct str text = tree_str(n);

	if (n->type == TREE_OBJECT || n->type == TREE_ARRAY || !text.data)
		return wrong(r, n, "'%.*s' must be text, not %s", STR_ARG(n->key),
			     tree_type_name(n));
	if (!str_trim(text).len)
		return wrong(r, n, "'%.*s' is empty", STR_ARG(n->key));
	if (str_find_char(text, 0) >= 0)
		return wrong(r, n, "'%.*s' has a NUL character", STR_ARG(n->key));
	*ret = arena_str(&r->policy->arena, text);
	return ret->data ? 0 : ERR_NOMEM(r->e);
}

static int read_expires(struct reading *r, const struct tree_node *n, struct ignore_entry *out)
{
	enum { DAY = 86400 };
	int64_t seconds;

	if (read_text(r, n, &out->expires) < 0)
		return -1;
	if (!date_parse(out->expires, &seconds))
		return wrong(r, n, "'expires' is '%.*s': a day such as 2026-12-31 is needed",
			     STR_ARG(out->expires));
	/* a day is the last on which the entry holds */
	if (out->expires.len == sizeof("2026-12-31") - 1 && out->expires.data[0] != '@')
		seconds += DAY;
	out->expires_at = seconds;
	return 0;
}

static int read_path(struct reading *r, const struct tree_node *n, struct str *ret)
{
	struct str text = tree_str(n);

	if (n->type == TREE_OBJECT || n->type == TREE_ARRAY || !text.len)
		return wrong(r, n, "a path must be text that is not empty");
	if (str_find_char(text, 0) >= 0)
		return wrong(r, n, "a path has a NUL character");
	str_skip(&text, STR("/"));
	*ret = arena_str(&r->policy->arena, text);
	return ret->data ? 0 : ERR_NOMEM(r->e);
}

static int read_paths(struct reading *r, const struct tree_node *n, struct ignore_entry *out)
{
	if (n->type != TREE_ARRAY || !n->count)
		return wrong(r, n, "'paths' must be a list of at least one path");
	out->paths = arena_alloc_array(&r->policy->arena, n->count, sizeof(*out->paths));
	if (!out->paths)
		return ERR_NOMEM(r->e);
	for (const struct tree_node *c = tree_first(n); c; c = c->next) {
		if (read_path(r, c, &out->paths[out->path_count]) < 0)
			return -1;
		out->path_count++;
	}
	return 0;
}

static int read_purl(struct reading *r, const struct tree_node *n, struct ignore_entry *out)
{
	if (read_text(r, n, &out->purl) < 0)
		return -1;
	if (!str_starts(out->purl, STR("pkg:")))
		return wrong(r, n, "'purl' must begin with 'pkg:'");
	return 0;
}

static int read_key(struct reading *r, const struct tree_node *n, struct ignore_entry *out)
{
	if (n->duplicate)
		return wrong(r, n, "'%.*s' stands twice", STR_ARG(n->key));
	if (str_is(n->key, "id"))
		return read_text(r, n, &out->id);
	if (str_is(n->key, "reason"))
		return read_text(r, n, &out->reason);
	if (str_is(n->key, "owner"))
		return read_text(r, n, &out->owner);
	if (str_is(n->key, "expires"))
		return read_expires(r, n, out);
	if (str_is(n->key, "paths"))
		return read_paths(r, n, out);
	if (str_is(n->key, "purl"))
		return read_purl(r, n, out);
	return wrong(r, n, "unknown key '%.*s'; known are id, reason, expires, paths, purl, owner",
		     STR_ARG(n->key));
}

static int read_entry(struct reading *r, const struct tree_node *n, struct str file)
{
	struct ignore_entry entry = {.file = file, .line = n->line, .expires_at = INT64_MAX};
	struct ignore_entry *slot;

	if (n->type != TREE_OBJECT)
		return wrong(r, n, "an entry must have keys (id, reason, ...), and is %s",
			     tree_type_name(n));
	for (const struct tree_node *c = tree_first(n); c; c = c->next) {
		if (read_key(r, c, &entry) < 0)
			return -1;
	}
	if (!entry.id.len)
		return wrong(r, n, "the entry has no 'id'");
	if (!entry.reason.len)
		return wrong(r, n, "the entry for %.*s has no 'reason'", STR_ARG(entry.id));
	slot = vec_push(&r->policy->ignore);
	if (!slot)
		return ERR_NOMEM(r->e);
	*slot = entry;
	return 0;
}

static int read_document(struct reading *r, const struct tree_node *root, struct str file)
{
	if (!root || root->type == TREE_NULL)
		return 0;
	if (root->type != TREE_ARRAY)
		return wrong(r, root, "a list of entries is needed, and there is %s",
			     tree_type_name(root));
	if (root->count > POLICY_IGNORE_ENTRIES)
		return wrong(r, root, "more than %d entries", POLICY_IGNORE_ENTRIES);
	for (const struct tree_node *n = tree_first(root); n; n = n->next) {
		if (read_entry(r, n, file) < 0)
			return -1;
	}
	return 0;
}

/* What is no YAML is the user's words being off, too. */
static int not_yaml(struct reading *r)
{
	if (r->e && r->e->code != ERR_MEMORY)
		r->e->code = ERR_USAGE;
	return err_wrap(r->e, "'%s'", r->file);
}

int policy_read_ignore(struct policy *p, struct str text, const char *file, struct err *e)
{
	struct reading r = {.policy = p, .file = file, .e = e};
	struct str name = arena_str(&p->arena, str_of(file));
	struct yaml_reader *y;
	struct arena scratch;
	struct tree tree;
	int more;

	if (!name.data)
		return ERR_NOMEM(e);
	if (text.len > POLICY_IGNORE_BYTES)
		return err_set(e, ERR_USAGE, "'%s' is larger than %d MiB", file,
			       POLICY_IGNORE_BYTES >> 20);
	y = yaml_reader_new(text, NULL, e);
	if (!y)
		return -1;
	arena_init(&scratch, NULL, 0);
	while ((more = yaml_reader_next(y, &scratch, &tree, e)) > 0) {
		if (read_document(&r, tree.root, name) < 0)
			break;
	}
	if (more < 0)
		not_yaml(&r);
	arena_done(&scratch);
	yaml_reader_free(y);
	return more == 0 ? 0 : -1;
}
