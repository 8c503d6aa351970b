/* An OCI image layout as a folder: oci.c over files that the broker opens. */
#include "image/manifests.h"

static int plan(struct walk *w, struct plan *ret, struct err *e)
{
	ret->kind = IMAGE_OCI_LAYOUT;
	return oci_plan(w, ret, e);
}

const struct source source_oci_layout = {
	.name = "oci-dir",
	.kind = IMAGE_OCI_LAYOUT,
	.folder = true,
	.plan = plan,
};
