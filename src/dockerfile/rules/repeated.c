#include "dockerfile/rules/repeated.h"

#include "dockerfile/pragma.h"
#include "dockerfile/rules/edits.h"

void repeated_start(struct lint *l, const struct stage *s)
{
	struct repeated *r = lint_state(l);

	(void)s;
	r->before = NULL;
}

static bool is_run(const struct lint *l, uint32_t index)
{
	return index < l->file->instructions.count &&
	       l->file->instructions.items[index]->kind == INSTRUCTION_RUN;
}

static bool has_pragma(const struct lint *l, const struct instruction *i)
{
	struct pragma p;

	for (uint32_t n = i->comment_start; n < i->comment_end; n++) {
		if (pragma_read(dockerfile_slice(l->file, l->file->comments.items[n].span),
				l->config, &p))
			return true;
	}
	return false;
}

void repeated_fix(struct lint *l, struct finding *f, const struct instruction *before)
{
	if (before->index > 0 && is_run(l, before->index - 1) && is_run(l, before->index + 1)) {
		lint_fix(l, f, false,
			 "without it the RUN instructions around it are neighbours to join");
		return;
	}
	if (has_pragma(l, before))
		lint_fix(l, f, false, "the comment above it would hold for the next instruction");
	else
		lint_fix(l, f, true, "it has no effect");
	edit_remove_instruction(l, f, before);
}

void repeated_check(struct lint *l, const struct instruction *i)
{
	struct repeated *r = lint_state(l);
	const struct instruction *before = r->before;

	r->before = i;
	if (!before)
		return;
	repeated_fix(l,
		     lint_report(l, i->line,
				 "Only the last %s of a stage takes effect; there is one before",
				 instruction_kind_name(i->kind)),
		     before);
}
