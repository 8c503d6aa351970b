/*
 * The configuration of a lint run: hadolint's YAML file and environment read as they are, options
 *of the command line on top. What wins: command line, then environment, then file.
 *
 *	failure-threshold: warning          error, warning, info, style, ignore, none
 *	format: json
 *	ignored: [DL3008]
 *	override: {error: [DL3001], warning: [], info: [], style: []}
 *	trustedRegistries: [docker.io, "*.example.com"]
 *	label-schema: {author: text, website: url}
 *	strict-labels: true
 *	no-fail: false
 *	no-color: false
 *	disable-ignore-pragma: false
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_CONFIG_H
#define PLIMSOLL_DOCKERFILE_LINT_CONFIG_H

#include "dockerfile/lint.h"

struct lint_settings {
	struct lint_config config; /* filled by lint_settings_finish */
	enum lint_level threshold; /* the weakest level that fails; LEVEL_IGNORE: none does */
	bool no_fail;
	bool no_color;
	struct str format; /* empty: not said */
	/* keys of the file that are not known, as "line 3: 'fromat' is no setting": for a note */
	VEC(struct str) notes;
	struct arena arena;
	VEC(struct str) ignored;
	VEC(struct str) only;
	VEC(struct str) override[LEVEL_IGNORE];
	VEC(struct str) registries;
	VEC(struct label_requirement) labels;
	VEC(struct build_arg) build_args;
};

void lint_settings_init(struct lint_settings *s);
void lint_settings_done(struct lint_settings *s);

/* The YAML text; errors name `path`, line and column (ERR_USAGE). */
int lint_settings_read(struct lint_settings *s, struct str yaml, const char *path, struct err *e);
/* HADOLINT_IGNORE, HADOLINT_FAILURE_THRESHOLD, ...; `get` is getenv. */
int lint_settings_environment(struct lint_settings *s, char *(*get)(const char *name),
			      struct err *e);

/*
 * One value of an option or variable: "ignore" CODE[,CODE], "only",
 * "error"/"warning"/"info"/"style" CODE, "trusted-registry" NAME[,NAME], "require-label"
 * name:kind[,...], "failure-threshold" LEVEL, "build-arg" NAME=VALUE. ERR_USAGE says what is
 * allowed.
 */
int lint_settings_add(struct lint_settings *s, const char *what, struct str value, struct err *e);

/* Fills s->config from the lists; afterwards nothing may be added. */
void lint_settings_finish(struct lint_settings *s);

/* "text", "url", ...; LABEL_KINDS when it is none. */
enum label_kind label_kind_find(struct str name);

/*
 * Where hadolint looks: the first that exists of .hadolint.yaml and .hadolint.yml in the working
 * folder, in $XDG_CONFIG_HOME (~/.config), in ~/.hadolint, in the home folder. Written into out;
 * false: none.
 */
bool lint_config_path(char *(*get)(const char *name), struct buf *out);

#endif
