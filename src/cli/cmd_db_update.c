/*
 * db update: the public feeds, fetched and built.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "advisory/manage.h"
#include "advisory/update.h"
#include "cli/common.h"

enum { ITEMS_MAX = 256 };

/* One line on the terminal, after 0.3 s, ten times a second at most. */
struct line {
	bool shown;
	int64_t start, last; /* milliseconds */
};

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int show(void *context, const char *name, uint64_t bytes, uint64_t total)
{
	struct line *l = context;
	int64_t now = milliseconds();
	char have[32], of[32];

	if (now - l->start < 300 || now - l->last < 100)
		return 0;
	l->last = now;
	l->shown = true;
	fprintf(stderr, "\r\033[K%s  %s%s%s", name, text_bytes(bytes, have), total ? " of " : "",
		total ? text_bytes(total, of) : "");
	fflush(stderr);
	return 0;
}

static void clear(struct line *l)
{
	if (l->shown)
		fputs("\r\033[K", stderr);
	l->shown = false;
}

/* Where downloads are kept: --cache, else as root /var/cache/plimsoll/feeds, else below the user's
 * cache. */
static int cache_path(const struct invocation *in, struct buf *ret, struct err *e)
{
	const char *given = invocation_text(in, "cache"), *cache = getenv("XDG_CACHE_HOME"),
		   *home = getenv("HOME");

	if (given)
		buf_add_cstr(ret, given);
	else if (geteuid() == 0)
		buf_add_cstr(ret, "/var/cache/plimsoll/feeds");
	else if (cache && cache[0] == '/')
		buf_printf(ret, "%s/plimsoll/feeds", cache);
	else if (home && home[0] == '/')
		buf_printf(ret, "%s/.cache/plimsoll/feeds", home);
	else
		return err_set(e, ERR_USAGE,
			       "no place for downloads: HOME is not set; say --cache DIR");
	buf_add_char(ret, '\0');
	return buf_failed(ret) ? ERR_NOMEM(e) : 0;
}

static int take_items(const struct invocation *in, const char *option, const char **items,
		      struct err *e)
{
	size_t count = invocation_count(in, option);

	if (count >= ITEMS_MAX)
		return err_set(e, ERR_USAGE, "--%s: given too often", option);
	for (size_t i = 0; i < count; i++)
		items[i] = invocation_item(in, option, i);
	items[count] = NULL;
	return 0;
}

static int check_feeds(const char *const *names, struct err *e)
{
	for (size_t i = 0; names[i]; i++)
		if (!feed_find(str_of(names[i])))
			return err_set(e, ERR_USAGE, "--only: '%s' is no feed", names[i]);
	return 0;
}

static int run_db_update(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf cache = BUF_INIT;
	CLEANUP(buf_done) struct buf report = BUF_INIT;
	const char *ecosystems[ITEMS_MAX], *feeds_wanted[ITEMS_MAX];
	struct line line = {.start = milliseconds()};
	struct update_request request = {
		.from = invocation_text(in, "from"),
		.proxy = invocation_text(in, "proxy"),
		.ca_file = invocation_text(in, "ca-file"),
		.ecosystems = ecosystems,
		.feeds = feeds_wanted,
		.offline = invocation_flag(in, "offline"),
		.force = invocation_flag(in, "force"),
		.context = &line,
	};
	int r;

	if (common_database_path(in, &path, e) < 0 || cache_path(in, &cache, e) < 0 ||
	    take_items(in, "ecosystem", ecosystems, e) < 0 ||
	    take_items(in, "only", feeds_wanted, e) < 0 || check_feeds(feeds_wanted, e) < 0)
		return -1;
	request.out = path.data;
	request.cache = cache.data;
	if (isatty(STDERR_FILENO) && !invocation_flag(in, "no-progress") &&
	    !invocation_flag(in, "quiet"))
		request.progress = show;
	r = db_update(&request, &report, e);
	clear(&line);
	if (common_write(STDOUT_FILENO, buf_str(&report), r < 0 ? NULL : e) < 0 || r < 0)
		return -1;
	return EXIT_PASS;
}

static const char *const examples[] = {
	"plimsoll db update",
	"all feeds of distributions; what did not change is not fetched again",
	"plimsoll db update --ecosystem PyPI --ecosystem npm",
	"language ecosystems as well, by way of OSV",
	"plimsoll db update --only epss --only kev",
	"the scores of the day",
	"plimsoll db update --from https://mirror.example/feeds",
	"a mirror of one's own: https://HOST/PATH is fetched as /HOST/PATH of it",
	NULL,
};

static const struct option options[] = {
	{.name = "cache",
	 .kind = OPTION_TEXT,
	 .value = "DIR",
	 .trust = TRUST_DATABASE,
	 .help = "where downloads are kept (default: /var/cache/plimsoll/feeds as root, else "
		 "$XDG_CACHE_HOME/plimsoll/feeds)"},
	{.name = "ca-file",
	 .kind = OPTION_TEXT,
	 .value = "FILE",
	 .trust = TRUST_DATABASE,
	 .help = "certificates to trust (default: CURL_CA_BUNDLE, SSL_CERT_FILE, the system's)"},
	{.name = "ecosystem",
	 .kind = OPTION_LIST,
	 .value = "NAME",
	 .trust = TRUST_DATABASE,
	 .help = "one more ecosystem of OSV, remembered for later updates; repeatable: PyPI, npm, "
		 "Go"},
	{.name = "force", .kind = OPTION_FLAG, .help = "build although nothing changed"},
	{.name = "from",
	 .kind = OPTION_TEXT,
	 .value = "URL",
	 .trust = TRUST_DATABASE,
	 .help = "a mirror that has https://HOST/PATH as URL/HOST/PATH"},
	{.name = "only",
	 .kind = OPTION_LIST,
	 .value = "FEED",
	 .trust = TRUST_DATABASE,
	 .help = "fetch only this feed, the others stay as they are; repeatable"},
	{.name = "proxy",
	 .kind = OPTION_TEXT,
	 .value = "URL",
	 .trust = TRUST_DATABASE,
	 .help = "proxy (default: as https_proxy, http_proxy and no_proxy say)"},
	{0},
};

const struct command command_db_update = {
	.name = "db update",
	.operands = "",
	.summary = "fetch the public feeds and build the vulnerability database of them",
	.description =
		"Fetches Debian's security tracker, Alpine's secdb, OSV's zips of AlmaLinux, Red "
		"Hat, "
		"Rocky Linux, SUSE, Ubuntu and openSUSE, EPSS, KEV and ends of life, then builds "
		"as "
		"'db build' does. Files that did not change are not fetched again; downloads that "
		"were "
		"cut are gone on with. With --offline it builds from what was fetched before.\n"
		"When anything fails the database stays as it was.",
	.examples = examples,
	.options = options,
	.run = run_db_update,
};
