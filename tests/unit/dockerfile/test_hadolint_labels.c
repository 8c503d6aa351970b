/*
 * hadolint's rules about labels and the label schema.
 */
#include "dockerfile/rules/label.h"
#include "lint_check.h"

static const struct label_requirement schema[] = {
	{STR_INIT("text"), LABEL_TEXT},	   {STR_INIT("url"), LABEL_URL},
	{STR_INIT("spdx"), LABEL_SPDX},	   {STR_INIT("hash"), LABEL_HASH},
	{STR_INIT("date"), LABEL_RFC3339}, {STR_INIT("version"), LABEL_SEMVER},
	{STR_INIT("mail"), LABEL_EMAIL},
};
static const struct lint_config config = {.labels = schema, .label_count = 7};
static const struct lint_config one = {.labels = schema, .label_count = 1};

TEST(keys)
{
	CHECK_FINDS("LABEL A=b .c=d e-=f g_h=i j..k=l m--n=o com.docker.x=y\n", "DL3048",
		    "1:7-1:8 1:11-1:13 1:16-1:18 1:21-1:24 1:27-1:31 1:34-1:38 1:41-1:53");
	CHECK_FINDS("LABEL io.docker.x=1 \\\n  \"org.dockerproject.y\"=2 9a=3\n", "DL3048",
		    "1:7-1:18 2:3-2:24 2:27-2:29");
	CHECK_FINDS("ONBUILD LABEL A b\n", "DL3048", "1:15-1:16");
	CHECK_CLEAN("ARG X\nLABEL a=b \"c.d-e\"=f g1=h $X=y com.dockers.x=y\n", "DL3048");
	CHECK_FINDS("LABEL a$b=c\n", "DL3048", "1:7-1:10");
	CHECK_CLEAN("ENV b=d\nLABEL a$b=c\n", "DL3048");
}

TEST(required_labels)
{
	CHECK_CLEAN("FROM a\n", "DL3049");
	CHECK_FINDS_WITH(&one, "FROM a\nLABEL x=y\nFROM b\nLABEL text=1\nFROM c\n", "DL3049",
			 "1:1-1:7 5:1-5:7");
	CHECK_FINDS_WITH(&one, "FROM a AS b\nFROM b\nLABEL text=1\n", "DL3049", "");
	CHECK_FINDS_WITH(&one, "FROM a AS b\nLABEL text=1\nFROM b AS c\nFROM c\n", "DL3049", "");
	CHECK_FINDS_WITH(&one, "FROM a AS b\nFROM b AS c\nFROM c\nLABEL text=1\n", "DL3049", "");
	CHECK_FINDS_WITH(&one, "FROM a AS b\nFROM c\nLABEL text=1\nCOPY --from=b x y\n", "DL3049",
			 "");
	CHECK_FINDS_WITH(&one, "FROM a AS b\nFROM b\nLABEL text=1\nFROM b\n", "DL3049", "4:1-4:7");
	CHECK_FINDS_WITH(&one, "LABEL x=y\n", "DL3049", "");
	/* each label of the schema is a finding of its own; equal places stay apart by the message
	 */
	CHECK_FINDS_WITH(&config, "FROM a\nLABEL text=1 url=2 spdx=3 hash=4 date=5\n", "DL3049",
			 "1:1-1:7 1:1-1:7");
}

TEST(superfluous_labels)
{
	struct lint_config strict = one;

	CHECK_FINDS_WITH(&one, "LABEL x=y\n", "DL3050", "");
	strict.strict_labels = true;
	CHECK_FINDS_WITH(&strict, "LABEL text=1 x=y\nLABEL \"text\"=2 $Z=3\n", "DL3050",
			 "1:14-1:15");
}

