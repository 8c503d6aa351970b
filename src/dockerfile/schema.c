#include "dockerfile/schema.h"

#include <pthread.h>
#include <stdlib.h>

#define SUB(name, tree, positions, options) {name, tree, positions, options},
static const struct command_schema schemas[] = {
#define COMMAND(names, tree, options, ...) \
	{names, tree, options, \
	 (const struct subcommand_schema[]){__VA_ARGS__{NULL, NULL, NULL, NULL}}},
#include "dockerfile/commands.def"
#undef COMMAND
};

enum { SCHEMAS = sizeof(schemas) / sizeof(schemas[0]), NAMES_MAX = 1024 };

/* Every name with its row, sorted: made once from the table, which is constant. */
static struct {
	struct str name;
	const struct command_schema *schema;
} index_of[NAMES_MAX];
static size_t index_count;
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static void make_index(void)
{
	for (size_t i = 0; i < SCHEMAS; i++) {
		struct str rest = str_of(schemas[i].names), name;

		while (str_next(&rest, ' ', &name) && index_count < NAMES_MAX) {
			size_t at = index_count++;

			for (; at && str_cmp(index_of[at - 1].name, name) > 0; at--)
				index_of[at] = index_of[at - 1];
			index_of[at].name = name;
			index_of[at].schema = &schemas[i];
		}
	}
}

