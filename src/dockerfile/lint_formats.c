#include "dockerfile/lint_format.h"

#define LINT_FORMAT(name) extern const struct lint_format lint_format_##name;
#include "dockerfile/lint_formats.def"
#undef LINT_FORMAT

const struct lint_format *const lint_formats[] = {
#define LINT_FORMAT(name) &lint_format_##name,
#include "dockerfile/lint_formats.def"
#undef LINT_FORMAT
	NULL,
};

const struct lint_format *lint_format_find(struct str name)
{
	for (size_t i = 0; lint_formats[i]; i++) {
		struct str rest = str_of(lint_formats[i]->aliases), alias;

		if (str_is(name, lint_formats[i]->name))
			return lint_formats[i];
		while (str_next(&rest, ' ', &alias)) {
			if (str_eq(name, alias))
				return lint_formats[i];
		}
	}
	return NULL;
}

/* How many findings before this one have the same code and text: tells doubles apart. */
static size_t ordinal(const struct lint_file_report *f, size_t finding, struct str text)
{
	const struct lint_result *r = f->result;
	size_t count = 0;

	/* equal texts of one code stand far apart at most in odd files; those need no exact count
	 */
	for (size_t i = finding; i-- > 0 && finding - i < 512;) {
		if (r->findings[i]->rule == r->findings[finding]->rule &&
		    str_eq(dockerfile_slice(r->file, r->findings[i]->span), text))
			count++;
	}
	return count;
}

void lint_fingerprint(const struct lint_file_report *f, size_t finding, char out[LINT_FINGERPRINT])
{
	const struct finding *found = f->result->findings[finding];
	struct str text = dockerfile_slice(f->result->file, found->span);
	uint64_t seed = ordinal(f, finding, text), a, b;

	a = str_hash(str_of(found->rule->code), str_hash(f->path, str_hash(text, seed)));
	b = str_hash(text, str_hash(f->path, str_hash(str_of(found->rule->code), a)));
	snprintf(out, LINT_FINGERPRINT, "%016llx%016llx", (unsigned long long)a,
		 (unsigned long long)b);
}
