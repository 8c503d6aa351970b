/*
 * floor: the least that any scanner of an image must do, with nothing from src/. It reads the
 *layers, hashes them, inflates them, hashes what comes out and walks the tar headers; it looks at
 *no body. What plimsoll needs beyond this is its own cost.
 *
 *	floor [--verify none|blob|both] [--threads N] [--hash-thread] [--steps] IMAGE
 *
 * IMAGE is an OCI layout folder, a docker-archive, or a text file that lists one layer file a line.
 * --verify: blob hashes what is stored, both also what comes out of it (default). --hash-thread
 *hashes what comes out in a thread of its own beside each layer. --steps runs each step by itself
 *on each layer and prints MB/s; otherwise the whole is run once and its wall and CPU time printed.
 *
 * It trusts its input: made for the image of make-image, not for hostile ones.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

enum { CHUNK = 256 << 10, RING = 4, BLOCK = 512, WINDOW = 4096, LAYERS = 512 };
enum codec { PLAIN, GZIP, ZSTD };
enum verify { VERIFY_NONE, VERIFY_BLOB, VERIFY_BOTH };

struct layer {
	char path[4096];
	uint64_t offset, size; /* of the stored bytes in that file */
	enum codec codec;
	uint64_t out;
	uint64_t entries;
	unsigned char blob[32], diff[32];
};

static struct layer layers[LAYERS];
static int layer_count;
static int order[LAYERS];
static _Atomic int next_layer;
static enum verify verify = VERIFY_BOTH;
static bool hash_thread, walk_only;
static EVP_MD *sha256;

