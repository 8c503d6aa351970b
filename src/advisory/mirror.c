#include "advisory/mirror.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "io/http.h"
#include "io/program.h"
#include "io/stream.h"
#include "text/deb822.h"

enum { ADDRESS_MAX = 1024, OUTPUT_MAX = 4 << 20, RELEASE_MAX = 8 << 20 };

static const char default_keyring[] = "/usr/share/keyrings/debian-archive-keyring.gpg";

struct mirror {
	char base[ADDRESS_MAX]; /* of the security archive, with a slash at its end */
	char cache[ADDRESS_MAX];
	char keyring[ADDRESS_MAX];
	char proxy[ADDRESS_MAX]; /* as apt has it, or "" */
	struct http *http;
	bool offline;
	volatile const int *interrupted; /* or NULL */
	uint64_t downloaded;
};

/* --- where it is
 * ---------------------------------------------------------------------------------- */

static int set_text(char out[ADDRESS_MAX], const char *what, struct str s, struct err *e)
{
	if (s.len + 2 > ADDRESS_MAX)
		return err_set(e, ERR_LIMIT, "%s is too long", what);
	memcpy(out, s.data, s.len);
	out[s.len] = '\0';
	return 0;
}

/* Lines "REPO_URI LABEL": the first security archive that can be fetched. */
static bool find_target(struct str lines, struct str *ret_uri)
{
	struct str line, uri;

	while (str_next_line(&lines, &line)) {
		if (!str_next(&line, ' ', &uri))
			continue;
		if (!str_is(line, "Debian-Security") && str_find(uri, STR("debian-security")) < 0)
			continue;
		if (!str_starts(uri, STR("http://")) && !str_starts(uri, STR("https://")))
			continue;
		*ret_uri = uri;
		return true;
	}
	return false;
}

/*
 * What apt has fetched lists of, by its label; else what its sources name, by its address: after
 * "rm -rf /var/lib/apt/lists" no label is known.
 */
static int choose_target(struct mirror *m, struct err *e)
{
	static const char *const fetched[] = {"apt-get", "indextargets", "--format",
					      "$(REPO_URI) $(LABEL)", NULL};
	static const char *const named[] = {"apt-get",	"indextargets",	    "--no-release-info",
					    "--format", "$(REPO_URI) none", NULL};
	const char *const *forms[] = {fetched, named};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct str uri;
		int status;

		out.max = OUTPUT_MAX;
		if (program_run(&(struct program_run){.argv = forms[i],
						      .out = &out,
						      .keep = "APT_CONFIG"},
				&status, e) < 0)
			return err_wrap(e, "the machine's apt sources");
		if (status != 0)
			return err_set(e, ERR_IO, "apt-get indextargets failed with exit code %d",
				       status);
		if (find_target(buf_str(&out), &uri))
			return set_text(m->base, "the address of the mirror", uri, e);
	}
	err_set(e, ERR_NOT_FOUND, "apt has no source of a Debian security archive");
	return err_hint(e, "plimsoll scan IMAGE --mirror URL");
}

static int from_apt(struct mirror *m, struct err *e)
{
	static const char *const proxy[] = {"apt-config",	    "dump", "--format", "%v%n",
					    "Acquire::http::Proxy", NULL};
	CLEANUP(buf_done) struct buf words = BUF_INIT;
	int status;

	words.max = OUTPUT_MAX;
	if (choose_target(m, e) < 0)
		return -1;
	if (program_run(&(struct program_run){.argv = proxy, .out = &words, .keep = "APT_CONFIG"},
			&status, NULL) == 0 &&
	    status == 0 && words.len)
		return set_text(m->proxy, "apt's proxy", str_trim(buf_str(&words)), e);
	return 0;
}

