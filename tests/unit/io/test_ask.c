/* The socket protocol between broker and worker, both ends in one process. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/ask.h"
#include "test.h"

struct broker {
	pthread_t thread;
	int socket;
	int requests;
	int ticks;
	int interrupted;
	int result;
	struct err e;
};

/* Names: "text", "fd", "odd\0name", "refuse"; else ERR_NOT_FOUND without a word. */
static int answer(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		  struct err *e)
{
	struct broker *b = context;

	b->requests++;
	if (str_is(name, "text")) {
		snprintf(ret->text, sizeof(ret->text), "kind %d", (int)kind);
		return 0;
	}
	if (str_is(name, "fd")) {
		ret->fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		ret->size = 7;
		ret->seekable = true;
		return 0;
	}
	if (str_is(name, "refuse")) {
		err_set(e, ERR_IO, "cannot open 'x'");
		return err_hint(e, "try y");
	}
	if (str_eq(name, STR("odd\0name")))
		return 0;
	return err_set(e, ERR_NOT_FOUND, "no such file");
}

static void count_tick(void *context)
{
	((struct broker *)context)->ticks++;
}

static void *serve(void *context)
{
	struct broker *b = context;
	struct ask_handler handler = {b, answer};
	const struct ask_handler *handlers[ASK_KINDS] = {
		[ASK_SOURCE] = &handler, [ASK_FILE] = &handler};

	b->result = ask_serve(b->socket, handlers, count_tick, b,
			      (volatile const int *)&b->interrupted, &b->e);
	close(b->socket);
	return NULL;
}

static void start(struct broker *b, struct ask_link *link)
{
	int pair[2];

	*b = (struct broker){0};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	*link = (struct ask_link){.socket = pair[0], .lock = PTHREAD_MUTEX_INITIALIZER};
	b->socket = pair[1];
	pthread_create(&b->thread, NULL, serve, b);
}

static void stop(struct broker *b, struct ask_link *link)
{
	if (link->socket >= 0)
		close(link->socket);
	pthread_join(b->thread, NULL);
}

TEST(an_answer_carries_text_size_and_descriptor)
{
	struct broker b;
	struct ask_link link;
	struct ask_reply reply;
	struct err e = ERR_INIT;
	char byte = 1;

	start(&b, &link);
	CHECK_OK(ask(&link, ASK_FILE, STR("text"), &reply, &e));
	CHECK_STR(str_of(reply.text), "kind 2");
	CHECK_INT(reply.fd, -1);
	CHECK(reply.size == UINT64_MAX);
	CHECK_OK(ask(&link, ASK_SOURCE, STR("fd"), &reply, &e));
	CHECK(reply.fd >= 0 && reply.seekable && reply.size == 7);
	CHECK_INT(read(reply.fd, &byte, 1), 1);
	CHECK_INT(byte, 0);
	CHECK_INT(fcntl(reply.fd, F_GETFD), FD_CLOEXEC);
	close(reply.fd);
	CHECK_OK(ask(&link, ASK_SOURCE, STR("odd\0name"), &reply, &e));
	stop(&b, &link);
	CHECK_INT(b.requests, 3);
	CHECK_INT(b.result, 0);
}

