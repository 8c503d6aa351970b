#include "io/inflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

struct inflater {
	struct inflate_state state;
};

struct inflater *inflater_new(struct err *e)
{
	struct inflater *f = mem_zero(1, sizeof(*f));

	if (!f)
		ERR_NOMEM(e);
	return f;
}

void inflater_free(struct inflater *f)
{
	mem_free(f);
}

int inflater_run(struct inflater *f, struct str packed, char *out, size_t size, struct err *e)
{
	struct inflate_state *s = &f->state;
	char spare;
	int code;

	if (packed.len > UINT32_MAX || size > UINT32_MAX)
		return err_set(e, ERR_LIMIT, "deflate: more than 4 GiB in one piece");
	isal_inflate_init(s);
	s->next_in = (uint8_t *)(uintptr_t)packed.data;
	s->avail_in = (uint32_t)packed.len;
	/* nothing to write is still an end to reach */
	s->next_out = (uint8_t *)(size ? out : &spare);
	s->avail_out = (uint32_t)size;
	code = isal_inflate_stateless(s);
	if (code == ISAL_END_INPUT)
		return err_set(e, ERR_FORMAT, "deflate: the data is cut short");
	if (code == ISAL_OUT_OVERFLOW)
		return err_set(e, ERR_FORMAT, "deflate: longer than the %zu bytes that were said",
			       size);
	if (code != ISAL_DECOMP_OK)
		return err_set(e, ERR_FORMAT, "deflate: invalid data");
	if (s->avail_out)
		return err_set(e, ERR_FORMAT, "deflate: shorter than the %zu bytes that were said",
			       size);
	return 0;
}

uint32_t crc32_add(uint32_t crc, struct str bytes)
{
	return bytes.len ? crc32_gzip_refl(crc, (const uint8_t *)bytes.data, bytes.len) : crc;
}
