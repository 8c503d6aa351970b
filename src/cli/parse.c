/*
 * The command line against the tables. Options stand before or after operands, "--" ends them,
 * --opt=value and --opt value are the same, short letters may be joined (-qv, -fjson).
 */
#include "cli/common.h"

#include <stdlib.h>

enum { NAME_MAX_LEN = 48 };

/* Edit distance with swaps of neighbours (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_LEN + 1], n = strlen(a), m = strlen(b);
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (n > NAME_MAX_LEN || m > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *recycled = before;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = recycled;
	}
	return last[m];
}

const char *nearest_name(const char *word, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = strlen(word) / 3 + 1;

	for (size_t i = 0; names[i]; i++) {
		size_t d = distance(word, names[i]);

		if (d <= best_distance && (!best || d < best_distance)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

static const struct option *find_option(const struct command *c, struct str name)
{
	const struct option *o;

	for (size_t i = 0; (o = command_option(c, i)); i++)
		if (str_is(name, o->name))
			return o;
	return NULL;
}

static const struct option *find_letter(const struct command *c, char letter)
{
	const struct option *o;

	for (size_t i = 0; (o = command_option(c, i)); i++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int unknown_option(const struct command *c, struct str name, struct err *e)
{
	const char *names[128], *near;
	const struct option *o;
	char word[NAME_MAX_LEN + 1];
	size_t n = 0;

	for (size_t i = 0; n < 127 && (o = command_option(c, i)); i++)
		names[n++] = o->name;
	names[n] = NULL;
	snprintf(word, sizeof(word), "%.*s", STR_ARG(str_to(name, NAME_MAX_LEN)));
	near = nearest_name(word, names);
	err_set(e, ERR_USAGE, "unknown option '--%.*s'%s%s%s%s%s", STR_ARG(name), c ? " for " : "",
		c ? c->name : "", near ? "; did you mean '--" : "", near ? near : "",
		near ? "'?" : "");
	if (!near)
		err_hint(e, "plimsoll help%s%s", c ? " " : "", c ? c->name : "");
	return -1;
}

static int check_choice(const struct option *o, const char *text, struct err *e)
{
	char allowed[256] = "";
	size_t used = 0;

	if (o->kind != OPTION_CHOICE)
		return 0;
	for (size_t i = 0; o->choices[i]; i++) {
		int n;

		if (strcmp(o->choices[i], text) == 0)
			return 0;
		n = snprintf(allowed + used, sizeof(allowed) - used, "%s%s", i ? ", " : "",
			     o->choices[i]);
		if (n > 0 && (size_t)n < sizeof(allowed) - used)
			used += (size_t)n;
	}
	return err_set(e, ERR_USAGE, "option '--%s': '%s' is not one of %s", o->name, text,
		       allowed);
}

static int add_value(struct invocation *in, const struct option *o, const char *text, struct err *e)
{
	struct option_value *v;

	if (text && check_choice(o, text, e) < 0)
		return -1;
	if (o->same_as)
		o = find_option(in->command, str_of(o->same_as));
	v = vec_push(&in->values);
	if (!v || !o)
		return ERR_NOMEM(e);
	v->option = o;
	v->text = text;
	return 0;
}

static bool takes_value(const struct option *o)
{
	return o->kind != OPTION_FLAG && o->kind != OPTION_OPTIONAL;
}

static int parse_long(struct invocation *in, char **argv, int argc, int *at, struct err *e)
{
	struct str word = str_of(argv[*at] + 2), name = word;
	ptrdiff_t eq = str_find_char(word, '=');
	const struct option *o;
	const char *text = NULL;

	if (eq >= 0) {
		name = str_to(word, (size_t)eq);
		text = word.data + eq + 1;
	}
	o = find_option(in->command, name);
	if (!o)
		return unknown_option(in->command, name, e);
	if (text && o->kind == OPTION_FLAG)
		return err_set(e, ERR_USAGE, "option '--%s' takes no value", o->name);
	if (!text && takes_value(o)) {
		if (*at + 1 >= argc)
			return err_set(e, ERR_USAGE, "option '--%s' needs a value: %s", o->name,
				       o->value);
		text = argv[++*at];
	}
	return add_value(in, o, text, e);
}

static int parse_short(struct invocation *in, char **argv, int argc, int *at, struct err *e)
{
	const char *p = argv[*at] + 1;

	while (*p) {
		const struct option *o = find_letter(in->command, *p);
		const char *text = NULL;

		if (!o) {
			err_set(e, ERR_USAGE, "unknown option '-%c'%s%s", *p,
				in->command ? " for " : "", in->command ? in->command->name : "");
			return err_hint(e, "plimsoll help%s%s", in->command ? " " : "",
					in->command ? in->command->name : "");
		}
		p++;
		if (takes_value(o)) {
			text = *p == '=' ? p + 1 : p;
			if (!*text) {
				if (*at + 1 >= argc)
					return err_set(e, ERR_USAGE,
						       "option '-%c' needs a value: %s", o->letter,
						       o->value);
				text = argv[++*at];
			}
			p = "";
		}
		if (add_value(in, o, text, e) < 0)
			return -1;
	}
	return 0;
}

/* "db" + "build", or one word; how many words were taken, 0 when there is no such command. */
static int find_command(char **words, int count, const struct command **ret)
{
	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name, *blank = strchr(name, ' ');

		if (!blank && strcmp(words[0], name) == 0) {
			*ret = commands[i];
			return 1;
		}
		if (blank && count > 1 && strlen(words[0]) == (size_t)(blank - name) &&
		    strncmp(words[0], name, (size_t)(blank - name)) == 0 &&
		    strcmp(words[1], blank + 1) == 0) {
			*ret = commands[i];
			return 2;
		}
	}
	return 0;
}