static int from_url(struct mirror *m, const char *url, struct err *e)
{
	struct str s = str_of(url);

	while (str_ends(s, STR("/")))
		s.len--;
	if (!str_starts(s, STR("http://")) && !str_starts(s, STR("https://")))
		return err_set(e, ERR_USAGE,
			       "option '--mirror': '%s' is not an http or https address", url);
	if (s.len + sizeof("/debian-security/") > ADDRESS_MAX)
		return err_set(e, ERR_USAGE, "option '--mirror': the address is too long");
	snprintf(m->base, sizeof(m->base), "%.*s/debian-security/", (int)s.len, s.data);
	return 0;
}

static int make_folders(const char *path, struct err *e)
{
	char part[ADDRESS_MAX];

	for (size_t i = 1; path[i - 1]; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return err_set_errno(e, errno, "%s", part);
	}
	return 0;
}

static int choose_cache(struct mirror *m, const char *given, struct err *e)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (given)
		n = snprintf(m->cache, sizeof(m->cache), "%s", given);
	else if (cache && cache[0] == '/')
		n = snprintf(m->cache, sizeof(m->cache), "%s/plimsoll/mirror", cache);
	else if (geteuid() == 0)
		n = snprintf(m->cache, sizeof(m->cache), "/var/cache/plimsoll/mirror");
	else if (home && home[0] == '/')
		n = snprintf(m->cache, sizeof(m->cache), "%s/.cache/plimsoll/mirror", home);
	else
		return err_set(e, ERR_USAGE, "no place for the cache: HOME is not set");
	/* room for "/" and a file name of hex and a suffix */
	if (n < 0 || n > ADDRESS_MAX - 128)
		return err_set(e, ERR_USAGE, "the path of the cache is too long");
	return make_folders(m->cache, e);
}

static int stop_download(void *context, uint64_t bytes, uint64_t total)
{
	const struct mirror *m = context;

	(void)bytes;
	(void)total;
	return m->interrupted && *m->interrupted;
}

int mirror_open(const struct mirror_options *o, struct mirror **ret, struct err *e)
{
	struct mirror *m = mem_zero(1, sizeof(*m));
	struct http_options http = {
		.stall_seconds = o->stall_seconds, .progress = stop_download, .context = m};
	int r;

	if (!m)
		return ERR_NOMEM(e);
	m->offline = o->offline;
	m->interrupted = o->interrupted;
	r = set_text(m->keyring, "the path of the keyring",
		     str_of(o->keyring ? o->keyring : default_keyring), e);
	if (r == 0)
		r = o->url && *o->url ? from_url(m, o->url, e) : from_apt(m, e);
	if (r == 0)
		r = choose_cache(m, o->cache, e);
	if (r == 0) {
		http.proxy = m->proxy[0] && strcmp(m->proxy, "DIRECT") != 0 ? m->proxy : NULL;
		m->http = http_new(&http, e);
		r = m->http ? 0 : -1;
	}
	if (r < 0) {
		mirror_close(m);
		return r;
	}
	log_line(1, "notices from %s", m->base);
	*ret = m;
	return 0;
}

void mirror_close(struct mirror *m)
{
	if (!m)
		return;
	http_free(m->http);
	mem_free(m);
}

uint64_t mirror_downloaded(const struct mirror *m)
{
	return m->downloaded;
}

/* --- files
 * ------------------------------------------------------------------------------------------ */

/* What the worker names is put into an address and a path: nothing but plain relative names passes.
 */
static bool safe_path(struct str path)
{
	struct str rest = path, part;

	if (path.len == 0 || path.len > 512)
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (!isalnum((unsigned char)path.data[i]) && !strchr("/._+-~:", path.data[i]))
			return false;
	while (str_next(&rest, '/', &part))
		if (part.len == 0 || part.data[0] == '.')
			return false;
	return true;
}

/* '+', '~' and ':' as servers want them in a path */
static int address(const struct mirror *m, struct str path, char out[2 * ADDRESS_MAX],
		   struct err *e)
{
	size_t n = strlen(m->base);

