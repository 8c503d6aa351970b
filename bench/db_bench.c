/*
 * db-bench DB PARTITION < NAMES: looks all names of standard input up at once, as a scan does, and
 * prints how many records were found. A process of its own for each run: what is measured from
 * outside (bench/db) has its start in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advisory/database.h"

static int found(void *context, size_t index, const struct advisory *a)
{
	size_t *counts = context;

	counts[0]++;
	counts[1] += a->span_count + index % 2;
	return 0;
}

static char *read_input(size_t *ret_len)
{
	size_t room = 1 << 20, len = 0, n;
	char *text = malloc(room);

	while (text && (n = fread(text + len, 1, room - len, stdin)) > 0) {
		len += n;
		if (len == room)
			text = realloc(text, room *= 2);
	}
	*ret_len = len;
	return text;
}

int main(int argc, char **argv)
{
	struct database_folder *folder = NULL;
	struct partition *p = NULL;
	struct str rest, line, *names;
	struct err e = ERR_INIT;
	size_t len, count = 0, counts[2] = {0};
	char *text = read_input(&len);
	int r = -1;

	if (argc != 3 || !text)
		return 3;
	names = malloc((len + 1) * sizeof(*names));
	rest = str_make(text, len);
	while (names && str_next_line(&rest, &line))
		names[count++] = line;
	if (names && crypto_init(&e) == 0 && database_folder_open(argv[1], &folder, &e) == 0 &&
	    database_folder_partition(folder, str_of(argv[2]), NULL, &p, &e) == 0)
		r = partition_find_packages(p, names, count, NULL, found, counts, &e);
	if (r < 0)
		fprintf(stderr, "%s\n", e.message);
	else
		printf("%zu names, %zu records\n", count, counts[0]);
	partition_close(p);
	database_folder_close(folder);
	free(names);
	free(text);
	return r < 0;
}
