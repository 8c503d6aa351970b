/*
 * What a mining run prints.
 */
#include <stdio.h>

#include "dockerfile/mine_work.h"
#include "text/json_write.h"

static double confidence(const struct association_figures *f)
{
	return f->support ? 100.0 * (double)f->confirmed / (double)f->support : 0;
}

static bool has_support(const struct mine_request *r, const struct association_figures *f)
{
	return f->support && f->support >= (r->support_min ? r->support_min : 50);
}

static bool is_kept(const struct mine_request *r, const struct association_figures *f)
{
	return has_support(r, f) &&
	       confidence(f) >= (r->confidence_min > 0 ? r->confidence_min : 75);
}

static const char *kept_word(const struct mine_request *r, const struct association_figures *f)
{
	return is_kept(r, f) ? "yes" : has_support(r, f) ? "no: confidence" : "no: support";
}

/* Mean of the rates in which kept rules are violated; *ret_kept: how many these are. */
static double mean_violation(const struct associations *a, const struct mine_figures *f,
			     const struct mine_request *r, size_t *ret_kept)
{
	double sum = 0;
	size_t kept = 0;

	for (size_t i = 0; i < a->rules.count; i++) {
		if (is_kept(r, &f->rules[i])) {
			sum += 100 - confidence(&f->rules[i]);
			kept++;
		}
	}
	*ret_kept = kept;
	return kept ? sum / (double)kept : 0;
}

static void write_figures_members(struct json_writer *w, const struct association_figures *f)
{
	char text[32];

	json_write_member_u64(w, "support", f->support);
	json_write_member_u64(w, "confirmed", f->confirmed);
	snprintf(text, sizeof(text), "%.2f", confidence(f));
	json_write_key(w, STR("confidence"));
	json_write_raw(w, str_of(text));
	json_write_member_u64(w, "violations", f->support - f->confirmed);
	json_write_member_u64(w, "files", f->files);
	json_write_member_u64(w, "files_violating", f->files_violating);
}

static void write_json(const struct associations *a, const struct mine_figures *f,
		       const struct mine_request *r, struct buf *out)
{
	struct json_writer w;
	size_t kept;
	double mean = mean_violation(a, f, r, &kept);
	char text[32];

	json_writer_init(&w, out, 2);
	json_write_object(&w);
	json_write_member_u64(&w, "trees", f->trees);
	json_write_member_u64(&w, "kept", kept);
	snprintf(text, sizeof(text), "%.2f", mean);
	json_write_key(&w, STR("mean_violation"));
	json_write_raw(&w, str_of(text));
	json_write_member_array(&w, "rules");
	for (size_t i = 0; i < a->rules.count; i++) {
		json_write_object(&w);
		json_write_member(&w, "name", a->rules.items[i]->name);
		write_figures_members(&w, &f->rules[i]);
		json_write_member_cstr(&w, "kept", kept_word(r, &f->rules[i]));
		json_write_end(&w);
	}
	json_write_end(&w);
	json_write_end(&w);
	json_writer_end(&w, NULL);
	json_writer_done(&w);
}

static int name_width(const struct associations *a)
{
	size_t width = 4;

	for (size_t i = 0; i < a->rules.count; i++) {
		if (a->rules.items[i]->name.len > width)
			width = a->rules.items[i]->name.len;
	}
	return (int)width;
}

