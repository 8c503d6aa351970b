/*
 * What the join must not be silent about: versions that have no order or a doubtful one, and a
 * database that is old.
 */
#include "base/date.h"
#include "match/join.h"

enum { OLD_DAYS = 30 };

static void judge_version(struct join *j, const struct package *p, struct str version)
{
	struct diag_place place = {.layer = p->layer, .path = p->location.path, .offset = -1};
	struct err why = ERR_INIT;
	int order;

	if (j->comparator->compare(version, version, &order, &why) < 0)
		diag_add(&j->document->diagnostics, DIAG_version_unordered, place, "%.*s: %s",
			 STR_ARG(p->name), why.message);
	else if (!j->comparator->valid(version))
		diag_add(&j->document->diagnostics, DIAG_version_odd, place,
			 "%.*s: '%.*s' is no well-formed version; %s orders it all the same",
			 STR_ARG(p->name), STR_ARG(version), j->comparator->name);
}

bool join_judge_versions(struct join *j)
{
	struct document *d = j->document;
	size_t gaps = diags_count(&d->diagnostics, DIAG_GAP);

	for (size_t i = 0; i < d->packages.count; i++) {
		const struct package *p = &d->packages.items[i];
		struct str source = join_version(p, NAMES_SOURCE);

		judge_version(j, p, p->version);
		if (!str_eq(source, p->version))
			judge_version(j, p, source);
	}
	return diags_count(&d->diagnostics, DIAG_GAP) == gaps;
}

void match_judge_age(struct document *d, const struct document_partition *p)
{
	struct str newest = STR_NULL;
	int64_t then;

	for (size_t i = 0; i < p->feeds.count; i++) {
		if (str_cmp(p->feeds.items[i].date, newest) > 0)
			newest = p->feeds.items[i].date;
	}
	if (newest.len && date_parse(newest, &then) && d->now > then + (int64_t)OLD_DAYS * 86400)
		diag_add(&d->diagnostics, DIAG_database_old, DIAG_NOWHERE,
			 "the newest record of %.*s is %lld days old: run plimsoll db update",
			 STR_ARG(p->name), (long long)((d->now - then) / 86400));
}