	memcpy(out, m->base, n);
	for (size_t i = 0; i < path.len; i++) {
		char c = path.data[i];

		if (n + 4 > 2 * ADDRESS_MAX)
			return err_set(e, ERR_LIMIT, "an address is too long");
		if (c == '+' || c == ':')
			n += (size_t)snprintf(out + n, 4, "%%%02X", (unsigned char)c);
		else
			out[n++] = c;
	}
	out[n] = '\0';
	return 0;
}

/* A new file in the cache folder that has no name yet seen by others. */
static int new_file(const struct mirror *m, char path[ADDRESS_MAX], struct err *e)
{
	int fd;

	snprintf(path, ADDRESS_MAX, "%.900s/.new-XXXXXX", m->cache);
	fd = mkostemp(path, O_CLOEXEC);
	return fd < 0 ? err_set_errno(e, errno, "%s", m->cache) : fd;
}

static int download(struct mirror *m, struct str path, uint64_t max, int fd, struct err *e)
{
	char url[2 * ADDRESS_MAX];
	struct http_response response;

	if (m->offline)
		return err_set(e, ERR_NOT_FOUND, "%.*s: not in the cache, and --offline was said",
			       STR_ARG(path));
	if (address(m, path, url, e) < 0)
		return -1;
	if (http_get(m->http, &(struct http_request){.url = url, .fd = fd, .max = max}, &response,
		     e) < 0)
		return -1;
	m->downloaded += response.bytes;
	log_line(2, "%s: %llu bytes", url, (unsigned long long)response.bytes);
	return 0;
}

static int digest_of_fd(int fd, struct digest *ret, uint64_t *ret_size, struct err *e)
{
	struct hasher *h = hasher_new(DIGEST_SHA256, e);
	char chunk[65536];
	uint64_t at = 0;
	ssize_t n;
	int r;

	if (!h)
		return -1;
	while ((n = pread(fd, chunk, sizeof(chunk), (off_t)at)) > 0) {
		hasher_add(h, str_make(chunk, (size_t)n));
		at += (uint64_t)n;
	}
	r = n < 0 ? err_set_errno(e, errno, "the cache") : hasher_end(h, ret, e);
	hasher_free(h);
	*ret_size = at;
	return r;
}

/* Opens what the cache holds under that digest, checked again: the cache is not trusted either. */
static int open_cached(const struct mirror *m, const struct digest *wanted, uint64_t size)
{
	char hex[DIGEST_TEXT], path[ADDRESS_MAX];
	struct digest got;
	uint64_t bytes;
	int fd;

	snprintf(path, sizeof(path), "%.800s/%s", m->cache, digest_format_hex(wanted, hex));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	if (digest_of_fd(fd, &got, &bytes, NULL) == 0 && bytes == size && digest_eq(&got, wanted))
		return fd;
	close(fd);
	return -1;
}

static int fetch_file(struct mirror *m, struct str path, const struct digest *wanted, uint64_t size,
		      struct err *e)
{
	char new_path[ADDRESS_MAX], final[ADDRESS_MAX], hex[DIGEST_TEXT];
	struct digest got;
	uint64_t bytes;
	int fd = open_cached(m, wanted, size), r;

