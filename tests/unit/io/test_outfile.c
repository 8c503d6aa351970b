#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "io/outfile.h"

static char folder[64];

/* An empty folder of its own for each case, and the working folder. */
static void enter_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/plimsoll-test-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder) < 0)
		abort();
}

static void leave_folder(void)
{
	DIR *d = opendir(".");
	struct dirent *entry;

	while ((entry = readdir(d)))
		unlink(entry->d_name);
	closedir(d);
	if (chdir("/") < 0 || rmdir(folder) < 0)
		abort();
}

static int files_here(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void check_content(const char *path, const char *expected)
{
	struct str s = test_read_file(path);

	CHECK_STR(s, expected);
	free((char *)(uintptr_t)s.data);
}

TEST(nothing_appears_before_commit)
{
	struct err e = ERR_INIT;
	struct outfile *o;
	struct stat st;

	enter_folder();
	umask(022);
	o = outfile_open("report.json", &e);
	CHECK(o != NULL);
	CHECK_OK(outfile_write(o, STR("one "), &e));
	CHECK_OK(outfile_put(o, STR("two"), &e));
	CHECK(access("report.json", F_OK) < 0);
	CHECK_OK(outfile_commit(o, &e));
	check_content("report.json", "one two");
	CHECK(stat("report.json", &st) == 0 && (st.st_mode & 07777) == 0644);
	CHECK_INT(files_here(), 1);
	leave_folder();
}

TEST(replacing_keeps_the_old_file_until_then_and_its_mode)
{
	struct err e = ERR_INIT;
	struct outfile *o;
	struct stat st;

	enter_folder();
	put("x", "old");
	chmod("x", 0600);
	o = outfile_open("./x", &e);
	CHECK_OK(outfile_write(o, STR("new"), &e));
	check_content("x", "old");
	CHECK_OK(outfile_commit(o, &e));
	check_content("x", "new");
	CHECK(stat("x", &st) == 0 && (st.st_mode & 07777) == 0600);
	leave_folder();
}

TEST(abort_leaves_nothing)
{
	struct err e = ERR_INIT;
	struct outfile *o;

	enter_folder();
	put("x", "old");
	o = outfile_open("x", &e);
	CHECK_OK(outfile_write(o, STR("new"), &e));
	outfile_abort(o);
	outfile_abort(NULL);
	check_content("x", "old");
	CHECK_INT(files_here(), 1);
	leave_folder();
}

static int writes_left;
static bool fail_a_write(enum fault_kind kind)
{
	return kind == FAULT_WRITE && writes_left-- == 0;
}

TEST(kth_failed_write_leaves_the_old_file)
{
	struct str big = {calloc(1, 300000), 300000};
	int k;

	for (k = 0; k < 20; k++) {
		struct err e = ERR_INIT;
		struct outfile *o;
		int r = 0;

		enter_folder();
		put("x", "old");
		writes_left = k;
		fault_hook = fail_a_write;
		o = outfile_open("x", &e);
		for (int i = 0; i < 5; i++)
			r |= outfile_write(o, str_to(big, 50000), &e);
		r |= outfile_write(o, big, &e);
		r |= outfile_commit(o, &e);
		fault_hook = NULL;
		CHECK_INT(files_here(), 1);
		if (r == 0) {
			leave_folder();
			break;
		}
		CHECK_INT(e.code, ERR_IO);
		check_content("x", "old");
		leave_folder();
	}
	CHECK(k > 4 && k < 20);
	free((char *)(uintptr_t)big.data);
}

TEST(symlink_stays_and_its_target_is_replaced)
{
	struct err e = ERR_INIT;
	struct outfile *o;
	struct stat st;

	enter_folder();
	put("target", "old");
	CHECK(symlink("target", "link") == 0);
	o = outfile_open("link", &e);
	CHECK_OK(outfile_write(o, STR("new"), &e));
	CHECK_OK(outfile_commit(o, &e));
	check_content("target", "new");
	CHECK(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
	leave_folder();
}

TEST(devices_are_written_directly)
{
	struct err e = ERR_INIT;
	struct outfile *o = outfile_open("/dev/null", &e);

	CHECK(o != NULL);
	CHECK_OK(outfile_write(o, STR("gone"), &e));
	CHECK_OK(outfile_commit(o, &e));
	CHECK(access("/dev/null", F_OK) == 0);
	o = outfile_open("/dev/full", &e);
	CHECK_OK(outfile_write(o, STR("gone"), &e));
	CHECK_ERR(outfile_commit(o, &e), ERR_IO);
	CHECK(strstr(e.message, "/dev/full"));
}

TEST(folders_that_are_missing_or_named_are_errors)
{
	struct err e = ERR_INIT;

	enter_folder();
	CHECK(outfile_open("no/such/file", &e) == NULL);
	CHECK_INT(e.code, ERR_IO);
	CHECK(outfile_open(".", &e) == NULL);
	CHECK(outfile_open("new/", &e) == NULL);
	CHECK_INT(files_here(), 0);
	leave_folder();
}

TEST(dash_is_standard_output)
{
	struct err e = ERR_INIT;
	int saved = dup(1), fds[2];
	struct outfile *o;
	char buf[16] = "";

	fflush(stdout);
	if (pipe(fds) < 0 || dup2(fds[1], 1) < 0)
		abort();
	o = outfile_open("-", &e);
	CHECK_OK(outfile_write(o, STR("text"), &e));
	CHECK_OK(outfile_commit(o, &e));
	dup2(saved, 1);
	close(saved);
	close(fds[1]);
	CHECK_INT(read(fds[0], buf, sizeof(buf)), 4);
	CHECK_STR(str_of(buf), "text");
	close(fds[0]);
}
