/*
 * Completion scripts for shells, from the tables.
 */
#include "cli/common.h"

static void option_words(const struct command *c, struct buf *out)
{
	const struct option *o;

	for (size_t i = 0; (o = command_option(c, i)); i++)
		buf_printf(out, "%s--%s", i ? " " : "", o->name);
}

static void first_words(struct buf *out)
{
	for (size_t i = 0; commands[i]; i++) {
		struct str word = str_of(commands[i]->name);
		ptrdiff_t blank = str_find_char(word, ' ');
		bool again = false;

		word = blank < 0 ? word : str_to(word, (size_t)blank);
		for (size_t k = 0; k < i && !again; k++)
			again = blank >= 0 &&
				strncmp(commands[k]->name, word.data, word.len + 1) == 0;
		if (!again)
			buf_printf(out, "%s%.*s", i ? " " : "", STR_ARG(word));
	}
}

static void bash_values(const struct command *c, struct buf *out)
{
	const struct option *o;

	for (size_t i = 0; (o = command_option(c, i)); i++) {
		if (!o->choices)
			continue;
		buf_printf(out, "\t\t\"%s --%s\") COMPREPLY=($(compgen -W '", c->name, o->name);
		for (size_t k = 0; o->choices[k]; k++)
			buf_printf(out, "%s%s", k ? " " : "", o->choices[k]);
		buf_add_cstr(out, "' -- \"$word\")); return;;\n");
	}
}

static void bash_script(struct buf *out)
{
	buf_add_cstr(out, "_plimsoll() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} "
			  "before=${COMP_WORDS[COMP_CWORD-1]} command= options=\n"
			  "\tlocal pair=\"${COMP_WORDS[1]} ${COMP_WORDS[2]}\"\n\tcase $pair in\n");
	for (size_t i = 0; commands[i]; i++)
		if (strchr(commands[i]->name, ' '))
			buf_printf(out, "\t\"%s\") command='%s';;\n", commands[i]->name,
				   commands[i]->name);
	buf_add_cstr(out, "\t*) command=${COMP_WORDS[1]};;\n\tesac\n"
			  "\tif ((COMP_CWORD == 1)); then\n\t\tCOMPREPLY=($(compgen -W '");
	first_words(out);
	buf_add_cstr(out, "' -- \"$word\"))\n\t\treturn\n\tfi\n\tcase \"$command $before\" in\n");
	for (size_t i = 0; commands[i]; i++)
		bash_values(commands[i], out);
	buf_add_cstr(out, "\tesac\n\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		const char *blank = strchr(commands[i]->name, ' ');

		buf_printf(out, "\t'%s') options='", commands[i]->name);
		option_words(commands[i], out);
		buf_add_cstr(out, "';;\n");
		if (blank)
			buf_printf(out, "\t'%.*s') ((COMP_CWORD == 2)) && options+=' %s';;&\n",
				   (int)(blank - commands[i]->name), commands[i]->name, blank + 1);
	}
	buf_add_cstr(out, "\tesac\n\tcase $word in\n"
			  "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\"));;\n"
			  "\t*) COMPREPLY=($(compgen -W \"$(for o in $options; do [[ $o == -* ]] "
			  "|| echo \"$o\"; done)\" -- \"$word\") $(compgen -f -- \"$word\"));;\n"
			  "\tesac\n}\ncomplete -o filenames -F _plimsoll plimsoll\n");
}

static void fish_script(struct buf *out)
{
	const struct option *o;

	buf_add_cstr(out, "complete -c plimsoll -n __fish_use_subcommand -f -a '");
	first_words(out);
	buf_add_cstr(out, "'\n");
	for (size_t i = 0; commands[i]; i++) {
		struct str first = str_of(commands[i]->name);
		ptrdiff_t blank = str_find_char(first, ' ');

		if (blank >= 0)
			buf_printf(out,
				   "complete -c plimsoll -n '__fish_seen_subcommand_from %.*s' -f "
				   "-a '%s'\n",
				   (int)blank, first.data, first.data + blank + 1);
		for (size_t k = 0; (o = command_option(commands[i], k)); k++) {
			buf_printf(out,
				   "complete -c plimsoll -n '__fish_seen_subcommand_from %s' -l "
				   "%s%s%c%s",
				   blank >= 0 ? first.data + blank + 1 : first.data, o->name,
				   o->letter ? " -s " : "", o->letter ? o->letter : ' ',
				   o->value && o->kind != OPTION_OPTIONAL ? " -r" : "");
			if (o->choices) {
				buf_add_cstr(out, " -f -a '");
				for (size_t n = 0; o->choices[n]; n++)
					buf_printf(out, "%s%s", n ? " " : "", o->choices[n]);
				buf_add_cstr(out, "'");
			}
			buf_add_char(out, '\n');
		}
	}
}

bool completion_script(const char *shell, struct buf *out)
{
	if (strcmp(shell, "bash") == 0)
		bash_script(out);
	else if (strcmp(shell, "zsh") == 0) {
		/* zsh reads bash's form after bashcompinit; one generator, one behaviour */
		buf_add_cstr(out, "autoload -U +X bashcompinit && bashcompinit\n");
		bash_script(out);
	} else if (strcmp(shell, "fish") == 0)
		fish_script(out);
	else
		return false;
	return true;
}
