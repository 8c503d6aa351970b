/*
 * What every command shares: the common options, standard output, places of files.
 */
#ifndef PLIMSOLL_CLI_COMMON_H
#define PLIMSOLL_CLI_COMMON_H

#include "cli/command.h"
#include "io/file.h"

/* Exit codes, an interface (ARCHITECTURE, exit codes). */
enum { EXIT_PASS = 0, EXIT_FAILED = 1, EXIT_GATE = 2, EXIT_USAGE = 3, EXIT_INCOMPLETE = 4 };

extern const struct option common_options[];

/* --now, else SOURCE_DATE_EPOCH, else the clock; seconds since 1970. */
int common_now(const struct invocation *in, int64_t *ret, struct err *e);
/* --color and the terminal: may colour be written to this descriptor? */
bool common_color(const struct invocation *in, int fd);
/* Columns of the terminal behind fd, 0 when it is none. */
unsigned common_width(int fd);
/* --db, else $XDG_DATA_HOME/plimsoll/db, else ~/.local/share/plimsoll/db; as root
 * /var/lib/plimsoll/db. */
int common_database_path(const struct invocation *in, struct buf *ret_path, struct err *e);
/* Writes all to a descriptor; ERR_IO (a closed pipe is no error: 0). */
int common_write(int fd, struct str text, struct err *e);

/* The whole program: parses, runs, prints errors; the exit code. */
int plimsoll_main(int argc, char **argv);

/* Parses argv[1..]; ERR_USAGE with a hint. Free with invocation_done. */
int invocation_parse(int argc, char **argv, struct invocation *ret, struct err *e);
void invocation_done(struct invocation *in);
/* The name nearest to a mistyped word among names[] (NULL-ended), or NULL when none is near. */
const char *nearest_name(const char *word, const char *const *names);

/* Text of help for a command; of the program when NULL. */
void help_text(const struct command *c, struct buf *out);
/* The ten lines for who typed nothing. */
void help_short(struct buf *out);
/* Page in man(7) form. */
void man_page(const struct command *c, struct buf *out);
/* bash, zsh or fish; false for another shell. */
bool completion_script(const char *shell, struct buf *out);

/* The i-th option of a command, common ones last; NULL past the end. */
const struct option *command_option(const struct command *c, size_t i);

#endif
