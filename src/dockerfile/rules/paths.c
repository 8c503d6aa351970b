#include "dockerfile/rules/paths.h"

struct str bare_word(struct str word)
{
	while (word.len && (word.data[0] == '"' || word.data[0] == '\''))
		word = str_from(word, 1);
	while (word.len && (word.data[word.len - 1] == '"' || word.data[word.len - 1] == '\''))
		word.len--;
	return word;
}

bool is_absolute_path(struct str path)
{
	if (path.len && (path.data[0] == '/' || path.data[0] == '\\'))
		return true;
	/* "c:" alone: a '\' at the end of the line went with it */
	return path.len > 1 && (path.data[0] | 32) >= 'a' && (path.data[0] | 32) <= 'z' &&
	       path.data[1] == ':' &&
	       (path.len == 2 || path.data[2] == '/' || path.data[2] == '\\');
}

const struct docker_word *destination(const struct instruction *i)
{
	return i->word_count > 1 ? &i->words[i->word_count - 1] : NULL;
}

struct value word_of(struct lint *l, const struct docker_word *w)
{
	return value_of_word(l->arena, l->state, w->text, l->file->escape);
}

bool is_adrift(struct lint *l, const struct docker_word *target)
{
	struct str path = bare_word(target->text);
	struct value v;

	if (l->state->workdir.set || !path.len || is_absolute_path(path))
		return false;
	v = word_of(l, target);
	return path.data[0] != '$' || (v.known && !is_absolute_path(v.text));
}

bool lacks_slash(struct lint *l, const struct docker_word *target)
{
	struct str path = bare_word(target->text);
	struct value v;

	if (str_ends(path, STR("/")) || str_ends(path, STR("\\")))
		return false;
	v = word_of(l, target);
	return v.known ? !str_ends(v.text, STR("/")) : str_find_char(path, '$') < 0;
}

void edit_slash(struct lint *l, struct finding *f, const struct docker_word *target)
{
	uint32_t end = target->span.end;

	/* within the quote */
	if (end > target->span.start && strchr("\"'", l->file->text.data[end - 1]))
		end--;
	lint_edit(l, f, end, end, STR("/"));
}