static const struct command_schema *find_name(struct str name)
{
	size_t low = 0, high;

	pthread_once(&index_once, make_index);
	high = index_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(index_of[middle].name, name);

		if (order == 0)
			return index_of[middle].schema;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* "pip3.11" and "php7.4" are pip and php of a version. */
static struct str without_version(struct str name)
{
	size_t end = name.len;

	while (end > 0 && ((name.data[end - 1] >= '0' && name.data[end - 1] <= '9') ||
			   name.data[end - 1] == '.'))
		end--;
	return str_to(name, end);
}

const struct command_schema *command_schema_find(struct str name)
{
	const struct command_schema *found = find_name(name);

	if (found || str_find_char(name, '.') < 0)
		return found;
	return find_name(without_version(name));
}

size_t command_schema_count(void)
{
	return SCHEMAS;
}

const struct command_schema *command_schema_at(size_t i)
{
	return &schemas[i];
}

bool option_spec_next(struct str *rest, struct option_spec *ret)
{
	struct str word, names;

	do {
		if (!str_next(rest, ' ', &word))
			return false;
	} while (!word.len);
	ret->kind = OPTION_SWITCH;
	if (str_ends(word, STR("=*"))) {
		ret->kind = OPTION_VALUES;
		word.len -= 2;
	} else if (str_ends(word, STR("=?"))) {
		ret->kind = OPTION_ATTACHED;
		word.len -= 2;
	} else if (str_ends(word, STR("="))) {
		ret->kind = OPTION_VALUE;
		word.len -= 1;
	} else if (str_ends(word, STR("+")) && word.len > 1) {
		ret->kind = OPTION_COUNT;
		word.len -= 1;
	}
	ret->spellings = names = word;
	str_next(&names, '|', &ret->name);
	while (ret->name.len > 1 && ret->name.data[0] == '-')
		ret->name = str_from(ret->name, 1);
	return true;
}

/* Does the option as written ("-y", "--yes", "-name") belong to that spelling of a row? */
static bool is_spelling(struct str spelling, struct str written)
{
	if (spelling.len && spelling.data[0] == '-')
		return str_eq(spelling, written);
	if (spelling.len == 1)
		return written.len == 2 && written.data[0] == '-' &&
		       written.data[1] == spelling.data[0];
	return written.len == spelling.len + 2 && written.data[0] == '-' &&
	       written.data[1] == '-' && memcmp(written.data + 2, spelling.data, spelling.len) == 0;
}

static bool find_in(const char *options, struct str written, struct option_spec *ret)
{
	struct str rest = str_of(options);

	while (option_spec_next(&rest, ret)) {
		struct str names = ret->spellings, name;

		while (str_next(&names, '|', &name)) {
			if (is_spelling(name, written))
				return true;
		}
	}
	return false;
}

struct reader {
	struct arena *arena;
	struct command_use *use;
	struct command_flag *flags;
	struct command_position *positions;
	uint32_t at; /* next word */
};

static bool find_option(const struct reader *r, struct str written, struct option_spec *ret)
{
	if (r->use->sub && find_in(r->use->sub->options, written, ret))
		return true;
	return find_in(r->use->schema->options, written, ret);
}

static bool takes_value(enum command_option_kind kind)
{
	return kind == OPTION_VALUE || kind == OPTION_VALUES;
}

static struct command_flag *add_flag(struct reader *r, const struct option_spec *spec,
				     struct str written)
{
	struct command_flag *f = &r->flags[r->use->flag_count++];

	f->spelling = written;
	f->known = spec != NULL;
	f->kind = spec ? spec->kind : OPTION_SWITCH;
	f->name = spec ? spec->name : written;
	while (!spec && f->name.len && f->name.data[0] == '-')
		f->name = str_from(f->name, 1);
	f->arg = f->value_arg = r->at;
	return f;
}

/* The next word is the option's value. */
static void take_next(struct reader *r, struct command_flag *f)
{
	const struct shell_command *c = r->use->command;

	if (r->at + 1 >= c->argc)
		return;
	r->at++;
	f->has_value = true;
	f->value = c->argv[r->at].text;
	f->value_arg = r->at;
}

static void read_long(struct reader *r, struct str word)
{
	ptrdiff_t equals = str_find_char(word, '=');
	struct str written = equals < 0 ? word : str_to(word, (size_t)equals);
	struct option_spec spec;
	bool known = find_option(r, written, &spec);
	struct command_flag *f = add_flag(r, known ? &spec : NULL, written);

	if (equals >= 0) {
		f->has_value = true;
		f->value = str_from(word, (size_t)equals + 1);
	} else if (known && takes_value(spec.kind)) {
		take_next(r, f);
	}
}

/* "-qqy", "-ofile", "-o file": one flag a letter until one takes the rest. */
static void read_letters(struct reader *r, struct str word, size_t at)
{
	for (; at < word.len; at++) {
		char *letter = arena_bytes(r->arena, 2);
		struct option_spec spec;
		struct command_flag *f;
		bool known;

		if (!letter)
			return;
		letter[0] = '-';
		letter[1] = word.data[at];
		known = find_option(r, str_make(letter, 2), &spec);
		f = add_flag(r, known ? &spec : NULL, str_make(letter, 2));
		if (!known || !takes_value(spec.kind))
			continue;
		if (at + 1 < word.len) {
			f->has_value = true;
			f->value = str_from(word, at + 1);
			if (f->value.data[0] == '=')
				f->value = str_from(f->value, 1);
		} else {
			take_next(r, f);
		}
		return;
	}
}

static void read_option(struct reader *r, struct str word)
{
	ptrdiff_t equals = str_find_char(word, '=');
	struct option_spec spec;

	if (word.data[1] == '-') {
		read_long(r, word);
		return;
	}
	/* "-name" and the like stand in the table as they are written */
	if (word.len > 2 && find_option(r, equals < 0 ? word : str_to(word, (size_t)equals), &spec))
		read_long(r, word);
	else
		read_letters(r, word, 1);
}

static const char *sub_word(const struct subcommand_schema *s, size_t *ret_len)
{
	const char *space = strchr(s->name, ' ');

	*ret_len = space ? (size_t)(space - s->name) : strlen(s->name);
	return space ? space + 1 : NULL;
}

/* The row's sub-command that starts with this word (and the next one, where it has two). */
static const struct subcommand_schema *find_sub(const struct reader *r, uint32_t at,
						uint32_t *ret_words)
{
	const struct shell_command *c = r->use->command;
	const struct subcommand_schema *found = NULL;

	for (const struct subcommand_schema *s = r->use->schema->subs; s->name; s++) {
		size_t len;
		const char *second = sub_word(s, &len);

		if (!*s->name || !str_eq(c->argv[at].text, str_make(s->name, len)))
			continue;
		if (second && (at + 1 >= c->argc || !str_is(c->argv[at + 1].text, second)))
			continue;
		if (second || !found) {
			found = s;
			*ret_words = second ? 2 : 1;
		}
	}
	return found;
}

static const struct subcommand_schema *own_sub(const struct command_schema *schema)
{
	for (const struct subcommand_schema *s = schema->subs; s->name; s++) {
		if (!*s->name)
			return s;
	}
	return NULL;
}

static bool has_subs(const struct command_schema *schema)
{
	for (const struct subcommand_schema *s = schema->subs; s->name; s++) {
		if (*s->name)
			return true;
	}
	return false;
}

/* True when the roles end in "command...": options behind it are not ours. */
static bool runs_command(const struct command_use *use)
{
	return use->sub && strstr(use->sub->positions, "command...");
}

/* "--build="$arch"": the name and the = are plain, so it is an option whatever the value is. */
static bool is_long_with_value(struct str word)
{
	ptrdiff_t equals = str_find_char(word, '=');

	if (equals < 3 || word.data[1] != '-')
		return false;
	for (ptrdiff_t i = 2; i < equals; i++) {
		char c = word.data[i];

		if (!(c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') ||
		      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

static void read_words(struct reader *r)
{
	struct command_use *use = r->use;
	const struct shell_command *c = use->command;
	bool look = has_subs(use->schema), options = true;

	if (!look)
		use->sub = own_sub(use->schema);
	for (r->at = use->first + 1; r->at < c->argc; r->at++) {
		struct str word = c->argv[r->at].text;
		uint32_t words = 1;

		if (options && word.len > 1 && word.data[0] == '-' &&
		    (!c->argv[r->at].quoted || c->argv[r->at].literal ||
		     is_long_with_value(word))) {
			if (str_is(word, "--"))
				options = false;
			else
				read_option(r, word);
			continue;
		}
		if (look) {
			look = false;
			use->sub = find_sub(r, r->at, &words);
			if (use->sub) {
				use->sub_arg = r->at;
				r->at += words - 1;
				options = options && !runs_command(use);
				continue;
			}
			use->sub = own_sub(use->schema);
		}
		/* "tar xzf file": the first word holds letters */
		if (!use->position_count && !use->flag_count &&
		    strstr(use->schema->options, "!letters")) {
			read_letters(r, word, 0);
			continue;
		}
		r->positions[use->position_count++].arg = r->at;
		options = options && !runs_command(use);
	}
	/* a word whose value was taken by the last letters was skipped by take_next */
	if (!use->sub && !use->sub_arg)
		use->sub = own_sub(use->schema);
}

/* Roles in order; "x..." takes what the fixed roles behind it leave. */
static void give_roles(struct command_use *use, struct command_position *positions)
{
	struct str rest = str_of(use->sub ? use->sub->positions : ""), role;
	uint32_t at = 0, after = 0;

	while (str_next(&rest, ' ', &role) && at < use->position_count) {
		struct str behind = rest, word;
		uint32_t until = at + 1;
		bool many = str_ends(role, STR("..."));

		if (many) {
			role.len -= 3;
			for (after = 0; str_next(&behind, ' ', &word);)
				after += word.len > 0;
			until = use->position_count > after ? use->position_count - after : at;
		}
		if (role.len > 2 && role.data[0] == '[')
			role = str_sub(role, 1, role.len - 1);
		for (; at < until && at < use->position_count; at++) {
			positions[at].role = role;
			positions[at].many = many;
		}
	}
	for (; at < use->position_count; at++)
		positions[at].role = STR("");
}

static bool is_python(struct str name)
{
	return str_starts(name, STR("python")) || str_starts(name, STR("pypy"));
}

bool command_use_parse(struct arena *arena, const struct shell_command *c, struct command_use *ret)
{
	struct reader r = {.arena = arena, .use = ret};
	const struct command_schema *module;
	size_t words = 0;

	*ret = (struct command_use){.command = c, .schema = command_schema_find(c->name)};
	if (is_python(c->name) && c->argc > 2 && str_is(c->argv[1].text, "-m")) {
		module = command_schema_find(c->argv[2].text);
		if (module) {
			ret->schema = module;
			ret->first = 2;
		}
	}
	if (!ret->schema)
		return false;
	for (uint32_t i = ret->first + 1; i < c->argc; i++)
		words += c->argv[i].text.len ? c->argv[i].text.len : 1;
	/* each letter of "-abc" may be a flag; longer words are no letters */
	if (words > 65536)
		return false;
	r.flags = arena_alloc_array(arena, words ? words : 1, sizeof(*r.flags));
	r.positions = arena_alloc_array(arena, c->argc, sizeof(*r.positions));
	if (!r.flags || !r.positions)
		return false;
	ret->flags = r.flags;
	ret->positions = r.positions;
	read_words(&r);
	give_roles(ret, r.positions);
	return true;
}

const struct command_flag *command_flag(const struct command_use *use, const char *name)
{
	for (uint32_t i = 0; i < use->flag_count; i++) {
		if (str_is(use->flags[i].name, name))
			return &use->flags[i];
	}
	return NULL;
}

bool command_inner(const struct command_use *use, struct shell_command *ret)
{
	for (uint32_t i = 0; i < use->position_count; i++) {
		uint32_t arg = use->positions[i].arg;
		struct str text = use->command->argv[arg].text;

		if (!str_is(use->positions[i].role, "command"))
			continue;
		/* "env A=b command" */
		if (str_find_char(text, '=') > 0)
			continue;
		*ret = (struct shell_command){
			.node = use->command->node,
			.argc = use->command->argc - arg,
			.argv = use->command->argv + arg,
			.name = str_from(text, (size_t)(str_find_last_char(text, '/') + 1))};
		return true;
	}
	return false;
}
