#include "inventory/link_text.h"

int link_clean(struct str target, struct buf *out)
{
	struct str part;

	buf_clear(out);
	while (str_next(&target, '/', &part)) {
		struct str so_far = buf_str(out);
		ptrdiff_t cut = str_find_last_char(so_far, '/');

		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..") && so_far.len &&
		    !str_is(str_from(so_far, (size_t)(cut + 1)), "..")) {
			out->len = cut < 0 ? 0 : (size_t)cut;
			continue;
		}
		if (so_far.len)
			buf_add_char(out, '/');
		buf_add(out, part);
	}
	return buf_failed(out) ? -1 : 0;
}
