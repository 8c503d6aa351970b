/* The table of the codecs. */
#include "io/stream.h"

#define CODEC(name) extern const struct codec codec_##name;
#include "io/codecs.def"
#undef CODEC

const struct codec *const codecs[] = {
#define CODEC(name) &codec_##name,
#include "io/codecs.def"
#undef CODEC
	NULL,
};

const struct codec *codec_probe(struct str head)
{
	for (const struct codec *const *c = codecs; *c; c++)
		if ((*c)->probe(head))
			return *c;
	return NULL;
}

const struct codec *codec_find(const char *name)
{
	for (const struct codec *const *c = codecs; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

struct stream *stream_open_decoded(struct stream *below, struct budget *budget,
				   const struct codec **ret_codec, struct err *e)
{
	const struct codec *codec;
	struct stream *decoded;
	struct str head;

	if (stream_peek(below, CODEC_HEAD, &head, e) < 0) {
		stream_close(below);
		return NULL;
	}
	codec = codec_probe(head);
	if (!codec)
		codec = codec_find("none");
	decoded = codec->open(below, budget, e);
	if (decoded && ret_codec)
		*ret_codec = codec;
	return decoded;
}
