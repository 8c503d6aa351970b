/*
 * The broker's side of a source: it opens what the worker then reads, and parses none of it.
 *
 *	struct image_broker b;
 *	if (image_broker_open(&b, "shop.tar#shop:1", limits, e) < 0)
 *		return -1;
 *	image_broker_handle(&b, options.handlers);	(worker_run's)
 *	image_broker_request(&b, &request);		(reference, select, kind, forced)
 */
#ifndef PLIMSOLL_IMAGE_BROKER_H
#define PLIMSOLL_IMAGE_BROKER_H

#include "image/reference.h"

struct image_broker {
	struct source_reference reference;
	enum image_kind kind; /* of folders; else where the worker begins to decide */
	int fd;		      /* file, folder, or a copy of standard input */
	bool folder;
	int listing; /* memory file, made when it is first asked for; -1 */
	uint64_t listing_size;
	const struct image_limits *limits;
	struct ask_handler handler;
};

/*
 * Opens the source: a file, "-", or a folder, which is an OCI layout when it has a file
 * "oci-layout". Borrows text and limits. ERR_USAGE for words that are off, ERR_NOT_FOUND, ERR_IO.
 */
int image_broker_open(struct image_broker *b, const char *text, const struct image_limits *limits,
		      struct err *e);
void image_broker_close(struct image_broker *b);

/* Answers ASK_SOURCE, and of folders ASK_LISTING and ASK_FILE. b must stay where it is. */
void image_broker_handle(struct image_broker *b, const struct ask_handler *handlers[ASK_KINDS]);
/* Fills in what the worker must know. */
void image_broker_request(const struct image_broker *b, struct image_request *request);

#endif
