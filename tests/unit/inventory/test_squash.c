/*
 * The rules of docs/formats/squash.md, one row each.
 */
#include "feeder.h"

#include "test.h"

struct stack {
	const char *name;
	const struct line *layers[5];
	const char *files; /* "path[/][=content][->link]@layer" */
	const char *diags;
};

#define L(...) \
	(const struct line[]) \
	{ \
		__VA_ARGS__, END_ \
	}

static const struct stack stacks[] = {
	{"a whiteout hides what is below",
	 {L(FILE_("a", "1"), FILE_("b", "1")), L(FILE_(".wh.a", ""))},
	 "b@0",
	 "distro_unknown -1 "},
	{"a whiteout hides a folder with all in it",
	 {L(FILE_("d/x/y", "1")), L(FILE_(".wh.d", ""))},
	 "",
	 "distro_unknown -1 "},
	{"what comes back after a whiteout is new",
	 {L(DIR_("d", 0700), FILE_("d/a", "1")), L(FILE_(".wh.d", "")), L(FILE_("d/b", "1"))},
	 "d/@2 d/b@2",
	 "distro_unknown -1 "},
	{"an opaque folder hides lower layers only, wherever the marker stands",
	 {L(FILE_("d/a", "1")),
	  L(FILE_("d/b", "2"), FILE_("d/.wh..wh..opq", ""), FILE_("d/c", "2"))},
	 "d/@1 d/b@1 d/c@1",
	 "distro_unknown -1 "},
	{"an opaque root is without effect",
	 {L(FILE_("a", "1")), L(FILE_(".wh..wh..opq", ""), FILE_("b", "1"))},
	 "a@0 b@1",
	 "distro_unknown -1 ; ambiguous_archive 1 "},
	{"a file over a folder hides what was in it",
	 {L(FILE_("d/a", "1")), L(FILE_("d", "2"))},
	 "d@1",
	 "distro_unknown -1 "},
	{"a folder over a file",
	 {L(FILE_("d", "1")), L(DIR_("d", 0755), FILE_("d/a", "2"))},
	 "d/@1 d/a@1",
	 "distro_unknown -1 "},
	{"a folder behind a file does not merge with the folder below the file",
	 {L(FILE_("d/a", "1")), L(FILE_("d", "2")), L(DIR_("d", 0755), FILE_("d/b", "3"))},
	 "d/@2 d/b@2",
	 "distro_unknown -1 "},
	{"a link over a folder, then a folder over the link",
	 {L(FILE_("d/a", "1"), FILE_("e/x", "1")), L(LINK_("d", "e")), L(FILE_("d/b", "3"))},
	 "d/@2 d/b@2 e/@0 e/x@0",
	 "distro_unknown -1 "},
	{"a link of a lower layer is not followed by entries",
	 {L(LINK_("a", "c"), FILE_("c/x", "1")), L(FILE_("a/b", "2"))},
	 "a/@1 a/b@1 c/@0 c/x@0",
	 "distro_unknown -1 "},
	{"a link of the same layer is",
	 {L(FILE_("0", "")), L(LINK_("a", "c"), FILE_("c/x", "1"), FILE_("a/b", "2"))},
	 "0@0 a->c@1 c/@1 c/b@1 c/x@1",
	 "distro_unknown -1 "},
	{"a dangling link of the same layer is made a folder",
	 {L(LINK_("a", "/v/c"), FILE_("a/b", "2"))},
	 "a->/v/c@0 v/@0 v/c/@0 v/c/b@0",
	 "distro_unknown -1 "},
	{"the last of a path counts, a file over its folder empties it",
	 {L(FILE_("d/a", "1"), FILE_("d", "x"), DIR_("d", 0755), FILE_("d/b", "1"))},
	 "d/@0 d/b@0",
	 "distro_unknown -1 "},
	{"a link and later a folder of the same name",
	 {L(DIR_("run", 0755), LINK_("var/run", "../run"), FILE_("var/run/a", "1"),
	    DIR_("var/run", 0755), FILE_("var/run/b", "1"))},
	 "run/@0 run/a@0 var/@0 var/run/@0 var/run/b@0",
	 "distro_unknown -1 "},
	{"a folder made anew behind its whiteout shows what is below",
	 {L(FILE_("d/a", "1")), L(FILE_(".wh.d", ""), DIR_("d", 0755), FILE_("d/b", "2"))},
	 "d/@1 d/a@0 d/b@1",
	 "distro_unknown -1 ; ambiguous_archive 1 d"},
	{"a file behind its whiteout",
	 {L(FILE_("a", "1")), L(FILE_(".wh.a", ""), FILE_("a", "2"))},
	 "a@1",
	 "distro_unknown -1 "},
	{"a whiteout behind its file: refused, the file stays",
	 {L(FILE_("a", "1")), L(FILE_("a", "2"), FILE_(".wh.a", ""))},
	 "a@1",
	 "distro_unknown -1 ; ambiguous_archive 1 .wh.a"},
	{"a whiteout behind its folder: refused, lower content hidden",
	 {L(FILE_("d/a", "1")), L(FILE_("d/b", "2"), FILE_(".wh.d", ""))},
	 "d/@1 d/b@1",
	 "distro_unknown -1 ; ambiguous_archive 1 .wh.d"},
	{"an entry below a whiteout: refused, the folder is new",
	 {L(FILE_("d/a", "1")), L(FILE_(".wh.d", ""), FILE_("d/b", "2"))},
	 "d/@1 d/b@1",
	 "distro_unknown -1 ; ambiguous_archive 1 d/b"},
	{"an entry below a file: refused, not written",
	 {L(FILE_("f", "1"), FILE_("f/x", "2"))},
	 "f@0",
	 "distro_unknown -1 ; ambiguous_archive 0 f/x"},
	{"whiteouts of no name: refused, without effect",
	 {L(FILE_("d/a", "1")),
	  L(FILE_("d/.wh.", ""), FILE_("d/.wh..", ""), FILE_("d/.wh...", ""))},
	 "d/@0 d/a@0",
	 "distro_unknown -1 ; ambiguous_archive 1 d/.wh.; ambiguous_archive 1 d/.wh..; "
	 "ambiguous_archive 1 d/.wh..."},
	{"a whiteout twice",
	 {L(FILE_("a", "1")), L(FILE_(".wh.a", ""), FILE_(".wh.a", ""))},
	 "",
	 "distro_unknown -1 ; entry_odd 1 .wh.a"},
	{"metadata of aufs are whiteouts of names nobody has; what lies in them is there",
	 {L(FILE_("a", "1")),
	  L(FILE_(".wh..wh.aufs", ""), DIR_(".wh..wh.plnk", 0700), FILE_(".wh..wh.plnk/1.2", "x"))},
	 ".wh..wh.plnk/@1 .wh..wh.plnk/1.2@1 a@0",
	 "distro_unknown -1 "},
	{"a device 0:0 hides",
	 {L(FILE_("a", "1")), L(CHAR_("a", 0, 0), CHAR_("n", 0, 0), CHAR_("z", 1, 5))},
	 "z@1",
	 "distro_unknown -1 ; ambiguous_archive 1 a; entry_odd 1 n"},
	{"a hardlink to a device 0:0 hides too",
	 {L(FILE_("a", "1"), FILE_("b", "1")), L(CHAR_("a", 0, 0), HARD_("b", "a"))},
	 "",
	 "distro_unknown -1 ; ambiguous_archive 1 a; ambiguous_archive 1 b"},
	{"in the lowest layer a whiteout removes what is before it",
	 {L(FILE_("a", "1"), FILE_(".wh.a", ""), FILE_("b", "1"), FILE_(".wh.c", ""))},
	 "b@0",
	 "distro_unknown -1 ; ambiguous_archive 0 .wh.a"},
	{"in the lowest layer an opaque marker removes folders nobody named",
	 {L(FILE_("e/x/y", "1"), FILE_("e/z", "1"), FILE_("e/.wh..wh..opq", ""))},
	 "e/@0 e/z@0",
	 "distro_unknown -1 ; ambiguous_archive 0 e/.wh..wh..opq"},
	{"a hardlink has its target's content, also when the target goes",
	 {L(FILE_("a", "1"), HARD_("b", "a"), FILE_("a", "2"))},
	 "a=2@0 b=1->a@0",
	 "distro_unknown -1 "},
	{"a hardlink to a lower layer: refused, read as what is below",
	 {L(FILE_("a", "7")), L(HARD_("b", "a"))},
	 "a=7@0 b=7->a@1",
	 "distro_unknown -1 ; ambiguous_archive 1 b"},
	{"a hardlink through a link of its layer",
	 {L(FILE_("d/a", "1"), LINK_("l", "d"), HARD_("b", "l/a"))},
	 "b=1->l/a@0 d/@0 d/a=1@0 l->d@0",
	 "distro_unknown -1 "},
	{"a hardlink to itself: refused",
	 {L(FILE_("a", "1"), HARD_("a", "a"))},
	 "a->a@0",
	 "distro_unknown -1 ; ambiguous_archive 0 a"},
	{"paths sort by their bytes",
	 {L(FILE_("a/c", "1"), FILE_("a.b", "1"), FILE_("a0", "1"))},
	 "a/@0 a.b@0 a/c@0 a0@0",
	 "distro_unknown -1 "},
	{"links in circles: refused",
	 {L(LINK_("a", "b"), LINK_("b", "a"), FILE_("a/x", "1"))},
	 "a->b@0 b->a@0",
	 "distro_unknown -1 ; ambiguous_archive 0 a/x"},
};

