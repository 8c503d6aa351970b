#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"

static int current;

void log_set_level(int level)
{
	current = level;
}

int log_level(void)
{
	return current;
}

void log_line(int level, const char *format, ...)
{
	char raw[1024], text[1024], line[1100];
	va_list args;
	int n;

	if (level > current)
		return;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	n = snprintf(line, sizeof(line), "plimsoll: %s\n",
		     err_escape(text, sizeof(text), str_of(raw)));
	/* one write a line, so that lines of two processes do not mix; a lost line is no error */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}
