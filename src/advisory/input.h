/*
 * The files of an input: a folder, an archive (zip, or tar behind any codec), or one file, packed
 * or plain; each file that the feed wants is handed to it.
 */
#ifndef PLIMSOLL_ADVISORY_INPUT_H
#define PLIMSOLL_ADVISORY_INPUT_H

#include "advisory/sink.h"
#include "io/ask.h"

/* Who opens files: the broker over the link, or build_files_answer in the same process. */
struct asker {
	int (*ask)(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		   struct err *e);
	void *context;
};

/*
 * Reads input `number` (its name in questions) of a feed. ERR_TRUNCATED, ERR_FORMAT and so on with
 * the file's name when a container cannot be read.
 */
int input_read(const struct asker *asker, size_t number, struct str path, const struct feed *feed,
	       struct feed_sink *sink, struct err *e);
/*
 * A single file or archive in a stream, which is consumed and closed; `size` is that of the stream
 * where it is random.
 */
int input_read_stream(struct stream *in, uint64_t size, struct str path, int64_t time,
		      const struct feed *feed, struct feed_sink *sink, struct err *e);

#endif
