/* One tar, plain or compressed, taken as a single layer: there is no manifest to read. */
#include "image/source.h"

const struct source source_archive = {
	.name = "file",
	.kind = IMAGE_ARCHIVE,
};
