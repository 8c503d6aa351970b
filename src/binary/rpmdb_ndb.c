/*
 * rpm's own "ndb" (Packages.db; SUSE): little-endian.
 *
 *	file header  "RpmP", u32 version 0, u32 generation, u32 pages of slots, u32 next package,
 *0... slots	     from byte 32 to the end of the slot pages (4096 bytes each), 16 bytes a slot:
 *		     "Slot", u32 package, u32 first block, u32 blocks; first block 0: free
 *	blobs	     in blocks of 16 bytes: "BlbS", u32 package, u32 time, u32 bytes; the bytes;
 *zeros; u32 adler32 of all before it, u32 bytes, "BlbE"
 *
 * Traps: rpm gives up at the first bad slot and skips the checksum when it reads; slots that
 *overlap would make a small file read as a large one, so no byte is read twice.
 */
#include "binary/rpmdb.h"

#include "base/cur.h"

enum {
	FILE_HEADER = 32,
	SLOT_SIZE = 16,
	BLOCK = 16,
	PAGE = 4096,
	BLOB_HEAD = 16,
	BLOB_TAIL = 12,
	VERSION = 0,
};

#define MAGIC_FILE 0x506d7052u /* RpmP */
#define MAGIC_SLOT 0x746f6c53u /* Slot */
#define MAGIC_HEAD 0x53626c42u /* BlbS */
#define MAGIC_TAIL 0x45626c42u /* BlbE */

struct slot {
	uint64_t offset; /* of the slot in the file */
	uint32_t package;
	uint64_t start; /* bytes */
	uint64_t size;
};

struct slots {
	struct slot *items;
	size_t count;
	size_t room;
	struct budget *budget;
};

static bool probe(struct str head)
{
	struct cur c = cur_of(head);

	return cur_le32(&c) == MAGIC_FILE && !c.bad;
}

/* RFC 1950; sums are folded before they can overflow 32 bits. */
static uint32_t adler32(struct str s)
{
	uint32_t a = 1, b = 0;

	while (s.len) {
		struct str part = str_to(s, 5552);

		for (size_t i = 0; i < part.len; i++) {
			a += (uint8_t)part.data[i];
			b += a;
		}
		a %= 65521;
		b %= 65521;
		s = str_from(s, part.len);
	}
	return b << 16 | a;
}

static int slots_init(struct slots *s, size_t room, struct budget *budget, struct err *e)
{
	*s = (struct slots){.room = room, .budget = budget};
	if (budget_charge(budget, room * sizeof(*s->items)) < 0)
		return ERR_NOMEM(e);
	s->items = mem_alloc(room * sizeof(*s->items));
	if (s->items)
		return 0;
	budget_release(budget, room * sizeof(*s->items));
	return ERR_NOMEM(e);
}

static void slots_done(struct slots *s)
{
	if (s->items)
		budget_release(s->budget, s->room * sizeof(*s->items));
	mem_free(s->items);
}

/* NULL when the slot is good, free or reported: only good ones are kept. */
static const char *check_slot(const struct slot *slot, uint64_t slots_end, uint64_t file_size)
{
	if (slot->package == 0)
		return "it names no package";
	if (slot->start < slots_end)
		return "its blob lies among the slots";
	if (slot->size < BLOB_HEAD + BLOB_TAIL)
		return "its blob is too small";
	if (slot->start > file_size || slot->size > file_size - slot->start)
		return "its blob ends beyond the file";
	return NULL;
}

static void read_slot(struct rpmdb_run *run, struct cur *c, uint64_t slots_end, struct slots *slots)
{
	struct slot slot = {.offset = c->at};
	uint32_t magic = cur_le32(c), block, blocks;
	const char *wrong;

	slot.package = cur_le32(c);
	block = cur_le32(c);
	blocks = cur_le32(c);
	slot.start = (uint64_t)block * BLOCK;
	slot.size = (uint64_t)blocks * BLOCK;
	if (magic != MAGIC_SLOT) {
		rpmdb_damage(run, (int64_t)slot.offset, "ndb: a slot without its magic number");
		return;
	}
	if (block == 0)
		return;
	wrong = check_slot(&slot, slots_end, run->in->main.len);
	if (wrong)
		rpmdb_damage(run, (int64_t)slot.offset, "ndb: slot of package %u: %s", slot.package,
			     wrong);
	else
		slots->items[slots->count++] = slot;
}

