/*
 * Both ends of the socket pair. Messages have one fixed size a direction and travel over
 * SOCK_SEQPACKET, so that there is nothing to parse but a struct whose fields are checked. The
 * worker is the side that may have been taken over: the broker never receives descriptors (no room
 * for control data is given, so the kernel drops them), never trusts a length, and answers what it
 * does not understand with an error.
 */
#include "io/ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"

enum { NAME_MAX_BYTES = 1024, TICK_MS = 100 };

static const uint32_t magic_request = 0x706c6d51, magic_reply = 0x706c6d41;

struct request {
	uint32_t magic;
	uint32_t kind; /* enum ask_kind */
	uint32_t name_len;
	char name[NAME_MAX_BYTES];
};

struct answer {
	uint32_t magic;
	uint32_t code; /* enum err_code; ERR_NONE: text is the reply's, else the error's message */
	uint32_t has_fd;
	uint32_t seekable;
	uint64_t size;
	char text[1024];
	char hint[sizeof(((struct err *)0)->hint)];
};

/* Room for one descriptor, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* 1 received whole, 0 the other end is closed, <0. A datagram of another size is ERR_FORMAT. */
static int receive(int socket, void *data, size_t size, union control *control, int *ret_fd,
		   struct err *e)
{
	struct iovec part = {data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	if (control) {
		message.msg_control = control->bytes;
		message.msg_controllen = sizeof(control->bytes);
	}
	if (fault_hit(FAULT_READ))
		return err_set(e, ERR_IO, "the other process cannot be heard");
	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNRESET)
		return 0;
	if (n < 0)
		return err_set_errno(e, errno, "the other process cannot be heard");
	c = control ? CMSG_FIRSTHDR(&message) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	if (n == 0)
		return 0;
	if ((size_t)n != size || message.msg_flags & MSG_TRUNC)
		return err_set(e, ERR_FORMAT, "a message between the processes is malformed");
	return 1;
}

