/* Names of package types and origins, and the order of packages in a report. */
#include "model/package.h"

static const struct {
	const char *name, *purl, *comparator;
} types[PACKAGE_TYPE_COUNT] = {
#define X(id, type_name, purl_type, comparator_name) \
	[PACKAGE_##id] = {type_name, purl_type, comparator_name},
	PACKAGE_TYPES(X)
#undef X
};

static const char *const origins[] = {
	[ORIGIN_PACKAGE_MANAGER] = "package_manager",
	[ORIGIN_LANGUAGE] = "language",
	[ORIGIN_BINARY] = "binary",
	[ORIGIN_FILE] = "file",
};

const char *package_type_name(enum package_type type)
{
	return type < PACKAGE_TYPE_COUNT ? types[type].name : "generic";
}

const char *package_type_purl(enum package_type type)
{
	return type < PACKAGE_TYPE_COUNT ? types[type].purl : "generic";
}

const char *package_type_comparator(enum package_type type)
{
	return type < PACKAGE_TYPE_COUNT ? types[type].comparator : NULL;
}

bool package_type_parse(struct str s, enum package_type *ret)
{
	for (int i = 0; i < PACKAGE_TYPE_COUNT; i++) {
		if (str_is(s, types[i].name)) {
			*ret = (enum package_type)i;
			return true;
		}
	}
	return false;
}

const char *package_origin_name(enum package_origin origin)
{
	return origin <= ORIGIN_FILE ? origins[origin] : origins[ORIGIN_FILE];
}

bool package_origin_parse(struct str s, enum package_origin *ret)
{
	for (int i = 0; i <= ORIGIN_FILE; i++) {
		if (str_is(s, origins[i])) {
			*ret = (enum package_origin)i;
			return true;
		}
	}
	return false;
}

int package_cmp(const struct package *a, const struct package *b)
{
	int order = strcmp(package_type_name(a->type), package_type_name(b->type));

	if (!order)
		order = str_cmp(a->name, b->name);
	if (!order)
		order = str_cmp(a->version, b->version);
	if (!order)
		order = str_cmp(a->arch, b->arch);
	if (!order)
		order = str_cmp(a->location.path, b->location.path);
	return order;
}
