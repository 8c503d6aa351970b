/*
 * Running the rules over Dockerfiles in memory. No files, no output: see lint_run.h for these.
 */
#ifndef PLIMSOLL_DOCKERFILE_LINT_H
#define PLIMSOLL_DOCKERFILE_LINT_H

#include "dockerfile/rule.h"

/*
 * Of one file. Beyond the first, findings are counted, and PL1002 says so. Shell trees are kept
 * while their file is linted and take thirty times the text: beyond the other two PL1004 says where
 * no more are made.
 */
enum {
	LINT_FINDINGS_MAX = 100000,
	LINT_SHELL_BYTES = 16 << 20,
	LINT_SHELL_MICROSECONDS = 10000000,
};

struct lint_edit {
	uint32_t start; /* bytes of the file */
	uint32_t end;
	struct str text;
	const struct lint_edit *next;
};

struct lint_fix {
	bool safe;
	struct str reason;
	const struct lint_edit *edits; /* by start, without overlap */
	uint32_t edit_count;
};

struct lint_waste;
struct finding {
	const struct rule *rule;
	enum lint_level level;
	struct span span;
	struct position start;
	struct position end;
	struct str message;
	struct lint_fix *fix;		/* or NULL */
	const struct lint_waste *waste; /* what it costs in the image (waste.h), or NULL */
	uint32_t instruction;		/* index, or NO_INSTRUCTION */
	uint32_t order;			/* the rule, among those of the linter */
};
enum { NO_INSTRUCTION = UINT32_MAX };

enum label_kind {
	LABEL_TEXT,
	LABEL_URL,
	LABEL_SPDX,
	LABEL_HASH,
	LABEL_RFC3339,
	LABEL_SEMVER,
	LABEL_EMAIL,
	LABEL_KINDS
};

struct label_requirement {
	struct str name;
	enum label_kind kind;
};

/* What hadolint's configuration says, and ours. Zero is the default. Strings are borrowed. */
struct lint_config {
	const struct str *ignored;
	size_t ignored_count;
	struct {
		const struct str *codes;
		size_t count;
	} override[LEVEL_IGNORE]; /* by level */
	const struct str *trusted_registries;
	size_t trusted_registry_count;
	const struct label_requirement *labels;
	size_t label_count;
	bool strict_labels;
	bool disable_ignore_pragma;
	bool read_foreign; /* PowerShell and cmd bodies as if they were POSIX shell: for mining */
	struct graph_options graph;
	/* rules beside the built-in ones, e.g. tree-association rules from files */
	const struct rule *const *extra_rules;
	size_t extra_rule_count;
	/* when set, only these codes run */
	const struct str *only;
	size_t only_count;
};

struct shellcheck_comment;
struct waste_image;
struct lint_input {
	struct str text;
	struct str path;	/* for messages */
	struct str ignore_file; /* .dockerignore; data NULL: none */
	/* what ShellCheck said of this very text, by script (shellcheck.h) */
	const struct shellcheck_comment *checks;
	size_t check_count;
	/* MAY: the image that was built from the file (waste.h) */
	const struct waste_image *image;
};

struct lint_result {
	struct finding *const *findings; /* by place, then code */
	size_t count;
	size_t per_level[LEVELS];
	size_t suppressed;	/* by pragmas */
	size_t dropped;		/* beyond LINT_FINDINGS_MAX */
	bool shell_unavailable; /* there were bodies for the shell rules that could not be looked at
				 */
	uint64_t wasted;	/* bytes of all findings together, in the layers of the image */
	struct dockerfile *file; /* for dockerfile_position */
};

/*
 * Made once a thread and configuration, used for many files. The configuration is borrowed. NULL
 * and an error for a code in it that no rule has is not raised: hadolint's configurations name
 * rules that we may not have.
 */
struct linter *linter_new(const struct lint_config *config, struct budget *budget, struct err *e);
void linter_free(struct linter *l);

/* The result lives until the next call. Fails for memory, or a file over DOCKERFILE_BYTES_MAX. */
int lint_text(struct linter *l, const struct lint_input *in, struct lint_result *ret,
	      struct err *e);

/* What ShellCheck is to look at, in the order of the file. <0 from `put` ends it. */
typedef int lint_script(void *context, uint32_t instruction, struct str script, struct err *e);
int lint_scripts(struct linter *l, const struct lint_input *in, lint_script *put, void *context,
		 struct err *e);

#endif
