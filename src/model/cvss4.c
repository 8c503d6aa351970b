/*
 * CVSS 4.0 (specification document 8.2: equivalence classes, MacroVectors, interpolation).
 *
 * Version 4.0 has one score per vector, over all the groups of metrics that it gives; what is not
 * given counts as the worst case (E:A, CR:H ...) and so a vector of base metrics alone gives
 * CVSS-B. Metrics are held as levels of severity: 0 is the worst value, each step is one tenth of
 * the specification's severity distance. All arithmetic is in whole numbers.
 */
#include "model/cvss_metrics.h"

enum {
	AV,
	AC,
	AT,
	PR,
	UI,
	VC,
	VI,
	VA,
	SC,
	SI,
	SA, /* base */
	E,
	CR,
	IR,
	AR,
	MODIFIED, /* the eleven base metrics again */
	LEVELS = MODIFIED
};

static const struct cvss_metric metrics[] = {
	[AV] = {"AV", "N A L P", true},
	[AC] = {"AC", "L H", true},
	[AT] = {"AT", "N P", true},
	[PR] = {"PR", "N L H", true},
	[UI] = {"UI", "N P A", true},
	[VC] = {"VC", "H L N", true},
	[VI] = {"VI", "H L N", true},
	[VA] = {"VA", "H L N", true},
	[SC] = {"SC", "H L N", true},
	[SI] = {"SI", "H L N", true},
	[SA] = {"SA", "H L N", true},
	[E] = {"E", "X A P U", false},
	[CR] = {"CR", "X H M L", false},
	[IR] = {"IR", "X H M L", false},
	[AR] = {"AR", "X H M L", false},
	[MODIFIED + AV] = {"MAV", "X N A L P", false},
	[MODIFIED + AC] = {"MAC", "X L H", false},
	[MODIFIED + AT] = {"MAT", "X N P", false},
	[MODIFIED + PR] = {"MPR", "X N L H", false},
	[MODIFIED + UI] = {"MUI", "X N P A", false},
	[MODIFIED + VC] = {"MVC", "X H L N", false},
	[MODIFIED + VI] = {"MVI", "X H L N", false},
	[MODIFIED + VA] = {"MVA", "X H L N", false},
	[MODIFIED + SC] = {"MSC", "X H L N", false},
	[MODIFIED + SI] = {"MSI", "X S H L N", false},
	[MODIFIED + SA] = {"MSA", "X S H L N", false},
	/* supplemental: known, without influence */
	{"S", "X N P", false},
	{"AU", "X N Y", false},
	{"R", "X A U I", false},
	{"V", "X D C", false},
	{"RE", "X L M H", false},
	{"U", "X Clear Green Amber Red", false},
};

/*
 * Scores of the MacroVectors times 10, published by FIRST: a row for each EQ1 EQ2 EQ3, in it groups
 * for EQ4 = 0, 1, 2, in those EQ5 EQ6 = 00 01 10 11 20 21. -1: EQ3 = 2 with EQ6 = 0 cannot be.
 */