static void write_table(const struct associations *a, const struct mine_figures *f,
			const struct mine_request *r, struct buf *out)
{
	int width = name_width(a);
	size_t kept;
	double mean = mean_violation(a, f, r, &kept);

	buf_printf(out, "%-*s  %8s  %9s  %10s  %10s  %7s  %9s  %s\n", width, "RULE", "SUPPORT",
		   "CONFIRMED", "CONFIDENCE", "VIOLATIONS", "FILES", "VIOLATING", "KEPT");
	for (size_t i = 0; i < a->rules.count; i++) {
		const struct association_figures *g = &f->rules[i];

		buf_printf(out, "%-*.*s  %8llu  %9llu  %10.2f  %10llu  %7llu  %9llu  %s\n", width,
			   STR_ARG(a->rules.items[i]->name), (unsigned long long)g->support,
			   (unsigned long long)g->confirmed, confidence(g),
			   (unsigned long long)(g->support - g->confirmed),
			   (unsigned long long)g->files, (unsigned long long)g->files_violating,
			   kept_word(r, g));
	}
	buf_printf(out, "\n%llu trees, %zu of %zu rules kept, mean violation of these %.2f %%\n",
		   (unsigned long long)f->trees, kept, a->rules.count, mean);
}

void mine_write_figures(const struct associations *a, const struct mine_figures *f,
			const struct mine_request *r, struct buf *out)
{
	if (r->format == MINE_JSON)
		write_json(a, f, r, out);
	else
		write_table(a, f, r, out);
}

/* --- mined rules --- */

static void write_rules_json(const struct associations *a, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out, 2);
	json_write_array(&w);
	for (size_t i = 0; i < a->rules.count; i++) {
		const struct association *rule = a->rules.items[i];

		json_write_object(&w);
		json_write_member(&w, "name", rule->name);
		json_write_member(&w, "antecedent", rule->antecedent.text);
		json_write_member(&w, "consequent", rule->consequent.text);
		json_write_member_cstr(&w, "location", association_location_name(rule->location));
		json_write_member(&w, "scope", rule->scope);
		json_write_member_object(&w, "found");
		write_figures_members(&w, &rule->found);
		json_write_end(&w);
		if (rule->second.support) {
			json_write_member_object(&w, "second");
			write_figures_members(&w, &rule->second);
			json_write_end(&w);
		}
		if (rule->history.made) {
			json_write_member_object(&w, "history");
			json_write_member_u64(&w, "made", rule->history.made);
			json_write_member_u64(&w, "undone", rule->history.undone);
			json_write_member_u64(&w, "commits", rule->history.commits);
			json_write_end(&w);
		}
		json_write_member_array(&w, "examples");
		for (size_t n = 0; n < ASSOCIATION_EXAMPLES && rule->examples[n].len; n++)
			json_write_string(&w, rule->examples[n]);
		json_write_end(&w);
		json_write_end(&w);
	}
	json_write_end(&w);
	json_writer_end(&w, NULL);
	json_writer_done(&w);
}

static void write_rules_table(const struct associations *a, bool history, struct buf *out)
{
	if (history)
		buf_printf(out, "%8s  %8s  ", "CHANGES", "UNDONE");
	buf_printf(out, "%8s  %10s  %8s  %10s  %s\n", "SUPPORT", "CONFIDENCE", "SECOND", "VIOLATED",
		   "RULE");
	for (size_t i = 0; i < a->rules.count; i++) {
		const struct association *r = a->rules.items[i];

		if (history)
			buf_printf(out, "%8llu  %8llu  ", (unsigned long long)r->history.made,
				   (unsigned long long)r->history.undone);
		buf_printf(out, "%8llu  %10.2f  %8llu  %10.2f  ",
			   (unsigned long long)r->found.support, confidence(&r->found),
			   (unsigned long long)r->second.support,
			   r->second.support ? 100 - confidence(&r->second) : 0.0);
		buf_add_escaped(out, r->antecedent.text);
		buf_printf(out, " %s ", association_location_name(r->location));
		buf_add_escaped(out, r->consequent.text);
		buf_add_char(out, '\n');
	}
}

void mine_write_rules(const struct associations *a, const struct mine_request *r, struct buf *out)
{
	if (r->format == MINE_JSON)
		write_rules_json(a, out);
	else if (r->format == MINE_TABLE)
		write_rules_table(a, r->history, out);
	else
		associations_write(a, out);
}
