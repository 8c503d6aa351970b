#include "image/reference.h"

#include <fcntl.h>
#include <unistd.h>

#include "image/source.h"

/* Prefixes of sources that others have and we do not, yet. */
static const char *const later[] = {"registry", "docker", "podman", "containerd", "sbom"};

static bool exists(struct str path)
{
	char name[4096];

	if (path.len == 0 || path.len >= sizeof(name) || memchr(path.data, '\0', path.len))
		return false;
	memcpy(name, path.data, path.len);
	name[path.len] = '\0';
	return faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* [host[:port]/]name/name, each of lower case letters, digits and separators */
static bool is_repository(struct str s)
{
	struct str part;
	bool first = true;

	while (str_next(&s, '/', &part)) {
		ptrdiff_t colon = str_find_char(part, ':');
		uint64_t port;

		if (first && s.data && colon > 0 &&
		    str_parse_u64(str_from(part, (size_t)colon + 1), &port))
			part = str_to(part, (size_t)colon);
		if (!part.len || part.data[0] == '.' || part.data[0] == '-')
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!name_char(part.data[i]))
				return false;
		first = false;
	}
	return true;
}

static bool is_tag(struct str s)
{
	if (!s.len || s.len > 128 || s.data[0] == '.' || s.data[0] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!name_char(s.data[i]) && !(s.data[i] >= 'A' && s.data[i] <= 'Z'))
			return false;
	return true;
}

/* A file that is not there is a file that is not there, whatever a registry could hold. */
static bool names_a_file(struct str text)
{
	static const char *const suffixes[] = {".tar", ".tgz", ".tbz", ".txz", ".tzst", ".gz",
					       ".bz2", ".xz",  ".zst", ".oci", ".json"};

	if (text.data[0] == '/' || text.data[0] == '.')
		return true;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (str_ends(text, str_of(suffixes[i])))
			return true;
	return false;
}

bool source_looks_like_image(struct str text)
{
	ptrdiff_t at = str_find_char(text, '@'), colon, slash;
	struct digest d;

	if (at >= 0) {
		if (!digest_parse(str_from(text, (size_t)at + 1), &d))
			return false;
		text = str_to(text, (size_t)at);
	}
	colon = str_find_last_char(text, ':');
	slash = str_find_last_char(text, '/');
	if (colon > slash) {
		if (!is_tag(str_from(text, (size_t)colon + 1)))
			return false;
		text = str_to(text, (size_t)colon);
	}
	return text.len > 0 && !names_a_file(text) && is_repository(text);
}

/* "alpine:3.19" is docker.io/library/alpine:3.19 for who must be told everything. */
static int say_registry(struct str name, struct err *e)
{
	struct str first = name;
	bool host;
	ptrdiff_t slash = str_find_char(name, '/'), cut;
	const char *before = "docker.io/library/";
	char file[64];

	first = slash < 0 ? STR_NULL : str_to(name, (size_t)slash);
	host = str_find_char(first, '.') >= 0 || str_find_char(first, ':') >= 0 ||
	       str_is(first, "localhost");
	if (host)
		before = "";
	else if (slash >= 0)
		before = "docker.io/";
	cut = str_find_last_char(name, '/');
	snprintf(file, sizeof(file), "%.*s", (int)(name.len < 60 ? name.len : 60),
		 name.data + cut + 1);
	file[strcspn(file, ":@")] = '\0';
	err_set(e, ERR_USAGE,
		"%.*s: no such file or folder, and images are not fetched from registries",
		STR_ARG(name));
	return err_hint(
		e,
		"skopeo copy docker://%s%.*s oci-archive:%s.tar  (or: docker save -o %s.tar %.*s)",
		before, (int)(name.len < 80 ? name.len : 80), name.data, file, file,
		(int)(name.len < 80 ? name.len : 80), name.data);
}

static int say_prefix(struct str prefix, struct err *e)
{
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (str_is(prefix, later[i])) {
			err_set(e, ERR_USAGE, "sources of the form '%s:' are not supported yet",
				later[i]);
			return err_hint(
				e, "docker save -o image.tar NAME, then plimsoll scan image.tar");
		}
	return err_set(e, ERR_USAGE,
		       "unknown kind of source '%.*s'; known are docker-archive, oci-dir, "
		       "oci-archive, dir and file",
		       STR_ARG(prefix));
}

/* Path and "#REF" of what stands behind the prefix. */
static void split_select(struct str rest, struct source_reference *ret)
{
	ptrdiff_t hash = str_find_last_char(rest, '#');

	ret->path = rest;
	ret->select = STR_NULL;
	if (hash <= 0 || exists(rest))
		return;
	ret->path = str_to(rest, (size_t)hash);
	ret->select = str_from(rest, (size_t)hash + 1);
}

int source_parse_reference(const char *text, struct source_reference *ret, struct err *e)
{
	struct str s = str_of(text), prefix = s;
	ptrdiff_t colon = str_find_char(s, ':');
	struct source_reference out = {.text = text};
	const struct source *member;

	if (!s.len)
		return err_set(e, ERR_USAGE, "the name of a source is empty");
	if (str_is(s, "-")) {
		out.path = s;
		out.standard_input = true;
		*ret = out;
		return 0;
	}
	split_select(s, &out);
	if (colon > 0 && !exists(out.path)) {
		prefix = str_to(s, (size_t)colon);
		member = source_find(prefix);
		if (member) {
			out.forced = true;
			out.kind = member->kind;
			split_select(str_from(s, (size_t)colon + 1), &out);
			out.standard_input = str_is(out.path, "-") && !member->folder;
			if (!out.path.len)
				return err_set(e, ERR_USAGE, "'%s' names no file or folder", text);
		} else if (str_find_char(prefix, '/') < 0 && !source_looks_like_image(s)) {
			return say_prefix(prefix, e);
		}
	}
	if (!out.standard_input && !exists(out.path) && !out.forced && source_looks_like_image(s))
		return say_registry(s, e);
	*ret = out;
	return 0;
}
