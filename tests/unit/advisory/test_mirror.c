#include "test.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "advisory/mirror.h"

static char cache[] = "/tmp/mirror-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

/* A server that takes connections, through its queue, and never says a word. */
static int silent_server(char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 8) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	snprintf(url, 64, "http://127.0.0.1:%u", ntohs(address.sin_port));
	setenv("no_proxy", "*", 1);
	return fd;
}

static const char digest[] =
	"sha256:0000000000000000000000000000000000000000000000000000000000000000";

static double since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

TEST(a_silent_server_is_given_up)
{
	struct mirror_options options = {.cache = cache, .stall_seconds = 1};
	struct err e = ERR_INIT;
	struct ask_reply reply;
	struct timespec start;
	struct mirror *m;
	char url[64];
	int fd = silent_server(url);

	CHECK(mkdtemp(cache));
	options.url = url;
	CHECK_OK(mirror_open(&options, &m, &e));
	clock_gettime(CLOCK_MONOTONIC, &start);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, STR("release bookworm-security"), &reply, &e),
		  ERR_NETWORK);
	CHECK(str_find(str_of(e.message), STR("dists/bookworm-security/InRelease")) >= 0);
	CHECK(since(&start) < 10);
	CHECK(mirror_downloaded(m) == 0);
	mirror_close(m);
	close(fd);
}

TEST(an_interruption_ends_a_download)
{
	static volatile int interrupted = 1;
	struct mirror_options options = {.cache = cache, .interrupted = &interrupted};
	struct err e = ERR_INIT;
	struct ask_reply reply;
	struct timespec start;
	struct mirror *m;
	char url[64];
	int fd = silent_server(url);

	options.url = url;
	CHECK_OK(mirror_open(&options, &m, &e));
	clock_gettime(CLOCK_MONOTONIC, &start);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, STR("release bookworm-security"), &reply, &e),
		  ERR_CANCELLED);
	CHECK(since(&start) < 5);
	mirror_close(m);
	close(fd);
}

/* What a worker that was taken over may ask for. */
TEST(a_request_that_is_none_is_refused)
{
	static const char *const others[] = {"",
					     "release ",
					     "release ..",
					     "release ../../x",
					     "release a b",
					     "release a\nb",
					     "release .hidden",
					     "release /etc",
					     "release x?y",
					     "release x#y",
					     "release x%2e",
					     "listing x",
					     "file",
					     "file pool/x",
					     "file pool/x sha256:00 5",
					     "file pool/x sha512:00 5"};
	static const struct {
		const char *path, *size;
	} files[] = {{"pool/x", ""},
		     {"pool/x", " 5 6"},
		     {"pool/x", " -5"},
		     {"pool/x", " 18446744073709551616"},
		     {"../x", " 5"},
		     {"/x", " 5"},
		     {"pool//x", " 5"},
		     {"pool/./x", " 5"},
		     {"pool/x@host", " 5"},
		     {"pool/\\x", " 5"},
		     {"", " 5"}};
	struct mirror_options options = {
		.cache = cache, .url = "http://127.0.0.1:9", .offline = true};
	struct err e = ERR_INIT;
	struct ask_reply reply;
	struct mirror *m;
	char text[1024];

	CHECK_OK(mirror_open(&options, &m, &e));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK_ERR(mirror_answer(m, ASK_MIRROR, str_of(others[i]), &reply, &e), ERR_FORMAT);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(text, sizeof(text), "file %s %s%s", files[i].path, digest, files[i].size);
		CHECK_ERR(mirror_answer(m, ASK_MIRROR, str_of(text), &reply, &e), ERR_FORMAT);
	}
	snprintf(text, sizeof(text), "file pool/%0600d %s 5", 1, digest);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, str_of(text), &reply, &e), ERR_FORMAT);
	snprintf(text, sizeof(text), "file pool/x %s %d", digest, MIRROR_FILE_MAX + 1);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, str_of(text), &reply, &e), ERR_LIMIT);
	/* well-formed, but nothing is there */
	snprintf(text, sizeof(text), "file pool/x %s %d", digest, MIRROR_FILE_MAX);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, str_of(text), &reply, &e), ERR_NOT_FOUND);
	CHECK_ERR(mirror_answer(m, ASK_MIRROR, STR("release bookworm-security"), &reply, &e),
		  ERR_NOT_FOUND);
	mirror_close(m);
	nftw(cache, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
