#include "advisory/feed.h"

#define FEED(name) extern const struct feed feed_##name;
#include "advisory/feeds.def"
#undef FEED

const struct feed *const feeds[] = {
#define FEED(name) &feed_##name,
#include "advisory/feeds.def"
#undef FEED
	NULL,
};

const struct feed *feed_find(struct str name)
{
	for (const struct feed *const *f = feeds; *f; f++)
		if (str_is(name, (*f)->name))
			return *f;
	return NULL;
}
