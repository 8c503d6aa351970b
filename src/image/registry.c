#include "image/source.h"

#define SOURCE(name) extern const struct source source_##name;
#include "image/sources.def"
#undef SOURCE

const struct source *const sources[] = {
#define SOURCE(name) &source_##name,
#include "image/sources.def"
#undef SOURCE
	NULL,
};

const struct source *source_find(struct str name)
{
	for (const struct source *const *s = sources; *s; s++)
		if (str_is(name, (*s)->name))
			return *s;
	return NULL;
}

const struct source *source_of_kind(enum image_kind kind)
{
	for (const struct source *const *s = sources; *s; s++)
		if ((*s)->kind == kind)
			return *s;
	return NULL;
}
