#include "cli/common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/fault.h"

static const char *const color_choices[] = {"auto", "always", "never", NULL};

const struct option common_options[] = {
	{.name = "color",
	 .kind = OPTION_CHOICE,
	 .value = "WHEN",
	 .choices = color_choices,
	 .help = "colour: auto (on a terminal), always, never"},
	{.name = "db",
	 .kind = OPTION_TEXT,
	 .value = "DIR",
	 .trust = TRUST_DATABASE,
	 .help = "the vulnerability database (default: /var/lib/plimsoll/db as root, else "
		 "$XDG_DATA_HOME/plimsoll/db)"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "help for the command"},
	{.name = "no-progress", .kind = OPTION_FLAG, .help = "no progress line"},
	{.name = "now",
	 .kind = OPTION_TEXT,
	 .value = "TIME",
	 .trust = TRUST_GATE,
	 .help = "evaluate as of this time (2026-11-24 or 2026-11-24T10:00:00Z)"},
	{.name = "offline", .kind = OPTION_FLAG, .help = "never use the network"},
	{.name = "quiet",
	 .letter = 'q',
	 .kind = OPTION_FLAG,
	 .help = "nothing on standard error but errors"},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = OPTION_FLAG,
	 .help = "say what is done; repeat for more"},
	{.name = "version",
	 .kind = OPTION_FLAG,
	 .help = "version; with --features what is built in"},
	{.name = "features", .kind = OPTION_FLAG, .help = "with --version: what is built in"},
	{0},
};

int common_now(const struct invocation *in, int64_t *ret, struct err *e)
{
	const char *text = invocation_text(in, "now"), *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	if (text) {
		if (!date_parse(str_of(text), ret))
			return err_set(e, ERR_USAGE,
				       "option '--now': '%s' is not a time such as 2026-11-24 or "
				       "2026-11-24T10:00:00Z",
				       text);
		return 0;
	}
	if (epoch && *epoch) {
		if (!str_parse_u64(str_of(epoch), &seconds) || seconds > INT64_MAX / 4)
			return err_set(e, ERR_USAGE,
				       "SOURCE_DATE_EPOCH: '%s' is not a number of seconds", epoch);
		*ret = (int64_t)seconds;
		return 0;
	}
	*ret = (int64_t)time(NULL);
	return 0;
}

bool common_color(const struct invocation *in, int fd)
{
	const char *when = invocation_text(in, "color"), *none = getenv("NO_COLOR"),
		   *term = getenv("TERM");

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(fd) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

unsigned common_width(int fd)
{
	struct winsize size;

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col < 40)
		return 80;
	return size.ws_col;
}

int common_database_path(const struct invocation *in, struct buf *ret_path, struct err *e)
{
	const char *given = invocation_text(in, "db"), *data = getenv("XDG_DATA_HOME"),
		   *home = getenv("HOME");

	if (given)
		buf_add_cstr(ret_path, given);
	else if (geteuid() == 0)
		buf_add_cstr(ret_path, "/var/lib/plimsoll/db");
	else if (data && data[0] == '/')
		buf_printf(ret_path, "%s/plimsoll/db", data);
	else if (home && home[0] == '/')
		buf_printf(ret_path, "%s/.local/share/plimsoll/db", home);
	else
		return err_set(e, ERR_USAGE,
			       "no place for the database: HOME is not set; say --db DIR");
	buf_add_char(ret_path, '\0');
	return buf_failed(ret_path) ? ERR_NOMEM(e) : 0;
}

int common_write(int fd, struct str text, struct err *e)
{
	while (text.len) {
		ssize_t n = fault_hit(FAULT_WRITE) ? (errno = ENOSPC, -1)
						   : write(fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return 0;
		if (n < 0)
			return err_set_errno(e, errno, "standard output");
		text = str_from(text, (size_t)n);
	}
	return 0;
}
