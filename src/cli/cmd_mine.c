/*
 * mine: options into a request, nothing more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/common.h"
#include "dockerfile/mine_run.h"

enum { RULES_MAX = 64 << 20 };

static const char *const formats[] = {"table", "json", "rules", "trees", NULL};

static const struct option options[] = {
	{.name = "deep",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_SCOPE,
	 .help = "look into functions, while loops and what sudo, xargs and the like run, too"},
	{.name = "evaluate",
	 .kind = OPTION_TEXT,
	 .value = "RULES",
	 .trust = TRUST_SCOPE,
	 .help = "count how these rules (a file, or 'gold': the built-in ones) are kept"},
	{.name = "format",
	 .letter = 'f',
	 .kind = OPTION_CHOICE,
	 .value = "FORMAT",
	 .choices = formats,
	 .help = "table (default), json, rules (what lint loads), trees (the trees themselves)"},
	{.name = "history",
	 .kind = OPTION_FLAG,
	 .trust = TRUST_SCOPE,
	 .help = "CORPUS is a git repository, or a folder of one; rules are what was changed in "
		 "its "
		 "Dockerfiles and is kept now"},
	{.name = "min-confidence",
	 .kind = OPTION_NUMBER,
	 .value = "PERCENT",
	 .help = "rules that are kept in fewer cases do not count (default 75)"},
	{.name = "min-support",
	 .kind = OPTION_NUMBER,
	 .value = "N",
	 .help = "rules with fewer cases do not count (default 50); with --history: with fewer "
		 "changes (default 2)"},
	{.name = "ordered",
	 .kind = OPTION_FLAG,
	 .help = "patterns keep the order of what they are made of"},
	{.name = "second",
	 .kind = OPTION_TEXT,
	 .value = "CORPUS",
	 .trust = TRUST_SCOPE,
	 .help = "count how mined rules are kept in this other corpus"},
	{0},
};

static int set_format(const struct invocation *in, struct mine_request *r)
{
	const char *given = invocation_text(in, "format");

	for (int i = 0; given && formats[i]; i++) {
		if (strcmp(given, formats[i]) == 0)
			r->format = (enum mine_format)i;
	}
	return 0;
}

static int set_rules(const struct invocation *in, struct mine_request *r, struct buf *text,
		     struct err *e)
{
	const char *given = invocation_text(in, "evaluate");

	if (!given)
		return 0;
	if (strcmp(given, "gold") == 0) {
		r->gold = true;
		return 0;
	}
	if (file_read(given, RULES_MAX, text, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	r->rules = text->data ? buf_str(text) : STR("");
	r->rules_path = given;
	return 0;
}

static int set_request(const struct invocation *in, struct mine_request *r, struct buf *rules,
		       struct err *e)
{
	uint64_t confidence = 0;

	set_format(in, r);
	if (set_rules(in, r, rules, e) < 0 ||
	    invocation_number(in, "min-support", &r->support_min, e) < 0 ||
	    invocation_number(in, "min-confidence", &confidence, e) < 0)
		return -1;
	if (confidence > 100)
		return err_set(e, ERR_USAGE, "option '--min-confidence': %llu is over 100",
			       (unsigned long long)confidence);
	r->confidence_min = (double)confidence;
	r->deep = invocation_flag(in, "deep");
	r->ordered = invocation_flag(in, "ordered");
	r->history = invocation_flag(in, "history");
	if (r->history && (r->gold || r->rules.data || r->format == MINE_TREES))
		return err_set(e, ERR_USAGE,
			       "option '--history' learns rules: not with --evaluate or trees");
	r->second = invocation_text(in, "second");
	return 0;
}

static int run_mine(const struct invocation *in, struct err *e)
{
	CLEANUP(buf_done) struct buf rules = BUF_INIT;
	struct mine_request r = {.operands = in->operands.items,
				 .operand_count = in->operands.count};
	struct mine_outcome outcome;
	int code;

	if (set_request(in, &r, &rules, e) < 0 || mine_run(&r, &outcome, e) < 0)
		return -1;
	fwrite(outcome.notes.data, 1, outcome.notes.len, stderr);
	code = outcome.missing ? EXIT_FAILED : outcome.gaps ? EXIT_INCOMPLETE : EXIT_PASS;
	if (common_write(STDOUT_FILENO, buf_str(&outcome.report), e) < 0)
		code = -1;
	mine_outcome_done(&outcome);
	return code;
}

static const char *const examples[] = {
	"plimsoll mine services/",
	"what nearly all Dockerfiles below this folder do",
	"plimsoll mine -f rules services/ > ours.yaml",
	"the same as rules for lint",
	"plimsoll mine --evaluate gold services/",
	"how well the experts' rules are kept here",
	"plimsoll mine -f rules --second others.jsonl.xz services.tar",
	"rules of one corpus with how often another breaks them",
	"plimsoll mine --history --second others.jsonl.xz images.git",
	"what the authors of these Dockerfiles mended over the years, and others have not",
	NULL,
};

const struct command command_mine = {
	.name = "mine",
	.operands = "CORPUS...",
	.summary = "learn rules from Dockerfiles, or count how rules are kept",
	.description =
		"CORPUS is a folder (every file called like a Dockerfile), a Dockerfile, a tar "
		"archive of them, or JSON lines: Dockerfiles ({\"path\": ..., \"text\": ...}) or "
		"trees of any notation ({\"type\": ..., \"value\": ..., \"children\": [...]}); "
		"archives and lines also compressed.\n"
		"A rule says: where the antecedent is found, the consequent must be found, too, "
		"below it, behind it or before it. Support is how often the antecedent was found, "
		"confidence in how many per cent of these the consequent was.\n"
		"The exit code is 1 when a corpus is not there, 4 when a part of it could not be "
		"looked at.",
	.examples = examples,
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run_mine,
};
