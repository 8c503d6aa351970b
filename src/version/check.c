#include "version/check.h"

enum { LESS = 1, EQUAL = 2, GREATER = 4 };

static const struct {
	const char *op;
	int holds_for;
} ops[] = {
	{"<", LESS},	{"<=", LESS | EQUAL},	{"=", EQUAL},
	{"==", EQUAL},	{"!=", LESS | GREATER}, {">=", GREATER | EQUAL},
	{">", GREATER},
};

static int find_op(struct str text)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (str_is(text, ops[i].op))
			return ops[i].holds_for;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct str next_word(struct str *rest)
{
	size_t start = 0, end;
	struct str word;

	while (start < rest->len && is_blank(rest->data[start]))
		start++;
	end = start;
	while (end < rest->len && !is_blank(rest->data[end]))
		end++;
	word = str_sub(*rest, start, end);
	*rest = str_from(*rest, end);
	return word;
}

static void say_failed(struct buf *out, size_t number, struct str line, const char *found)
{
	buf_printf(out, "line %zu: ", number);
	buf_add_escaped(out, str_trim(line));
	buf_printf(out, ": %s\n", found);
}

static int check_line(const struct comparator *c, struct str line, size_t number, struct buf *out,
		      struct version_check *counts, struct err *e)
{
	struct str rest = line;
	struct str a = next_word(&rest), op = next_word(&rest), b = next_word(&rest);
	int holds_for = find_op(op), order;
	struct err why = ERR_INIT;

	if (!b.len || next_word(&rest).len)
		return err_set(e, ERR_USAGE, "line %zu: not of the form 'A op B'", number);
	if (!holds_for)
		return err_set(e, ERR_USAGE, "line %zu: '%.*s' is none of < <= = == != >= >",
			       number, STR_ARG(str_to(op, 32)));
	if (c->compare(a, b, &order, &why) < 0) {
		counts->failed++;
		say_failed(out, number, line, why.message);
	} else if (holds_for & (order < 0 ? LESS : order > 0 ? GREATER : EQUAL)) {
		counts->passed++;
	} else {
		counts->failed++;
		say_failed(out, number, line, order < 0 ? "is <" : order > 0 ? "is >" : "is =");
	}
	return 0;
}

int version_check(const struct comparator *c, struct str text, struct buf *out,
		  struct version_check *ret, struct err *e)
{
	struct version_check counts = {0};
	struct str line;

	for (size_t number = 1; str_next_line(&text, &line); number++) {
		struct str trimmed = str_trim(line);

		if (trimmed.len == 0 || trimmed.data[0] == '#')
			continue;
		if (check_line(c, trimmed, number, out, &counts, e) < 0)
			return -1;
	}
	buf_printf(out, "%zu passed, %zu failed\n", counts.passed, counts.failed);
	if (buf_failed(out))
		return ERR_NOMEM(e);
	*ret = counts;
	return 0;
}