static const int8_t macro_vectors[3][2][3][3][3][2] = {
	{
		{
			/* 00 */
			{{{100, 99}, {98, 95}, {95, 92}},
			 {{100, 96}, {93, 87}, {91, 81}},
			 {{93, 90}, {89, 80}, {81, 68}}},
			{{{98, 95}, {95, 92}, {90, 84}},
			 {{93, 92}, {89, 81}, {81, 65}},
			 {{88, 80}, {78, 70}, {69, 48}}},
			{{{-1, 92}, {-1, 82}, {-1, 72}},
			 {{-1, 79}, {-1, 69}, {-1, 50}},
			 {{-1, 69}, {-1, 55}, {-1, 27}}},
		},
		{
			/* 01 */
			{{{99, 97}, {95, 92}, {92, 85}},
			 {{95, 91}, {90, 83}, {84, 71}},
			 {{92, 81}, {82, 71}, {72, 53}}},
			{{{95, 93}, {92, 85}, {85, 73}},
			 {{92, 82}, {80, 72}, {70, 59}},
			 {{84, 70}, {71, 52}, {50, 30}}},
			{{{-1, 86}, {-1, 75}, {-1, 52}},
			 {{-1, 71}, {-1, 52}, {-1, 29}},
			 {{-1, 63}, {-1, 29}, {-1, 17}}},
		},
	},
	{
		{
			/* 10 */
			{{{98, 95}, {94, 87}, {91, 81}},
			 {{94, 89}, {86, 74}, {77, 64}},
			 {{87, 75}, {74, 63}, {63, 49}}},
			{{{94, 89}, {88, 77}, {76, 67}},
			 {{86, 76}, {74, 58}, {59, 50}},
			 {{72, 57}, {57, 52}, {52, 25}}},
			{{{-1, 83}, {-1, 70}, {-1, 54}},
			 {{-1, 65}, {-1, 58}, {-1, 26}},
			 {{-1, 53}, {-1, 21}, {-1, 13}}},
		},
		{
			/* 11 */
			{{{95, 90}, {88, 76}, {76, 70}},
			 {{90, 77}, {75, 62}, {61, 53}},
			 {{77, 66}, {68, 59}, {52, 30}}},
			{{{89, 78}, {76, 67}, {62, 58}},
			 {{74, 59}, {57, 57}, {47, 23}},
			 {{61, 52}, {57, 29}, {24, 16}}},
			{{{-1, 71}, {-1, 59}, {-1, 30}},
			 {{-1, 58}, {-1, 26}, {-1, 15}},
			 {{-1, 23}, {-1, 13}, {-1, 6}}},
		},
	},
	{
		{
			/* 20 */
			{{{93, 87}, {86, 72}, {75, 58}},
			 {{86, 74}, {74, 61}, {56, 34}},
			 {{70, 54}, {52, 40}, {40, 22}}},
			{{{85, 75}, {74, 55}, {62, 51}},
			 {{72, 57}, {55, 41}, {46, 19}},
			 {{53, 36}, {34, 19}, {19, 8}}},
			{{{-1, 64}, {-1, 51}, {-1, 20}},
			 {{-1, 47}, {-1, 21}, {-1, 11}},
			 {{-1, 24}, {-1, 9}, {-1, 4}}},
		},
		{
			/* 21 */
			{{{88, 75}, {73, 53}, {60, 50}},
			 {{73, 55}, {59, 40}, {41, 20}},
			 {{54, 43}, {45, 22}, {20, 11}}},
			{{{75, 55}, {58, 45}, {40, 21}},
			 {{61, 51}, {48, 18}, {20, 9}},
			 {{46, 18}, {17, 7}, {8, 2}}},
			{{{-1, 53}, {-1, 24}, {-1, 14}},
			 {{-1, 24}, {-1, 12}, {-1, 5}},
			 {{-1, 10}, {-1, 3}, {-1, 1}}},
		},
	},
};

/* Levels of the worst vectors of each class (specification table 24 to 29); the first that is not
 * better anywhere than the vector is the one to measure from. */
struct worst {
	int8_t count;
	int8_t levels[5][6];
};