struct out {
	struct buf text;
	bool content;
};

static int put(void *context, const struct inventory_file *f, struct err *e)
{
	struct out *o = context;

	(void)e;
	if (o->text.len)
		buf_add_char(&o->text, ' ');
	buf_add(&o->text, f->path);
	if (f->type == ENTRY_DIR)
		buf_add_char(&o->text, '/');
	if (o->content && f->sha256) {
		/* the content is one character: found by its digest */
		for (char c = '0'; c <= '9'; c++) {
			struct digest d;

			digest_of(DIGEST_SHA256, str_make(&c, 1), &d, NULL);
			if (memcmp(d.bytes, f->sha256->bytes, 32) == 0)
				buf_printf(&o->text, "=%c", c);
		}
	}
	if (f->link.len)
		buf_printf(&o->text, "->%.*s", STR_ARG(f->link));
	buf_printf(&o->text, "@%d", f->layer);
	return 0;
}

TEST(every_rule_has_its_row)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++) {
		const struct stack *s = &stacks[i];
		struct out o = {.content = strchr(s->files, '=') != NULL};
		struct buf diags = BUF_INIT;
		struct feed f;

		feed_init(&f, true);
		for (size_t n = 0; s->layers[n]; n++)
			CHECK(feed_layer(&f, (struct layer_source){.lines = s->layers[n]}) == 0);
		CHECK(feed_build(&f) == 0);
		if (f.inv)
			CHECK(inventory_each_file(f.inv, put, &o, &f.e) == 0);
		feed_diags(&f, &diags);
		if (!str_is(buf_str(&o.text), s->files))
			test_fail(__FILE__, __LINE__, "%s: '%.*s', expected '%s'", s->name,
				  STR_ARG(buf_str(&o.text)), s->files);
		if (!str_is(buf_str(&diags), s->diags))
			test_fail(__FILE__, __LINE__, "%s: '%.*s', expected '%s'", s->name,
				  STR_ARG(buf_str(&diags)), s->diags);
		buf_done(&o.text);
		buf_done(&diags);
		feed_done(&f);
	}
}
