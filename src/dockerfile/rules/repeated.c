#include "dockerfile/rules/repeated.h"

#include "dockerfile/rules/edits.h"

void repeated_start(struct lint *l, const struct stage *s)
{
	struct repeated *r = lint_state(l);

	(void)s;
	r->before = NULL;
}

void repeated_check(struct lint *l, const struct instruction *i)
{
	struct repeated *r = lint_state(l);
	const struct instruction *before = r->before;
	struct finding *f;

	r->before = i;
	if (!before)
		return;
	f = lint_report(l, i->line, "Only the last %s of a stage takes effect; there is one before",
			instruction_kind_name(i->kind));
	lint_fix(l, f, true, "the one before has no effect");
	edit_remove_instruction(l, f, before);
}
