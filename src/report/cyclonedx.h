/*
 * Inside src/report: the parts of the CycloneDX writer.
 */
#ifndef PLIMSOLL_REPORT_CYCLONEDX_H
#define PLIMSOLL_REPORT_CYCLONEDX_H

#include "report/format.h"
#include "report/label.h"
#include "report/rows.h"
#include "text/json_write.h"

#define ROOT_REF "plimsoll:target"

struct bom {
	const struct document *d;
	struct json_writer w;
	struct arena arena;
	struct str *refs; /* of the packages */
	struct rows rows;
	char serial[64]; /* "urn:uuid:..." */
};

/* Members with printable values; a lack of memory fails the writer. */
void bom_member(struct bom *b, const char *key, struct str value);
/* Nothing when the value is empty. */
void bom_member_known(struct bom *b, const char *key, struct str value);
/* "version", cut to what the schema allows. */
void bom_member_version(struct bom *b, struct str value);
void bom_member_buffer(struct bom *b, const char *key, const struct buf *value);
/* {"name": ..., "value": ...}; nothing when the value is empty. */
void bom_property(struct bom *b, const char *name, struct str value);

/* "vulnerabilities" */
void bom_vulnerabilities(struct bom *b);

#endif