TEST(a_refusal_comes_over_with_code_text_and_hint)
{
	struct broker b;
	struct ask_link link;
	struct ask_reply reply = {.fd = 99};
	struct err e = ERR_INIT;
	char name[1025] = "";

	start(&b, &link);
	CHECK_ERR(ask(&link, ASK_SOURCE, STR("refuse"), &reply, &e), ERR_IO);
	CHECK_STR(str_of(e.message), "cannot open 'x'");
	CHECK_STR(str_of(e.hint), "try y");
	CHECK_ERR(ask(&link, ASK_SOURCE, STR("nothing"), &reply, &e), ERR_NOT_FOUND);
	CHECK_ERR(ask(&link, ASK_MIRROR, STR("text"), &reply, &e), ERR_NOT_FOUND);
	CHECK_ERR(ask(&link, ASK_SOURCE, str_make(name, sizeof(name)), &reply, &e), ERR_LIMIT);
	CHECK_INT(reply.fd, 99);
	stop(&b, &link);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* One datagram with a descriptor beside it. */
static void send_raw(int socket, const void *data, size_t size, int fd)
{
	struct iovec part = {(void *)data, size};
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;

	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	CHECK_INT(sendmsg(socket, &message, MSG_NOSIGNAL), size);
}

TEST(a_malformed_request_is_answered_with_an_error_and_its_descriptors_are_dropped)
{
	static const char big[4096];
	static const size_t sizes[] = {1, 11, 12, 1035, 1036, 1037, 4096};
	struct broker b;
	struct ask_link link;
	struct ask_reply reply;
	struct err e = ERR_INIT;
	char answer_bytes[4096];
	int before;

	start(&b, &link);
	CHECK_OK(ask(&link, ASK_SOURCE, STR("text"), &reply, &e));
	before = count_descriptors();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		send_raw(link.socket, big, sizes[i], 0);
		CHECK(recv(link.socket, answer_bytes, sizeof(answer_bytes), 0) > 1024);
	}
	CHECK_INT(count_descriptors(), before);
	CHECK_OK(ask(&link, ASK_SOURCE, STR("text"), &reply, &e));
	CHECK_INT(b.requests, 2);
	stop(&b, &link);
	CHECK_INT(b.result, 0);
}

TEST(every_wrong_field_of_a_request_is_refused)
{
	struct {
		uint32_t magic, kind, name_len;
		char name[1024];
	} request;
	const uint32_t rows[][3] = {
		{0, 0, 4},
		{0x706c6d51, ASK_KINDS, 4},
		{0x706c6d51, UINT32_MAX, 4},
		{0x706c6d51, 0, 1025},
		{0x706c6d51, 0, UINT32_MAX},
	};
	struct broker b;
	struct ask_link link;
	char answer_bytes[4096];

	start(&b, &link);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&request, 0, sizeof(request));
		request.magic = rows[i][0];
		request.kind = rows[i][1];
		request.name_len = rows[i][2];
		CHECK_INT(send(link.socket, &request, sizeof(request), 0), sizeof(request));
		CHECK(recv(link.socket, answer_bytes, sizeof(answer_bytes), 0) > 1024);
		CHECK_INT(((uint32_t *)(void *)answer_bytes)[1], ERR_FORMAT);
	}
	stop(&b, &link);
	CHECK_INT(b.requests, 0);
}

static void *ask_often(void *context)
{
	struct ask_link *link = context;
	struct err e = ERR_INIT;
	struct ask_reply reply;

	for (int i = 0; i < 200; i++) {
		if (ask(link, ASK_FILE, STR("fd"), &reply, &e) < 0 || reply.size != 7)
			return (void *)link;
		close(reply.fd);
	}
	return NULL;
}

TEST(threads_share_one_link)
{
	struct broker b;
	struct ask_link link;
	pthread_t threads[4];
	void *bad;

	start(&b, &link);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, ask_often, &link);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &bad);
		CHECK(!bad);
	}
	stop(&b, &link);
	CHECK_INT(b.requests, 800);
}

TEST(the_broker_ticks_and_stops_when_interrupted)
{
	struct broker b;
	struct ask_link link;

	start(&b, &link);
	usleep(350000);
	__atomic_store_n(&b.interrupted, 1, __ATOMIC_RELAXED);
	pthread_join(b.thread, NULL);
	CHECK(b.ticks >= 2 && b.ticks <= 5);
	CHECK_INT(b.result, -1);
	CHECK_INT(b.e.code, ERR_CANCELLED);
	close(link.socket);
}

TEST(asking_a_broker_that_has_gone_is_an_error)
{
	struct ask_link link = {.socket = -1, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct ask_reply reply;
	struct err e = ERR_INIT;
	int pair[2];

	CHECK_ERR(ask(&link, ASK_SOURCE, STR_NULL, &reply, &e), ERR_INTERNAL);
	CHECK_ERR(ask(NULL, ASK_SOURCE, STR_NULL, &reply, &e), ERR_INTERNAL);
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	link.socket = pair[0];
	CHECK_ERR(ask(&link, ASK_SOURCE, STR_NULL, &reply, &e), ERR_IO);
	close(pair[0]);
}
