/*
 * One block of 512 bytes as a header: v7, ustar, star, GNU. After Go's archive/tar, whose reading
 * is the container runtime's: which magic words are known, what is a number, and that a field that
 * is none makes the whole archive invalid.
 */
#include "archive/tar_parts.h"

#define ODD(name) (1ULL << TAR_ODD_##name)

static struct str field(const char *block, size_t at, size_t len)
{
	return str_make(block + at, len);
}

/* Up to the NUL, or all. */
static struct str text(const char *block, size_t at, size_t len)
{
	return str_make(block + at, strnlen(block + at, len));
}

bool tar_is_zero_block(const char *block)
{
	for (size_t i = 0; i < TAR_BLOCK; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, block + i, sizeof(word));
		if (word)
			return false;
	}
	return true;
}

static bool padding(char c)
{
	return c == ' ' || c == '\0';
}

/* Digits up to the last byte, which is one or padding: what nearly every field is. */
static bool plain_octal(struct str s, int64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	if (s.len > 12) /* 36 bits */
		return false;
	for (; i < s.len && (unsigned char)(s.data[i] - '0') < 8; i++)
		value = value << 3 | (unsigned char)(s.data[i] - '0');
	if (i == 0 || i + 1 < s.len || (i < s.len && !padding(s.data[i])))
		return false;
	*ret = (int64_t)value;
	return true;
}

static bool octal(struct str s, int64_t *ret)
{
	uint64_t value = 0;

	if (plain_octal(s, ret))
		return true;
	while (s.len && padding(s.data[0]))
		s = str_from(s, 1);
	while (s.len && padding(s.data[s.len - 1]))
		s.len--;
	if (s.len)
		s.len = strnlen(s.data, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '7' || value >> 61)
			return false;
		value = value << 3 | (uint64_t)(s.data[i] - '0');
	}
	*ret = (int64_t)value;
	return true;
}

/* Two's complement, big endian; the first bit only says that it is this form. */
static bool base256(struct str s, int64_t *ret)
{
	uint8_t invert = s.data[0] & 0x40 ? 0xff : 0;
	uint64_t value = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t byte = (uint8_t)s.data[i] ^ invert;

		if (value >> 56)
			return false;
		value = value << 8 | (i ? byte : byte & 0x7f);
	}
	if (value >> 63)
		return false;
	*ret = invert ? -(int64_t)value - 1 : (int64_t)value;
	return true;
}

bool tar_number(struct str s, int64_t *ret)
{
	return s.len && (s.data[0] & 0x80) ? base256(s, ret) : octal(s, ret);
}

/*
 * The sum of all bytes, eight at a time: there is a header for every file of an image. Four lanes
 * of 16 bits hold 64 times two bytes.
 */
static int64_t sum_of_bytes(const char *block)
{
	const uint64_t even = 0x00ff00ff00ff00ffu;
	uint64_t lanes = 0;

	for (size_t i = 0; i < TAR_BLOCK; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, block + i, sizeof(word));
		lanes += (word & even) + (word >> 8 & even);
	}
	return (int64_t)((lanes & 0xffff) + (lanes >> 16 & 0xffff) + (lanes >> 32 & 0xffff) +
			 (lanes >> 48));
}

/* How many bytes are negative when taken as signed. */
static int64_t count_of_high_bytes(const char *block, size_t len)
{
	int64_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += (uint8_t)block[i] >> 7;
	return count;
}

/* The sum of all bytes with blanks for the sum itself; Sun's tar took the bytes as signed. */
static bool checksum_is_right(const char *block)
{
	int64_t stated, sum, high;

	if (!octal(field(block, 148, 8), &stated))
		return false;
	sum = sum_of_bytes(block);
	for (size_t i = 148; i < 156; i++)
		sum += ' ' - (uint8_t)block[i];
	if (sum == stated)
		return true;
	high = count_of_high_bytes(block, TAR_BLOCK) - count_of_high_bytes(block + 148, 8);
	return sum - 256 * high == stated;
}

static enum tar_magic magic_of(const char *block)
{
	if (memcmp(block + 257, "ustar\0", 6) == 0)
		return memcmp(block + 508, "tar\0", 4) == 0 ? TAR_STAR : TAR_USTAR;
	return memcmp(block + 257, "ustar  \0", 8) == 0 ? TAR_GNU : TAR_V7;
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] & 0x80)
			return false;
	return true;
}

/*
 * GNU keeps times where ustar has the prefix. Go reads a prefix there when these are no numbers:
 * its own writer once put one there.
 */
static void gnu_prefix(const char *block, struct tar_header *h)
{
	struct str atime = field(block, 345, 12), ctime = field(block, 357, 12);
	struct str prefix = text(block, 345, 155);
	int64_t t;

	if ((!atime.data[0] || tar_number(atime, &t)) &&
	    (!ctime.data[0] || tar_number(ctime, &t))) {
		if (prefix.len)
			h->odd |= ODD(gnu_times);
		return;
	}
	h->odd |= ODD(gnu_prefix);
	if (is_ascii(prefix))
		h->prefix = prefix;
}

static bool star_numbers(const char *block, struct tar_header *h)
{
	int64_t t;

	h->prefix = text(block, 345, 131);
	if (h->prefix.len == 131)
		h->odd |= ODD(star_prefix);
	return tar_number(field(block, 476, 12), &t) && tar_number(field(block, 488, 12), &t);
}

/* What v7 does not have; false: some number is none. */
static bool parse_rest(const char *block, struct tar_header *h)
{
	if (h->magic == TAR_V7) {
		if (block[345])
			h->odd |= ODD(v7_prefix);
		return true;
	}
	if (!tar_number(field(block, 329, 8), &h->dev_major) ||
	    !tar_number(field(block, 337, 8), &h->dev_minor))
		return false;
	if (h->magic == TAR_STAR)
		return star_numbers(block, h);
	if (h->magic == TAR_GNU)
		gnu_prefix(block, h);
	else
		h->prefix = text(block, 345, 155);
	return true;
}

const char *tar_header_parse(const char *block, struct tar_header *ret)
{
	struct tar_header h = {.magic = magic_of(block), .type = block[156]};

	if (!checksum_is_right(block))
		return "the checksum of a header is wrong";
	h.name = text(block, 0, 100);
	h.link = text(block, 157, 100);
	if (!tar_number(field(block, 124, 12), &h.size) ||
	    !tar_number(field(block, 100, 8), &h.mode) ||
	    !tar_number(field(block, 108, 8), &h.uid) ||
	    !tar_number(field(block, 116, 8), &h.gid) ||
	    !tar_number(field(block, 136, 12), &h.mtime) || !parse_rest(block, &h))
		return "a field of a header is no number";
	if (h.size < 0 && !tar_type_without_body(h.type))
		return "a negative size";
	*ret = h;
	return NULL;
}

bool tar_type_without_body(char type)
{
	return type >= '1' && type <= '6';
}

bool tar_probe(struct str head)
{
	return head.len >= TAR_BLOCK &&
	       (tar_is_zero_block(head.data) || checksum_is_right(head.data));
}
