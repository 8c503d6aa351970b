/*
 * GitLab code quality: the part of the Code Climate form that GitLab reads.
 */
#include "dockerfile/lint_format.h"
#include "text/json_write.h"

static const char *const severities[LEVELS] = {
	[LEVEL_ERROR] = "critical", [LEVEL_WARNING] = "major", [LEVEL_INFO] = "minor",
	[LEVEL_STYLE] = "info",	    [LEVEL_IGNORE] = "info",
};

static void head(const struct lint_format_options *o, struct buf *out)
{
	(void)o;
	buf_add_char(out, '[');
}

static void write_place(struct json_writer *w, const char *key, struct position p)
{
	json_write_member_object(w, key);
	json_write_member_u64(w, "line", p.line);
	json_write_member_u64(w, "column", p.column);
	json_write_end(w);
}

static void write_finding(struct json_writer *w, const struct lint_file_report *f, size_t i)
{
	const struct finding *x = f->result->findings[i];
	char fingerprint[LINT_FINGERPRINT];

	lint_fingerprint(f, i, fingerprint);
	json_write_object(w);
	json_write_member_cstr(w, "type", "issue");
	json_write_member_cstr(w, "check_name", x->rule->code);
	json_write_member(w, "description", x->message);
	json_write_member_array(w, "categories");
	json_write_cstr(w, x->level == LEVEL_STYLE ? "Style" : "Bug Risk");
	json_write_end(w);
	json_write_member_cstr(w, "severity", severities[x->level]);
	json_write_member_cstr(w, "fingerprint", fingerprint);
	json_write_member_object(w, "location");
	json_write_member(w, "path", f->path);
	json_write_member_object(w, "positions");
	write_place(w, "begin", x->start);
	write_place(w, "end", x->end);
	json_write_end(w);
	json_write_member_object(w, "lines");
	json_write_member_u64(w, "begin", x->start.line);
	json_write_member_u64(w, "end", x->end.line);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < f->result->count; i++) {
		struct json_writer w;

		buf_add_cstr(out, i ? ",\n" : "");
		json_writer_init(&w, out, 0);
		write_finding(&w, f, i);
		if (json_writer_end(&w, NULL) < 0)
			out->failed = true;
		json_writer_done(&w);
	}
}

static void tail(const struct lint_format_options *o, const struct lint_totals *t, struct buf *out)
{
	(void)o;
	(void)t;
	buf_add_cstr(out, "]\n");
}

const struct lint_format lint_format_gitlab = {
	.name = "gitlab",
	.aliases = "codeclimate gitlab_codeclimate",
	.summary = "GitLab code quality (Code Climate)",
	.separator = ",\n",
	.head = head,
	.file = file,
	.tail = tail,
};
