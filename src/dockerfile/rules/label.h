/*
 * Rules about LABEL and the label schema of the configuration.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_LABEL_H
#define PLIMSOLL_DOCKERFILE_RULES_LABEL_H

#include "dockerfile/lint.h"

/* The key with variables put in. */
struct value label_name(struct lint *l, const struct docker_pair *pair);
/* What the configuration says of the label, or NULL. */
const struct label_requirement *label_required(const struct lint *l, struct str name);

/* A rule that judges the values of one kind of label. */
struct label_check {
	enum label_kind kind; /* LABEL_KINDS: all */
	bool (*is_valid)(struct str value);
	const char *message; /* behind "The label ... " */
};

/* The rule's data is a struct label_check. Values that are not known are not judged. */
void label_check(struct lint *l, const struct instruction *i);

bool is_url(struct str s);     /* an absolute URI, RFC 3986 */
bool is_rfc3339(struct str s); /* date and time with its zone */
bool is_spdx(struct str s);    /* an identifier of the SPDX list, or an expression of them */
bool is_git_hash(struct str s);
bool is_semver(struct str s); /* Semantic Versioning 2.0.0 */
bool is_email(struct str s);  /* addr-spec of RFC 5322 */

#endif
