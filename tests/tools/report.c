/*
 * report FORMAT [OPTION...] < report.json: reads a report, judges it when asked, writes it in a
 * format. What the golden tests compare.
 *
 *	width=N color all lines		as a terminal would have it
 *	fail-on=S max-count=S=N severity=S,S only-fixed exit-code=N ignore=FILE
 *					gates: any of these judges the report anew
 *	judge				judges without a gate
 *
 * The exit code is 3 when something failed, with the error on standard error.
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/digest.h"
#include "policy/policy.h"
#include "report/format.h"
#include "test_io.h"

struct setup {
	struct format_options options;
	struct policy policy;
	bool judge;
	struct str text; /* of the report */
	struct err e;
};

static bool read_ignore(struct setup *s, struct str path)
{
	char name[4096];
	FILE *f;

	snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
	f = fopen(name, "rb");
	if (!f)
		return false;
	return policy_read_ignore(&s->policy, test_read_stream(f), name, &s->e) == 0;
}

static bool set_gate(struct setup *s, struct str name, struct str value)
{
	struct policy *p = &s->policy;
	enum severity severity;
	struct str word;
	uint64_t number;

	s->judge = true;
	if (str_is(name, "fail-on"))
		return p->has_fail_on = severity_parse(value, &p->fail_on);
	if (str_is(name, "max-count") && str_next(&value, '=', &word) &&
	    severity_parse(word, &severity) && str_parse_u64(value, &number)) {
		p->max_count[severity] = (int64_t)number;
		return true;
	}
	if (str_is(name, "severity")) {
		while (str_next(&value, ',', &word) && severity_parse(word, &severity))
			p->severities |= 1u << severity;
		return p->severities != 0;
	}
	if (str_is(name, "exit-code") && str_parse_u64(value, &number)) {
		p->failed_exit_code = (int)number;
		return p->exit_code_given = true;
	}
	if (str_is(name, "ignore"))
		return read_ignore(s, value);
	return false;
}

static bool set_option(struct setup *s, struct str text)
{
	struct str name, value = text;
	uint64_t number;

	str_next(&value, '=', &name);
	if (str_is(name, "width") && str_parse_u64(value, &number)) {
		s->options.width = (unsigned)number;
		return true;
	}
	if (str_is(text, "color"))
		return s->options.color = true;
	if (str_is(text, "all"))
		return s->options.all = true;
	if (str_is(text, "lines"))
		return s->options.lines = true;
	if (str_is(text, "judge"))
		return s->judge = true;
	if (str_is(text, "only-fixed"))
		return s->judge = s->policy.only_fixed = true;
	return set_gate(s, name, value);
}

static int fail(const char *what, const struct err *e)
{
	fprintf(stderr, "%s: %s\n", what, e->message);
	return 3;
}

/* global, so that a leak checker sees what it holds */
struct setup setup;

int main(int argc, char **argv)
{
	const struct format *format = format_find(str_of(argc > 1 ? argv[1] : ""));
	struct document *d = NULL;
	struct buf out = BUF_INIT;

	if (crypto_init(&setup.e) < 0)
		return fail("crypto", &setup.e);
	policy_init(&setup.policy);
	if (!format)
		return fail("no such format", &setup.e);
	for (int i = 2; i < argc; i++) {
		if (!set_option(&setup, str_of(argv[i])))
			return fail(argv[i], &setup.e);
	}
	setup.text = test_read_stream(stdin);
	if (document_read_json(setup.text, &d, &setup.e) < 0)
		return fail("report", &setup.e);
	setup.options.policy = &setup.policy;
	if (setup.judge && policy_judge(&setup.policy, d, &setup.e) < 0)
		return fail("judge", &setup.e);
	document_sort(d);
	if (format->write(d, &setup.options, &out, &setup.e) < 0)
		return fail(format->name, &setup.e);
	fwrite(out.data, 1, out.len, stdout);
	buf_done(&out);
	document_free(d);
	policy_done(&setup.policy);
	return 0;
}
