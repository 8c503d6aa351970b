/*
 * The running join, shared by match and explain.
 */
#ifndef PLIMSOLL_MATCH_JOIN_H
#define PLIMSOLL_MATCH_JOIN_H

#include "base/map.h"
#include "match/match.h"
#include "version/comparator.h"

struct join_user {
	uint32_t package; /* index into the document */
	enum advisory_names kind;
};

/* A name that records may use, and the packages that go by it. */
struct join_name {
	struct str name;
	VEC(struct join_user) users;
};

struct join {
	struct document *document;
	struct budget *budget;
	struct arena arena;
	VEC(struct join_name) names;
	struct map seen; /* "package id" to index + 1 into findings */
	const struct comparator *comparator;
	struct partition *partition;
	struct document_scanner *scanner;
	bool versions_judged;
	bool lost; /* a text of a finding found no memory */
	struct err *e;
};

/* Why a record is, or is not, a finding for a package. */
enum join_answer {
	JOIN_AFFECTED,
	JOIN_OUTSIDE,
	JOIN_NOT_AFFECTED,
	JOIN_OTHER_ARCH,
	JOIN_OTHER_MODULE,
	JOIN_NOT_COMPARABLE,
};

int join_names(struct join *j, struct err *e);
void join_done(struct join *j);
enum join_answer join_compare(const struct comparator *c, const struct advisory *a,
			      const struct package *p, struct str version, struct err *e);
/* The version that records of that kind speak of. */
struct str join_version(const struct package *p, enum advisory_names kind);
/* The lowest fixed version above the installed one, or empty. */
struct str join_fixed(const struct comparator *c, const struct advisory *a, struct str version);

/*
 * oddities.c. Says which versions of packages have no order (a gap: records of these packages
 * cannot be judged) or a doubtful one; true when there is none of the first.
 */
bool join_judge_versions(struct join *j);
/* Says when the newest record of a partition is older than a month. */
void match_judge_age(struct document *d, const struct document_partition *p);

#endif