__attribute__((format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	fputs("floor: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* --- a hash that may run beside ------------------------------------------------------------------
 */

struct hash {
	EVP_MD_CTX *context;
	bool beside;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const char *data[RING];
	size_t len[RING];
	uint64_t put, done;
	bool stop;
};

static void *hash_beside(void *argument)
{
	struct hash *h = argument;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		unsigned slot = h->done % RING;

		while (h->put == h->done && !h->stop)
			pthread_cond_wait(&h->changed, &h->lock);
		if (h->put == h->done)
			break;
		pthread_mutex_unlock(&h->lock);
		EVP_DigestUpdate(h->context, h->data[slot], h->len[slot]);
		pthread_mutex_lock(&h->lock);
		h->done++;
		pthread_cond_signal(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void hash_begin(struct hash *h, bool beside)
{
	*h = (struct hash){.context = EVP_MD_CTX_new(), .beside = beside};
	EVP_DigestInit_ex2(h->context, sha256, NULL);
	if (!beside)
		return;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	pthread_create(&h->thread, NULL, hash_beside, h);
}

static void hash_add(struct hash *h, const char *data, size_t len)
{
	if (!h->beside) {
		EVP_DigestUpdate(h->context, data, len);
		return;
	}
	pthread_mutex_lock(&h->lock);
	h->data[h->put % RING] = data;
	h->len[h->put % RING] = len;
	h->put++;
	pthread_cond_signal(&h->changed);
	/* the buffer that is filled next must be free */
	while (h->put - h->done > RING - 1)
		pthread_cond_wait(&h->changed, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

static void hash_end(struct hash *h, unsigned char out[32])
{
	if (h->beside) {
		pthread_mutex_lock(&h->lock);
		h->stop = true;
		pthread_cond_signal(&h->changed);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	EVP_DigestFinal_ex(h->context, out, NULL);
	EVP_MD_CTX_free(h->context);
}

/* --- the walk over tar headers, pushed
 * ------------------------------------------------------------ */

struct walk {
	uint64_t skip; /* bytes of body and padding still to come */
	char block[BLOCK];
	size_t have;
	uint64_t entries;
};

static uint64_t tar_size(const char *block)
{
	uint64_t size = 0;

	if (block[124] & 0x80) {
		for (int i = 128; i < 136; i++)
			size = size << 8 | (unsigned char)block[i];
		return size;
	}
	for (int i = 124; i < 136 && block[i] >= '0'; i++)
		size = size << 3 | (uint64_t)(block[i] - '0');
	return size;
}

/* Gives the bytes of body and padding behind the header. */
static uint64_t walk_header(struct walk *w, const char *block)
{
	unsigned sum = 0;

	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	if (sum == 0)
		return 0;
	if (!strchr("xgLK", block[156]) || !block[156])
		w->entries++;
	return block[156] >= '1' && block[156] <= '6'
		       ? 0
		       : (tar_size(block) + BLOCK - 1) & ~(uint64_t)(BLOCK - 1);
}

static void walk_add(struct walk *w, const char *data, size_t len)
{
	while (len) {
		size_t n;

		if (w->skip) {
			n = w->skip < len ? (size_t)w->skip : len;
			w->skip -= n;
		} else if (!w->have && len >= BLOCK) {
			n = BLOCK;
			w->skip = walk_header(w, data);
		} else {
			n = BLOCK - w->have < len ? BLOCK - w->have : len;
			memcpy(w->block + w->have, data, n);
			w->have += n;
			if (w->have == BLOCK) {
				w->have = 0;
				w->skip = walk_header(w, w->block);
			}
		}
		data += n;
		len -= n;
	}
}

/* --- one layer ----------------------------------------------------------------------------------
 */

/* What is wanted of a layer, and where its bytes go. */
struct job {
	struct layer *layer;
	int fd;
	uint64_t left, at;
	bool blob, inflate, diff, walk;
	struct hash blob_hash, diff_hash;
	struct walk walker;
	char *in, *out; /* rings */
	unsigned in_slot, out_slot;
};

/* The next bytes as stored; 0 at the end. */
static size_t job_read(struct job *j, char **ret)
{
	size_t want = j->left < CHUNK ? (size_t)j->left : CHUNK;
	char *buf = j->in + (size_t)j->in_slot * CHUNK;
	ssize_t n = want ? pread(j->fd, buf, want, (off_t)j->at) : 0;

	if (n < 0)
		die("%s: %s", j->layer->path, strerror(errno));
	j->in_slot = (j->in_slot + 1) % RING;
	j->at += (uint64_t)n;
	j->left -= (uint64_t)n;
	if (j->blob && n)
		hash_add(&j->blob_hash, buf, (size_t)n);
	*ret = buf;
	return (size_t)n;
}

static void job_out(struct job *j, const char *data, size_t len)
{
	j->layer->out += len;
	if (j->diff && len)
		hash_add(&j->diff_hash, data, len);
	if (j->walk)
		walk_add(&j->walker, data, len);
}

static char *out_buffer(struct job *j)
{
	j->out_slot = (j->out_slot + 1) % RING;
	return j->out + (size_t)j->out_slot * CHUNK;
}

static void inflate_gzip(struct job *j)
{
	struct inflate_state *s = malloc(sizeof(*s));
	char *in, *out = out_buffer(j);

	isal_inflate_init(s);
	s->crc_flag = ISAL_GZIP;
	s->avail_in = 0;
	s->next_out = (uint8_t *)out;
	s->avail_out = CHUNK;
	for (;;) {
		if (!s->avail_in) {
			s->avail_in = (uint32_t)job_read(j, &in);
			s->next_in = (uint8_t *)in;
			if (!s->avail_in)
				break;
		}
		if (s->block_state == ISAL_BLOCK_FINISH)
			isal_inflate_reset(s);
		if (isal_inflate(s) < 0)
			die("%s: gzip: invalid", j->layer->path);
		if (s->avail_out && s->block_state != ISAL_BLOCK_FINISH)
			continue;
		job_out(j, out, CHUNK - s->avail_out);
		out = out_buffer(j);
		s->next_out = (uint8_t *)out;
		s->avail_out = CHUNK;
	}
	if (s->block_state != ISAL_BLOCK_FINISH)
		die("%s: gzip: cut short", j->layer->path);
	job_out(j, out, CHUNK - s->avail_out);
	free(s);
}

static void inflate_zstd(struct job *j)
{
	ZSTD_DCtx *c = ZSTD_createDCtx();
	ZSTD_inBuffer in = {0};
	ZSTD_outBuffer out = {out_buffer(j), CHUNK, 0};
	char *data;

	for (;;) {
		size_t r;

		if (in.pos == in.size) {
			in = (ZSTD_inBuffer){NULL, job_read(j, &data), 0};
			in.src = data;
			if (!in.size)
				break;
		}
		do {
			r = ZSTD_decompressStream(c, &out, &in);
			if (ZSTD_isError(r))
				die("%s: zstd: %s", j->layer->path, ZSTD_getErrorName(r));
			if (out.pos == CHUNK) {
				job_out(j, out.dst, out.pos);
				out = (ZSTD_outBuffer){out_buffer(j), CHUNK, 0};
			}
		} while (in.pos < in.size || (out.pos == 0 && r != 0 && in.pos < in.size));
	}
	job_out(j, out.dst, out.pos);
	ZSTD_freeDCtx(c);
}

/* Headers of a plain layer alone: bodies are not read. */
static void walk_plain(struct job *j)
{
	uint64_t at = 0, window_at = 0;
	size_t have = 0;

	while (at + BLOCK <= j->layer->size) {
		if (at < window_at || at + BLOCK > window_at + have) {
			ssize_t n = pread(j->fd, j->in, WINDOW, (off_t)(j->layer->offset + at));

			if (n < BLOCK)
				break;
			window_at = at;
			have = (size_t)n;
		}
		at += BLOCK + walk_header(&j->walker, j->in + (at - window_at));
	}
}

static void run_job(struct job *j)
{
	char *data;
	size_t n;

	j->fd = open(j->layer->path, O_RDONLY | O_CLOEXEC);
	if (j->fd < 0)
		die("%s: %s", j->layer->path, strerror(errno));
	j->in = malloc((size_t)RING * CHUNK);
	j->out = malloc((size_t)RING * CHUNK);
	j->at = j->layer->offset;
	j->left = j->layer->size;
	j->layer->out = 0;
	if (j->blob)
		hash_begin(&j->blob_hash, false);
	if (j->diff)
		hash_begin(&j->diff_hash, hash_thread);
	if (!j->inflate)
		while (job_read(j, &data))
			;
	else if (j->layer->codec == GZIP)
		inflate_gzip(j);
	else if (j->layer->codec == ZSTD)
		inflate_zstd(j);
	else if (walk_only)
		walk_plain(j);
	else
		while ((n = job_read(j, &data)))
			job_out(j, data, n);
	if (j->blob)
		hash_end(&j->blob_hash, j->layer->blob);
	if (j->diff)
		hash_end(&j->diff_hash, j->layer->diff);
	j->layer->entries = j->walker.entries;
	free(j->in);
	free(j->out);
	close(j->fd);
}

static void *run_layers(void *unused)
{
	int i;

	while ((i = next_layer++) < layer_count) {
		struct job j = {.layer = &layers[order[i]], .inflate = true, .walk = true};
		bool plain = j.layer->codec == PLAIN;

		/* what a plain layer stores is what comes out of it: hashed once */
		j.blob = verify >= VERIFY_BLOB && !plain;
		j.diff = verify == VERIFY_BOTH;
		run_job(&j);
	}
	return unused;
}

/* --- the image
 * ------------------------------------------------------------------------------------ */

static struct layer *add_layer(const char *path, uint64_t offset, uint64_t size)
{
	struct layer *l = &layers[layer_count++];
	unsigned char magic[4] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (layer_count == LAYERS)
		die("too many layers");
	if (fd < 0 || fstat(fd, &st) < 0 || pread(fd, magic, 4, (off_t)offset) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
	snprintf(l->path, sizeof(l->path), "%s", path);
	l->offset = offset;
	l->size = size ? size : (uint64_t)st.st_size;
	l->codec = magic[0] == 0x1f && magic[1] == 0x8b	       ? GZIP
		   : memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0 ? ZSTD
							       : PLAIN;
	return l;
}

static char *read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!f)
		die("%s: %s", path, strerror(errno));
	if (fread(text, 1, (1 << 20) - 1, f) == 0)
		die("%s: empty", path);
	fclose(f);
	return text;
}

/* The digests of a JSON text in order: "sha256:<hex>" wherever it stands behind `key`. */
static int digests(const char *text, const char *key, char ret[][65])
{
	int n = 0;

	for (const char *p = text; n < LAYERS && (p = strstr(p, key)); n++) {
		p = strstr(p, "sha256:");
		if (!p)
			break;
		snprintf(ret[n], 65, "%.64s", p + 7);
	}
	return n;
}

static void open_layout(const char *folder)
{
	static char found[LAYERS][65];
	char path[4200], *text;
	int n;

	snprintf(path, sizeof(path), "%s/index.json", folder);
	text = read_text(path);
	if (digests(text, "\"digest\"", found) < 1)
		die("%s: no manifest", path);
	free(text);
	snprintf(path, sizeof(path), "%s/blobs/sha256/%s", folder, found[0]);
	text = read_text(path);
	n = digests(text, "\"digest\"", found);
	/* the first is the configuration */
	for (int i = 1; i < n; i++) {
		snprintf(path, sizeof(path), "%s/blobs/sha256/%s", folder, found[i]);
		add_layer(path, 0, 0);
	}
	free(text);
}

/* Members "<hash>.tar" of regular type: layers as skopeo writes them. */
static void open_archive(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[BLOCK];
	uint64_t at = 0;

	while (pread(fd, block, BLOCK, (off_t)at) == BLOCK && block[0]) {
		uint64_t size = tar_size(block);
		size_t len = strnlen(block, 100);

		at += BLOCK;
		if (block[156] == '0' && len > 4 && memcmp(block + len - 4, ".tar", 4) == 0)
			add_layer(path, at, size);
		at += (size + BLOCK - 1) & ~(uint64_t)(BLOCK - 1);
	}
	close(fd);
}

static void open_list(const char *path)
{
	char *text = read_text(path), *line, *save = NULL;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add_layer(line, 0, 0);
	free(text);
}

static void open_image(const char *path)
{
	char block[BLOCK] = {0};
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		die("%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		open_layout(path);
	else if (pread(fd, block, BLOCK, 0) == BLOCK && memcmp(block + 257, "ustar", 5) == 0)
		open_archive(path);
	else
		open_list(path);
	close(fd);
	if (!layer_count)
		die("%s: no layers", path);
}

static int larger_first(const void *a, const void *b)
{
	uint64_t x = layers[*(const int *)a].size, y = layers[*(const int *)b].size;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* --- measuring
 * ------------------------------------------------------------------------------------ */

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void run_all(unsigned threads)
{
	pthread_t ids[64];
	double wall_0 = wall(), cpu_0 = cpu();
	uint64_t in = 0, out = 0, entries = 0;
	struct rusage r;

	for (int i = 0; i < layer_count; i++)
		order[i] = i;
	qsort(order, (size_t)layer_count, sizeof(order[0]), larger_first);
	for (unsigned i = 0; i + 1 < threads; i++)
		pthread_create(&ids[i], NULL, run_layers, NULL);
	run_layers(NULL);
	for (unsigned i = 0; i + 1 < threads; i++)
		pthread_join(ids[i], NULL);
	for (int i = 0; i < layer_count; i++) {
		in += layers[i].size;
		out += layers[i].out;
		entries += layers[i].entries;
	}
	getrusage(RUSAGE_SELF, &r);
	printf("wall %.3f cpu %.3f rss_mib %.1f in_mb %.1f out_mb %.1f entries %llu\n",
	       wall() - wall_0, cpu() - cpu_0, (double)r.ru_maxrss / 1024, (double)in / 1e6,
	       (double)out / 1e6, (unsigned long long)entries);
}

/* One step on one layer: seconds of CPU. */
static double time_step(struct layer *l, bool blob, bool inflate, bool diff, bool walk)
{
	struct job j = {.layer = l, .blob = blob, .inflate = inflate, .diff = diff, .walk = walk};
	double start = cpu();

	run_job(&j);
	return cpu() - start;
}

static double rate(uint64_t bytes, double seconds)
{
	return seconds > 0 ? (double)bytes / 1e6 / seconds : 0;
}

static void run_steps(void)
{
	static const char *const names[] = {"plain", "gzip", "zstd"};
	double total[5] = {0};
	uint64_t in = 0, out = 0;

	hash_thread = false;
	printf("MB/s of CPU: read and sha256 of what is stored; inflate, sha256 and walk of what "
	       "comes "
	       "out\n%5s %5s %8s %8s %8s %8s %8s %8s %8s\n",
	       "layer", "codec", "in MB", "out MB", "read", "sha in", "inflate", "sha out", "walk");
	for (int i = 0; i < layer_count; i++) {
		struct layer *l = &layers[i];
		double read = time_step(l, false, false, false, false);
		double blob = time_step(l, true, false, false, false) - read;
		double inflate = time_step(l, false, true, false, false) - read;
		double diff = time_step(l, false, true, true, false) - read - inflate;
		double walk = time_step(l, false, true, false, true) - read - inflate;
		double step[5] = {read, blob, inflate, diff, walk};

		for (int k = 0; k < 5; k++)
			total[k] += step[k];
		in += l->size;
		out += l->out;
		printf("%5d %5s %8.1f %8.1f %8.0f %8.0f %8.0f %8.0f %8.0f\n", i + 1,
		       names[l->codec], (double)l->size / 1e6, (double)l->out / 1e6,
		       rate(l->size, read), rate(l->size, blob), rate(l->out, inflate),
		       rate(l->out, diff), rate(l->out, walk));
	}
	printf("%5s %5s %8.1f %8.1f %8.0f %8.0f %8.0f %8.0f %8.0f\n", "all", "", (double)in / 1e6,
	       (double)out / 1e6, rate(in, total[0]), rate(in, total[1]), rate(out, total[2]),
	       rate(out, total[3]), rate(out, total[4]));
	printf("%5s %5s %8s %8s %8.2f %8.2f %8.2f %8.2f %8.2f\n", "CPU s", "", "", "", total[0],
	       total[1], total[2], total[3], total[4]);
}

static enum verify parse_verify(const char *word)
{
	static const char *const words[] = {"none", "blob", "both"};

	for (int i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum verify)i;
	die("--verify takes none, blob or both");
	return VERIFY_NONE;
}

int main(int argc, char **argv)
{
	unsigned threads = 1;
	bool steps = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--verify") == 0 && i + 1 < argc)
			verify = parse_verify(argv[++i]);
		else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
			threads = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--hash-thread") == 0)
			hash_thread = true;
		else if (strcmp(argv[i], "--steps") == 0)
			steps = true;
		else
			die("unknown option %s", argv[i]);
	}
	if (i + 1 != argc || threads < 1 || threads > 64)
		die("usage: floor [--verify none|blob|both] [--threads N] [--hash-thread] "
		    "[--steps] IMAGE");
	sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	open_image(argv[i]);
	walk_only = verify == VERIFY_NONE && !steps;
	if (steps)
		run_steps();
	else
		run_all(threads);
	EVP_MD_free(sha256);
	return 0;
}
