/* Between the two notations of manifests: Docker's and OCI's. */
#ifndef PLIMSOLL_IMAGE_MANIFESTS_H
#define PLIMSOLL_IMAGE_MANIFESTS_H

#include "image/notation.h"

/* "holds several images: 'a', 'b'" with the hint that names one. */
int say_several(struct walk *w, const struct buf *names, struct err *e);

/* The image that the request means, from "index.json" on. */
int oci_plan(struct walk *w, struct plan *ret, struct err *e);

/*
 * Every image of the layout, of whatever name and platform, until `each` gives non-zero: only
 * digests of configurations and names of layers are filled in.
 */
int oci_each_image(struct walk *w, int (*each)(struct walk *w, const struct plan *p, void *context),
		   void *context, struct err *e);

#endif
