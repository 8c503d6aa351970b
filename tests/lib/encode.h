/* Compressed data for tests, made by the libraries themselves. Free with free(). */
#ifndef PLIMSOLL_TESTS_ENCODE_H
#define PLIMSOLL_TESTS_ENCODE_H

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/str.h"

static inline struct str encode_igzip(struct str data, uint16_t flag)
{
	size_t room = data.len + data.len / 8 + 1024;
	char *out = malloc(room);
	struct isal_zstream *z = calloc(1, sizeof(*z));
	size_t len;

	isal_deflate_init(z);
	z->gzip_flag = flag;
	z->end_of_stream = 1;
	z->next_in = (uint8_t *)(uintptr_t)data.data;
	z->avail_in = (uint32_t)data.len;
	z->next_out = (uint8_t *)out;
	z->avail_out = (uint32_t)room;
	if (isal_deflate(z) != COMP_OK || z->internal_state.state != ZSTATE_END)
		abort();
	len = room - z->avail_out;
	free(z);
	return str_make(out, len);
}

static inline struct str encode_gzip(struct str data)
{
	return encode_igzip(data, IGZIP_GZIP);
}

static inline struct str encode_deflate(struct str data)
{
	return encode_igzip(data, IGZIP_DEFLATE);
}

static inline struct str encode_zstd(struct str data)
{
	size_t room = ZSTD_compressBound(data.len), len;
	char *out = malloc(room);
	ZSTD_CCtx *c = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	len = ZSTD_compress2(c, out, room, data.data, data.len);
	ZSTD_freeCCtx(c);
	if (ZSTD_isError(len))
		abort();
	return str_make(out, len);
}

static inline struct str encode_xz(struct str data)
{
	size_t room = lzma_stream_buffer_bound(data.len), len = 0;
	uint8_t *out = malloc(room);

	if (lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)data.data, data.len,
				    out, &len, room) != LZMA_OK)
		abort();
	return str_make(out, len);
}

static inline struct str encode_bzip2(struct str data)
{
	unsigned len = (unsigned)(data.len + data.len / 50 + 1024);
	char *out = malloc(len), none = 0;

	if (BZ2_bzBuffToBuffCompress(out, &len, data.len ? (char *)(uintptr_t)data.data : &none,
				     (unsigned)data.len, 9, 0, 0) != BZ_OK)
		abort();
	return str_make(out, len);
}

/* a then b, both freed. */
static inline struct str encode_join(struct str a, struct str b)
{
	char *out = malloc(a.len + b.len + 1);

	memcpy(out, a.data, a.len);
	memcpy(out + a.len, b.data, b.len);
	free((char *)(uintptr_t)a.data);
	free((char *)(uintptr_t)b.data);
	return str_make(out, a.len + b.len);
}

static inline struct str encode_copy(struct str s)
{
	char *out = malloc(s.len + 1);

	memcpy(out, s.data, s.len);
	return str_make(out, s.len);
}

#endif
