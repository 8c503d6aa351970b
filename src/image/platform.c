/*
 * Platforms of images, ranked as containerd does.
 */
#include "image/platform.h"

#include <stdio.h>

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#elif defined(__arm__)
#define MACHINE "arm"
#elif defined(__i386__)
#define MACHINE "386"
#elif defined(__powerpc64__)
#define MACHINE "ppc64le"
#elif defined(__s390x__)
#define MACHINE "s390x"
#elif defined(__riscv)
#define MACHINE "riscv64"
#else
#define MACHINE "unknown"
#endif

static struct str usual_architecture(struct str s)
{
	static const struct {
		const char *other, *usual;
	} names[] = {{"x86_64", "amd64"}, {"x86-64", "amd64"}, {"aarch64", "arm64"},
		     {"armhf", "arm"},	  {"i386", "386"},     {"i686", "386"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(s, names[i].other))
			return str_of(names[i].usual);
	return s;
}

int platform_parse(struct str text, struct platform *ret, struct err *e)
{
	struct str rest = text, extra;
	struct platform p = {0};

	if (!text.len) {
		*ret = (struct platform){STR("linux"), STR(MACHINE), STR("")};
		return 0;
	}
	if (!str_next(&rest, '/', &p.os) || !str_next(&rest, '/', &p.architecture) || !p.os.len ||
	    !p.architecture.len)
		return err_set(e, ERR_USAGE,
			       "platform '%.*s' is not of the form os/arch or "
			       "os/arch/variant, like linux/arm64",
			       STR_ARG(text));
	if (str_next(&rest, '/', &p.variant) && str_next(&rest, '/', &extra))
		return err_set(e, ERR_USAGE, "platform '%.*s' has too many parts", STR_ARG(text));
	p.architecture = usual_architecture(p.architecture);
	*ret = p;
	return 0;
}

/* The variant that stands for none: arm64 is v8, amd64 is v1. */
static struct str variant_of(const struct platform *p)
{
	bool plain = (str_is(p->architecture, "arm64") && str_is(p->variant, "v8")) ||
		     (str_is(p->architecture, "amd64") && str_is(p->variant, "v1"));

	return plain ? STR("") : p->variant;
}

int platform_rank(const struct platform *want, const struct platform *have)
{
	/* a 32-bit arm of unknown variant runs the newest there is, and all older ones */
	static const char *const arm[] = {"v7", "", "v6", "v5"};
	struct str variant = variant_of(have);

	if (!str_eq(want->os, have->os) ||
	    !str_eq(want->architecture, usual_architecture(have->architecture)))
		return -1;
	if (str_eq(variant_of(want), variant) && !str_is(want->architecture, "arm"))
		return 0;
	if (want->variant.len)
		return str_eq(want->variant, have->variant) ? 0 : -1;
	if (str_is(want->architecture, "arm"))
		for (int i = 0; i < 4; i++)
			if (str_is(variant, arm[i]))
				return i;
	return -1;
}

void platform_add_name(struct buf *list, const struct platform *p)
{
	char name[160];
	struct str rest = buf_str(list), item;
	int n = snprintf(name, sizeof(name), "%.*s/%.*s%s%.*s", STR_ARG(str_to(p->os, 32)),
			 STR_ARG(str_to(p->architecture, 32)), p->variant.len ? "/" : "",
			 STR_ARG(str_to(p->variant, 32)));

	while (rest.len && str_next(&rest, ',', &item))
		if (str_eq(str_trim(item), str_make(name, (size_t)n)))
			return;
	if (list->len < 400)
		buf_printf(list, "%s%s", list->len ? ", " : "", name);
}
