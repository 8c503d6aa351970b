/*
 * A package as found: what a package manager says is installed.
 */
#ifndef PLIMSOLL_MODEL_PACKAGE_H
#define PLIMSOLL_MODEL_PACKAGE_H

#include "base/buf.h"
#include "model/distro.h"

/* PACKAGE_TYPE(id, report name, purl type, version comparator) */
#define PACKAGE_TYPES(X) \
	X(ALPM, "alpm", "alpm", "alpm") \
	X(APK, "apk", "apk", "alpine") \
	X(DEB, "deb", "deb", "debian") \
	X(OPKG, "opkg", "opkg", "debian") \
	X(RPM, "rpm", "rpm", "redhat")

enum package_type {
#define X(id, name, purl, comparator) PACKAGE_##id,
	PACKAGE_TYPES(X)
#undef X
		PACKAGE_TYPE_COUNT
};

/* "deb", "rpm"; the type of its purls; the comparator of its versions. */
const char *package_type_name(enum package_type type);
const char *package_type_purl(enum package_type type);
const char *package_type_comparator(enum package_type type);
bool package_type_parse(struct str s, enum package_type *ret);

struct location {
	struct str path;
	int layer;	     /* the layer whose file it is */
	uint32_t line;	     /* from 1; 0: no lines */
	struct str evidence; /* short, printable; may be empty */
};

enum package_origin {
	ORIGIN_PACKAGE_MANAGER,
	ORIGIN_LANGUAGE,
	ORIGIN_BINARY,
	ORIGIN_FILE,
};
/* "package_manager", "language", "binary", "file" */
const char *package_origin_name(enum package_origin origin);
bool package_origin_parse(struct str s, enum package_origin *ret);

struct package {
	enum package_type type;
	struct str name;
	struct str version;	   /* rpm: [epoch:]version-release, no epoch when absent or 0 */
	struct str arch;	   /* may be empty */
	struct str source_name;	   /* source or origin package; name when none is said */
	struct str source_version; /* version when none is said */
	struct str source_rpm;	   /* rpm: the file name as stored */
	struct str module;	   /* rpm modularity label, name:stream:version:context */
	struct str vendor;
	struct str *licenses;
	size_t license_count;
	struct location location; /* the record */
	int layer;		  /* that brought this version; -1 unknown */
	enum package_origin origin;
};

/*
 * Package URL of the package in that distribution (may be NULL), percent-encoded: purl
 * specification. "pkg:deb/debian/base-files@11.1%2Bdeb11u3?arch=amd64",
 * "pkg:rpm/redhat/bash@5.1.8-6.el9?arch=x86_64&epoch=1"
 */
void purl_format(const struct package *p, const struct distro *d, struct buf *out);
/* Order for reports: type, name, version, arch, path. */
int package_cmp(const struct package *a, const struct package *b);

#endif
