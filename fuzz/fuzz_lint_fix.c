/*
 * Any bytes through all rules and all repairs: places lie within the file, edits do not overlap, a
 * repaired file has no code more often than before and is not repaired again.
 */
#include "dockerfile.h"
#include "dockerfile/fix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_findings(const struct lint_result *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct finding *f = r->findings[i];
		uint32_t end = 0;

		must_be_inside(f->span, (struct span){0, (uint32_t)r->file->text.len});
		must(f->start.line >= 1 && f->end.line >= f->start.line);
		for (const struct lint_edit *e = f->fix ? f->fix->edits : NULL; e; e = e->next) {
			must(e->start >= end && e->end >= e->start && e->end <= r->file->text.len);
			end = e->end;
		}
	}
}

/* All that a configuration can switch on. */
static const struct str quiet[] = {STR_INIT("DL1001"), STR_INIT("DL3057")};
static const struct str registries[] = {STR_INIT("docker.io"), STR_INIT("*.example.com")};
static const struct label_requirement labels[] = {
	{STR_INIT("text"), LABEL_TEXT},	   {STR_INIT("url"), LABEL_URL},
	{STR_INIT("spdx"), LABEL_SPDX},	   {STR_INIT("hash"), LABEL_HASH},
	{STR_INIT("date"), LABEL_RFC3339}, {STR_INIT("version"), LABEL_SEMVER},
	{STR_INIT("mail"), LABEL_EMAIL},
};
static const struct lint_config config = {
	.override = {[LEVEL_INFO] = {quiet, 2}},
	.trusted_registries = registries,
	.trusted_registry_count = 2,
	.labels = labels,
	.label_count = 7,
	.strict_labels = true,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct linter *linter;
	static struct fixer fixer;
	struct lint_input in = {.text = str_make(data, size), .path = STR("Dockerfile")};
	struct lint_result result;
	struct buf once = BUF_INIT;

	if (!linter) {
		linter = linter_new(&config, NULL, NULL);
		fixer_init(&fixer, NULL);
	}
	if (lint_text(linter, &in, &result, NULL) < 0)
		abort();
	check_findings(&result);
	for (int unsafe = 0; unsafe < 2; unsafe++) {
		in.text = str_make(data, size);
		if (fix_text(&fixer, linter, &in, unsafe, &result, NULL) < 0)
			abort();
		check_findings(&result);
		if (!fixer.applied)
			continue;
		buf_clear(&once);
		diff_unified(in.path, in.text, buf_str(&fixer.text), fixer.changes.items,
			     fixer.changes.count, &once);
		buf_clear(&once);
		buf_add(&once, buf_str(&fixer.text));
		in.text = buf_str(&once);
		if (fix_text(&fixer, linter, &in, unsafe, &result, NULL) < 0)
			abort();
		must(fixer.applied == 0);
	}
	buf_done(&once);
	return 0;
}
