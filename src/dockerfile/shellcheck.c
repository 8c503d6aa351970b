/*
 * The worker's side: scripts out, comments in.
 */
#include "dockerfile/shellcheck.h"

#include "base/buf.h"
#include "dockerfile/lint.h"
#include "text/json.h"

/* The names ShellCheck has for the shells it knows; NULL: it does not know it. */
static const char *dialect(struct str program)
{
	static const struct {
		const char *program, *dialect;
	} all[] = {{"sh", "sh"},   {"bash", "bash"}, {"dash", "dash"}, {"ash", "dash"},
		   {"ksh", "ksh"}, {"mksh", "ksh"},  {"ksh93", "ksh"}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (str_is(program, all[i].program))
			return all[i].dialect;
	}
	return NULL;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.len > 0;
}

static void put_exports(const struct build_state *state, struct buf *out)
{
	static const char *const proxies[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
					      "https_proxy", "FTP_PROXY",  "ftp_proxy",
					      "NO_PROXY",    "no_proxy"};
	unsigned n = 0;

	buf_add_cstr(out, "export");
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		buf_printf(out, " %s=1", proxies[i]);
	for (const struct variable *v = state->newest; v && n < SHELLCHECK_VARIABLES;
	     v = v->older, n++) {
		if (is_name(v->name))
			buf_printf(out, " %.*s=1", STR_ARG(v->name));
	}
	buf_add_char(out, '\n');
}

bool shellcheck_script(struct arena *arena, const struct build_state *state,
		       const struct instruction *i, const struct shell_tree *t, struct buf *out)
{
	struct str program = state->shell.program;
	const char *name;

	if (i->kind != INSTRUCTION_RUN || i->form != FORM_SHELL || !t->body.text.data ||
	    t->status == SHELL_NO_BODY || t->status == SHELL_FOREIGN ||
	    t->status == SHELL_BAD_BYTES || t->body.text.len > SHELL_BODY_MAX)
		return false;
	if (i->heredoc_count && str_starts(t->body.text, STR("#!")))
		program = shell_setting_of(arena, shell_interpreter(t->body.text)).program;
	name = dialect(program);
	if (!name)
		return false;
	buf_printf(out, "#!/bin/%s\n", name);
	put_exports(state, out);
	buf_add(out, t->body.text);
	buf_add_char(out, '\n');
	return true;
}

uint32_t shellcheck_offset(struct str body, uint32_t line, uint32_t column)
{
	size_t at = 0;

	while (line > 1) {
		ptrdiff_t lf = str_find_char(str_from(body, at), '\n');

		if (lf < 0)
			return (uint32_t)body.len;
		at += (size_t)lf + 1;
		line--;
	}
	/* code points; a byte that is no UTF-8 counts as one */
	while (column > 1 && at < body.len && body.data[at] != '\n') {
		size_t next = at + 1;
		unsigned char c = (unsigned char)body.data[at];
		size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (len > 1 && at + len <= body.len && str_is_utf8(str_sub(body, at, at + len)))
			next = at + len;
		at = next;
		column--;
	}
	return (uint32_t)at;
}

/* --- its answer --- */

static int read_place(struct json *j, uint32_t *ret, struct err *e)
{
	uint64_t value;

	if (json_expect_u64(j, &value, e) < 0)
		return -1;
	*ret = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	return 0;
}

static int read_file(struct json *j, const struct output_record *record, uint32_t *ret_script,
		     struct err *e)
{
	struct str text;
	uint64_t fd;

	if (json_expect_string(j, &text, e) < 0)
		return -1;
	text = str_from(text, (size_t)(str_find_last_char(text, '/') + 1));
	if (str_parse_u64(text, &fd)) {
		for (uint32_t i = 0; i < record->count && i < SHELLCHECK_SCRIPTS; i++) {
			if (record->fds[i] >= 0 && (uint64_t)record->fds[i] == fd) {
				*ret_script = record->first + i;
				return 0;
			}
		}
	}
	return err_set(e, ERR_FORMAT, "shellcheck speaks of a file that it was not given");
}

static int read_level(struct json *j, enum lint_level *ret, struct err *e)
{
	struct str text;

	if (json_expect_string(j, &text, e) < 0)
		return -1;
	*ret = lint_level_find(text);
	if (*ret >= LEVEL_IGNORE)
		*ret = LEVEL_STYLE;
	return 0;
}

static int read_member(struct json *j, struct str key, const struct output_record *record,
		       struct arena *arena, struct shellcheck_comment *c, struct err *e)
{
	struct str text;
	uint32_t code;

	if (str_is(key, "file"))
		return read_file(j, record, &c->script, e);
	if (str_is(key, "line"))
		return read_place(j, &c->line, e);
	if (str_is(key, "endLine"))
		return read_place(j, &c->end_line, e);
	if (str_is(key, "column"))
		return read_place(j, &c->column, e);
	if (str_is(key, "endColumn"))
		return read_place(j, &c->end_column, e);
	if (str_is(key, "level"))
		return read_level(j, &c->level, e);
	if (str_is(key, "code")) {
		if (read_place(j, &code, e) < 0)
			return -1;
		c->code = code;
		return 0;
	}
	if (!str_is(key, "message"))
		return json_skip_value(j, e);
	if (json_expect_string(j, &text, e) < 0)
		return -1;
	c->message = arena_str(arena, str_trim(text));
	return c->message.data ? 0 : ERR_NOMEM(e);
}

static int read_comments(struct json *j, const struct output_record *record, struct arena *arena,
			 shellcheck_comments *ret, struct err *e)
{
	struct str key;
	int r;

	if (json_expect(j, JSON_ARRAY, e) < 0)
		return -1;
	while ((r = json_next_item(j, e)) > 0) {
		struct shellcheck_comment c = {.level = LEVEL_STYLE, .message = STR("")};
		struct shellcheck_comment *slot;

		if (j->event != JSON_OBJECT)
			return json_error(j, e, "a comment is no object");
		while ((r = json_next_key(j, &key, e)) > 0) {
			if (read_member(j, key, record, arena, &c, e) < 0)
				return -1;
		}
		slot = r < 0 ? NULL : vec_push(ret);
		if (!slot)
			return r < 0 ? -1 : ERR_NOMEM(e);
		*slot = c;
	}
	return r;
}

int shellcheck_read(const struct output_record *record, struct str text, struct arena *arena,
		    shellcheck_comments *ret, struct err *e)
{
	struct json j;
	struct str key;
	int r;

	json_init_slice(&j, text, NULL);
	r = json_expect(&j, JSON_OBJECT, e);
	while (r >= 0 && (r = json_next_key(&j, &key, e)) > 0)
		r = str_is(key, "comments") ? read_comments(&j, record, arena, ret, e)
					    : json_skip_value(&j, e);
	json_done(&j);
	return r < 0 ? -1 : 0;
}
