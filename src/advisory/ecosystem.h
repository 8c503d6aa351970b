/*
 * The names of distributions and ecosystems as feeds write them, and as the database has them.
 */
#ifndef PLIMSOLL_ADVISORY_ECOSYSTEM_H
#define PLIMSOLL_ADVISORY_ECOSYSTEM_H

#include "base/buf.h"
#include "model/advisory.h"

struct ecosystem {
	const char *osv;	/* the name before the colon, as OSV has it */
	const char *family;	/* start of the partition's name */
	const char *comparator; /* of src/version, "" where there is none yet */
	const char *source;	/* who a severity word of it comes from */
	enum advisory_names names;
	bool distribution; /* notices name many vulnerabilities in `related` */
	bool rpm;	   /* severity is the first word of the summary; modules */
};

/*
 * "Debian:12", "Ubuntu:22.04:LTS", "Red Hat:enterprise_linux:9::appstream", "SUSE:Linux Enterprise
 * Server 15 SP5" into the name of the partition without "pkg/": as distro_partition where it is a
 * distribution, lower case; an unknown one by its own words. NULL and nothing in `out` for an empty
 * name.
 */
const struct ecosystem *ecosystem_partition(struct str name, struct buf *out);

/* The comparator of a partition by its name, without "pkg/": "debian-12" is "debian"; "" unknown.
 */
const char *ecosystem_comparator(struct str partition);

/* Release of a code name: "bookworm" is "12", "jammy" is "22.04"; empty when it is unknown. */
struct str debian_release_of(struct str codename);
struct str ubuntu_release_of(struct str codename);

#endif
