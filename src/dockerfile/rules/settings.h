/*
 * Settings that are off, or on, by the text they are given.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_SETTINGS_H
#define PLIMSOLL_DOCKERFILE_RULES_SETTINGS_H

#include "dockerfile/rule.h"

enum setting_value {
	SETTING_ANY,	/* it is set, be it to nothing */
	SETTING_FILLED, /* to anything but nothing */
	SETTING_ZERO,	/* "0" alone */
	SETTING_FALSE,	/* 0, false, no, off */
	SETTING_TRUE,	/* 1, true, yes, on */
};

struct setting {
	const char *name;
	enum setting_value value;
};

/* Without the quotes around it. */
struct str setting_unquote(struct str text);
/* Whether the text is what the setting is about. Quotes around it are taken off. */
bool setting_is(enum setting_value wanted, struct str text);
/* The row of that name (any case of letters), or NULL. The table ends with name NULL. */
const struct setting *setting_find(const struct setting *table, struct str name);
/* "NAME=value" or "NAME value" in two words: of the table, and what the row is about. *ret_last:
 * the word that ends it. */
bool setting_in_words(const struct setting *table, const struct shell_command *c, uint32_t at,
		      uint32_t *ret_last);

#endif
