/*
 * Replays a corpus folder through a fuzz target, one TAP line a file: the ordinary suite keeps
 * every input that once mattered.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t size, room = 64 << 20;
	uint8_t *data = malloc(room);

	if (!f || !data)
		exit(1);
	size = fread(data, 1, room, f);
	fclose(f);
	/* exactly sized, so that a sanitizer sees a read past the end */
	data = realloc(data, size ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int n = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1, number = 0;

	if (n < 0) {
		printf("Bail out! no corpus\n");
		return 1;
	}
	printf("TAP version 13\n");
	for (int i = 0; i < n; i++) {
		char path[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
			replay(path);
			printf("ok %d - %s\n", ++number, names[i]->d_name);
			fflush(stdout);
		}
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", number);
	return number == 0;
}