static int read_blob(struct rpmdb_run *run, const struct slot *slot, struct err *e)
{
	struct str whole = str_sub(run->in->main, slot->start, slot->start + slot->size);
	struct cur head = cur_of(whole), tail = cur_of(str_from(whole, slot->size - BLOB_TAIL));
	uint32_t magic = cur_le32(&head), package = cur_le32(&head), size, sum;
	uint64_t needed;

	cur_skip(&head, 4);
	size = cur_le32(&head);
	needed = (BLOB_HEAD + (uint64_t)size + BLOB_TAIL + BLOCK - 1) / BLOCK * BLOCK;
	if (magic != MAGIC_HEAD || package != slot->package || needed != slot->size) {
		rpmdb_damage(run, (int64_t)slot->start,
			     "ndb: the blob of package %u does not begin as its slot says",
			     slot->package);
		return 0;
	}
	sum = cur_le32(&tail);
	/* rpm does not look at the checksum when it reads: report it, and read on as rpm does */
	if (sum != adler32(str_to(whole, slot->size - BLOB_TAIL)) || cur_le32(&tail) != size ||
	    cur_le32(&tail) != MAGIC_TAIL)
		rpmdb_damage(run, (int64_t)slot->start,
			     "ndb: the blob of package %u differs from its checksum",
			     slot->package);
	return rpmdb_deliver(run, str_sub(whole, BLOB_HEAD, BLOB_HEAD + (size_t)size),
			     slot->package, (int64_t)slot->start, e);
}

static int by_start(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static int read_blobs(struct rpmdb_run *run, struct slots *slots, struct err *e)
{
	uint64_t end = 0;

	qsort(slots->items, slots->count, sizeof(*slots->items), by_start);
	for (size_t i = 0; i < slots->count; i++) {
		const struct slot *slot = &slots->items[i];

		if (slot->start < end) {
			rpmdb_damage(run, (int64_t)slot->offset,
				     "ndb: the blob of package %u overlaps another", slot->package);
			continue;
		}
		end = slot->start + slot->size;
		if (read_blob(run, slot, e) < 0)
			return -1;
	}
	return 0;
}

/* When the header's count is wrong: the pages that begin with a slot. */
static uint64_t find_slots_end(struct str file)
{
	uint64_t end = 0;

	while (end + PAGE <= file.len) {
		struct cur c = cur_of(str_from(file, end ? end : FILE_HEADER));

		if (cur_le32(&c) != MAGIC_SLOT)
			break;
		end += PAGE;
	}
	return end;
}

static int read_database(struct rpmdb_run *run, struct err *e)
{
	struct cur c = cur_of(run->in->main);
	CLEANUP(slots_done) struct slots slots = {0};
	uint32_t version, pages;
	uint64_t slots_end;

	cur_skip(&c, 4);
	version = cur_le32(&c);
	cur_skip(&c, 4);
	pages = cur_le32(&c);
	if (c.bad)
		return err_set(e, ERR_TRUNCATED, "its header is cut short");
	if (version != VERSION)
		return err_set(e, ERR_UNSUPPORTED, "version %u", version);
	slots_end = (uint64_t)pages * PAGE;
	if (pages == 0 || slots_end > c.len) {
		rpmdb_damage(run, 12, "ndb: %u pages of slots in %zu bytes", pages, c.len);
		slots_end = find_slots_end(run->in->main);
	}
	if (slots_init(&slots, slots_end / SLOT_SIZE, run->in->budget, e) < 0)
		return -1;
	cur_seek(&c, FILE_HEADER);
	while (!c.bad && c.at + SLOT_SIZE <= slots_end)
		read_slot(run, &c, slots_end, &slots);
	return read_blobs(run, &slots, e);
}

const struct rpmdb_backend rpmdb_ndb = {
	.name = "ndb",
	.probe = probe,
	.read = read_database,
};
