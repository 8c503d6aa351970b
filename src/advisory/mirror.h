/*
 * The broker's side of the notices: an apt mirror's security archive. Finds it in the machine's own
 * apt sources (through apt-get indextargets, which reads both notations) or takes --mirror URL, the
 * parent of `debian` and `debian-security`; downloads by relative path, checks signatures with gpgv
 *and digests while the file is still its own, and keeps files by digest in a cache folder.
 *
 * What the worker may ask (ASK_MIRROR), blank-separated words:
 *	release SUITE-CODENAME			the signed text of dists/CODENAME/InRelease,
 *verified file PATH sha256:HEX SIZE		a file below the archive's root Answers: a
 *descriptor; ERR_NOT_FOUND when the mirror has lost it.
 */
#ifndef PLIMSOLL_ADVISORY_MIRROR_H
#define PLIMSOLL_ADVISORY_MIRROR_H

#include "io/ask.h"

struct mirror;

struct mirror_options {
	const char *url;     /* "" or NULL: the machine's own apt sources */
	const char *cache;   /* folder, made when absent; NULL: $XDG_CACHE_HOME/plimsoll/mirror */
	const char *keyring; /* NULL: the archive keyring of Debian */
	bool offline;	     /* the cache only */
	unsigned stall_seconds; /* give up on a silent server after so long; 0: 30 */
	/* MAY: non-zero ends a download with ERR_CANCELLED */
	volatile const int *interrupted;
};

/* Limit of one file, bytes. */
enum { MIRROR_FILE_MAX = 64 << 20 };

int mirror_open(const struct mirror_options *options, struct mirror **ret, struct err *e);
void mirror_close(struct mirror *m);
/* An ask_handler's answer; context is the mirror. */
int mirror_answer(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		  struct err *e);
uint64_t mirror_downloaded(const struct mirror *m);

#endif
