/*
 * A Dockerfile as a tree for tree-association rules and for mining: instructions (DOCKER-*), shell
 * (BASH-*), commands by their schemas (SC-*) with literals by what they tell (ABS-*). The types are
 * those of the published trees of the binnacle study, so that rules for these work here;
 * docs/formats/tree-rules.md lists them and says where ours differ.
 *
 *	DOCKER-RUN(BASH-SCRIPT(SC-APT-GET-INSTALL(SC-APT-GET-F-YES SC-APT-GET-PACKAGES(
 *		SC-APT-GET-PACKAGE:CURL))))
 *
 * SC-<command>[-<sub-command>] has a child for each option, in the order of their first use, then
 * the positions: SC-<command>-F-<switch>, SC-<command>-<option> with its value, lists as plural and
 * singular. What no schema knows is UNKNOWN, as is shell text that was not parsed.
 */
#ifndef PLIMSOLL_DOCKERFILE_DOCKER_TREE_H
#define PLIMSOLL_DOCKERFILE_DOCKER_TREE_H

#include "dockerfile/forest.h"
#include "dockerfile/rule.h"

/*
 * Adds the tree of the file that is being linted; spans are those of the file. Linear, without
 * recursion. Only memory (or FOREST_NODES_MAX) can fail.
 *
 * deep: what functions, while loops and commands that run others ("sudo", "xargs") hold is there,
 * too, and "configure" from any folder. The study did not look there, so figures that shall be
 * compared with its own need a tree that is not deep.
 */
int docker_tree_add(struct lint *l, struct forest *f, bool deep, struct str name, struct err *e);

#endif
