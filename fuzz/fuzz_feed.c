/*
 * Feeds: the first line names the feed, the second the file; the rest is its content. The whole way
 * runs: read, sort (in small runs), merge, write; what was written must be whole.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "advisory/core.h"
#include "advisory/writer.h"
#include "base/map.h"
#include "crypto/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOBS = 4096 };

struct memory_host {
	struct str content;
	int blobs[BLOBS], index;
	size_t blob_count;
};

static int new_fd(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

static int answer(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		  struct err *e)
{
	struct memory_host *h = context;
	int fd = -1;

	*ret = (struct ask_reply){.fd = -1, .seekable = true};
	if (kind == ASK_LISTING)
		return 0;
	fd = new_fd();
	if (kind == ASK_SOURCE) {
		if (file_write_all(fd, h->content, e) < 0)
			abort();
		ret->size = h->content.len;
	}
	if (str_is(name, "blob")) {
		if (h->blob_count == BLOBS) {
			close(fd);
			return err_set(e, ERR_LIMIT, "enough");
		}
		h->blobs[h->blob_count++] = dup(fd);
	}
	if (str_is(name, "index"))
		h->index = dup(fd);
	ret->fd = fd;
	return 0;
}

static void check_index(struct memory_host *h)
{
	off_t size = lseek(h->index, 0, SEEK_END);
	char *text = malloc((size_t)size + 1);
	struct database_index index;
	struct err e = ERR_INIT;

	if (!text || file_read_at(h->index, text, (size_t)size, 0, &e) < 0 ||
	    database_index_parse(str_make(text, (size_t)size), NULL, &index, &e) < 0 ||
	    index.partition_count != h->blob_count)
		abort();
	for (size_t i = 0; i < h->blob_count; i++) {
		struct partition *p;
		struct digest digest;
		char room[DIGEST_TEXT];

		if (partition_open(dup(h->blobs[i]), NULL, &p, &e) < 0 ||
		    partition_bind(p, &index, &e) < 0 || partition_verify(p, &digest, &e) < 0 ||
		    !str_is(index.partitions[i].digest, digest_format(&digest, room)))
			abort();
		partition_close(p);
	}
	database_index_done(&index);
	free(text);
}

static struct str line(struct str *text)
{
	struct str l = STR("");

	str_next(text, '\n', &l);
	return l;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make(data, size), name = line(&text), path = line(&text);
	struct memory_host h = {.content = text, .index = -1};
	struct asker asker = {.ask = answer, .context = &h};
	struct build_input input = {.feed = feed_find(name)};
	struct build_request request = {
		.inputs = &input, .input_count = 1, .memory = 4096, .in_process = true};
	struct err e = ERR_INIT;
	char file[256];

	if (!input.feed || crypto_init(&e) < 0)
		return 0;
	snprintf(file, sizeof(file), "%.*s", STR_ARG(str_to(path, 200)));
	input.path = file;
	if (build_core(&asker, &request, &e) == 0)
		check_index(&h);
	for (size_t i = 0; i < h.blob_count; i++)
		close(h.blobs[i]);
	if (h.index >= 0)
		close(h.index);
	return 0;
}
