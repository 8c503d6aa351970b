#include "base/date.h"

#include <stdio.h>

/* Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's days_from_civil). */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t z, int64_t *y, unsigned *m, unsigned *d)
{
	int64_t era;
	unsigned doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = (unsigned)(z - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = (int64_t)yoe + era * 400 + (*m <= 2);
}

/* 2023-02-29 is none: it would be counted as another day. */
static bool is_day(unsigned y, unsigned m, unsigned d)
{
	int64_t y_again;
	unsigned m_again, d_again;

	if (m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	civil_from_days(days_from_civil(y, m, d), &y_again, &m_again, &d_again);
	return d_again == d;
}

static bool digits(struct str *s, size_t count, unsigned *ret_value)
{
	uint64_t value;

	if (s->len < count || !str_parse_u64(str_to(*s, count), &value))
		return false;
	*s = str_from(*s, count);
	*ret_value = (unsigned)value;
	return true;
}

static bool parse_offset(struct str s, int64_t *ret_seconds)
{
	int sign = s.len && s.data[0] == '-' ? -1 : 1;
	unsigned hours, minutes;

	if (str_is(s, "Z") || s.len == 0) {
		*ret_seconds = 0;
		return true;
	}
	if (s.data[0] != '+' && s.data[0] != '-')
		return false;
	s = str_from(s, 1);
	if (!digits(&s, 2, &hours))
		return false;
	str_skip(&s, STR(":"));
	if (!digits(&s, 2, &minutes) || s.len || hours > 23 || minutes > 59)
		return false;
	*ret_seconds = sign * (int64_t)(hours * 3600 + minutes * 60);
	return true;
}

bool date_parse(struct str s, int64_t *ret_seconds)
{
	unsigned y, m, d, hour = 0, minute = 0, second = 0;
	int64_t offset = 0;
	uint64_t plain;

	if (str_skip(&s, STR("@"))) {
		if (!str_parse_u64(s, &plain) || plain > INT64_MAX / 4)
			return false;
		*ret_seconds = (int64_t)plain;
		return true;
	}
	if (!digits(&s, 4, &y) || !str_skip(&s, STR("-")) || !digits(&s, 2, &m) ||
	    !str_skip(&s, STR("-")) || !digits(&s, 2, &d))
		return false;
	if (!is_day(y, m, d))
		return false;
	if (str_skip(&s, STR("T")) || str_skip(&s, STR(" "))) {
		if (!digits(&s, 2, &hour) || !str_skip(&s, STR(":")) || !digits(&s, 2, &minute))
			return false;
		if (str_skip(&s, STR(":")) && !digits(&s, 2, &second))
			return false;
		if (hour > 23 || minute > 59 || second > 60)
			return false;
		if (str_skip(&s, STR(".")))
			while (s.len && s.data[0] >= '0' && s.data[0] <= '9')
				s = str_from(s, 1);
		if (!parse_offset(s, &offset))
			return false;
	} else if (s.len) {
		return false;
	}
	*ret_seconds =
		days_from_civil(y, m, d) * 86400 + hour * 3600 + minute * 60 + second - offset;
	return true;
}

char *date_format(int64_t seconds, char out[DATE_TEXT])
{
	int64_t days = seconds / 86400, rest = seconds % 86400, y;
	unsigned m, d;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days(days, &y, &m, &d);
	if (y < 0 || y > 9999)
		y = y < 0 ? 0 : 9999;
	snprintf(out, DATE_TEXT, "%04d-%02u-%02uT%02d:%02d:%02dZ", (int)y, m, d, (int)(rest / 3600),
		 (int)(rest / 60 % 60), (int)(rest % 60));
	return out;
}

char *date_format_day(int64_t seconds, char out[DATE_TEXT])
{
	date_format(seconds, out);
	out[10] = '\0';
	return out;
}
