/*
 * A report from JSON: read, sorted, written in every form. What was read and written must read
 * again and give the same bytes; the first byte chooses the width of the table.
 */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/digest.h"
#include "policy/policy.h"
#include "report/format.h"
#include "text/json_write.h"

static void write_json(const struct document *d, struct buf *out)
{
	struct json_writer w;

	json_writer_init(&w, out, 0);
	document_write_json(d, &w);
	if (json_writer_end(&w, NULL) < 0)
		abort();
	json_writer_done(&w);
}

static void check_round_trip(const struct document *d)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct document *again;
	struct err e = ERR_INIT;

	write_json(d, &once);
	if (document_read_json(buf_str(&once), &again, &e) < 0)
		abort();
	document_sort(again);
	write_json(again, &twice);
	if (!str_eq(buf_str(&once), buf_str(&twice)))
		abort();
	document_free(again);
	buf_done(&once);
	buf_done(&twice);
}

static void write_all(struct document *d, unsigned width)
{
	struct policy p;

	policy_init(&p);
	p.has_fail_on = true;
	p.fail_on = SEVERITY_MEDIUM;
	p.max_count[SEVERITY_LOW] = 1;
	if (policy_judge(&p, d, NULL) < 0)
		abort();
	for (size_t i = 0; formats[i]; i++) {
		struct format_options o = {.width = width, .policy = &p, .all = width & 1};
		struct buf out = BUF_INIT;
		struct err e = ERR_INIT;

		if (formats[i]->write(d, &o, &out, &e) < 0)
			abort();
		/* what a terminal would obey */
		if (formats[i]->human &&
		    (memchr(out.data, 0x1b, out.len) || !str_is_utf8(buf_str(&out))))
			abort();
		buf_done(&out);
	}
	policy_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct document *d;
	struct err e = ERR_INIT;

	if (!ready)
		ready = crypto_init(NULL) == 0;
	if (!size || document_read_json(str_make(data + 1, size - 1), &d, &e) < 0)
		return 0;
	document_sort(d);
	check_round_trip(d);
	write_all(d, data[0] == '{' ? 0 : data[0]);
	document_free(d);
	return 0;
}
