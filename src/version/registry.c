#include "version/comparator.h"

#define COMPARATOR(name) extern const struct comparator comparator_##name;
#include "version/comparators.def"
#undef COMPARATOR

const struct comparator *const comparators[] = {
#define COMPARATOR(name) &comparator_##name,
#include "version/comparators.def"
#undef COMPARATOR
	NULL,
};

static bool answers_to(const struct comparator *c, struct str name)
{
	if (str_is(name, c->name))
		return true;
	for (const char *const *alias = c->aliases; alias && *alias; alias++)
		if (str_is(name, *alias))
			return true;
	return false;
}

const struct comparator *comparator_find(struct str name)
{
	for (const struct comparator *const *c = comparators; *c; c++)
		if (answers_to(*c, name))
			return *c;
	return NULL;
}
