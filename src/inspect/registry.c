#include "inspect/inspector.h"

#define INSPECTOR(name) extern const struct inspector inspector_##name;
#include "inspect/inspectors.def"
#undef INSPECTOR

const struct inspector *const inspectors[] = {
#define INSPECTOR(name) &inspector_##name,
#include "inspect/inspectors.def"
#undef INSPECTOR
	NULL,
};

const struct inspector *inspector_find(struct str name)
{
	for (size_t i = 0; inspectors[i]; i++)
		if (str_is(name, inspectors[i]->name))
			return inspectors[i];
	return NULL;
}
