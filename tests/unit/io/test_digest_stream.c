#include "test.h"
#include "tiny.h"

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "io/stream.h"

static struct str pattern(size_t len)
{
	char *p = malloc(len);
	uint32_t x = 7;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (char)(x >> 24);
	}
	return str_make(p, len);
}

static int threads_now(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void *nothing(void *argument)
{
	return argument;
}

/* A sanitizer starts a thread of its own beside the first of ours. */
static int threads_before(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) == 0)
		pthread_join(thread, NULL);
	usleep(10000);
	return threads_now();
}

/* A joined thread may be listed for a moment still. */
static bool threads_become(int expected)
{
	for (int i = 0; i < 2000; i++) {
		if (threads_now() == expected)
			return true;
		usleep(1000);
	}
	return false;
}

TEST(thread_and_reader_give_the_same_digest)
{
	struct err e = ERR_INIT;
	struct str data = pattern(300001), chunk;
	struct digest expected, got;
	int before = threads_before();
	uint64_t bytes;

	CHECK_OK(crypto_init(&e));
	CHECK_OK(digest_of(DIGEST_SHA256, data, &expected, &e));
	for (unsigned ring = 1; ring <= 8; ring++) {
		for (int thread = 0; thread < 2; thread++) {
			struct tiny *t = tiny_new(data, 1000 + ring, ring);
			struct stream *s =
				stream_open_digest(&t->stream, DIGEST_SHA256, thread, &e);

			CHECK(threads_become(before + thread));
			CHECK_ERR(digest_stream_get(s, &got, &bytes, &e), ERR_INTERNAL);
			while (stream_next(s, &chunk, &e) > 0)
				;
			CHECK_OK(digest_stream_get(s, &got, &bytes, &e));
			CHECK(digest_eq(&got, &expected));
			CHECK_INT(bytes, data.len);
			stream_close(s);
			CHECK(threads_become(before));
		}
	}
	free((char *)(uintptr_t)data.data);
}

TEST(skipped_bytes_are_hashed_too)
{
	struct err e = ERR_INIT;
	struct str data = pattern(100000), chunk;
	struct digest expected, got;
	struct stream *s =
		stream_open_digest(stream_open_memory(data, &e), DIGEST_SHA512, true, &e);

	CHECK_OK(digest_of(DIGEST_SHA512, data, &expected, &e));
	CHECK_OK(stream_skip(s, 99999, &e));
	CHECK_INT(stream_next(s, &chunk, &e), 1);
	CHECK_INT(stream_next(s, &chunk, &e), 0);
	CHECK_OK(digest_stream_get(s, &got, NULL, &e));
	CHECK(digest_eq(&got, &expected));
	stream_close(s);
	free((char *)(uintptr_t)data.data);
}

TEST(early_close_and_errors_leave_no_thread)
{
	struct err e = ERR_INIT;
	struct str data = pattern(100000), chunk;
	int before = threads_before();
	struct digest d;

	for (size_t stop = 0; stop < 50; stop++) {
		struct tiny *t = tiny_new(data, 100, 4);
		struct stream *s = stream_open_digest(&t->stream, DIGEST_SHA256, true, &e);

		if (stop & 1)
			t->fail_at = stop * 100;
		for (size_t i = 0; i < stop; i++)
			CHECK_INT(stream_next(s, &chunk, &e), 1);
		if (stop & 1) {
			CHECK_ERR(stream_next(s, &chunk, &e), ERR_IO);
			CHECK_ERR(digest_stream_get(s, &d, NULL, &e), ERR_INTERNAL);
			CHECK(threads_become(before));
		}
		stream_close(s);
		CHECK(threads_become(before));
	}
	free((char *)(uintptr_t)data.data);
}

TEST(empty_stream_has_a_digest)
{
	struct err e = ERR_INIT;
	struct str chunk;
	struct digest d;
	char out[DIGEST_TEXT];
	struct stream *s = stream_open_digest(tiny_open(STR(""), 1), DIGEST_SHA256, true, &e);

	CHECK_INT(stream_next(s, &chunk, &e), 0);
	CHECK_OK(digest_stream_get(s, &d, NULL, &e));
	CHECK_STR(str_of(digest_format(&d, out)),
		  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	stream_close(s);
}
