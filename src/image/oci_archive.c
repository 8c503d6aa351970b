/* An OCI image layout in a tar: oci.c over the members of the tar. */
#include "image/manifests.h"

static int probe(struct walk *w)
{
	struct blob blob;
	struct err e = ERR_INIT;

	return w->store->ops->find(w->store, STR("oci-layout"), &blob, &e) == 0 ? 1 : 0;
}

static int plan(struct walk *w, struct plan *ret, struct err *e)
{
	ret->kind = IMAGE_OCI_ARCHIVE;
	return oci_plan(w, ret, e);
}

const struct source source_oci_archive = {
	.name = "oci-archive",
	.kind = IMAGE_OCI_ARCHIVE,
	.probe = probe,
	.plan = plan,
};
