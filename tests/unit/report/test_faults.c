/*
 * Reading, judging and writing with every single allocation failing once: either the call says
 * ERR_MEMORY, or the bytes are those of the run without a failure. Nothing in between.
 */
#include "base/fault.h"
#include "crypto/digest.h"
#include "policy/policy.h"
#include "report/format.h"
#include "test.h"

static long countdown = -1;

static bool fail_kth(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown >= 0 && countdown-- == 0;
}

/* A seed of the fuzz target, without the byte that stands before the report; read once. */
static struct str sample(const char *name)
{
	static struct {
		const char *name;
		struct str text;
	} read[8];
	char path[256];
	size_t i = 0;

	while (read[i].name && strcmp(read[i].name, name))
		i++;
	if (!read[i].name) {
		snprintf(path, sizeof(path), "fuzz/corpus/report_json/%s", name);
		read[i].text = test_read_file(test_source(path));
		read[i].name = name;
	}
	return str_from(read[i].text, 1);
}

static int write_format(const struct document *d, const struct format *f, struct buf *out,
			struct err *e)
{
	struct format_options o = {.width = 80, .all = true};

	if (f->write(d, &o, out, e) < 0)
		return -1;
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

/* Runs with the k-th allocation failing, k from 0 until one run is not hit. */
#define EACH_FAILURE(body) \
	for (long k_ = 0;; k_++) { \
		bool hit_; \
		countdown = k_; \
		fault_hook = fail_kth; \
		body; \
		hit_ = countdown < 0; \
		fault_hook = NULL; \
		countdown = -1; \
		if (!hit_) \
			break; \
	}

static void try_format(const struct document *d, const struct format *f)
{
	CLEANUP(buf_done) struct buf whole = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(write_format(d, f, &whole, &e));
	EACH_FAILURE({
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		e = ERR_INIT;
		if (write_format(d, f, &out, &e) < 0)
			CHECK_INT(e.code, ERR_MEMORY);
		else if (!str_eq(buf_str(&out), buf_str(&whole)))
			test_fail(__FILE__, __LINE__, "%s lost something at allocation %ld",
				  f->name, k_);
	});
}

TEST(a_format_is_whole_or_fails)
{
	static const char *const samples[] = {"app", "hostile", "incomplete", "empty"};
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	for (size_t s = 0; s < sizeof(samples) / sizeof(samples[0]); s++) {
		struct document *d = NULL;

		CHECK_OK(document_read_json(sample(samples[s]), &d, &e));
		if (!d)
			return;
		document_sort(d);
		for (size_t i = 0; formats[i]; i++)
			try_format(d, formats[i]);
		document_free(d);
	}
}

TEST(a_report_is_read_whole_or_not_at_all)
{
	struct str text = sample("incomplete");
	CLEANUP(buf_done) struct buf whole = BUF_INIT;
	struct document *d = NULL;
	struct err e = ERR_INIT;

	CHECK_OK(document_read_json(text, &d, &e));
	if (!d)
		return;
	CHECK_OK(write_format(d, format_find(STR("json")), &whole, &e));
	document_free(d);
	EACH_FAILURE({
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct document *again = NULL;

		e = ERR_INIT;
		if (document_read_json(text, &again, &e) < 0) {
			CHECK_INT(e.code, ERR_MEMORY);
		} else {
			long left = countdown;

			countdown = -1;
			CHECK_OK(write_format(again, format_find(STR("json")), &out, &e));
			CHECK(str_eq(buf_str(&out), buf_str(&whole)));
			countdown = left;
			document_free(again);
		}
	});
}

/* Rules and suppressions without memory are an error, never a pass. */
TEST(a_verdict_is_reached_or_an_error)
{
	static const char ignore[] = "- {id: CVE-2024-2961, reason: r, purl: 'pkg:deb/*/*'}\n"
				     "- {id: DSA-5711-1, reason: r, paths: ['var/**']}\n"
				     "- {id: CVE-1, reason: r, expires: 2020-01-01}\n";
	struct err e = ERR_INIT;

	EACH_FAILURE({
		struct document *d = NULL;
		struct policy p;
		long left = countdown;
		int result;

		countdown = -1;
		CHECK_OK(document_read_json(sample("incomplete"), &d, &e));
		if (!d)
			return;
		diags_done(&d->diagnostics);
		diags_init(&d->diagnostics, NULL);
		countdown = left;
		e = ERR_INIT;
		policy_init(&p);
		p.has_fail_on = true;
		p.fail_on = SEVERITY_LOW;
		p.max_count[SEVERITY_HIGH] = 0;
		result = policy_read_ignore(&p, STR(ignore), "i.yaml", &e);
		if (result == 0)
			result = policy_judge(&p, d, &e);
		if (result < 0)
			CHECK_INT(e.code, ERR_MEMORY);
		else
			CHECK_INT(d->verdict.exit_code, 2);
		left = countdown;
		policy_done(&p);
		document_free(d);
		countdown = left;
	});
}
