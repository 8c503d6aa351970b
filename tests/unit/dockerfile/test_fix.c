/*
 * Repairs and diffs.
 */
#include "dockerfile/fix.h"
#include "lint_check.h"

static void check_fix(int line, const char *text, bool unsafe, const char *fixed, const char *diff)
{
	struct lint_config config = {0};
	struct lint_input in = {.text = str_of(text)};
	struct lint_result result;
	struct err e = ERR_INIT;
	struct linter *l = linter_new(&config, NULL, &e);
	struct buf out = BUF_INIT;
	struct fixer f;

	fixer_init(&f, NULL);
	CHECK_OK(fix_text(&f, l, &in, unsafe, &result, &e));
	if (!str_is(f.applied ? buf_str(&f.text) : in.text, fixed))
		test_fail(__FILE__, line, "fixed to '%.*s'", STR_ARG(buf_str(&f.text)));
	if (diff) {
		diff_unified(STR("Dockerfile"), in.text, buf_str(&f.text), f.changes.items,
			     f.changes.count, &out);
		if (!str_is(buf_str(&out), diff))
			test_fail(__FILE__, line, "the diff is\n%.*s", STR_ARG(buf_str(&out)));
	}
	fixer_done(&f);
	linter_free(l);
	buf_done(&out);
}
#define CHECK_FIX(text, unsafe, fixed, diff) check_fix(__LINE__, text, unsafe, fixed, diff)

TEST(safe_fixes_and_their_diff)
{
	NEEDS_SHELL();
	CHECK_FIX("FROM a:1\nMAINTAINER x\nRUN true \\\n  && apt-get install `cat y`\n", false,
		  "FROM a:1\nLABEL org.opencontainers.image.authors=\"x\"\nRUN true \\\n  && "
		  "apt-get install -y $(cat y)\n",
		  "--- Dockerfile\n+++ Dockerfile\n@@ -1,4 +1,4 @@\n FROM a:1\n-MAINTAINER x\n"
		  "+LABEL org.opencontainers.image.authors=\"x\"\n RUN true \\\n-  && apt-get "
		  "install `cat y`\n"
		  "+  && apt-get install -y $(cat y)\n");
	CHECK_FIX("FROM a:1\nRUN apt-get install x", false, "FROM a:1\nRUN apt-get install -y x",
		  "--- Dockerfile\n+++ Dockerfile\n@@ -1,2 +1,2 @@\n FROM a:1\n-RUN apt-get "
		  "install x\n"
		  "\\ No newline at end of file\n+RUN apt-get install -y x\n\\ No newline at end "
		  "of file\n");
	CHECK_FIX("FROM a:1\n#1\n#2\n#3\n#4\n#5\n#6\n#7\nMAINTAINER "
		  "x\n#1\n#2\n#3\n#4\n#5\n#6\n#7\n#8\nMAINTAINER y\n",
		  false,
		  "FROM a:1\n#1\n#2\n#3\n#4\n#5\n#6\n#7\nLABEL "
		  "org.opencontainers.image.authors=\"x\"\n#1\n#2\n#3\n#4\n#5\n#6\n#7\n#8\n"
		  "LABEL org.opencontainers.image.authors=\"y\"\n",
		  "--- Dockerfile\n+++ Dockerfile\n@@ -6,7 +6,7 @@\n #5\n #6\n #7\n-MAINTAINER x\n"
		  "+LABEL org.opencontainers.image.authors=\"x\"\n #1\n #2\n #3\n@@ -15,4 +15,4 "
		  "@@\n #6\n #7\n #8\n"
		  "-MAINTAINER y\n+LABEL org.opencontainers.image.authors=\"y\"\n");
}

/* Does the last finding of the code come with edits when all rules run? */
static void check_offers(int line, const char *text, const char *code, bool expected)
{
	const struct lint_fix *fix = NULL;
	struct lint_check c;
	bool found = false;

	if (lint_check_run(&c, NULL, str_of(text), NULL) < 0) {
		test_fail(__FILE__, line, "the run failed");
		return;
	}
	for (size_t i = 0; i < c.result.count; i++) {
		if (strcmp(c.result.findings[i]->rule->code, code) != 0)
			continue;
		found = true;
		fix = c.result.findings[i]->fix;
	}
	if (!found || (fix && fix->edits) != expected)
		test_fail(__FILE__, line, "%s: %s", code, found ? "edits" : "not found");
	linter_free(c.linter);
}
#define CHECK_OFFERS(text, code)  check_offers(__LINE__, text, code, true)
#define CHECK_ADVISES(text, code) check_offers(__LINE__, text, code, false)

