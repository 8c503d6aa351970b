#include "test.h"
#include "tiny.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fault.h"
#include "io/stream.h"

static const char text[] =
	"The mark on the hull says how deep the ship may lie before it must not sail.";
#define TEXT str_make(text, sizeof(text) - 1)

/* A temporary file with these bytes, already unlinked. */
static int file_of(struct str data)
{
	char path[] = "/tmp/plimsoll-test-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	if (fd < 0 || write(fd, data.data, data.len) != (ssize_t)data.len)
		abort();
	return fd;
}

static struct str pattern(size_t len)
{
	char *p = malloc(len);
	uint32_t x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (char)(x >> 24);
	}
	return str_make(p, len);
}

/* Everything to the end into a malloc'ed slice. */
static struct str drain(struct stream *s, int *ret, struct err *e)
{
	size_t len = 0, room = 1 << 16;
	char *all = malloc(room);
	struct str chunk;

	while ((*ret = stream_next(s, &chunk, e)) > 0) {
		while (len + chunk.len > room)
			all = realloc(all, room *= 2);
		memcpy(all + len, chunk.data, chunk.len);
		len += chunk.len;
	}
	return str_make(all, len);
}

TEST(push_back_and_position)
{
	struct err e = ERR_INIT;
	struct stream *s = tiny_open(TEXT, 10);
	struct str chunk;

	CHECK_INT(stream_next(s, &chunk, &e), 1);
	CHECK_INT(s->position, 10);
	stream_push_back(s, str_from(chunk, 4));
	CHECK_INT(s->position, 4);
	CHECK_INT(stream_next(s, &chunk, &e), 1);
	CHECK_STR(chunk, "mark o");
	CHECK_INT(s->position, 10);
	stream_close(s);
}

TEST(peek_takes_nothing_whatever_the_chunks)
{
	for (size_t size = 1; size <= sizeof(text); size++) {
		struct err e = ERR_INIT;
		struct stream *s = tiny_open(TEXT, size);
		struct str head, all;
		int r;

		for (size_t want = 0; want <= sizeof(text) + 3; want += 3) {
			CHECK_OK(stream_peek(s, want, &head, &e));
			CHECK(str_eq(head, str_to(TEXT, want)));
			CHECK_INT(s->position, 0);
		}
		all = drain(s, &r, &e);
		CHECK_INT(r, 0);
		CHECK(str_eq(all, TEXT));
		CHECK_INT(s->position, TEXT.len);
		free((char *)(uintptr_t)all.data);
		stream_close(s);
	}
}

TEST(peek_after_reading_and_push_back_inside_the_head)
{
	for (size_t size = 1; size <= 20; size++) {
		struct err e = ERR_INIT;
		struct stream *s = tiny_open(TEXT, size);
		struct str head, chunk;
		char buf[32];

		CHECK_OK(stream_peek(s, 16, &head, &e));
		CHECK_INT(stream_read(s, buf, 5, &e), 5);
		CHECK_INT(s->position, 5);
		CHECK_OK(stream_peek(s, 12, &head, &e));
		CHECK(str_eq(head, str_sub(TEXT, 5, 17)));
		CHECK_INT(stream_next(s, &chunk, &e), 1);
		stream_push_back(s, str_from(chunk, 1));
		CHECK_OK(stream_skip(s, 20, &e));
		CHECK_INT(s->position, 26);
		CHECK_INT(stream_read(s, buf, 10, &e), 10);
		CHECK(str_eq(str_make(buf, 10), str_sub(TEXT, 26, 36)));
		stream_close(s);
	}
}

TEST(peek_before_an_error_shows_what_there_is)
{
	struct err e = ERR_INIT;
	struct tiny *t = tiny_new(TEXT, 4, 1);
	struct str head, all;
	int r;

	t->fail_at = 10;
	CHECK_OK(stream_peek(&t->stream, 32, &head, &e));
	CHECK_INT(head.len, 10);
	all = drain(&t->stream, &r, &e);
	CHECK_INT(r, -1);
	CHECK_INT(all.len, 10);
	free((char *)(uintptr_t)all.data);
	stream_close(&t->stream);
}

