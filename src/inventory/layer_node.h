/*
 * The words of layer_tree.node, for the two files that write and read them.
 */
#ifndef PLIMSOLL_INVENTORY_LAYER_NODE_H
#define PLIMSOLL_INVENTORY_LAYER_NODE_H

#define NODE_OPAQUE (UINT32_C(1) << 31) /* of folders: nothing of lower layers shows */
#define NODE_WORD   (~NODE_OPAQUE)
/* Below these an index of an entry. */
#define NODE_ABSENT  NODE_WORD
#define NODE_IMPLIED (NODE_WORD - 1) /* a folder that no entry names */
#define NODE_HIDES   (NODE_WORD - 2) /* a whiteout */

#endif
