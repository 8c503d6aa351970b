/*
 * CVSS base scores: v2 (A Complete Guide to CVSS 2.0, 3.2.1), v3.0 and v3.1 (specification 7.1 and
 * appendix A); v4.0 is in cvss4.c.
 *
 * Traps: scores are decimal fractions, and with binary ones some come out a tenth too high. v2 and
 * the sums of v3 with unchanged scope are therefore computed in whole numbers; v3 with changed
 * scope has a 15th power and is rounded as v3.1 appendix A says. v3.0 rounds up the exact value:
 * over all 2,592 vectors that differs from v3.1's rule for none (tests/unit/model compares them).
 */
#include "model/severity.h"

#include "model/cvss_metrics.h"

enum { V2_AV, V2_AC, V2_AU, V2_C, V2_I, V2_A };

static const struct cvss_metric v2_metrics[] = {
	[V2_AV] = {"AV", "L A N", true},
	[V2_AC] = {"AC", "H M L", true},
	[V2_AU] = {"Au", "M S N", true},
	[V2_C] = {"C", "N P C", true},
	[V2_I] = {"I", "N P C", true},
	[V2_A] = {"A", "N P C", true},
	/* temporal and environmental: known, not used */
	{"E", "U POC F H ND", false},
	{"RL", "OF TF W U ND", false},
	{"RC", "UC UR C ND", false},
	{"CDP", "N L LM MH H ND", false},
	{"TD", "N L M H ND", false},
	{"CR", "L M H ND", false},
	{"IR", "L M H ND", false},
	{"AR", "L M H ND", false},
};

enum { V3_AV, V3_AC, V3_PR, V3_UI, V3_S, V3_C, V3_I, V3_A };
enum { SCOPE_UNCHANGED, SCOPE_CHANGED };

static const struct cvss_metric v3_metrics[] = {
	[V3_AV] = {"AV", "N A L P", true},
	[V3_AC] = {"AC", "L H", true},
	[V3_PR] = {"PR", "N L H", true},
	[V3_UI] = {"UI", "N R", true},
	[V3_S] = {"S", "U C", true},
	[V3_C] = {"C", "H L N", true},
	[V3_I] = {"I", "H L N", true},
	[V3_A] = {"A", "H L N", true},
	/* temporal and environmental: known, not used */
	{"E", "X H F P U", false},
	{"RL", "X U W T O", false},
	{"RC", "X C R U", false},
	{"CR", "X H M L", false},
	{"IR", "X H M L", false},
	{"AR", "X H M L", false},
	{"MAV", "X N A L P", false},
	{"MAC", "X L H", false},
	{"MPR", "X N L H", false},
	{"MUI", "X N R", false},
	{"MS", "X U C", false},
	{"MC", "X H L N", false},
	{"MI", "X H L N", false},
	{"MA", "X H L N", false},
};

static int value_index(const char *values, struct str value)
{
	struct str rest = str_of(values), word;

	for (int i = 0; str_next(&rest, ' ', &word); i++) {
		if (str_eq(word, value))
			return i;
	}
	return -1;
}

static int metric_index(const struct cvss_metric *rules, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(name, rules[i].name))
			return (int)i;
	}
	return -1;
}

bool cvss_read_metrics(struct str body, const struct cvss_metric *rules, size_t count,
		       int8_t values[CVSS_METRICS_MAX])
{
	struct str part;

	memset(values, -1, CVSS_METRICS_MAX);
	while (str_next(&body, '/', &part)) {
		ptrdiff_t colon = str_find_char(part, ':');
		int metric, value;

		if (colon < 0)
			return false;
		metric = metric_index(rules, count, str_to(part, (size_t)colon));
		if (metric < 0 || values[metric] >= 0)
			return false;
		value = value_index(rules[metric].values, str_from(part, (size_t)colon + 1));
		if (value < 0)
			return false;
		values[metric] = (int8_t)value;
	}
	for (size_t i = 0; i < count; i++) {
		if (rules[i].mandatory && values[i] < 0)
			return false;
	}
	return true;
}

