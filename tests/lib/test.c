#include "test.h"

#include <sys/stat.h>

static struct test_case *cases[1024];
static int count, failures, skipped;
static char skip_reason[256];

void test_register(struct test_case *c)
{
	if (count < 1024)
		cases[count++] = c;
	else
		abort();
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	failures++;
	printf("# %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void test_skip(const char *format, ...)
{
	va_list args;

	skipped = 1;
	va_start(args, format);
	vsnprintf(skip_reason, sizeof(skip_reason), format, args);
	va_end(args);
}

struct str test_read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t room = 4096, len = 0;
	char *data = malloc(room + 1);

	if (!f || !data) {
		printf("Bail out! %s cannot be read\n", path);
		exit(1);
	}
	for (;;) {
		size_t n = fread(data + len, 1, room - len, f);

		len += n;
		if (n == 0)
			break;
		if (len == room) {
			room *= 2;
			data = realloc(data, room + 1);
			if (!data)
				abort();
		}
	}
	fclose(f);
	data[len] = '\0';
	return str_make(data, len);
}

const char *test_shared(const char *name)
{
	static char path[4096];
	const char *root = getenv("PLIMSOLL_SHARED");
	struct stat st;

	if (!root || !*root || stat(root, &st) < 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

const char *test_source(const char *name)
{
	static char path[4096];
	const char *root = getenv("PLIMSOLL_SOURCE");

	snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	return path;
}

int main(int argc, char **argv)
{
	int bad = 0;

	printf("TAP version 13\n1..%d\n", count);
	for (int i = 0; i < count; i++) {
		if (argc > 1 && strcmp(argv[1], cases[i]->name) != 0) {
			printf("ok %d - %s # SKIP not chosen\n", i + 1, cases[i]->name);
			continue;
		}
		failures = 0;
		skipped = 0;
		cases[i]->run();
		printf("%sok %d - %s", failures ? "not " : "", i + 1, cases[i]->name);
		if (skipped && !failures)
			printf(" # SKIP %s", skip_reason);
		putchar('\n');
		fflush(stdout);
		bad += failures > 0;
	}
	return bad > 0;
}