TEST(label_values_follow_their_kind)
{
	CHECK_FINDS_WITH(&config, "LABEL text=\"\" x=\"\" url=\"\"\n", "DL3051",
			 "1:7-1:14 1:20-1:26");
	CHECK_FINDS_WITH(&config, "LABEL url=x text=y\n", "DL3052", "1:7-1:12");
	CHECK_FINDS_WITH(&config, "LABEL date=x\n", "DL3053", "1:7-1:13");
	CHECK_FINDS_WITH(&config, "LABEL spdx=x\n", "DL3054", "1:7-1:13");
	CHECK_FINDS_WITH(&config, "ONBUILD LABEL hash=x\n", "DL3055", "1:15-1:21");
	CHECK_FINDS_WITH(&config, "LABEL version=1.0\n", "DL3056", "1:7-1:18");
	CHECK_FINDS_WITH(&config, "LABEL mail \"a <b@c>\"\n", "DL3058", "1:7-1:21");
	CHECK_FINDS_WITH(&config, "ARG V=1.2\nLABEL version=$V\n", "DL3056", "2:7-2:17");
	CHECK_FINDS_WITH(&config, "ARG V\nLABEL version=$V\n", "DL3056", "");
	CHECK_CLEAN("LABEL version=x\n", "DL3056");
}

struct value_case {
	bool (*is_valid)(struct str s);
	const char *good; /* separated by | */
	const char *bad;
};

TEST(what_values_are_valid)
{
	static const struct value_case cases[] = {
		{is_url, "http://a|https://a.b/c?d#e|mailto:a@b|urn:x:y|a+b:c%20d",
		 "|a|://b|1a:b|a:|http://a b|http://%zz|http://a\"b"},
		{is_rfc3339,
		 "2026-11-24T10:00:00Z|2026-02-28t23:59:60.123z|2024-02-29 00:00:00+05:30|"
		 "2026-01-01T00:00:00-00:00",
		 "|2026-11-24|2026-11-24T10:00Z|2026-13-01T10:00:00Z|2026-02-30T10:00:00Z|"
		 "2026-11-24T24:00:00Z|2026-11-24T10:60:00Z|2026-11-24T10:00:00|"
		 "2026-11-24T10:00:00.Z|2026-11-24T10:00:00+24:00|26-11-24T10:00:00Z|"
		 "2026-11-24T10:00:00Zx"},
		{is_spdx,
		 "MIT|0BSD|zlib|ZPL-2.1|Apache-2.0 OR MIT|(MIT AND (Zlib OR ISC))|GPL-2.0+|"
		 "GPL-2.0-only WITH Classpath-exception-2.0|LicenseRef-x",
		 "|Apache|MIT OR|OR MIT|MIT MIT|(MIT|MIT)|()|MIT WITH|WITH x|MIT AND (|MIT, "
		 "ISC|MIT WITH (x)"},
		{is_git_hash, "2dbfae9|0123456789abcdef0123456789abcdef01234567",
		 "|2dbfae|2dbfae90|2DBFAE9|2dbfaeg"},
		{is_semver, "0.0.0|1.20.300|2.0.1-rc1|1.0.0-a.b-c.0+x.01|1.0.0--|1.0.0+-",
		 "|1|1.2|1.2.3.4|01.2.3|1.02.3|1.2.3-|1.2.3-01|1.2.3-a..b|1.2.3+|v1.2.3|1.2.3 "
		 "|1.2.x"},
		{is_email, "a@b|a.b+c@d.e|\"a b\"@c|a@[127.0.0.1]|x!y@z",
		 "|a|@b|a@|a b@c|.a@b|a.@b|a..b@c|a@b c|A <a@b>|\"a@b|a@.b"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str good = str_of(cases[i].good), bad = str_of(cases[i].bad), s;

		while (str_next(&good, '|', &s)) {
			if (!cases[i].is_valid(s))
				test_fail(__FILE__, __LINE__, "case %zu: '%.*s' is valid", i,
					  STR_ARG(s));
		}
		while (str_next(&bad, '|', &s)) {
			if (cases[i].is_valid(s))
				test_fail(__FILE__, __LINE__, "case %zu: '%.*s' is not valid", i,
					  STR_ARG(s));
		}
	}
}

TEST(the_list_of_licenses_is_sorted)
{
	/* the search by halves finds every one of them */
	static const char *const ids[] = {
#define SPDX(id) id,
#include "dockerfile/rules/spdx_ids.def"
#undef SPDX
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		if (!is_spdx(str_of(ids[i])))
			test_fail(__FILE__, __LINE__, "%s is not found", ids[i]);
	}
}
