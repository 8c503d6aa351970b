/* Names of entry types, as `files` prints them. */
#include "model/entry.h"

const char *entry_type_name(enum entry_type type)
{
	static const char *const names[ENTRY_TYPES] = {
		[ENTRY_FILE] = "file",	       [ENTRY_DIR] = "dir",   [ENTRY_SYMLINK] = "symlink",
		[ENTRY_HARDLINK] = "hardlink", [ENTRY_CHAR] = "char", [ENTRY_BLOCK] = "block",
		[ENTRY_FIFO] = "fifo",
	};

	return type < ENTRY_TYPES ? names[type] : "unknown";
}