	if (fd >= 0)
		return fd;
	fd = new_file(m, new_path, e);
	if (fd < 0)
		return -1;
	r = download(m, path, size, fd, e);
	if (r == 0)
		r = digest_of_fd(fd, &got, &bytes, e);
	if (r == 0 && (bytes != size || !digest_eq(&got, wanted)))
		r = err_set(e, ERR_DIGEST, "%.*s: differs from the digest in the archive's index",
			    STR_ARG(path));
	close(fd);
	snprintf(final, sizeof(final), "%.800s/%s", m->cache, digest_format_hex(wanted, hex));
	if (r == 0 && rename(new_path, final) < 0)
		r = err_set_errno(e, errno, "%s", final);
	if (r < 0) {
		unlink(new_path);
		return -1;
	}
	fd = open(final, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? err_set_errno(e, errno, "%s", final) : fd;
}

/* --- the signed release file
 * ------------------------------------------------------------------------- */

/* Nothing before or behind the signed text, which gpgv would let pass. */
static int check_form(const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct stream *s = NULL;
	struct str chunk, body;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0)
		return err_set_errno(e, errno, "%s", path);
	s = stream_open_fd(fd, true, 0, UINT64_MAX, e);
	if (!s)
		return -1;
	text.max = RELEASE_MAX;
	while ((r = stream_next(s, &chunk, e)) > 0)
		buf_add(&text, chunk);
	stream_close(s);
	if (r < 0)
		return -1;
	if (buf_failed(&text))
		return ERR_NOMEM(e);
	r = deb822_skip_signature(buf_str(&text), &body, e);
	return r == 0 ? err_set(e, ERR_DIGEST, "it is not signed") : r;
}

struct signatures {
	bool good, bad, unknown, old;
};

/*
 * Lines "[GNUPG:] WORD ..." (GnuPG's DETAILS). GOODSIG is said of a signature that holds by a key
 * that is neither expired nor revoked, and only of these.
 */
static struct signatures read_status(struct str lines)
{
	struct signatures s = {0};
	struct str line, word;

	while (str_next_line(&lines, &line)) {
		if (!str_skip(&line, STR("[GNUPG:] ")) || !str_next(&line, ' ', &word))
			continue;
		s.good = s.good || str_is(word, "GOODSIG");
		s.bad = s.bad || str_is(word, "BADSIG");
		s.unknown = s.unknown || str_is(word, "NO_PUBKEY");
		s.old = s.old || str_is(word, "EXPSIG") || str_is(word, "EXPKEYSIG") ||
			str_is(word, "REVKEYSIG");
	}
	return s;
}

/*
 * gpgv writes exactly the signed text to `plain`. As apt does, one good signature is enough when
 * none is bad: an archive signs with its new key too, which an older keyring does not have.
 */
static int check_signature(const struct mirror *m, const char *signed_path, const char *plain,
			   struct err *e)
{
	const char *argv[] = {"gpgv",	       "--quiet", "--status-fd", "1",
			      "--weak-digest", "SHA1",	  "--keyring",	 m->keyring,
			      "--output",      plain,	  signed_path,	 NULL};
	CLEANUP(buf_done) struct buf words = BUF_INIT;
	CLEANUP(buf_done) struct buf said = BUF_INIT;
	struct str last = STR_NULL, rest, line;
	struct signatures found;
	int status;

	words.max = said.max = 65536;
	if (access(m->keyring, R_OK) < 0)
		return err_set_errno(e, errno, "the keyring %s", m->keyring);
	if (check_form(signed_path, e) < 0)
		return err_wrap(e, "InRelease");
	if (program_run(&(struct program_run){.argv = argv, .out = &said, .err = &words}, &status,
			e) < 0)
		return -1;
	found = read_status(buf_str(&said));
	if (found.good && !found.bad && (status == 0 || (status == 2 && found.unknown)))
		return 0;
	if (found.old && !found.bad)
		return err_set(e, ERR_DIGEST,
			       "InRelease: the signature, or the key that made it, is expired");
	if (found.unknown && !found.bad)
		return err_set(e, ERR_DIGEST, "InRelease: signed with no key of %s", m->keyring);
	rest = buf_str(&words);
	while (str_next_line(&rest, &line))
		last = line.len ? line : last;
	return err_set(e, ERR_DIGEST, "InRelease: the signature does not hold: %.*s",
		       STR_ARG(last));
}

