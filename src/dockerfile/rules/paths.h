/*
 * Words of COPY, ADD and WORKDIR.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_PATHS_H
#define PLIMSOLL_DOCKERFILE_RULES_PATHS_H

#include "dockerfile/rule.h"

/* The word without the quotes around it: Windows' "C:\dir" would lose more to the escapes. */
struct str bare_word(struct str word);
/* "/x", "c:\x", "c:/x", "c:", "\x" */
bool is_absolute_path(struct str path);
/* Where the file itself does not say which folder the target of a COPY is relative to. */
bool is_adrift(struct lint *l, const struct docker_word *target);
/* A target of several sources that is no folder by its name. What a variable gives may be one. */
bool lacks_slash(struct lint *l, const struct docker_word *target);
/* The repair of that. */
void edit_slash(struct lint *l, struct finding *f, const struct docker_word *target);
/* The last word of COPY and ADD, or NULL. */
const struct docker_word *destination(const struct instruction *i);
/* A word as COPY sees it; of JSON lists the variables are put in as well. */
struct value word_of(struct lint *l, const struct docker_word *w);

#endif