TEST(end_and_error_are_sticky)
{
	struct err e = ERR_INIT;
	struct stream *s = tiny_open(STR("x"), 1);
	struct tiny *t = tiny_new(STR("xy"), 1, 1);
	struct str chunk;

	CHECK_INT(stream_next(s, &chunk, &e), 1);
	for (int i = 0; i < 3; i++)
		CHECK_INT(stream_next(s, &chunk, &e), 0);
	stream_close(s);
	t->fail_at = 1;
	CHECK_INT(stream_next(&t->stream, &chunk, &e), 1);
	for (int i = 0; i < 3; i++) {
		e = ERR_INIT;
		CHECK_ERR(stream_next(&t->stream, &chunk, &e), ERR_IO);
		CHECK(strstr(e.message, "made to fail"));
	}
	CHECK_ERR(stream_next(&t->stream, &chunk, NULL) < 0 ? -1 : 0, ERR_IO);
	stream_close(&t->stream);
}

TEST(skip_past_the_end_says_how_much_is_missing)
{
	struct err e = ERR_INIT;
	struct stream *kinds[] = {
		tiny_open(TEXT, 7),
		stream_open_memory(TEXT, &e),
		stream_open_fd(file_of(TEXT), true, 0, UINT64_MAX, &e),
	};

	for (size_t i = 0; i < 3; i++) {
		CHECK_OK(stream_skip(kinds[i], 10, &e));
		CHECK_INT(stream_drop(kinds[i], 5, &e), 5);
		CHECK_ERR(stream_skip(kinds[i], 1000, &e), ERR_TRUNCATED);
		CHECK(strstr(e.message, "ends 939 bytes early"));
		CHECK_INT(kinds[i]->position, TEXT.len);
		stream_close(kinds[i]);
	}
}

TEST(read_all_has_a_limit)
{
	struct err e = ERR_INIT;
	struct arena a = {0};
	struct str all;
	struct stream *s = tiny_open(TEXT, 9);

	CHECK_OK(stream_read_all(s, &a, TEXT.len, &all, &e));
	CHECK(str_eq(all, TEXT));
	stream_close(s);
	s = tiny_open(TEXT, 9);
	CHECK_ERR(stream_read_all(s, &a, TEXT.len - 1, &all, &e), ERR_LIMIT);
	stream_close(s);
	s = tiny_open(STR(""), 9);
	CHECK_OK(stream_read_all(s, &a, 0, &all, &e));
	CHECK(all.data != NULL && all.len == 0);
	stream_close(s);
	arena_done(&a);
}

TEST(file_range_is_read_skipped_and_random)
{
	struct err e = ERR_INIT;
	struct str data = pattern(3 << 20);
	int fd = file_of(data), r;
	struct stream *s = stream_open_fd(fd, false, 1000, 2 << 20, &e);
	struct str part = str_sub(data, 1000, 1000 + (2 << 20)), all;
	char buf[100];

	CHECK(stream_is_random(s));
	CHECK_INT(s->ops->read_at(s, (2 << 20) - 50, buf, 100, &e), 50);
	CHECK(memcmp(buf, part.data + part.len - 50, 50) == 0);
	CHECK_INT(s->ops->read_at(s, 5 << 20, buf, 100, &e), 0);
	CHECK_INT(stream_read(s, buf, 100, &e), 100);
	CHECK_OK(stream_skip(s, 1 << 20, &e));
	CHECK_INT(s->ops->read_at(s, 7, buf, 10, &e), 10);
	CHECK(memcmp(buf, part.data + 7, 10) == 0);
	all = drain(s, &r, &e);
	CHECK_INT(r, 0);
	CHECK(str_eq(all, str_from(part, 100 + (1 << 20))));
	CHECK_INT(s->position, part.len);
	free((char *)(uintptr_t)all.data);
	stream_close(s);
	/* a part beyond the end of the file is empty; the descriptor is still ours */
	s = stream_open_fd(fd, true, 1ULL << 40, UINT64_MAX, &e);
	CHECK_INT(stream_read(s, buf, 1, &e), 0);
	stream_close(s);
	CHECK(fcntl(fd, F_GETFD) < 0);
	free((char *)(uintptr_t)data.data);
}

