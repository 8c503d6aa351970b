/*
 * Partition files. The first byte says what the rest is: a whole file; a table, which gets a footer
 * with its right digest; or the entries of a block of some kind, which get a right file around
 * them, so that the checksums do not stop the fuzzer at the door.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zstd.h>

#include "advisory/database.h"
#include "advisory/format.h"
#include "advisory/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int found(void *context, size_t index, const struct advisory *a)
{
	size_t *total = context;

	*total += index + a->id.len + a->cve_count + a->span_count + a->version_count;
	for (size_t i = 0; i < a->cve_count; i++)
		*total += a->cves[i].len;
	for (size_t i = 0; i < a->span_count; i++)
		*total += a->spans[i].fixed.len;
	return 0;
}

static void use(struct str file)
{
	static const struct str names[] = {STR_INIT(""), STR_INIT("openssl"),
					   STR_INIT("CVE-2024-0001"), STR_INIT("zlib"),
					   STR_INIT("a")};
	struct budget budget = {.bytes_max = 64 << 20};
	struct id_info infos[5] = {0};
	struct arena arena;
	struct partition *p;
	struct str day, codename;
	struct digest digest;
	struct err e = ERR_INIT;
	size_t total = 0;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || file_write_all(fd, file, &e) < 0)
		abort();
	if (partition_open(fd, &budget, &p, &e) < 0)
		return;
	arena_init(&arena, &budget, 0);
	(void)partition_find_packages(p, names, 5, NULL, found, &total, &e);
	(void)partition_find_packages(p, names, 5, &arena, found, &total, &e);
	(void)partition_find_ids(p, names, 5, &arena, infos, &e);
	(void)partition_find_eol(p, STR("a"), STR("1.2"), &arena, &day, &codename, &e);
	(void)partition_verify(p, &digest, &e);
	(void)partition_digest(p);
	arena_done(&arena);
	partition_close(p);
	if (budget.bytes != 0)
		abort();
}

static void put_header(struct buf *file)
{
	buf_add(file, str_make(partition_magic, sizeof(partition_magic)));
	buf_add_u32(file, PARTITION_VERSION);
	buf_add_u32(file, 0);
}

static void put_tail(struct buf *file, struct str tail)
{
	uint64_t offset = file->len;
	struct digest digest;

	if (digest_of(DIGEST_SHA256, tail, &digest, NULL) < 0)
		abort();
	buf_add(file, tail);
	buf_add_u64(file, offset);
	buf_add_u64(file, tail.len);
	buf_add(file, str_make(digest.bytes, 32));
	buf_add_u32(file, PARTITION_VERSION);
	buf_add_u32(file, 0);
	buf_add(file, str_make(partition_magic, sizeof(partition_magic)));
}

static void put_block(struct buf *file, const char *name, struct str raw)
{
	CLEANUP(buf_done) struct buf tail = BUF_INIT;
	size_t room = ZSTD_compressBound(raw.len);
	char *packed = malloc(room);
	size_t len = ZSTD_compress(packed, room, raw.data, raw.len, 1);
	struct digest digest;

	if (!packed || ZSTD_isError(len) ||
	    digest_of(DIGEST_SHA256, str_make(packed, len), &digest, NULL) < 0)
		abort();
	put_header(file);
	buf_add(file, str_make(packed, len));
	put_str(&tail, str_of(name));
	put_str(&tail, STR("debian"));
	buf_add_varint(&tail, 1);
	buf_add_varint(&tail, 1);
	buf_add_varint(&tail, 0);
	buf_add_varint(&tail, 2);
	put_str(&tail, STR("osv"));
	put_str(&tail, STR("nvd"));
	buf_add_varint(&tail, 1);
	for (int i = 0; i < PARTITION_FILTER_UNIT; i++)
		buf_add_char(&tail, '\xff');
	buf_add_varint(&tail, 1);
	buf_add_varint(&tail, 0);
	put_str(&tail, STR(""));
	buf_add_varint(&tail, len);
	buf_add_varint(&tail, raw.len);
	buf_add(&tail, str_make(digest.bytes, PARTITION_CHECKSUM));
	put_tail(file, buf_str(&tail));
	free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"pkg/debian-12", "id/cve",	 "id/epss",
					    "id/kev",	     "id/alias", "id/eol"};
	CLEANUP(buf_done) struct buf file = BUF_INIT;
	struct str rest = str_make(data, size);
	struct err e = ERR_INIT;

	if (size < 2 || crypto_init(&e) < 0)
		return 0;
	rest = str_from(rest, 1);
	if (data[0] == 'f') {
		buf_add(&file, rest);
	} else if (data[0] == 't') {
		put_header(&file);
		put_tail(&file, rest);
	} else {
		put_block(&file, kinds[data[0] % 6], rest);
	}
	use(buf_str(&file));
	return 0;
}
