#include "dockerfile/rules/settings.h"

struct str setting_unquote(struct str s)
{
	if (s.len >= 2 && (s.data[0] == '"' || s.data[0] == '\'') && s.data[s.len - 1] == s.data[0])
		return str_sub(s, 1, s.len - 1);
	return s;
}

static bool is_one_of(struct str text, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		if (str_eq_nocase(text, str_of(words[i])))
			return true;
	}
	return false;
}

bool setting_is(enum setting_value wanted, struct str text)
{
	static const char *const no[] = {"0", "false", "no", "off", NULL};
	static const char *const yes[] = {"1", "true", "yes", "on", NULL};

	text = setting_unquote(text);
	switch (wanted) {
	case SETTING_ANY:
		return true;
	case SETTING_FILLED:
		return text.len > 0;
	case SETTING_ZERO:
		return str_is(text, "0");
	case SETTING_FALSE:
		return is_one_of(text, no);
	case SETTING_TRUE:
		return is_one_of(text, yes);
	}
	return false;
}

const struct setting *setting_find(const struct setting *table, struct str name)
{
	for (; table->name; table++) {
		if (str_eq_nocase(name, str_of(table->name)))
			return table;
	}
	return NULL;
}

bool setting_in_words(const struct setting *table, const struct shell_command *c, uint32_t at,
		      uint32_t *ret_last)
{
	struct str word = c->argv[at].text;
	ptrdiff_t equals = str_find_char(word, '=');
	const struct setting *s =
		setting_find(table, equals < 0 ? word : str_to(word, (size_t)equals));

	*ret_last = at;
	if (!s)
		return false;
	if (equals >= 0)
		return setting_is(s->value, str_from(word, (size_t)equals + 1));
	*ret_last = at + 1;
	return at + 1 < c->argc && setting_is(s->value, c->argv[at + 1].text);
}
