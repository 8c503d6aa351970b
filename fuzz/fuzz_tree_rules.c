/*
 * The rule loader, the tree reader, matching and mining: the input is rules, a line "---", then
 * trees, one a line. What was written must read back.
 */
#include <stdint.h>
#include <stdlib.h>

#include "dockerfile/association.h"
#include "dockerfile/miner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see(void *context, const struct association *a, uint32_t node, bool holds)
{
	const struct forest *f = context;

	(void)holds;
	if (f->nodes.items[node].type != a->antecedent.nodes[0].type)
		abort();
}

static void check_written(const struct associations *list)
{
	struct associations again;
	struct symbols symbols;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	symbols_init(&symbols);
	associations_init(&again, &symbols);
	associations_write(list, &out);
	if (associations_read(&again, buf_str(&out), "again", &e) < 0 ||
	    again.rules.count != list->rules.count)
		abort();
	associations_done(&again);
	symbols_done(&symbols);
	buf_done(&out);
}

static void check_tree(struct forest *f)
{
	uint32_t root = f->trees.items[f->trees.count - 1].first;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	size_t nodes = f->trees.items[f->trees.count - 1].last - root, before = f->trees.count;

	forest_write_json(f, root, &out);
	if (forest_read_json(f, buf_str(&out), &e) < 0)
		abort();
	if (f->trees.count != before + 1 ||
	    f->trees.items[before].last - f->trees.items[before].first != nodes)
		abort();
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct miner_options options = {.support_min = 1, .confidence_min = 50};
	struct str text = str_make(data, size), rules = text, line;
	ptrdiff_t cut = str_find(text, STR("\n---\n"));
	struct association_scratch scratch = {0};
	struct associations list;
	struct symbols symbols;
	struct forest forest;
	struct err e = ERR_INIT;

	symbols_init(&symbols);
	forest_init(&forest, &symbols);
	associations_init(&list, &symbols);
	if (cut >= 0) {
		rules = str_to(text, (size_t)cut);
		text = str_from(text, (size_t)cut + 5);
	}
	if (associations_read(&list, rules, "rules", &e) == 0)
		check_written(&list);
	while (cut >= 0 && str_next_line(&text, &line)) {
		if (forest_read_json(&forest, line, &e) == 0)
			check_tree(&forest);
	}
	for (size_t i = 0; i < forest.trees.count; i++) {
		if (association_run((const struct association *const *)list.rules.items,
				    list.rules.count, &forest, &forest.trees.items[i], &scratch,
				    see, &forest, &e) < 0)
			abort();
	}
	list.rules.count = 0;
	if (miner_run(&forest, &options, &list, &e) < 0)
		abort();
	check_written(&list);
	association_scratch_done(&scratch);
	associations_done(&list);
	forest_done(&forest);
	symbols_done(&symbols);
	return 0;
}
