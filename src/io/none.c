/* Plain bytes: what stream_open_decoded names when no other codec knows the head. */
#include "io/stream.h"

static bool none_probe(struct str head)
{
	(void)head;
	return false;
}

static struct stream *none_open(struct stream *below, struct budget *budget, struct err *e)
{
	(void)budget;
	(void)e;
	return below;
}

const struct codec codec_none = {
	.name = "none",
	.suffix = "",
	.probe = none_probe,
	.open = none_open,
};
