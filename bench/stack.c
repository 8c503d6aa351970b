/*
 * stack: the same work as floor, with the streams and the tar walker of src/ and nothing above
 *them. What it needs beyond floor is the cost of src/io and src/archive; what plimsoll needs beyond
 *it is that of the modules above.
 *
 *	stack [--verify none|blob|both] [--threads N] [--hash-thread] LAYER...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "archive/tar.h"
#include "base/work.h"
#include "crypto/digest.h"
#include "io/stream.h"

static struct {
	char **paths;
	int verify; /* 0 none, 1 blob, 2 both */
	bool hash_thread;
	_Atomic uint64_t in, out, entries;
} run;

static void die(const struct err *e)
{
	fprintf(stderr, "stack: %s\n", e->message);
	exit(1);
}

static void walk(struct stream *s, struct err *e)
{
	struct tar *t = tar_open(s, &tar_options_default, e);
	struct tar_entry entry;
	struct tar_end end;
	int r;

	while (t && (r = tar_next(t, &entry, e)) > 0)
		run.entries++;
	if (!t || r < 0 || tar_finish(t, &end, e) < 0)
		die(e);
	tar_close(t);
}

static void read_layer(void *context, size_t i)
{
	struct err e = ERR_INIT;
	const struct codec *codec;
	struct stream *s, *input;

	(void)context;
	input = s =
		stream_open_fd(open(run.paths[i], O_RDONLY | O_CLOEXEC), true, 0, UINT64_MAX, &e);
	if (s && run.verify >= 1)
		input = s = stream_open_digest(s, DIGEST_SHA256, false, &e);
	if (s)
		s = stream_open_decoded(s, NULL, &codec, &e);
	if (s)
		s = stream_open_ratio(s, input, 200, 1 << 30, &e);
	if (s && run.verify >= 2)
		s = stream_open_digest(s, DIGEST_SHA256, run.hash_thread, &e);
	if (!s)
		die(&e);
	walk(s, &e);
	run.in += input->position;
	run.out += s->position;
	stream_close(s);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	struct err e = ERR_INIT;
	unsigned threads = 1;
	struct rusage r;
	int i = 1;

	run.verify = 2;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--verify") == 0 && i + 1 < argc)
			run.verify = argv[++i][0] == 'n' ? 0 : strcmp(argv[i], "blob") == 0 ? 1 : 2;
		else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
			threads = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--hash-thread") == 0)
			run.hash_thread = true;
	}
	if (crypto_init(&e) < 0)
		die(&e);
	run.paths = argv + i;
	clock_gettime(CLOCK_MONOTONIC, &start);
	work_run(threads, (size_t)(argc - i), read_layer, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	getrusage(RUSAGE_SELF, &r);
	printf("wall %.3f cpu %.3f rss_mib %.1f in_mb %.1f out_mb %.1f entries %llu\n",
	       (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
	       seconds(r.ru_utime) + seconds(r.ru_stime), (double)r.ru_maxrss / 1024,
	       (double)run.in / 1e6, (double)run.out / 1e6, (unsigned long long)run.entries);
	return 0;
}
