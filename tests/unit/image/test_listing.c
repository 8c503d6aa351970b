/* The listing of a folder: made, read, taken apart by number; and malformed ones. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/listing.h"
#include "test.h"

static char root[64];

static void put(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	CHECK_INT(write(fd, "12345", 5), 5);
	close(fd);
}

static void make_folder(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	CHECK_INT(mkdir(path, 0755), 0);
}

static int make(uint64_t entries_max, volatile const int *interrupted, int *ret_fd,
		uint64_t *ret_size, struct err *e)
{
	struct listing_limits limits = {entries_max, 4096, 256, interrupted};
	int folder = open(root, O_RDONLY | O_DIRECTORY);
	int r = listing_make(folder, &limits, ret_fd, ret_size, e);

	close(folder);
	return r;
}

static void set_up(void)
{
	char command[128];

	snprintf(root, sizeof(root), "/tmp/plimsoll-listing-%d", (int)getpid());
	snprintf(command, sizeof(command), "rm -rf %s", root);
	CHECK_INT(system(command), 0);
	CHECK_INT(mkdir(root, 0755), 0);
	make_folder("b");
	make_folder("b/c");
	put("b/c/2");
	put("b/c/10");
	put("b-");
	put("z");
	make_folder("empty");
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	CHECK_INT(system(command), 0);
}

TEST(entries_come_folder_by_folder_sorted_by_bytes)
{
	static const char *const expected[] = {"b", "b/c", "b/c/10", "b/c/2", "b-", "empty", "z"};
	struct listing l;
	struct entry entry;
	enum listing_note note;
	struct err e = ERR_INIT;
	uint64_t size;
	size_t i = 0;
	int fd;
	void *data;

	set_up();
	CHECK_OK(make(0, NULL, &fd, &size, &e));
	CHECK_INT(fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE, F_SEAL_WRITE);
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK_OK(listing_open(&l, str_make(data, size), &e));
	CHECK_INT(l.count, 7);
	for (; listing_next(&l, &entry, &note, &e) > 0 && i < 7; i++) {
		struct buf path = BUF_INIT;

		CHECK_STR(entry.path, expected[i]);
		CHECK_INT(entry.size, entry.type == ENTRY_FILE ? 5 : 0);
		CHECK_INT(note, LISTING_PLAIN);
		CHECK_OK(listing_path(fd, i, &path, &e));
		CHECK_STR(buf_str(&path), expected[i]);
		buf_done(&path);
	}
	CHECK_INT(i, 7);
	CHECK_ERR(listing_path(fd, 7, &(struct buf){0}, &e), ERR_NOT_FOUND);
	listing_close(&l);
	munmap(data, size);
	close(fd);
	tear_down();
}

TEST(a_limit_or_an_interrupt_ends_it)
{
	struct listing l;
	struct entry entry;
	enum listing_note note = LISTING_PLAIN;
	struct err e = ERR_INIT;
	volatile int interrupted = 1;
	uint64_t size;
	int fd, count = 0;
	void *data;

	set_up();
	CHECK_ERR(make(0, &interrupted, &fd, &size, &e), ERR_CANCELLED);
	CHECK_OK(make(3, NULL, &fd, &size, &e));
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK_OK(listing_open(&l, str_make(data, size), &e));
	while (listing_next(&l, &entry, &note, &e) > 0)
		count++;
	CHECK_INT(count, 3);
	CHECK_INT(note, LISTING_CUT);
	listing_close(&l);
	munmap(data, size);
	close(fd);
	tear_down();
}

/* Every byte of a good listing changed in turn: an error or an entry that is clean, never more. */
TEST(a_changed_listing_is_refused_or_harmless)
{
	struct err e = ERR_INIT;
	uint64_t size;
	char *copy;
	int fd;

	set_up();
	CHECK_OK(make(0, NULL, &fd, &size, &e));
	copy = malloc(size);
	for (uint64_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit += 3) {
			struct listing l;
			struct entry entry;
			enum listing_note note;

			CHECK_INT(pread(fd, copy, size, 0), size);
			copy[at] = (char)(copy[at] ^ 1 << bit);
			if (listing_open(&l, str_make(copy, size), &e) < 0)
				continue;
			while (listing_next(&l, &entry, &note, &e) > 0) {
				CHECK(entry.path.len && entry.path.data[0] != '/');
				CHECK(str_find(entry.path, STR("//")) < 0);
			}
			listing_close(&l);
		}
	free(copy);
	close(fd);
	tear_down();
}
