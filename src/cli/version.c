#include "cli/version.h"

void version_text(bool features, struct buf *out)
{
	buf_printf(out, "plimsoll %s\n", PLIMSOLL_VERSION);
	if (!features)
		return;
}
