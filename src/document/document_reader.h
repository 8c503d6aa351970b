/*
 * Inside src/document: reading JSON objects by tables of members.
 */
#ifndef PLIMSOLL_DOCUMENT_READER_H
#define PLIMSOLL_DOCUMENT_READER_H

#include "base/map.h"
#include "document/document.h"
#include "text/json.h"

struct reader {
	struct json j;
	struct document *d;
	struct err *e;
	struct map packages;  /* ref to index + 1 */
	VEC(struct str) refs; /* of the findings; empty for none */
	bool has_schema;
};

enum member_kind {
	KIND_STR,      /* struct str */
	KIND_BOOL,     /* bool */
	KIND_INT,      /* int, 0 to INT32_MAX */
	KIND_U32,      /* uint32_t */
	KIND_U64,      /* uint64_t */
	KIND_DOUBLE,   /* double, not negative */
	KIND_STRINGS,  /* struct str *, its count (size_t) at `offset2` */
	KIND_PATH_RAW, /* struct str in base64: stands over what "path" gave */
	KIND_READ,     /* read() reads the value */
};

struct member {
	const char *key;
	enum member_kind kind;
	size_t offset, offset2; /* of the field in the object */
	int (*read)(struct reader *r, void *object);
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* The next value, an object, into `object` by its table. */
#define OBJECT(r, table, object) read_object((r), (table), COUNT(table), (object))

int read_object(struct reader *r, const struct member *table, size_t count, void *object);
/* The rest of an object whose first event was read. A known key that stands twice is an error. */
int read_members(struct reader *r, const struct member *table, size_t count, void *object);
/* A list of objects: item() is called with the first event of each read. */
int read_list(struct reader *r, int (*item)(struct reader *r, void *object), void *object);
int read_str(struct reader *r, struct str *ret);
int read_u64_up_to(struct reader *r, uint64_t max, uint64_t *ret);
int read_double(struct reader *r, double *ret);
/* A string, valid until the next call; and the error about one that is in no closed list. */
int read_word(struct reader *r, struct str *ret);
int bad_word(struct reader *r, const char *what);

/* The lists of packages and findings; the object is the document. */
int read_packages(struct reader *r, void *object);
int read_findings(struct reader *r, void *object);

#endif
