#include "test.h"

#include "base/fault.h"
#include "text/xml_write.h"

static void write_sample(struct xml_writer *w)
{
	xml_begin(w, "testsuites");
	xml_attribute_u64(w, "tests", 2);
	xml_begin(w, "testsuite");
	xml_attribute(w, "name", STR("a<b>&\"'\n\x1b\xff"));
	xml_begin(w, "failure");
	xml_text(w, STR("x < y\n"));
	xml_text(w, STR("]]> \"q\"\r\x00\xef\xbf\xbe\xc3\xa4"));
	xml_end(w);
	xml_begin(w, "skipped");
	xml_end(w);
	xml_end(w);
	xml_end(w);
}

TEST(elements_attributes_and_text)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct xml_writer w;

	xml_writer_init(&w, &b, 2);
	write_sample(&w);
	CHECK_OK(xml_writer_end(&w, &e));
	CHECK_STR(buf_str(&b),
		  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"2\">\n"
		  "  <testsuite name=\"a&lt;b&gt;&amp;&quot;'&#10;\\x1b\\xff\">\n"
		  "    <failure>x &lt; y\n]]&gt; \"q\"&#13;\\x00\\xef\\xbf\\xbe\xc3\xa4</failure>\n"
		  "    <skipped/>\n  </testsuite>\n</testsuites>\n");
	buf_clear(&b);
	xml_writer_init(&w, &b, 0);
	xml_begin(&w, "a");
	xml_begin(&w, "b");
	xml_attribute_cstr(&w, "c", "d");
	xml_end(&w);
	xml_end(&w);
	CHECK_OK(xml_writer_end(&w, &e));
	CHECK_STR(buf_str(&b), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a><b c=\"d\"/></a>\n");
	buf_done(&b);
}

TEST(calls_out_of_order_fail)
{
	for (int i = 0; i < 4; i++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct xml_writer w;

		xml_writer_init(&w, &b, 2);
		if (i == 0)
			xml_end(&w);
		if (i == 1)
			xml_begin(&w, "open");
		if (i == 2)
			xml_text(&w, STR("text"));
		for (int n = 0; i == 3 && n < 1000; n++)
			xml_begin(&w, "deep");
		for (int n = 0; i == 3 && n < 1000; n++)
			xml_end(&w);
		CHECK_ERR(xml_writer_end(&w, &e), ERR_INTERNAL);
		buf_done(&b);
	}
}

static int countdown;

static bool fail_at_zero(enum fault_kind kind)
{
	return kind == FAULT_ALLOC && countdown-- == 0;
}

TEST(every_failed_allocation_is_reported)
{
	for (int k = 0;; k++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		struct xml_writer w;
		int r;

		countdown = k;
		fault_hook = fail_at_zero;
		xml_writer_init(&w, &b, 2);
		xml_begin(&w, "all");
		for (int i = 0; i < 100; i++)
			write_sample(&w);
		xml_end(&w);
		r = xml_writer_end(&w, &e);
		fault_hook = NULL;
		buf_done(&b);
		if (countdown >= 0) {
			CHECK(r == 0 && k > 3);
			break;
		}
		CHECK(r < 0 && e.code == ERR_MEMORY);
	}
}
