/*
 * A distribution release, as os-release and friends name it, and the names that databases use.
 */
#ifndef PLIMSOLL_MODEL_DISTRO_H
#define PLIMSOLL_MODEL_DISTRO_H

#include "base/buf.h"

struct distro {
	struct str id;		/* "debian"; empty: none found */
	struct str version_id;	/* "12", "3.19.1", "" */
	struct str codename;	/* "bookworm" or "" */
	struct str name;	/* PRETTY_NAME or NAME */
	struct str id_like;	/* blank-separated */
	struct str end_of_life; /* "2028-06-30" or "" */
	struct str path;	/* of the file that said so */
};

/*
 * Key of the database partition: "debian-12", "ubuntu-22.04", "alpine-3.19", "alpine-edge",
 * "almalinux-9", "rocky-9", "redhat-9", "suse-15.5", "wolfi", "chainguard"; derived releases fall
 * to what they are built from where that is right (centos -> redhat, raspbian -> debian). Empty
 * when it cannot be said. Written without the "pkg/" prefix.
 */
void distro_partition(const struct distro *d, struct buf *out);

#endif
