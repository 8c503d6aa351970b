#include "dockerfile/lint_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void lint_files_done(struct lint_files *l)
{
	vec_done(&l->files);
	vec_done(&l->notes);
	arena_done(&l->arena);
}

bool lint_file_name(struct str name)
{
	static const char *const stems[] = {"dockerfile", "containerfile"};

	for (size_t i = 0; i < 2; i++) {
		struct str stem = str_of(stems[i]);

		if (name.len < stem.len)
			continue;
		if (str_eq_nocase(str_to(name, stem.len), stem) &&
		    (name.len == stem.len || name.data[stem.len] == '.'))
			/* Dockerfile.dockerignore is no Dockerfile */
			return !str_ends(name, STR(".dockerignore"));
		if (name.len > stem.len && name.data[name.len - stem.len - 1] == '.' &&
		    str_eq_nocase(str_from(name, name.len - stem.len), stem))
			return true;
	}
	return false;
}

static char *keep(struct lint_files *l, const char *text)
{
	struct str s = arena_str(&l->arena, str_of(text));

	return (char *)(uintptr_t)s.data;
}

static int note(struct lint_files *l, const char *path, const char *why, struct err *e)
{
	char **slot = vec_push(&l->notes);
	struct str text = arena_printf(&l->arena, "%s: %s", path, why);

	if (!slot || !text.data)
		return ERR_NOMEM(e);
	*slot = (char *)(uintptr_t)text.data;
	return 0;
}

/* PATH.dockerignore, else .dockerignore beside it. */
static char *find_ignore(struct lint_files *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str own = arena_printf(&l->arena, "%s.dockerignore", path);
	struct str shared = arena_printf(&l->arena, "%.*s.dockerignore",
					 slash ? (int)(slash - path + 1) : 0, path);

	if (own.data && access(own.data, F_OK) == 0)
		return (char *)(uintptr_t)own.data;
	if (shared.data && access(shared.data, F_OK) == 0)
		return (char *)(uintptr_t)shared.data;
	return NULL;
}

static int add_file(struct lint_files *l, const char *path, struct err *e)
{
	struct lint_file *f = vec_push(&l->files);

	if (!f)
		return ERR_NOMEM(e);
	f->path = keep(l, path);
	f->ignore_path = strcmp(path, "-") == 0 ? NULL : find_ignore(l, path);
	return f->path ? 0 : ERR_NOMEM(e);
}

static int cmp_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef VEC(char *) names;

static void names_done(names *n)
{
	for (size_t i = 0; i < n->count; i++)
		mem_free(n->items[i]);
	vec_done(n);
}

/* The entries of a folder, sorted. 1 read, 0 noted, <0 error. */
static int read_folder(struct lint_files *l, const char *path, names *ret, struct err *e)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int result = 1;

	if (!dir) {
		l->gaps++;
		return note(l, path, strerror(errno), e) < 0 ? -1 : 0;
	}
	while ((entry = readdir(dir))) {
		char **slot;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, ".git") == 0)
			continue;
		slot = vec_push(ret);
		if (slot)
			*slot = mem_alloc(strlen(entry->d_name) + 1);
		if (!slot || !*slot) {
			if (slot)
				ret->count--;
			result = ERR_NOMEM(e);
			break;
		}
		memcpy(*slot, entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(dir);
	if (result > 0 && ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), cmp_name);
	return result;
}

/* What else is called like a Dockerfile but is none to read. */
static const char *odd_kind(mode_t mode)
{
	return S_ISSOCK(mode) ? "is a socket" : S_ISFIFO(mode) ? "is a pipe" : "is a device";
}

struct level {
	names entries;
	size_t at;
	size_t path_len;
};

