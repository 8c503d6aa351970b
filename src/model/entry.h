/*
 * One entry of a layer, as a walker (tar, folder) hands it on. Slices are valid until the next
 * entry.
 */
#ifndef PLIMSOLL_MODEL_ENTRY_H
#define PLIMSOLL_MODEL_ENTRY_H

#include "base/str.h"

enum entry_type {
	ENTRY_FILE,
	ENTRY_DIR,
	ENTRY_SYMLINK,
	ENTRY_HARDLINK, /* another name of an entry of the same layer; has no body */
	ENTRY_CHAR,
	ENTRY_BLOCK,
	ENTRY_FIFO,
	ENTRY_TYPES
};

struct entry {
	enum entry_type type;
	struct str path; /* clean: no leading slash, no empty, "." or ".." components; raw bytes */
	struct str link; /* symlink: as stored; hardlink: clean path */
	uint16_t mode;	 /* permission bits with setuid, setgid, sticky: 07777 */
	uint32_t uid, gid;
	uint32_t dev_major, dev_minor;
	uint64_t size; /* of the content, holes included */
	int64_t mtime;
	uint64_t offset; /* of the header in the layer, for diagnostics */
};

/* "file dir symlink hardlink char block fifo" */
const char *entry_type_name(enum entry_type type);

#endif