/* AV PR UI */
static const struct worst eq1_worst[] = {
	{1, {{0, 0, 0}}},
	{3, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
	{2, {{3, 0, 0}, {1, 1, 1}}},
};

/* AC AT */
static const struct worst eq2_worst[] = {
	{1, {{0, 0}}},
	{2, {{1, 0}, {0, 1}}},
};

/* VC VI VA CR IR AR, by EQ3 and EQ6 */
static const struct worst eq36_worst[3][2] = {
	{
		{1, {{0, 0, 0, 0, 0, 0}}},
		{2, {{0, 0, 1, 1, 1, 0}, {0, 0, 0, 1, 1, 1}}},
	},
	{
		{2, {{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}}},
		{5,
		 {{1, 0, 1, 0, 1, 0},
		  {1, 0, 0, 0, 1, 1},
		  {0, 1, 0, 1, 0, 1},
		  {0, 1, 1, 1, 0, 0},
		  {1, 1, 0, 0, 0, 1}}},
	},
	{
		{0},
		{1, {{1, 1, 1, 0, 0, 0}}},
	},
};

/* SC SI SA; S is level 0 and exists for SI and SA only */
static const struct worst eq4_worst[] = {
	{1, {{1, 0, 0}}},
	{1, {{1, 1, 1}}},
	{1, {{2, 2, 2}}},
};

/* Steps from the worst to the best vector of a class, plus one. */
static const int8_t eq1_depth[] = {1, 4, 5}, eq2_depth[] = {1, 2}, eq4_depth[] = {6, 5, 4};
static const int8_t eq36_depth[3][2] = {{7, 6}, {8, 8}, {0, 10}};

struct macro {
	int eq1, eq2, eq3, eq4, eq5, eq6;
};

/* The score of a MacroVector, -1 when there is none. */
static int macro_score(struct macro m)
{
	if (m.eq1 > 2 || m.eq2 > 1 || m.eq3 > 2 || m.eq4 > 2 || m.eq5 > 2 || m.eq6 > 1)
		return -1;
	return macro_vectors[m.eq1][m.eq2][m.eq3][m.eq4][m.eq5][m.eq6];
}

static void read_levels(const int8_t *values, int8_t levels[LEVELS])
{
	for (int i = AV; i <= SA; i++) {
		int8_t modified = values[MODIFIED + i];

		/* SC, SI and SA begin at H, which is level 1 beside "safety" */
		levels[i] = (int8_t)(values[i] + (i >= SC));
		if (modified > 0)
			levels[i] = (int8_t)(modified - 1 + (i == SC));
	}
	for (int i = E; i <= AR; i++)
		levels[i] = values[i] > 0 ? (int8_t)(values[i] - 1) : 0;
}

static struct macro macro_of(const int8_t *l)
{
	int worst = (l[AV] == 0) + (l[PR] == 0) + (l[UI] == 0);
	bool high = !l[VC] || !l[VI] || !l[VA];
	struct macro m = {.eq5 = l[E]};

	m.eq1 = worst == 3 ? 0 : worst > 0 && l[AV] < 3 ? 1 : 2;
	m.eq2 = l[AC] || l[AT];
	m.eq3 = !l[VC] && !l[VI] ? 0 : high ? 1 : 2;
	m.eq4 = !l[SI] || !l[SA] ? 0 : l[SC] == 1 || l[SI] == 1 || l[SA] == 1 ? 1 : 2;
	m.eq6 = !((!l[CR] && !l[VC]) || (!l[IR] && !l[VI]) || (!l[AR] && !l[VA]));
	return m;
}

/* Steps between the vector and the worst one of its class. */
static int distance(const int8_t *levels, const struct worst *worst, const int8_t *which, int count)
{
	for (int i = 0; i < worst->count; i++) {
		int sum = 0, k;

		for (k = 0; k < count; k++) {
			int step = levels[which[k]] - worst->levels[i][k];

			if (step < 0)
				break;
			sum += step;
		}
		if (k == count)
			return sum;
	}
	return 0;
}

static int next_lower_eq36(struct macro m)
{
	struct macro by3 = m, by6 = m;
	int left, right;

	by3.eq3++;
	by6.eq6++;
	if (m.eq6 == 1)
		return macro_score(by3);
	if (m.eq3 == 1)
		return macro_score(by6);
	left = macro_score(by6);
	right = macro_score(by3);
	return left > right ? left : right;
}

/* One class: its share of the way to the next lower MacroVector, in 1/840 of a tenth of a score. */
static void add_share(int value, int lower, int steps, int depth, int *sum, int *count)
{
	if (lower < 0 || lower > value)
		return;
	*sum += (value - lower) * steps * (840 / depth);
	(*count)++;
}

static int interpolate(const int8_t *l, struct macro m)
{
	static const int8_t eq1[] = {AV, PR, UI}, eq2[] = {AC, AT}, eq4[] = {SC, SI, SA};
	static const int8_t eq36[] = {VC, VI, VA, CR, IR, AR};
	int value = macro_score(m), sum = 0, count = 0;
	struct macro lower1 = m, lower2 = m, lower4 = m, lower5 = m;

	lower1.eq1++;
	lower2.eq2++;
	lower4.eq4++;
	lower5.eq5++;
	add_share(value, macro_score(lower1), distance(l, &eq1_worst[m.eq1], eq1, 3),
		  eq1_depth[m.eq1], &sum, &count);
	add_share(value, macro_score(lower2), distance(l, &eq2_worst[m.eq2], eq2, 2),
		  eq2_depth[m.eq2], &sum, &count);
	add_share(value, next_lower_eq36(m), distance(l, &eq36_worst[m.eq3][m.eq6], eq36, 6),
		  eq36_depth[m.eq3][m.eq6], &sum, &count);
	add_share(value, macro_score(lower4), distance(l, &eq4_worst[m.eq4], eq4, 3),
		  eq4_depth[m.eq4], &sum, &count);
	add_share(value, macro_score(lower5), 0, 1, &sum, &count);
	if (!count)
		return value;
	/* value - sum / 840 / count, half up */
	count *= 840;
	sum = (2 * (value * count - sum) + count) / (2 * count);
	return sum < 0 ? 0 : sum > 100 ? 100 : sum;
}

int cvss4_score10(struct str body)
{
	int8_t values[CVSS_METRICS_MAX], l[LEVELS];

	if (!cvss_read_metrics(body, metrics, sizeof(metrics) / sizeof(metrics[0]), values))
		return -1;
	read_levels(values, l);
	if (l[VC] == 2 && l[VI] == 2 && l[VA] == 2 && l[SC] == 3 && l[SI] == 3 && l[SA] == 3)
		return 0;
	return interpolate(l, macro_of(l));
}
