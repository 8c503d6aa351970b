/*
 * The limits of a scan and their names on the command line.
 */
#include "scan/scan.h"

const struct scan_limits scan_limits_default = {
	.image =
		{
			.layers_max = 500,
			.entries_layer_max = 2000000,
			.path_max = 4096,
			.path_depth_max = 256,
			.ratio_max = 200,
			.ratio_grace = 1u << 30,
			.json_max = 4 << 20,
			.kept_bodies_max = 64 << 20,
		},
	.memory_max = 1u << 30,
	.entries_max = 5000000,
	.list_max = 192 << 20,
	.cpu_max = 600,
};

/* "64M" */
static bool parse_amount(struct str s, uint64_t *ret)
{
	unsigned shift = 0;

	if (str_ends(s, STR("k")) || str_ends(s, STR("K")))
		shift = 10;
	else if (str_ends(s, STR("M")))
		shift = 20;
	else if (str_ends(s, STR("G")))
		shift = 30;
	if (shift)
		s.len--;
	if (!str_parse_u64(s, ret) || *ret > UINT64_MAX >> shift)
		return false;
	*ret <<= shift;
	return true;
}

int scan_limits_set(struct scan_limits *l, struct str text, struct err *e)
{
	uint64_t path = l->image.path_max, depth = l->image.path_depth_max,
		 ratio = l->image.ratio_max;
	const struct {
		const char *name;
		uint64_t *value;
		uint64_t max;
	} rows[] = {
		{"layers", &l->image.layers_max, 100000},
		{"layer-entries", &l->image.entries_layer_max, UINT32_MAX - 1},
		{"entries", &l->entries_max, UINT64_MAX},
		{"list", &l->list_max, UINT64_MAX},
		{"path", &path, 1 << 20},
		{"depth", &depth, 1 << 16},
		{"ratio", &ratio, 1000000},
		{"memory", &l->memory_max, UINT64_MAX},
		{"cpu", &l->cpu_max, 1000000},
	};
	struct str value = text, name;
	uint64_t n;

	str_next(&value, '=', &name);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!str_is(name, rows[i].name))
			continue;
		if (!value.data || !parse_amount(value, &n) || n == 0 || n > rows[i].max)
			return err_set(e, ERR_USAGE, "option '--limit': '%.*s' is not %s=NUMBER",
				       STR_ARG(text), rows[i].name);
		*rows[i].value = n;
		l->image.path_max = (uint32_t)path;
		l->image.path_depth_max = (uint32_t)depth;
		l->image.ratio_max = (unsigned)ratio;
		return 0;
	}
	return err_set(e, ERR_USAGE,
		       "option '--limit': '%.*s' is not one of layers, layer-entries, entries, "
		       "list, path, depth, ratio, memory, cpu",
		       STR_ARG(name));
}
