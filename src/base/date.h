/*
 * Calendar days and instants in UTC as numbers and ISO 8601 text.
 */
#ifndef PLIMSOLL_BASE_DATE_H
#define PLIMSOLL_BASE_DATE_H

#include "base/str.h"

enum { DATE_TEXT = 32 };

/* "2026-11-24", "2026-11-24T10:00:00Z", with fraction or offset, or "@SECONDS". Seconds since 1970.
 */
bool date_parse(struct str s, int64_t *ret_seconds);
/* "2026-11-24T10:00:00Z"; returns out. */
char *date_format(int64_t seconds, char out[DATE_TEXT]);
/* "2026-11-24"; returns out. */
char *date_format_day(int64_t seconds, char out[DATE_TEXT]);

#endif
