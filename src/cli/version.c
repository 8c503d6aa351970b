#include "cli/version.h"

#include "dockerfile/lint_format.h"
#include "dockerfile/rule.h"
#include "dockerfile/shell.h"
#include "image/source.h"
#include "inspect/inspector.h"
#include "inventory/resolver.h"
#include "io/stream.h"
#include "report/format.h"
#include "version/comparator.h"

/* "formats     cyclonedx json ...": every family is a NULL-ended list of members with a name. */
#define FAMILY(out, label, members) \
	do { \
		buf_printf((out), "%-12s", (label)); \
		for (size_t i_ = 0; (members)[i_]; i_++) \
			buf_printf((out), " %s", (members)[i_]->name); \
		buf_add_char((out), '\n'); \
	} while (0)

static void rule_sets(struct buf *out)
{
	size_t counts[RULE_SETS] = {0};

	for (size_t i = 0; i < rule_count(); i++)
		counts[rule_set_at(i)]++;
	buf_printf(out, "%-12s", "lint rules");
	for (int set = 0; set < RULE_SETS; set++)
		buf_printf(out, " %s:%zu", rule_set_name((enum rule_set)set), counts[set]);
	buf_add_char(out, '\n');
}

void version_text(bool features, struct buf *out)
{
	const char *missing = shell_parser_unavailable();

	buf_printf(out, "plimsoll %s\n", PLIMSOLL_VERSION);
	if (!features)
		return;
	FAMILY(out, "sources", sources);
	FAMILY(out, "codecs", codecs);
	FAMILY(out, "inspectors", inspectors);
	FAMILY(out, "resolvers", resolvers);
	FAMILY(out, "versions", comparators);
	FAMILY(out, "formats", formats);
	FAMILY(out, "lint formats", lint_formats);
	rule_sets(out);
	buf_printf(out, "%-12s %s\n", "shell rules", missing ? missing : "yes");
}