TEST(pipe_is_read_in_order_and_not_random)
{
	struct err e = ERR_INIT;
	int fds[2];
	struct stream *s;
	char buf[100];

	if (pipe(fds) < 0 || write(fds[1], text, 70) != 70)
		abort();
	close(fds[1]);
	s = stream_open_fd(fds[0], true, 0, 60, &e);
	CHECK(!stream_is_random(s));
	CHECK_OK(stream_skip(s, 10, &e));
	CHECK_INT(stream_read(s, buf, 100, &e), 50);
	CHECK(memcmp(buf, text + 10, 50) == 0);
	stream_close(s);
	CHECK(pipe(fds) == 0);
	CHECK(stream_open_fd(fds[0], true, 5, 60, &e) == NULL);
	CHECK_INT(e.code, ERR_UNSUPPORTED);
	close(fds[1]);
}

static int reads_left;
static bool fail_a_read(enum fault_kind kind)
{
	return kind == FAULT_READ && reads_left-- == 0;
}

TEST(failed_read_is_an_io_error)
{
	struct err e = ERR_INIT;
	struct stream *s = stream_open_fd(file_of(TEXT), true, 0, UINT64_MAX, &e);
	struct str chunk;

	reads_left = 0;
	fault_hook = fail_a_read;
	CHECK_ERR(stream_next(s, &chunk, &e), ERR_IO);
	fault_hook = NULL;
	CHECK_ERR(stream_next(s, &chunk, &e), ERR_IO);
	stream_close(s);
}

TEST(limit_lets_the_limit_pass_and_nothing_more)
{
	struct err e = ERR_INIT;
	int closed = 0, r;
	struct tiny *t = tiny_new(TEXT, 10, 1);
	struct stream *s = stream_open_limit(&t->stream, TEXT.len, &e);
	struct str all = drain(s, &r, &e);

	CHECK_INT(r, 0);
	CHECK(str_eq(all, TEXT));
	free((char *)(uintptr_t)all.data);
	t->closed = &closed;
	stream_close(s);
	CHECK_INT(closed, 1);
	s = stream_open_limit(tiny_open(TEXT, 10), TEXT.len - 1, &e);
	all = drain(s, &r, &e);
	CHECK_INT(r, -1);
	CHECK_INT(e.code, ERR_LIMIT);
	CHECK(all.len <= TEXT.len - 1);
	free((char *)(uintptr_t)all.data);
	stream_close(s);
	s = stream_open_limit(stream_open_memory(TEXT, &e), 20, &e);
	CHECK_OK(stream_skip(s, 20, &e));
	CHECK_ERR(stream_skip(s, 1, &e), ERR_LIMIT);
	stream_close(s);
}

TEST(ratio_counts_the_input_after_the_grace)
{
	struct err e = ERR_INIT;
	struct str zeros = {calloc(1, 10000), 10000}, chunk;
	struct stream *input = tiny_open(TEXT, 1);
	struct stream *s = stream_open_ratio(tiny_open(zeros, 100), input, 20, 1000, &e);

	/* nothing of the input is read yet: the grace of 1000 bytes is all there is */
	for (int i = 0; i < 10; i++)
		CHECK_INT(stream_next(s, &chunk, &e), 1);
	for (int i = 0; i < 56; i++)
		CHECK_INT(stream_next(input, &chunk, &e), 1);
	CHECK_INT(stream_next(s, &chunk, &e), 1);
	CHECK_ERR(stream_next(s, &chunk, &e), ERR_LIMIT);
	stream_close(s);
	stream_close(input);
	free((char *)(uintptr_t)zeros.data);
}
