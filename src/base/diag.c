#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *name, *meaning;
	enum diag_class class;
} codes[] = {
#define DIAG(code, class, meaning) {#code, meaning, DIAG_##class},
#include "base/diag.def"
#undef DIAG
};

static const char *const class_names[] = {"note", "degraded", "gap"};

const char *diag_name(enum diag_code code)
{
	return codes[code].name;
}

enum diag_class diag_class(enum diag_code code)
{
	return codes[code].class;
}

const char *diag_class_name(enum diag_class class)
{
	return class_names[class];
}

const char *diag_meaning(enum diag_code code)
{
	return codes[code].meaning;
}

void diags_init(struct diags *d, struct budget *budget)
{
	*d = (struct diags){0};
	pthread_mutex_init(&d->lock, NULL);
	arena_init(&d->arena, budget, 0);
}

void diags_done(struct diags *d)
{
	arena_done(&d->arena);
	vec_done(&d->list);
	pthread_mutex_destroy(&d->lock);
}

static void keep(struct diags *d, enum diag_code code, struct diag_place place, const char *text)
{
	struct diag entry = {
		.code = code,
		.layer = place.layer,
		.offset = place.offset,
		.path = arena_str(&d->arena, place.path),
		.message = arena_str(&d->arena, str_of(text)),
	};
	struct diag *slot = entry.message.data ? vec_push(&d->list) : NULL;

	if (slot)
		*slot = entry;
	else
		d->dropped++;
}

void diag_add(struct diags *d, enum diag_code code, struct diag_place place, const char *format,
	      ...)
{
	char raw[768], text[768];
	va_list args;

	if (!d)
		return;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	err_escape(text, sizeof(text), str_of(raw));
	pthread_mutex_lock(&d->lock);
	if (d->per_code[code]++ < DIAG_KEEP)
		keep(d, code, place, text);
	else
		d->dropped++;
	pthread_mutex_unlock(&d->lock);
}

void diags_move(struct diags *to, struct diags *from, int layer)
{
	for (size_t i = 0; i < from->list.count; i++) {
		const struct diag *d = &from->list.items[i];
		struct diag_place place = {d->layer < 0 ? layer : d->layer, d->path, d->offset};

		diag_add(to, d->code, place, "%.*s", STR_ARG(d->message));
		from->per_code[d->code]--;
	}
	pthread_mutex_lock(&to->lock);
	for (int code = 0; code < DIAG_CODES; code++) {
		to->per_code[code] += from->per_code[code];
		to->dropped += from->per_code[code];
		from->per_code[code] = 0;
	}
	pthread_mutex_unlock(&to->lock);
	from->list.count = 0;
	from->dropped = 0;
	arena_done(&from->arena);
}

size_t diags_count(const struct diags *d, enum diag_class class)
{
	size_t count = 0;

	for (int code = 0; code < DIAG_CODES; code++)
		if (codes[code].class == class)
			count += d->per_code[code];
	return count;
}

static int compare(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int c;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	c = str_cmp(x->path, y->path);
	if (c)
		return c;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return str_cmp(x->message, y->message);
}

void diags_sort(struct diags *d)
{
	if (d->list.count)
		qsort(d->list.items, d->list.count, sizeof(*d->list.items), compare);
}
