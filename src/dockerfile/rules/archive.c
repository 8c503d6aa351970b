#include "dockerfile/rules/archive.h"

bool is_archive_name(struct str name)
{
	static const char *const ends[] = {".tar", ".Z",   ".bz2",  ".gz",   ".lz",  ".lzma",
					   ".tZ",  ".tb2", ".tbz",  ".tbz2", ".tgz", ".tlz",
					   ".tpz", ".txz", ".tzst", ".xz",   ".zst"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (str_ends(name, str_of(ends[i])))
			return true;
	}
	return false;
}

struct str base_name(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');
	ptrdiff_t back = str_find_last_char(path, '\\');

	return str_from(path, (size_t)((slash > back ? slash : back) + 1));
}