/* Edits that would bring another finding are not offered. */
TEST(only_what_holds_is_offered)
{
	NEEDS_SHELL();
	CHECK_ADVISES("FROM a:1\nRUN sudo apt-get install -y x\n", "DL3004");
	CHECK_ADVISES("FROM a:1\nRUN sudo apt-get update\n", "DL3004");
	CHECK_OFFERS("FROM a:1\nRUN sudo apt-get install -y --no-install-recommends x=1\n",
		     "DL3004");
	CHECK_OFFERS("FROM a:1\n# hadolint ignore=DL3008,DL3015\nRUN sudo apt-get install -y x\n",
		     "DL3004");
	CHECK_ADVISES("FROM a:1\nRUN sudo wget -q x; curl y\n", "DL3004");
	CHECK_OFFERS("FROM a:1\nRUN sudo mkdir x\n", "DL3004");
	CHECK_ADVISES("FROM a:1\nRUN sudo { x\n", "DL3004");
	/* what the grammar does not understand as a whole is left alone */
	CHECK_ADVISES("FROM a:1\nRUN sudo mkdir x; (\n", "DL3004");
	CHECK_OFFERS("FROM a:1\nRUN a\nRUN b\n", "DL3059");
	CHECK_ADVISES("FROM a:1\nRUN a\nRUN # b\n", "DL3059");
	CHECK_ADVISES("FROM a:1\nRUN apt install -y x\n", "DL3027");
	CHECK_OFFERS("FROM a:1\nRUN apt install -y --no-install-recommends x=1\n", "DL3027");
	CHECK_OFFERS("FROM a:1\nADD a.sh /b\n", "DL3020");
	CHECK_ADVISES("FROM a:1\nADD a.sh b\n", "DL3020");
	CHECK_OFFERS("FROM a:1\nCMD a\nRUN b\nCMD c\n", "MultipleInstructionsDisallowed");
	CHECK_ADVISES("FROM a:1\nRUN a\nCMD a\nRUN b\nCMD c\n", "MultipleInstructionsDisallowed");
	CHECK_OFFERS("FROM scratch\nCOPY --from=a x .\n", "DL3045");
	CHECK_ADVISES("FROM scratch\nCOPY --from=a / .\n", "DL3045");
	CHECK_OFFERS("FROM a:1\nRUN [ a = $(b) ]\n", "SC2046");
	CHECK_ADVISES("FROM a:1\nRUN [ $(b) = a ]\n", "SC2046");
	CHECK_OFFERS("FROM a:1\nRUN cat $b c | d\n", "SC2086");
	CHECK_ADVISES("FROM a:1\nRUN cat $b | d\n", "SC2086");
	CHECK_OFFERS("FROM a:1\nRUN [ a ]\nRUN b\n", "DL3059");
	CHECK_ADVISES("FROM a:1\nRUN [ a ] || b\nRUN c\n", "DL3059");
	CHECK_ADVISES("FROM a:1\nRUN c\nRUN [ a ] || b\n", "DL3059");
	CHECK_OFFERS("FROM a:1\nRUN echo $x\n", "SC2086");
	/* quotes would make one package of several */
	CHECK_ADVISES("FROM a:1\nRUN p='a b'; i $p\n", "SC2086");
	CHECK_ADVISES("FROM a:1\nRUN p=\"$b a\"; i $p\n", "SC2086");
	CHECK_OFFERS("FROM a:1\nRUN (p='a b'); i $p\n", "SC2086");
}

/* A keyword comes in the case of the file: no ConsistentInstructionCasing. */
TEST(keywords_keep_their_case)
{
	NEEDS_SHELL();
	CHECK_FIX("from a:1\nmaintainer x\nadd a.sh /b\n", false,
		  "from a:1\nlabel org.opencontainers.image.authors=\"x\"\ncopy a.sh /b\n", NULL);
	CHECK_FIX("from a:1\nrun a | b\n", true,
		  "from a:1\nshell [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nrun a | b\n",
		  NULL);
}

TEST(unsafe_fixes_only_when_asked)
{
	NEEDS_SHELL();
	CHECK_FIX("RUN curl -k https://x\n", false, "RUN curl -k https://x\n", "");
	CHECK_FIX("RUN curl -k https://x\n", true, "RUN curl https://x\n", NULL);
}

TEST(nested_fixes_take_rounds)
{
	NEEDS_SHELL();
	CHECK_FIX("FROM a:1\nRUN echo \"`a $(b `c`)`\"\n", false,
		  "FROM a:1\nRUN echo \"$(a $(b $(c)))\"\n", NULL);
}
