/*
 * The index of a database: what follows gets its right last line; what is understood must be
 * written as it was read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "advisory/database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(buf_done) struct buf again = BUF_INIT;
	struct str body = str_make(data, size);
	struct database_index index, second;
	struct digest digest;
	char hex[DIGEST_TEXT];
	struct err e = ERR_INIT;

	if (crypto_init(&e) < 0)
		return 0;
	if (database_index_parse(body, NULL, &index, &e) == 0)
		database_index_done(&index);
	if (digest_of(DIGEST_SHA256, body, &digest, &e) < 0)
		abort();
	buf_add(&text, body);
	buf_printf(&text, "end %s\n", digest_format_hex(&digest, hex));
	if (database_index_parse(buf_str(&text), NULL, &index, &e) < 0)
		return 0;
	database_index_format(&index, &again);
	if (database_index_parse(buf_str(&again), NULL, &second, &e) < 0 ||
	    second.partition_count != index.partition_count ||
	    second.input_count != index.input_count)
		abort();
	for (size_t i = 0; i < index.partition_count; i++)
		if (database_index_find(&index, index.partitions[i].name) != &index.partitions[i])
			abort();
	database_index_done(&index);
	database_index_done(&second);
	return 0;
}
