#include "dockerfile/abstraction.h"

enum { LOOKED_AT = 65536 };

static bool contains(struct str text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what)) != NULL;
}

static bool starts(struct str text, const char *what)
{
	return str_starts(text, str_of(what));
}

static bool is(struct str text, const char *what)
{
	return str_eq_nocase(text, str_of(what));
}

static bool is_path(struct str text, const char *unused)
{
	(void)unused;
	return starts(text, "/") || starts(text, "./") || starts(text, "../") ||
	       starts(text, "\\") || str_is(text, ".") || str_is(text, "..") ||
	       (text.len >= 2 && text.data[1] == ':' && text.data[0] >= 'A' && text.data[0] <= 'Z');
}

/* Top-level domains: the generic ones that are in use for hosts, and the countries. */
static const char domains[] = " com net org edu gov mil aero asia biz cat coop info int jobs mobi "
			      "museum name post pro tel "
			      "travel xxx ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba "
			      "bb bd be bf bg bh bi bj "
			      "bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co "
			      "cr cs cu cv cx cy cz dd de "
			      "dj dk dm do dz ec ee eg eh er es et eu fi fj fk fm fo fr ga gb gd "
			      "ge gf gg gh gi gl gm gn gp "
			      "gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is "
			      "it je jm jo jp ke kg kh ki "
			      "km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me "
			      "mg mh mk ml mm mn mo mp mq "
			      "mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om "
			      "pa pe pf pg ph pk pl pm pn "
			      "pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm "
			      "sn so sr ss st su sv sx sy "
			      "sz tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz ua ug uk us "
			      "uy uz va vc ve vg vi vn vu "
			      "wf ws ye yt yu za zm zw ";

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_domain(struct str label)
{
	char word[16];

	if (label.len < 2 || label.len > sizeof(word) - 3)
		return false;
	word[0] = ' ';
	for (size_t i = 0; i < label.len; i++)
		word[i + 1] = (char)(label.data[i] | 0x20);
	word[label.len + 1] = ' ';
	word[label.len + 2] = 0;
	return strstr(domains, word) != NULL;
}

/* A host name that ends in a known domain, not the part behind an @ or before one. */
static bool is_url(struct str text, const char *unused)
{
	(void)unused;
	if (contains(text, "http://") || contains(text, "https://") || contains(text, "ftp://"))
		return true;
	for (size_t i = 1; i < text.len; i++) {
		size_t end = i + 1;

		if (text.data[i] != '.' || !is_name_char(text.data[i - 1]))
			continue;
		while (end < text.len && is_name_char(text.data[end]))
			end++;
		if (end < text.len && (text.data[end] == '@' || text.data[end] == '_'))
			continue;
		if (is_domain(str_sub(text, i + 1, end)))
			return true;
	}
	return false;
}

#define CONTAINS contains
#define STARTS	 starts
#define IS	 is
#define PATH	 is_path
#define URL	 is_url

static const struct {
	const char *type;
	bool (*fits)(struct str text, const char *what);
	const char *what;
} table[] = {
#define ABSTRACTION(type, how, text) {type, how, text},
#include "dockerfile/abstractions.def"
#undef ABSTRACTION
};

const char *abstraction_next(struct str text, size_t *at)
{
	text = str_to(text, LOOKED_AT);
	while (text.len && *at < sizeof(table) / sizeof(table[0])) {
		size_t i = (*at)++;

		if (i && strcmp(table[i].type, table[i - 1].type) == 0 &&
		    table[i - 1].fits(text, table[i - 1].what))
			continue;
		if (table[i].fits(text, table[i].what))
			return table[i].type;
	}
	return NULL;
}
