/*
 * Where the public feeds are. Addresses of feeds are facts of the product; all of them stand here.
 */
#include "advisory/update.h"

#define SECDB(release, optional) \
	{"alpine-secdb", "alpine-" release "-main.json", \
	 "https://secdb.alpinelinux.org/" release "/main.json", optional}, \
	{ \
		"alpine-secdb", "alpine-" release "-community.json", \
			"https://secdb.alpinelinux.org/" release "/community.json", optional \
	}

const struct update_source update_sources[] = {
	{"debian-tracker", "debian-tracker.json",
	 "https://security-tracker.debian.org/tracker/data/json", false},
	SECDB("v3.14", false),
	SECDB("v3.15", false),
	SECDB("v3.16", false),
	SECDB("v3.17", false),
	SECDB("v3.18", false),
	SECDB("v3.19", false),
	SECDB("v3.20", false),
	SECDB("v3.21", true),
	SECDB("v3.22", true),
	SECDB("v3.23", true),
	SECDB("v3.24", true),
	SECDB("v3.25", true),
	SECDB("v3.26", true),
	SECDB("edge", true),
	{"epss", "epss.csv.gz", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
	 false},
	{"kev", "kev.json",
	 "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
	 false},
	{"eol", "debian.csv", "https://debian.pages.debian.net/distro-info-data/debian.csv", true},
	{"eol", "ubuntu.csv", "https://debian.pages.debian.net/distro-info-data/ubuntu.csv", true},
	{"osv", "osv-%.zip", "https://osv-vulnerabilities.storage.googleapis.com/%/all.zip", false},
	{NULL, NULL, NULL, false},
};

/* Distributions whose own feed is not above; Debian and Alpine by way of OSV add nothing to it. */
const char *const update_ecosystems[] = {
	"AlmaLinux", "Red Hat", "Rocky Linux", "SUSE", "Ubuntu", "openSUSE", NULL,
};
