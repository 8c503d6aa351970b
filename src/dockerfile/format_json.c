/*
 * JSON: an array of objects, one a line; [] when nothing was found. Fix edits are bytes of the
 * file.
 */
#include "dockerfile/lint_format.h"
#include "dockerfile/waste.h"
#include "text/json_write.h"

static void write_fix(struct json_writer *w, const struct lint_fix *fix)
{
	json_write_member_object(w, "fix");
	json_write_member_bool(w, "safe", fix->safe);
	json_write_member(w, "reason", fix->reason);
	json_write_member_array(w, "edits");
	for (const struct lint_edit *e = fix->edits; e; e = e->next) {
		json_write_object(w);
		json_write_member_u64(w, "start", e->start);
		json_write_member_u64(w, "end", e->end);
		json_write_member(w, "text", e->text);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

static void write_waste(struct json_writer *w, const struct lint_waste *waste)
{
	json_write_member_object(w, "wasted");
	if (waste->known) {
		json_write_member_u64(w, "bytes", waste->bytes);
		json_write_member_bool(w, "complete", !waste->at_least);
	} else {
		json_write_key(w, STR("bytes"));
		json_write_null(w);
	}
	if (waste->layer >= 0)
		json_write_member_u64(w, "layer", (uint64_t)waste->layer);
	if (waste->known && waste->packages) {
		json_write_member_array(w, "packages");
		for (uint32_t n = 0; n < waste->package_count; n++)
			json_write_string(w, waste->packages[n]);
		json_write_end(w);
	} else if (waste->known && waste->layer >= 0) {
		json_write_member_u64(w, "files", waste->files);
		json_write_member_array(w, "paths");
		for (uint32_t n = 0; n < waste->path_count; n++)
			json_write_string(w, waste->paths[n]);
		json_write_end(w);
	}
	if (waste->reason.len)
		json_write_member(w, "reason", waste->reason);
	json_write_end(w);
}

static void write_finding(struct json_writer *w, struct str path, const struct finding *f)
{
	json_write_object(w);
	json_write_member(w, "file", path);
	json_write_member_u64(w, "line", f->start.line);
	json_write_member_u64(w, "column", f->start.column);
	json_write_member_u64(w, "end_line", f->end.line);
	json_write_member_u64(w, "end_column", f->end.column);
	json_write_member_cstr(w, "code", f->rule->code);
	json_write_member_cstr(w, "level", lint_level_name(f->level));
	json_write_member_cstr(w, "severity", lint_level_severity(f->level));
	json_write_member(w, "message", f->message);
	if (f->fix)
		write_fix(w, f->fix);
	if (f->waste)
		write_waste(w, f->waste);
	json_write_end(w);
}

static void head(const struct lint_format_options *o, struct buf *out)
{
	(void)o;
	buf_add_char(out, '[');
}

static void file(const struct lint_format_options *o, const struct lint_file_report *f,
		 struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < f->result->count; i++) {
		struct json_writer w;

		buf_add_cstr(out, i ? ",\n" : "");
		json_writer_init(&w, out, 0);
		write_finding(&w, f->path, f->result->findings[i]);
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

const struct lint_format lint_format_json = {
	.name = "json",
	.summary = "an array of objects",
	.separator = ",\n",
	.head = head,
	.file = file,
	.tail = tail,
};