static int send_whole(int socket, const void *data, size_t size, int fd, struct err *e)
{
	struct iovec part = {(void *)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {0};
	struct cmsghdr *c;
	ssize_t n;

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	if (fault_hit(FAULT_WRITE))
		return err_set(e, ERR_IO, "the other process cannot be reached");
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set_errno(e, errno, "the other process cannot be reached");
	return (size_t)n == size ? 0 : err_set(e, ERR_IO, "a message was cut short");
}

/* --- worker's side ------------------------------------------------------------------------------
 */

static int exchange(struct ask_link *link, const struct request *request, struct answer *answer,
		    int *ret_fd, struct err *e)
{
	union control control = {0};
	int r;

	if (send_whole(link->socket, request, sizeof(*request), -1, e) < 0)
		return -1;
	r = receive(link->socket, answer, sizeof(*answer), &control, ret_fd, e);
	if (r == 0)
		return err_set(e, ERR_IO, "the other process has gone");
	return r < 0 ? -1 : 0;
}

static int read_answer(const struct answer *answer, int fd, struct ask_reply *ret, struct err *e)
{
	if (answer->magic != magic_reply || answer->code > ERR_INTERNAL)
		return err_set(e, ERR_FORMAT, "an answer between the processes is malformed");
	if (answer->code != ERR_NONE) {
		err_set(e, (enum err_code)answer->code, "%.*s", (int)sizeof(answer->text) - 1,
			answer->text);
		return err_hint(e, "%.*s", (int)sizeof(answer->hint) - 1, answer->hint);
	}
	if (answer->has_fd && fd < 0)
		return err_set(e, ERR_IO, "a descriptor was lost: too many open files");
	*ret = (struct ask_reply){
		.fd = fd, .size = answer->size, .seekable = answer->seekable != 0};
	memcpy(ret->text, answer->text, sizeof(ret->text) - 1);
	return 0;
}

int ask(struct ask_link *link, enum ask_kind kind, struct str name, struct ask_reply *ret,
	struct err *e)
{
	struct request request = {.magic = magic_request, .kind = kind};
	struct answer answer;
	int fd = -1, r;

	if (!link || link->socket < 0)
		return err_set(e, ERR_INTERNAL, "there is nobody to ask");
	if (name.len > sizeof(request.name))
		return err_set(e, ERR_LIMIT, "a name of %zu bytes is too long to ask for",
			       name.len);
	request.name_len = (uint32_t)name.len;
	if (name.len)
		memcpy(request.name, name.data, name.len);
	pthread_mutex_lock(&link->lock);
	r = exchange(link, &request, &answer, &fd, e);
	pthread_mutex_unlock(&link->lock);
	if (r == 0)
		r = read_answer(&answer, fd, ret, e);
	if (r < 0 && fd >= 0)
		close(fd);
	return r;
}

/* --- broker's side ------------------------------------------------------------------------------
 */

static void answer_one(const struct request *request, const struct ask_handler *handlers[ASK_KINDS],
		       struct ask_reply *reply, struct err *e)
{
	const struct ask_handler *handler;
	struct str name;

	if (request->magic != magic_request || request->kind >= ASK_KINDS ||
	    request->name_len > sizeof(request->name)) {
		err_set(e, ERR_FORMAT, "a request between the processes is malformed");
		return;
	}
	name = str_make(request->name, request->name_len);
	handler = handlers[request->kind];
	if (!handler)
		err_set(e, ERR_NOT_FOUND, "there is no such thing to ask for");
	else if (handler->answer(handler->context, (enum ask_kind)request->kind, name, reply, e) <
			 0 &&
		 e->code == ERR_NONE)
		err_set(e, ERR_INTERNAL, "no reason given");
}

static int reply_to(int socket, const struct request *request,
		    const struct ask_handler *handlers[ASK_KINDS], struct err *e)
{
	struct ask_reply reply = {.fd = -1, .size = UINT64_MAX};
	struct answer answer = {.magic = magic_reply};
	struct err refusal = ERR_INIT;
	int r;

	answer_one(request, handlers, &reply, &refusal);
	answer.code = refusal.code;
	if (refusal.code != ERR_NONE) {
		memcpy(answer.text, refusal.message, sizeof(refusal.message));
		memcpy(answer.hint, refusal.hint, sizeof(refusal.hint));
	} else {
		answer.has_fd = reply.fd >= 0;
		answer.seekable = reply.seekable;
		answer.size = reply.size;
		memcpy(answer.text, reply.text, sizeof(answer.text));
	}
	r = send_whole(socket, &answer, sizeof(answer), refusal.code == ERR_NONE ? reply.fd : -1,
		       e);
	if (reply.fd >= 0)
		close(reply.fd);
	return r;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* One request, or none: 1 go on, 0 the worker has closed its end, <0. */
static int serve_one(int socket, const struct ask_handler *handlers[ASK_KINDS], int timeout,
		     struct err *e)
{
	struct pollfd wait = {.fd = socket, .events = POLLIN};
	struct request request;
	struct err malformed = ERR_INIT;
	int r = poll(&wait, 1, timeout);

	if (r < 0 && errno != EINTR)
		return err_set_errno(e, errno, "the worker cannot be waited for");
	if (r <= 0)
		return 1;
	r = receive(socket, &request, sizeof(request), NULL, NULL, &malformed);
	if (r == 0)
		return 0;
	if (r < 0 && malformed.code != ERR_FORMAT)
		return err_set(e, malformed.code, "%s", malformed.message);
	if (r < 0)
		request.magic = 0;
	if (reply_to(socket, &request, handlers, &malformed) == 0)
		return 1;
	/*
	 * Nobody answers twice: the worker would wait for ever. Where it has gone already the
	 * socket says so, and how it went is told by its end.
	 */
	wait.events = 0;
	if (poll(&wait, 1, 0) > 0 && (wait.revents & (POLLHUP | POLLERR)))
		return 0;
	return err_set(e, malformed.code, "%s", malformed.message);
}

int ask_serve(int socket, const struct ask_handler *handlers[ASK_KINDS],
	      void (*tick)(void *context), void *tick_context, volatile const int *interrupted,
	      struct err *e)
{
	uint64_t next = now_ms() + TICK_MS;

	for (;;) {
		uint64_t now = now_ms();
		int r;

		if (interrupted && __atomic_load_n(interrupted, __ATOMIC_RELAXED))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (now >= next) {
			if (tick)
				tick(tick_context);
			next = now + TICK_MS;
		}
		r = serve_one(socket, handlers, now < next ? (int)(next - now) : 0, e);
		if (r <= 0)
			return r;
	}
}
