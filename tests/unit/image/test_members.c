/* Names of an archive's members, as an extraction into a folder would leave them. */
#include "image/walk.h"
#include "test.h"

struct row {
	enum entry_type type;
	const char *path, *link;
};

static struct members made;
static struct arena arena;

static void make(const struct row *rows, size_t count)
{
	struct err e = ERR_INIT;

	arena_init(&arena, NULL, 0);
	members_init(&made, &arena);
	for (size_t i = 0; i < count; i++) {
		struct tar_entry t = {.entry = {.type = rows[i].type,
						.path = str_of(rows[i].path),
						.link = str_of(rows[i].link ? rows[i].link : "")},
				      .body_offset = 1000 * (i + 1)};
		size_t index;

		CHECK_OK(members_add(&made, &t, &index, &e));
	}
}

static void done(void)
{
	members_done(&made);
	arena_done(&arena);
}

/* The row (from 1) whose body a name leads to, or 0 with the error's code. */
static int resolve(const char *name, enum err_code *ret_code)
{
	struct err e = ERR_INIT;
	size_t index = SIZE_MAX;

	*ret_code = ERR_NONE;
	if (members_resolve(&made, str_of(name), &index, &e) == 0)
		return (int)(made.list.items[index].offset / 1000);
	*ret_code = e.code;
	return 0;
}

TEST(names_lead_where_a_folder_would_lead_them)
{
	static const struct row rows[] = {
		{ENTRY_FILE, "a", NULL},	      /* 1 */
		{ENTRY_DIR, "d", NULL},		      /* 2 */
		{ENTRY_FILE, "d/f", NULL},	      /* 3 */
		{ENTRY_SYMLINK, "s", "d/f"},	      /* 4 */
		{ENTRY_SYMLINK, "abs", "/d/f"},	      /* 5 */
		{ENTRY_SYMLINK, "d/up", "../a"},      /* 6 */
		{ENTRY_SYMLINK, "e", "d"},	      /* 7 */
		{ENTRY_SYMLINK, "x", "y"},	      /* 8 */
		{ENTRY_SYMLINK, "y", "x"},	      /* 9 */
		{ENTRY_SYMLINK, "self", "self/self"}, /* 10 */
		{ENTRY_HARDLINK, "h", "a"},	      /* 11 */
		{ENTRY_HARDLINK, "hh", "h"},	      /* 12 */
		{ENTRY_FILE, "a", NULL},	      /* 13: replaces 1 */
		{ENTRY_HARDLINK, "hnone", "nowhere"}, /* 14 */
		{ENTRY_FIFO, "p", NULL},	      /* 15 */
		{ENTRY_FILE, "was-link", NULL},	      /* 16 */
		{ENTRY_SYMLINK, "was-link", "d/f"},   /* 17 */
		{ENTRY_SYMLINK, "root", "/"},	      /* 18 */
		{ENTRY_SYMLINK, "none", "gone"},      /* 19 */
	};
	static const struct {
		const char *name;
		int row;
		enum err_code code;
	} cases[] = {
		{"a", 13, 0},
		{"./a", 13, 0},
		{"/a", 13, 0},
		{"../../a", 13, 0},
		{"d//f", 3, 0},
		{"d/../d/./f", 3, 0},
		{"s", 3, 0},
		{"abs", 3, 0},
		{"d/up", 13, 0},
		{"e/f", 3, 0},
		{"e/up", 13, 0},
		{"e/../a", 13, 0},
		{"root/root/d/f", 3, 0},
		{"h", 1, 0},
		{"hh", 1, 0},
		{"was-link", 3, 0},
		{"x", 0, ERR_FORMAT},
		{"self", 0, ERR_FORMAT},
		{"d", 0, ERR_FORMAT},
		{"p", 0, ERR_FORMAT},
		{"hnone", 0, ERR_FORMAT},
		{"none", 0, ERR_NOT_FOUND},
		{"nothing", 0, ERR_NOT_FOUND},
		{"a/below", 0, ERR_NOT_FOUND},
		{"", 0, ERR_NOT_FOUND},
		{"/", 0, ERR_NOT_FOUND},
		{"..", 0, ERR_NOT_FOUND},
	};

	make(rows, sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err_code code;
		int row = resolve(cases[i].name, &code);

		if (row != cases[i].row || code != cases[i].code)
			test_fail(__FILE__, __LINE__, "'%s' leads to %d (%s)", cases[i].name, row,
				  err_code_name(code));
	}
	done();
}

TEST(links_that_grow_the_path_end_at_a_limit)
{
	static char longer[3000];
	struct row rows[2] = {{ENTRY_SYMLINK, "l", longer}};
	enum err_code code;

	for (size_t i = 0; i < sizeof(longer) - 1; i += 2)
		memcpy(longer + i, "l/", 2);
	longer[sizeof(longer) - 1] = '\0';
	make(rows, 1);
	CHECK_INT(resolve("l/l/l/l", &code), 0);
	CHECK(code == ERR_LIMIT || code == ERR_FORMAT);
	done();
}

TEST(more_members_than_are_kept_still_keep_those_that_decide)
{
	struct err e = ERR_INIT;
	size_t index;
	char name[32];

	make(NULL, 0);
	for (int i = 0; i < 70000; i++) {
		struct tar_entry t = {.entry = {.type = ENTRY_FILE}};

		snprintf(name, sizeof(name), "f%d", i);
		t.entry.path = str_of(name);
		CHECK_OK(members_add(&made, &t, &index, &e));
		CHECK((index == SIZE_MAX) == (i >= 65536));
	}
	CHECK(made.overflow);
	{
		struct tar_entry t = {.entry = {.type = ENTRY_FILE, .path = STR("manifest.json")}};

		CHECK_OK(members_add(&made, &t, &index, &e));
		CHECK(index != SIZE_MAX);
	}
	done();
}

TEST(names_that_only_images_have)
{
	CHECK(members_tell_image(STR("blobs/sha256/x")));
	CHECK(members_tell_image(
		STR("0123456789012345678901234567890123456789012345678901234567890123.tar")));
	CHECK(members_tell_image(STR("x/layer.tar")));
	CHECK(!members_tell_image(STR("manifest.json")));
	CHECK(!members_tell_image(STR("etc/passwd")));
	CHECK(members_decides(STR("oci-layout")));
	CHECK(!members_decides(STR("etc/manifest.json")));
}
