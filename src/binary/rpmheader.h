/*
 * The header of an rpm package as a package database stores it: an index of tags and their data.
 */
#ifndef PLIMSOLL_BINARY_RPMHEADER_H
#define PLIMSOLL_BINARY_RPMHEADER_H

#include "base/mem.h"

/* Decision 9. Real ones are below 4 MiB (kernel packages with some 100,000 files). */
enum { RPM_HEADER_MAX = 32 << 20 };

enum rpm_tag {
	RPM_TAG_NAME = 1000,
	RPM_TAG_VERSION = 1001,
	RPM_TAG_RELEASE = 1002,
	RPM_TAG_EPOCH = 1003,
	RPM_TAG_INSTALLTIME = 1008,
	RPM_TAG_SIZE = 1009,
	RPM_TAG_VENDOR = 1011,
	RPM_TAG_LICENSE = 1014,
	RPM_TAG_ARCH = 1022,
	RPM_TAG_OLDFILENAMES = 1027,
	RPM_TAG_FILEFLAGS = 1037,
	RPM_TAG_SOURCERPM = 1044,
	RPM_TAG_DIRINDEXES = 1116,
	RPM_TAG_BASENAMES = 1117,
	RPM_TAG_DIRNAMES = 1118,
	RPM_TAG_LONGSIZE = 5009,
	RPM_TAG_MODULARITYLABEL = 5096,
};

/* A checked header; borrows the blob. */
struct rpm_header {
	struct str index; /* 16 bytes an entry */
	struct str data;
	size_t region_entries; /* entries from here on were added after the package was built */
};

/*
 * Checks sizes, the region trailer and the type, alignment and bounds of every entry, as rpm itself
 * does before it trusts a header. ERR_FORMAT, or ERR_LIMIT over RPM_HEADER_MAX.
 */
int rpm_header_open(struct str blob, struct rpm_header *ret, struct err *e);

/*
 * The first string of a tag (a string, an array of strings or a translated one); empty with data
 * NULL when the tag is absent. Where a tag stands twice the later one counts. ERR_FORMAT when the
 * tag is there but holds no string.
 */
int rpm_header_string(const struct rpm_header *h, enum rpm_tag tag, struct str *ret, struct err *e);
/* The first number of a tag, any width. *ret_found says whether the tag is there. */
int rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, bool *ret_found, uint64_t *ret,
		      struct err *e);

/* Strings borrow the blob; absent ones are empty. */
struct rpm_package {
	struct str name;    /* never empty */
	struct str version; /* never empty */
	struct str release;
	struct str arch;
	struct str source_rpm; /* file name */
	struct str vendor;
	struct str license;
	struct str module; /* name:stream:version:context[:arch] */
	bool has_epoch;
	uint32_t epoch;
	uint64_t install_time; /* seconds since 1970, 0 unknown */
	uint64_t size;	       /* bytes of its files */
};

/*
 * ERR_FORMAT when a tag is malformed, when name or version is missing, or when name, epoch,
 * version, release or architecture stands twice with different values (readers disagree which one
 * counts).
 */
int rpm_header_package(const struct rpm_header *h, struct rpm_package *ret, struct err *e);

enum { RPM_FILE_GHOST = 1 << 6 }; /* owned, but not brought by the package */

struct rpm_file {
	struct str dir;	 /* with a slash at its end; empty in headers of old packages */
	struct str base; /* there: the whole path */
	uint32_t flags;	 /* RPM_FILE_*; 0 when the header has none */
};

/* The files of a package, one after the other; only the folders are kept in a table. */
struct rpm_files {
	struct str bases, flags, indexes; /* what is left of them */
	uint32_t left;
	struct str dirs;
	uint32_t *dir_starts; /* offsets into dirs, and of the end */
	uint32_t dir_count;
};

/* The folder table is made in the arena. A header without files gives none. */
int rpm_files_open(const struct rpm_header *h, struct arena *a, struct rpm_files *ret,
		   struct err *e);
/* 1 with a file, 0 at the end, <0 when the list is malformed. */
int rpm_files_next(struct rpm_files *f, struct rpm_file *ret, struct err *e);

#endif
