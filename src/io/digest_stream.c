/*
 * A stage that hashes what passes, in the reader or in a thread of its own.
 *
 * The thread may lag: a chunk of the stream below stays valid until `ring` further calls, so before
 * each call the reader waits until at most ring-1 chunks are unhashed. With ring 1 the hashing runs
 * beside what the reader does with the chunk, but never beside the making of the next.
 *
 * The thread ends by returning: pthread_exit wants to load a library, which the confined worker
 * cannot. It is joined at the end of the stream, on an error, or by close.
 */
#include "io/stream.h"

#include <pthread.h>

enum { LAG_MAX = 8 };

struct digest_stream {
	struct stream stream;
	struct stream *below;
	struct hasher *hasher;
	struct digest digest;
	uint64_t bytes;
	bool done;    /* digest is valid */
	bool dropped; /* nobody wants it */
	bool threaded;
	pthread_t thread;
	unsigned lag; /* chunks that may be unhashed while the next is made */

	pthread_mutex_t lock; /* for all that follows */
	pthread_cond_t put_one, hashed_one;
	struct str queue[LAG_MAX];
	uint64_t put, hashed; /* chunks so far */
	bool stop;	      /* no more will come: hash what is there, then return */
	bool drop;	      /* nobody wants the digest any more: return */
};

/* Waits for a chunk; false when there will be none. */
static bool take_chunk(struct digest_stream *d, struct str *ret)
{
	bool more;

	pthread_mutex_lock(&d->lock);
	while (d->put == d->hashed && !d->stop)
		pthread_cond_wait(&d->put_one, &d->lock);
	more = d->put > d->hashed && !d->drop;
	if (more)
		*ret = d->queue[d->hashed % LAG_MAX];
	pthread_mutex_unlock(&d->lock);
	return more;
}

static void *hash_chunks(void *argument)
{
	struct digest_stream *d = argument;
	struct str chunk;

	while (take_chunk(d, &chunk)) {
		hasher_add(d->hasher, chunk);
		pthread_mutex_lock(&d->lock);
		d->hashed++;
		pthread_cond_signal(&d->hashed_one);
		pthread_mutex_unlock(&d->lock);
	}
	return NULL;
}

static void put_chunk(struct digest_stream *d, struct str chunk)
{
	pthread_mutex_lock(&d->lock);
	d->queue[d->put++ % LAG_MAX] = chunk;
	pthread_cond_signal(&d->put_one);
	pthread_mutex_unlock(&d->lock);
}

static void wait_until_behind_by(struct digest_stream *d, unsigned lag)
{
	pthread_mutex_lock(&d->lock);
	while (d->put - d->hashed > lag)
		pthread_cond_wait(&d->hashed_one, &d->lock);
	pthread_mutex_unlock(&d->lock);
}

static void end_thread(struct digest_stream *d, bool drop)
{
	if (!d->threaded)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	d->drop = drop;
	pthread_cond_signal(&d->put_one);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	pthread_cond_destroy(&d->put_one);
	pthread_cond_destroy(&d->hashed_one);
	pthread_mutex_destroy(&d->lock);
	d->threaded = false;
}

static int digest_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	struct digest_stream *d = (struct digest_stream *)s;
	int r;

	if (d->threaded)
		wait_until_behind_by(d, d->lag);
	r = stream_next(d->below, ret_chunk, e);
	if (r <= 0)
		end_thread(d, r < 0);
	if (r < 0)
		return -1;
	if (r == 0 && d->dropped)
		return 0;
	if (r == 0) {
		if (hasher_end(d->hasher, &d->digest, e) < 0)
			return -1;
		d->done = true;
		return 0;
	}
	d->bytes += ret_chunk->len;
	if (d->dropped)
		return 1;
	if (d->threaded)
		put_chunk(d, *ret_chunk);
	else
		hasher_add(d->hasher, *ret_chunk);
	return 1;
}

static void digest_close(struct stream *s)
{
	struct digest_stream *d = (struct digest_stream *)s;

	end_thread(d, true);
	hasher_free(d->hasher);
	stream_close(d->below);
	mem_free(d);
}

static const struct stream_ops digest_ops = {
	.name = "digest",
	.next = digest_next,
	.close = digest_close,
};

static void start_thread(struct digest_stream *d)
{
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->put_one, NULL);
	pthread_cond_init(&d->hashed_one, NULL);
	d->threaded = pthread_create(&d->thread, NULL, hash_chunks, d) == 0;
}

struct stream *stream_open_digest(struct stream *below, enum digest_algorithm algorithm,
				  bool thread, struct err *e)
{
	struct digest_stream *d = mem_zero(1, sizeof(*d));
	struct hasher *hasher = d ? hasher_new(algorithm, e) : NULL;

	if (!hasher) {
		if (!d)
			ERR_NOMEM(e);
		mem_free(d);
		stream_close(below);
		return NULL;
	}
	d->below = below;
	d->hasher = hasher;
	d->lag = below->ring < LAG_MAX ? below->ring - 1 : LAG_MAX - 1;
	stream_init(&d->stream, &digest_ops, below->ring);
	if (thread)
		start_thread(d);
	return &d->stream;
}

void digest_stream_drop(struct stream *s)
{
	struct digest_stream *d = (struct digest_stream *)s;

	if (s->ops != &digest_ops)
		return;
	end_thread(d, true);
	d->dropped = true;
}

int digest_stream_get(struct stream *s, struct digest *ret_digest, uint64_t *ret_bytes,
		      struct err *e)
{
	const struct digest_stream *d = (const struct digest_stream *)s;

	if (s->ops != &digest_ops || !d->done)
		return err_set(e, ERR_INTERNAL, "no digest: the stream was not read to its end");
	*ret_digest = d->digest;
	if (ret_bytes)
		*ret_bytes = d->bytes;
	return 0;
}
