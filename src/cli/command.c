/*
 * The table of commands and the look-ups into a parsed command line.
 */
#include "cli/common.h"

#define COMMAND(name) extern const struct command command_##name;
#include "cli/commands.def"
#undef COMMAND

const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "cli/commands.def"
#undef COMMAND
	NULL,
};

const struct option *command_option(const struct command *c, size_t i)
{
	size_t own = 0;

	while (c && c->options && c->options[own].name)
		own++;
	if (i < own)
		return &c->options[i];
	i -= own;
	for (size_t k = 0; common_options[k].name; k++)
		if (k == i)
			return &common_options[k];
	return NULL;
}

const char *invocation_item(const struct invocation *in, const char *name, size_t i)
{
	for (size_t k = 0; k < in->values.count; k++)
		if (strcmp(in->values.items[k].option->name, name) == 0 && i-- == 0)
			return in->values.items[k].text ? in->values.items[k].text : "";
	return NULL;
}

size_t invocation_count(const struct invocation *in, const char *name)
{
	size_t n = 0;

	while (invocation_item(in, name, n))
		n++;
	return n;
}

const char *invocation_text(const struct invocation *in, const char *name)
{
	size_t n = invocation_count(in, name);

	return n ? invocation_item(in, name, n - 1) : NULL;
}

bool invocation_flag(const struct invocation *in, const char *name)
{
	return invocation_item(in, name, 0) != NULL;
}

int invocation_number(const struct invocation *in, const char *name, uint64_t *ret, struct err *e)
{
	const char *text = invocation_text(in, name);
	struct str digits = str_of(text);
	unsigned shift = 0;
	uint64_t value;

	if (!text)
		return 0;
	if (digits.len) {
		switch (digits.data[digits.len - 1]) {
		case 'k':
		case 'K':
			shift = 10;
			break;
		case 'M':
			shift = 20;
			break;
		case 'G':
			shift = 30;
			break;
		}
	}
	if (shift)
		digits.len--;
	if (!str_parse_u64(digits, &value) || value > UINT64_MAX >> shift)
		return err_set(
			e, ERR_USAGE,
			"option '--%s': '%s' is not a number (digits, with k, M or G behind them)",
			name, text);
	*ret = value << shift;
	return 0;
}