/* The last good release file of a suite, for --offline. */
static void release_name(const struct mirror *m, struct str suite, char out[ADDRESS_MAX])
{
	struct digest d = {0};
	char hex[DIGEST_TEXT], key[2 * ADDRESS_MAX];

	snprintf(key, sizeof(key), "%s %.*s", m->base, STR_ARG(suite));
	digest_of(DIGEST_SHA256, str_of(key), &d, NULL);
	snprintf(out, ADDRESS_MAX, "%.800s/release-%.32s", m->cache, digest_format_hex(&d, hex));
}

/* The signed text of a release file; its descriptor is all that stays of it. */
static int open_signed_text(const struct mirror *m, const char *signed_path, struct err *e)
{
	char plain[ADDRESS_MAX];
	int fd = new_file(m, plain, e), r;

	if (fd < 0)
		return -1;
	close(fd);
	/* gpgv does not write over a file */
	unlink(plain);
	r = check_signature(m, signed_path, plain, e);
	if (r == 0) {
		fd = open(plain, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		r = fd < 0 ? err_set_errno(e, errno, "%s", plain) : fd;
	}
	unlink(plain);
	return r;
}

static int open_kept_release(const struct mirror *m, struct str suite, const char *kept,
			     struct err *e)
{
	if (access(kept, R_OK) < 0)
		return err_set(e, ERR_NOT_FOUND,
			       "no release of %.*s in the cache, and --offline was said",
			       STR_ARG(suite));
	return open_signed_text(m, kept, e);
}

static int fetch_release(struct mirror *m, struct str suite, struct err *e)
{
	char signed_path[ADDRESS_MAX], kept[ADDRESS_MAX], path[256];
	int fd, r;

	release_name(m, suite, kept);
	if (m->offline)
		return open_kept_release(m, suite, kept, e);
	fd = new_file(m, signed_path, e);
	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "dists/%.200s/InRelease", suite.data);
	r = download(m, str_of(path), RELEASE_MAX, fd, e);
	close(fd);
	if (r == 0)
		r = open_signed_text(m, signed_path, e);
	if (r >= 0 && rename(signed_path, kept) < 0) {
		close(r);
		r = err_set_errno(e, errno, "%s", kept);
	}
	if (r < 0)
		unlink(signed_path);
	return r;
}

/* --- requests
 * ------------------------------------------------------------------------------------------ */

static int answer_release(struct mirror *m, struct str suite, struct err *e)
{
	char copy[256];

	if (!safe_path(suite) || suite.len > 200)
		return err_set(e, ERR_FORMAT, "a malformed request");
	memcpy(copy, suite.data, suite.len);
	copy[suite.len] = '\0';
	return fetch_release(m, str_make(copy, suite.len), e);
}

static int answer_file(struct mirror *m, struct str words, struct err *e)
{
	struct str path, digest_text, size_text;
	struct digest digest;
	uint64_t size;

	if (!str_next(&words, ' ', &path) || !str_next(&words, ' ', &digest_text) ||
	    !str_next(&words, ' ', &size_text) || words.data || !safe_path(path) ||
	    !digest_parse(digest_text, &digest) || digest.algorithm != DIGEST_SHA256 ||
	    !str_parse_u64(size_text, &size))
		return err_set(e, ERR_FORMAT, "a malformed request");
	if (size > MIRROR_FILE_MAX)
		return err_set(e, ERR_LIMIT, "%.*s: over %d bytes", STR_ARG(path), MIRROR_FILE_MAX);
	return fetch_file(m, path, &digest, size, e);
}

int mirror_answer(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		  struct err *e)
{
	struct mirror *m = context;
	struct stat st;
	int fd;

	(void)kind;
	if (str_skip(&name, STR("release ")))
		fd = answer_release(m, name, e);
	else if (str_skip(&name, STR("file ")))
		fd = answer_file(m, name, e);
	else
		return err_set(e, ERR_FORMAT, "a malformed request");
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		err_set_errno(e, errno, "the cache");
		close(fd);
		return -1;
	}
	*ret = (struct ask_reply){.fd = fd, .size = (uint64_t)st.st_size, .seekable = true};
	return 0;
}