/* Weights in thousandths. */
static int v2_score10(const int8_t *v)
{
	static const int64_t av[] = {395, 646, 1000}, ac[] = {350, 610, 710},
			     au[] = {450, 560, 704};
	static const int64_t kept[] = {1000, 725, 340}; /* 1 - weight of the impact */
	int64_t impact, exploitability, score;

	/* in 1e-9, times 10.41 in 1e-11, times 0.6 in 1e-12 */
	impact = (1000000000 - kept[v[V2_C]] * kept[v[V2_I]] * kept[v[V2_A]]) * 1041 * 6;
	if (!impact)
		return 0;
	/* 20 * 0.4 = 8, in 1e-9 */
	exploitability = 8 * av[v[V2_AV]] * ac[v[V2_AC]] * au[v[V2_AU]];
	/* in 1e-15 */
	score = (impact + exploitability * 1000 - 1500000000000) * 1176;
	if (score < 0)
		return 0;
	return (int)((score + 50000000000000) / 100000000000000);
}

/* v3.1 appendix A, Roundup: the smallest tenth not below x, with errors under 0.000005 forgiven. */
static int roundup10(double x)
{
	int64_t scaled = (int64_t)(x * 100000 + 0.5);

	return (int)(scaled % 10000 ? scaled / 10000 + 1 : scaled / 10000);
}

/* Weights in hundredths: 8.22 * AV * AC * PR * UI in 1e-10. */
static int64_t v3_exploitability(const int8_t *v)
{
	static const int64_t av[] = {85, 62, 55, 20}, ac[] = {77, 44}, ui[] = {85, 62};
	static const int64_t pr[2][3] = {{85, 62, 27}, {85, 68, 50}};

	return 822 * av[v[V3_AV]] * ac[v[V3_AC]] * pr[v[V3_S]][v[V3_PR]] * ui[v[V3_UI]];
}

static double power15(double x)
{
	double x3 = x * x * x, x5 = x3 * x * x;

	return x5 * x5 * x5;
}

static int v3_score10(const int8_t *v)
{
	static const int64_t kept[] = {44, 78, 100}; /* 1 - weight of the impact */
	/* impact sub-score, in 1e-6 */
	int64_t isc = 1000000 - kept[v[V3_C]] * kept[v[V3_I]] * kept[v[V3_A]];
	int64_t sum;
	double base = (double)isc / 1e6, impact, score;

	if (v[V3_S] == SCOPE_UNCHANGED) {
		if (!isc)
			return 0;
		sum = isc * 642 * 100 + v3_exploitability(v); /* in 1e-10 */
		sum = (sum + 999999999) / 1000000000;	      /* up to tenths */
		return (int)(sum > 100 ? 100 : sum);
	}
	impact = 7.52 * (base - 0.029) - 3.25 * power15(base - 0.02);
	if (impact <= 0)
		return 0;
	score = 1.08 * (impact + (double)v3_exploitability(v) / 1e10);
	return roundup10(score > 10 ? 10 : score);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int score_v2(struct str body)
{
	int8_t values[CVSS_METRICS_MAX];

	/* NVD's old files put the vector in parentheses */
	if (str_starts(body, STR("(")) && str_ends(body, STR(")")))
		body = str_sub(body, 1, body.len - 1);
	if (!cvss_read_metrics(body, v2_metrics, COUNT(v2_metrics), values))
		return -1;
	return v2_score10(values);
}

static int score_v3(struct str body)
{
	int8_t values[CVSS_METRICS_MAX];

	if (!cvss_read_metrics(body, v3_metrics, COUNT(v3_metrics), values))
		return -1;
	return v3_score10(values);
}

int cvss_score10(struct str vector, int *ret_version)
{
	int version = 20, score;

	vector = str_trim(vector);
	if (str_skip(&vector, STR("CVSS:4.0/")))
		version = 40, score = cvss4_score10(vector);
	else if (str_skip(&vector, STR("CVSS:3.1/")))
		version = 31, score = score_v3(vector);
	else if (str_skip(&vector, STR("CVSS:3.0/")))
		version = 30, score = score_v3(vector);
	else
		score = score_v2(vector);
	if (score >= 0 && ret_version)
		*ret_version = version;
	return score;
}
