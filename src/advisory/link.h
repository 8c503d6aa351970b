/*
 * The database over the link between broker and worker: the broker opens files, the worker reads
 * them (ASK_PARTITION). The worker reads the index once and binds each partition to it.
 */
#ifndef PLIMSOLL_ADVISORY_LINK_H
#define PLIMSOLL_ADVISORY_LINK_H

#include "advisory/database.h"
#include "io/ask.h"

/* --- worker's side --- */
struct database_link {
	struct ask_link *link;
	struct budget *budget;
	struct database_index index;
	bool has_index;
};
/* As match_source.open, with a database_link as the context: ERR_NOT_FOUND without such a
 * partition. */
int database_link_partition(void *database_link, struct str name, struct partition **ret,
			    struct err *e);
/* Call it when the partitions are closed. */
void database_link_done(struct database_link *l);

/* --- broker's side: an ask_handler.answer with a database_folder as the context --- */
int database_folder_answer(void *folder, enum ask_kind kind, struct str name, struct ask_reply *ret,
			   struct err *e);

#endif
