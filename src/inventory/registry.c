#include "inventory/resolver.h"

#define RESOLVER(name) extern const struct resolver resolver_##name;
#include "inventory/resolvers.def"
#undef RESOLVER

const struct resolver *const resolvers[] = {
#define RESOLVER(name) &resolver_##name,
#include "inventory/resolvers.def"
#undef RESOLVER
	NULL,
};