static int unknown_command(char **words, int count, struct err *e)
{
	const char *names[64], *near;
	char two[2 * NAME_MAX_LEN + 2];
	size_t n = 0, part = strlen(words[0]);
	bool group = false;

	for (size_t i = 0; commands[i] && n < 63; i++) {
		names[n++] = commands[i]->name;
		group = group || (strncmp(commands[i]->name, words[0], part) == 0 &&
				  commands[i]->name[part] == ' ');
	}
	names[n] = NULL;
	if (group && count < 2) {
		err_set(e, ERR_USAGE, "'%s' needs one more word", words[0]);
		return err_hint(e, "plimsoll help");
	}
	snprintf(two, sizeof(two), "%.*s%s%.*s", NAME_MAX_LEN, words[0], group ? " " : "",
		 group ? NAME_MAX_LEN : 0, group ? words[1] : "");
	near = strlen(two) <= NAME_MAX_LEN ? nearest_name(two, names) : NULL;
	err_set(e, ERR_USAGE, "unknown command '%s'%s%s%s", two, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
	if (!near)
		err_hint(e, "plimsoll help");
	return -1;
}

static int check_operands(const struct invocation *in, struct err *e)
{
	const struct command *c = in->command;

	if (in->operands.count < c->operands_min) {
		err_set(e, ERR_USAGE, "%s needs %s", c->name, c->operands);
		return err_hint(e, "plimsoll help %s", c->name);
	}
	if (in->operands.count > c->operands_max) {
		err_set(e, ERR_USAGE, "%s: one word too many: '%s'", c->name,
			in->operands.items[c->operands_max]);
		return err_hint(e, "plimsoll help %s", c->name);
	}
	return 0;
}

/* Common options may stand before the command word: plimsoll -q scan x. */
static int find_command_word(int argc, char **argv, const struct command **ret, int *ret_at,
			     int *ret_words, struct err *e)
{
	int at = 1;

	while (at < argc && argv[at][0] == '-' && argv[at][1]) {
		const struct option *o = NULL;
		const char *eq = strchr(argv[at], '=');

		if (strncmp(argv[at], "--", 2) == 0)
			o = find_option(NULL,
					eq ? str_make(argv[at] + 2, (size_t)(eq - argv[at] - 2))
					   : str_of(argv[at] + 2));
		else if (argv[at][2] == '\0')
			o = find_letter(NULL, argv[at][1]);
		at += o && takes_value(o) && !eq ? 2 : 1;
	}
	*ret_at = at;
	*ret_words = 0;
	if (at >= argc)
		return 0;
	*ret_words = find_command(argv + at, argc - at, ret);
	return *ret_words ? 0 : unknown_command(argv + at, argc - at, e);
}

int invocation_parse(int argc, char **argv, struct invocation *ret, struct err *e)
{
	struct invocation in = {0};
	int word = 0, words = 0;
	bool options = true;

	if (find_command_word(argc, argv, &in.command, &word, &words, e) < 0)
		return -1;
	for (int at = 1; at < argc; at++) {
		int r = 0;

		if (words && at >= word && at < word + words)
			continue;
		if (options && strcmp(argv[at], "--") == 0) {
			options = false;
		} else if (options && argv[at][0] == '-' && argv[at][1] == '-') {
			r = parse_long(&in, argv, argc, &at, e);
		} else if (options && argv[at][0] == '-' && argv[at][1]) {
			r = parse_short(&in, argv, argc, &at, e);
		} else {
			const char **slot = vec_push(&in.operands);

			r = slot ? 0 : ERR_NOMEM(e);
			if (slot)
				*slot = argv[at];
		}
		if (r < 0) {
			invocation_done(&in);
			return -1;
		}
	}
	if (in.command && !invocation_flag(&in, "help") && check_operands(&in, e) < 0) {
		invocation_done(&in);
		return -1;
	}
	*ret = in;
	return 0;
}

void invocation_done(struct invocation *in)
{
	vec_done(&in->values);
	vec_done(&in->operands);
}