/* One entry of the folder at hand. 1: a folder to go into, its path in `path`; 0: done. */
static int visit(struct lint_files *l, struct buf *path, struct err *e)
{
	struct stat st;
	struct str name;

	if (lstat(path->data, &st) < 0) {
		l->gaps++;
		return note(l, path->data, strerror(errno), e);
	}
	if (S_ISDIR(st.st_mode))
		return 1;
	name = str_make(path->data, path->len - 1);
	name = str_from(name, (size_t)(str_find_last_char(name, '/') + 1));
	if (!lint_file_name(name))
		return 0;
	if (S_ISLNK(st.st_mode)) {
		/* a link to a file counts, a link to a folder is not followed: no circles */
		if (stat(path->data, &st) < 0) {
			l->gaps++;
			return note(l, path->data, strerror(errno), e);
		}
		if (S_ISDIR(st.st_mode))
			return 0;
	}
	if (!S_ISREG(st.st_mode))
		return note(l, path->data, odd_kind(st.st_mode), e);
	return add_file(l, path->data, e);
}

static int walk(struct lint_files *l, const char *top, struct err *e)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	VEC(struct level) levels = {0};
	struct level *now = vec_push(&levels);
	int result = now ? 0 : ERR_NOMEM(e);

	/* "." is left out: annotations and code scanning want paths from the root of the project */
	if (strcmp(top, ".") != 0 && strcmp(top, "./") != 0)
		buf_add_cstr(&path, top);
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.len--;
	if (now) {
		now->path_len = path.len;
		if (read_folder(l, top, &now->entries, e) < 0)
			result = -1;
	}
	while (result >= 0 && levels.count) {
		now = &levels.items[levels.count - 1];
		if (now->at == now->entries.count) {
			names_done(&now->entries);
			levels.count--;
			continue;
		}
		path.len = now->path_len;
		if (path.len && path.data[path.len - 1] != '/')
			buf_add_char(&path, '/');
		buf_add_cstr(&path, now->entries.items[now->at++]);
		buf_add_char(&path, '\0');
		result = buf_failed(&path) ? ERR_NOMEM(e) : visit(l, &path, e);
		if (result <= 0)
			continue;
		result = 0;
		if (levels.count == LINT_FOLDERS_DEEP) {
			l->gaps++;
			result = note(l, path.data, "is too deep to be looked at", e);
			continue;
		}
		now = vec_push(&levels);
		if (!now) {
			result = ERR_NOMEM(e);
			break;
		}
		now->path_len = path.len - 1;
		if (read_folder(l, path.data, &now->entries, e) < 0)
			result = -1;
	}
	for (size_t i = 0; i < levels.count; i++)
		names_done(&levels.items[i].entries);
	vec_done(&levels);
	return result < 0 ? -1 : 0;
}

/* A pattern that the shell did not expand. 1: it matched, 0: it did not. */
static int add_pattern(struct lint_files *l, const char *pattern, struct err *e)
{
	glob_t found = {0};
	int result = 0;

	if (!strpbrk(pattern, "*?[") || glob(pattern, 0, NULL, &found) != 0) {
		globfree(&found);
		return 0;
	}
	for (size_t i = 0; i < found.gl_pathc && result >= 0; i++) {
		struct stat st;

		if (stat(found.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode))
			result = add_file(l, found.gl_pathv[i], e);
	}
	globfree(&found);
	return result < 0 ? -1 : 1;
}

int lint_files_add(struct lint_files *l, const char *operand, struct err *e)
{
	struct stat st;
	int matched;

	if (strcmp(operand, "-") == 0)
		return add_file(l, operand, e);
	if (stat(operand, &st) < 0) {
		int why = errno;

		matched = add_pattern(l, operand, e);
		if (matched)
			return matched < 0 ? -1 : 0;
		l->missing++;
		return note(l, operand, strerror(why), e);
	}
	if (S_ISDIR(st.st_mode))
		return walk(l, operand, e);
	/* a pipe that was named is read (<(...)), a socket cannot be */
	if (S_ISSOCK(st.st_mode)) {
		l->missing++;
		return note(l, operand, "is a socket", e);
	}
	return add_file(l, operand, e);
}
