/* Reading JSON objects by tables of members: see document_reader.h. */
#include "document/document_reader.h"

#include <stdlib.h>

#define AT(object, offset, type) ((type *)(void *)((char *)(object) + (offset)))

int read_str(struct reader *r, struct str *ret)
{
	struct str text, kept;

	if (json_expect_string(&r->j, &text, r->e) < 0)
		return -1;
	kept = document_str(r->d, text);
	if (!kept.data)
		return ERR_NOMEM(r->e);
	*ret = kept;
	return 0;
}

int read_u64_up_to(struct reader *r, uint64_t max, uint64_t *ret)
{
	uint64_t value;

	if (json_expect_u64(&r->j, &value, r->e) < 0)
		return -1;
	if (value > max)
		return json_error(&r->j, r->e, "the number is too large");
	*ret = value;
	return 0;
}

int read_double(struct reader *r, double *ret)
{
	char text[64], *end;
	double value;

	if (json_expect(&r->j, JSON_NUMBER, r->e) < 0)
		return -1;
	if (r->j.text.len >= sizeof(text))
		return json_error(&r->j, r->e, "the number is too long");
	memcpy(text, r->j.text.data, r->j.text.len);
	text[r->j.text.len] = 0;
	value = strtod(text, &end);
	if (*end || !(value >= 0 && value <= 1e15))
		return json_error(&r->j, r->e, "the number is out of range");
	*ret = value;
	return 0;
}

static int read_strings(struct reader *r, struct str **ret_items, size_t *ret_count)
{
	VEC(struct str) list = {0};
	struct str *items = NULL;
	int more = json_expect(&r->j, JSON_ARRAY, r->e);

	if (more == 0) {
		while ((more = json_next_item(&r->j, r->e)) > 0) {
			struct str *s = vec_push(&list);

			if (r->j.event != JSON_STRING)
				more = json_error(&r->j, r->e, "expected a string");
			else if (!s || !(*s = document_str(r->d, r->j.text)).data)
				more = ERR_NOMEM(r->e);
			if (more < 0)
				break;
		}
	}
	if (more == 0 && list.count) {
		items = arena_alloc_array(&r->d->arena, list.count, sizeof(*items));
		if (items)
			memcpy(items, list.items, list.count * sizeof(*items));
		else
			more = ERR_NOMEM(r->e);
	}
	if (more == 0) {
		*ret_items = items;
		*ret_count = list.count;
	}
	vec_done(&list);
	return more;
}

static int digit64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int read_base64(struct reader *r, struct str *ret)
{
	struct str text;
	uint32_t bits = 0;
	size_t len = 0;
	char *out;

	if (json_expect_string(&r->j, &text, r->e) < 0)
		return -1;
	while (text.len && text.data[text.len - 1] == '=')
		text.len--;
	out = arena_bytes(&r->d->arena, text.len + 1);
	if (!out)
		return ERR_NOMEM(r->e);
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit64(text.data[i]);

		if (digit < 0)
			return json_error(&r->j, r->e, "not base64");
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4)
			out[len++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	*ret = str_make(out, len);
	return 0;
}

static int read_member(struct reader *r, const struct member *m, void *object)
{
	uint64_t number = 0;

	switch (m->kind) {
	case KIND_STR:
		return read_str(r, AT(object, m->offset, struct str));
	case KIND_BOOL:
		return json_expect_bool(&r->j, AT(object, m->offset, bool), r->e);
	case KIND_INT:
		if (read_u64_up_to(r, INT32_MAX, &number) < 0)
			return -1;
		*AT(object, m->offset, int) = (int)number;
		return 0;
	case KIND_U32:
		if (read_u64_up_to(r, UINT32_MAX, &number) < 0)
			return -1;
		*AT(object, m->offset, uint32_t) = (uint32_t)number;
		return 0;
	case KIND_U64:
		return json_expect_u64(&r->j, AT(object, m->offset, uint64_t), r->e);
	case KIND_DOUBLE:
		return read_double(r, AT(object, m->offset, double));
	case KIND_STRINGS:
		return read_strings(r, AT(object, m->offset, struct str *),
				    AT(object, m->offset2, size_t));
	case KIND_PATH_RAW:
		return read_base64(r, AT(object, m->offset, struct str));
	case KIND_READ:
		return m->read(r, object);
	}
	return -1;
}

static const struct member *member_of(const struct member *table, size_t count, struct str key)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(key, table[i].key))
			return &table[i];
	}
	return NULL;
}

int read_members(struct reader *r, const struct member *table, size_t count, void *object)
{
	struct str key;
	int more;

	while ((more = json_next_key(&r->j, &key, r->e)) > 0) {
		const struct member *m = member_of(table, count, key);

		if (m && r->j.duplicate)
			return json_error(&r->j, r->e, "'%s' stands twice", m->key);
		if (m ? read_member(r, m, object) < 0 : json_skip_value(&r->j, r->e) < 0)
			return -1;
	}
	return more;
}

int read_object(struct reader *r, const struct member *table, size_t count, void *object)
{
	if (json_expect(&r->j, JSON_OBJECT, r->e) < 0)
		return -1;
	return read_members(r, table, count, object);
}

int read_list(struct reader *r, int (*item)(struct reader *r, void *object), void *object)
{
	size_t count = 0;
	int more = json_expect(&r->j, JSON_ARRAY, r->e);

	if (more < 0)
		return -1;
	while ((more = json_next_item(&r->j, r->e)) > 0) {
		if (r->j.event != JSON_OBJECT)
			return json_error(&r->j, r->e, "expected an object");
		if (++count > DOCUMENT_READ_MAX)
			return err_set(r->e, ERR_LIMIT,
				       "the report has more than %d entries in a list",
				       DOCUMENT_READ_MAX);
		if (item(r, object) < 0)
			return -1;
	}
	return more;
}

int bad_word(struct reader *r, const char *what)
{
	return json_error(&r->j, r->e, "'%.*s' is no %s", STR_ARG(r->j.text), what);
}

int read_word(struct reader *r, struct str *ret)
{
	return json_expect_string(&r->j, ret, r->e);
}
