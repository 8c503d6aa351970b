#include "version/segment.h"

static struct str without_zeros(struct str number)
{
	size_t n = 0;

	while (n < number.len && number.data[n] == '0')
		n++;
	return str_from(number, n);
}

int segment_compare_numbers(struct str a, struct str b)
{
	a = without_zeros(a);
	b = without_zeros(b);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return segment_sign(str_cmp(a, b));
}

int segment_check_text(struct str version, struct err *e)
{
	if (version.len == 0)
		return err_set(e, ERR_FORMAT, "empty version");
	for (size_t i = 0; i < version.len; i++) {
		uint8_t c = (uint8_t)version.data[i];

		if (c <= ' ' || c == 0x7f)
			return err_set(e, ERR_FORMAT, "version '%.*s' has a blank or control byte",
				       STR_ARG(str_to(version, 128)));
	}
	return 0;
}

bool segment_only(struct str s, const char *others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!segment_is_alnum(s.data[i]) && (!s.data[i] || !strchr(others, s.data[i])))
			return false;
	return true;
}
