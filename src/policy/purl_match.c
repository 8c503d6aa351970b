/* Package URLs against the patterns of the ignore file: see policy.h. */
#include "policy/policy.h"

struct parts {
	struct str base, version, qualifiers; /* still percent-encoded */
};

/* "pkg:type/namespace/name@version?qualifiers#subpath" */
static struct parts split(struct str purl)
{
	struct parts p = {0};
	ptrdiff_t at = str_find_char(purl, '#');

	if (at >= 0)
		purl = str_to(purl, (size_t)at);
	at = str_find_char(purl, '?');
	if (at >= 0) {
		p.qualifiers = str_from(purl, (size_t)at + 1);
		purl = str_to(purl, (size_t)at);
	}
	/* the version begins at the last '@' behind the last '/': scoped npm names have one before
	 */
	at = str_find_last_char(purl, '@');
	if (at >= 0 && str_find_char(str_from(purl, (size_t)at), '/') < 0) {
		p.version = str_from(purl, (size_t)at + 1);
		purl = str_to(purl, (size_t)at);
	}
	p.base = purl;
	return p;
}

/* Takes one decoded byte off *s; false at its end. */
static bool next_byte(struct str *s, unsigned char *ret, bool *ret_encoded)
{
	uint8_t byte;

	if (!s->len)
		return false;
	*ret_encoded = false;
	if (s->len >= 3 && s->data[0] == '%' && str_parse_hex(str_sub(*s, 1, 3), &byte, 1)) {
		*ret = byte;
		*ret_encoded = true;
		*s = str_from(*s, 3);
		return true;
	}
	*ret = (unsigned char)s->data[0];
	*s = str_from(*s, 1);
	return true;
}

/*
 * '*' stands for any text without a '/' that separates. Each star is tried from its last place
 * only, so that time is at most the product of the two lengths.
 */
static bool text_matches(struct str pattern, struct str text)
{
	struct str star = STR_NULL, resume = STR_NULL;
	bool have_star = false;

	for (;;) {
		struct str p = pattern, t = text;
		unsigned char pc = 0, tc = 0;
		bool p_encoded = false, t_encoded = false;
		bool has_p = next_byte(&p, &pc, &p_encoded), has_t = next_byte(&t, &tc, &t_encoded);

		if (!has_p && !has_t)
			return true;
		if (has_p && pc == '*' && !p_encoded) {
			star = pattern = p;
			resume = text;
			have_star = true;
			continue;
		}
		if (has_p && has_t && pc == tc && (pc != '/' || p_encoded == t_encoded)) {
			pattern = p;
			text = t;
			continue;
		}
		/* one byte more for the last star */
		if (!have_star || !next_byte(&resume, &tc, &t_encoded) || (tc == '/' && !t_encoded))
			return false;
		pattern = star;
		text = resume;
	}
}

static bool has_qualifier(struct str qualifiers, struct str wanted)
{
	struct str part;

	while (str_next(&qualifiers, '&', &part)) {
		if (text_matches(wanted, part))
			return true;
	}
	return false;
}

bool policy_purl_matches(struct str pattern, struct str purl)
{
	struct parts want = split(pattern), have = split(purl);
	struct str part;

	if (!text_matches(want.base, have.base))
		return false;
	if (want.version.len && !text_matches(want.version, have.version))
		return false;
	while (want.qualifiers.len && str_next(&want.qualifiers, '&', &part)) {
		if (!has_qualifier(have.qualifiers, part))
			return false;
	}
	return true;
}
