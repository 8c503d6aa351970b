/*
 * CVSS. Single answers are the examples of the specification documents of FIRST or were worked out
 * by their equations; the sums over all vectors were computed by exact fractions (v2, v3) and by
 * another implementation (v4) and guard every table entry at once.
 */
#include "model/severity.h"
#include "test.h"

static int score(const char *vector)
{
	int version = 0;

	return cvss_score10(str_of(vector), &version);
}

TEST(known_vectors_have_their_published_scores)
{
	static const struct {
		const char *vector;
		int score10, version;
	} rows[] = {
		/* CVSS v2 guide, 3.3: CVE-2002-0392, CVE-2003-0818, CVE-2003-0062 */
		{"AV:N/AC:L/Au:N/C:N/I:N/A:C", 78, 20},
		{"AV:N/AC:L/Au:N/C:C/I:C/A:C", 100, 20},
		{"AV:L/AC:H/Au:N/C:C/I:C/A:C", 62, 20},
		{"(AV:N/AC:L/Au:N/C:P/I:P/A:P/E:F/RL:OF/RC:C)", 75, 20},
		{"AV:N/AC:L/Au:N/C:N/I:N/A:N", 0, 20},
		/* CVSS v3.1 examples document */
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61, 30},
		{"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64, 31},
		{"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31, 31},
		{"CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42, 31},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, 31},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, 31},
		{"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, 31},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/E:P/RL:O/RC:C", 75, 31},
		/* order is free */
		{"CVSS:3.1/S:U/C:H/I:H/A:H/AV:N/AC:L/PR:N/UI:N", 98, 31},
		/* CVSS v4.0: worst, best but one, EQ4 through safety, threat and requirements */
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100, 40},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, 40},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93, 40},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:L/SI:N/SA:N", 69, 40},
		{"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 73, 40},
		{"CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N", 46, 40},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 61, 40},
		{"CVSS:4.0/AV:N/AC:H/AT:P/PR:H/UI:A/VC:L/VI:H/VA:N/SC:N/SI:N/SA:N", 57, 40},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int version = 0, got = cvss_score10(str_of(rows[i].vector), &version);

		if (got != rows[i].score10 || version != rows[i].version)
			test_fail(__FILE__, __LINE__, "%s is %d of version %d, expected %d of %d",
				  rows[i].vector, got, version, rows[i].score10, rows[i].version);
	}
}

/* Counts through all combinations of one-letter values; the sum of their scores. */
static long sum_of_all(const char *prefix, const char *const *names, const char *const *values,
		       size_t count, long *ret_vectors)
{
	size_t at[16] = {0};
	long sum = 0;

	for (*ret_vectors = 0;; (*ret_vectors)++) {
		char vector[256];
		int used = snprintf(vector, sizeof(vector), "%s", prefix), got;
		size_t i;

		for (i = 0; i < count; i++)
			used += snprintf(vector + used, sizeof(vector) - (size_t)used, "%s%s:%c",
					 i ? "/" : "", names[i], values[i][at[i]]);
		got = score(vector);
		if (got < 0)
			test_fail(__FILE__, __LINE__, "%s has no score", vector);
		sum += got;
		for (i = count; i > 0 && !values[i - 1][++at[i - 1]]; i--)
			at[i - 1] = 0;
		if (!i)
			break;
	}
	(*ret_vectors)++;
	return sum;
}

TEST(every_vector_of_version_2_has_the_exact_score)
{
	static const char *const names[] = {"AV", "AC", "Au", "C", "I", "A"};
	static const char *const values[] = {"LAN", "HML", "MSN", "NPC", "NPC", "NPC"};
	long vectors;

	CHECK_INT(sum_of_all("", names, values, 6, &vectors), 38007);
	CHECK_INT(vectors, 729);
}

TEST(every_vector_of_version_3_has_the_exact_score)
{
	static const char *const names[] = {"AV", "AC", "PR", "UI", "S", "C", "I", "A"};
	static const char *const values[] = {"NALP", "LH", "NLH", "NR", "UC", "HLN", "HLN", "HLN"};
	long vectors;

	CHECK_INT(sum_of_all("CVSS:3.1/", names, values, 8, &vectors), 142706);
	CHECK_INT(sum_of_all("CVSS:3.0/", names, values, 8, &vectors), 142706);
	CHECK_INT(vectors, 2592);
}

TEST(every_base_vector_of_version_4_has_the_exact_score)
{
	static const char *const names[] = {"AV", "AC", "AT", "PR", "UI", "VC",
					    "VI", "VA", "SC", "SI", "SA"};
	static const char *const values[] = {"NALP", "LH",  "NP",  "NLH", "NPA", "HLN",
					     "HLN",  "HLN", "HLN", "HLN", "HLN"};
	long vectors;

	CHECK_INT(sum_of_all("CVSS:4.0/", names, values, 11, &vectors), 5964883);
	CHECK_INT(vectors, 104976);
}

TEST(malformed_vectors_have_no_score)
{
	static const char *const rows[] = {
		"",
		"CVSS:3.1/",
		"CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:C",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:X",
		"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H",
		"(AV:N/AC:L/Au:N/C:P/I:P/A:P",
		"N L",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int version = 7;

		if (cvss_score10(str_of(rows[i]), &version) != -1 || version != 7)
			test_fail(__FILE__, __LINE__, "'%s' has a score", rows[i]);
	}
	CHECK_INT(cvss_score10(STR_NULL, NULL), -1);
	CHECK_INT(cvss_score10(str_make("CVSS:3.1/AV\0:N", 14), NULL), -1);
}

TEST(bands_are_those_of_the_version)
{
	CHECK_INT(cvss_severity(-1, 31), SEVERITY_UNKNOWN);
	CHECK_INT(cvss_severity(0, 31), SEVERITY_NEGLIGIBLE);
	CHECK_INT(cvss_severity(1, 31), SEVERITY_LOW);
	CHECK_INT(cvss_severity(39, 40), SEVERITY_LOW);
	CHECK_INT(cvss_severity(40, 40), SEVERITY_MEDIUM);
	CHECK_INT(cvss_severity(69, 20), SEVERITY_MEDIUM);
	CHECK_INT(cvss_severity(70, 31), SEVERITY_HIGH);
	CHECK_INT(cvss_severity(89, 31), SEVERITY_HIGH);
	CHECK_INT(cvss_severity(90, 31), SEVERITY_CRITICAL);
	CHECK_INT(cvss_severity(100, 20), SEVERITY_HIGH);
}
