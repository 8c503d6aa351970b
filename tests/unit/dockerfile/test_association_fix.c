/*
 * Repairs of tree-association rules: those of the gold rules, and rules that say them otherwise.
 */
#include "dockerfile/association_lint.h"
#include "lint_check.h"

/* Lints one text with one rule; compares the text after its edits, and whether they are safe. */
static void check_fix(int line, const char *rules, const char *code, const char *text,
		      const char *want, bool safe)
{
	struct lint_config config = {0};
	struct buf fixed = BUF_INIT;
	struct tree_rules trees;
	struct lint_check c;
	struct err e = ERR_INIT;

	tree_rules_init(&trees);
	if ((rules ? associations_read(&trees.list, str_of(rules), "rule", &e)
		   : associations_read_gold(&trees.list, &e)) < 0 ||
	    tree_rules_finish(&trees, &e) < 0) {
		test_fail(__FILE__, line, "%s", e.message);
		tree_rules_done(&trees);
		return;
	}
	config.extra_rules = trees.pointers;
	config.extra_rule_count = trees.count;
	if (lint_check_run(&c, &config, str_of(text), code) < 0 || c.result.count != 1) {
		test_fail(__FILE__, line, "not found once: %s", text);
	} else {
		const struct lint_fix *fix = c.result.findings[0]->fix;

		lint_check_fixed(&c, str_of(text), &fixed);
		if (!str_is(buf_str(&fixed), want))
			test_fail(__FILE__, line, "got %.*s", STR_ARG(buf_str(&fixed)));
		if (fix && (fix->safe != safe || !fix->reason.len))
			test_fail(__FILE__, line, "safe: %d, %.*s", fix->safe,
				  STR_ARG(fix->reason));
	}
	if (c.linter)
		linter_free(c.linter);
	buf_done(&fixed);
	tree_rules_done(&trees);
}

#define GOLD(code, text, want, safe) check_fix(__LINE__, NULL, code, text, want, safe)
#define SAFE			     true
#define UNSAFE			     false
#define SAME(code, text)	     GOLD(code, text, text, UNSAFE)

TEST(options_go_behind_the_command_and_its_sub_command)
{
	NEEDS_SHELL();
	GOLD("curlUseFlagF", "RUN curl -o a b.c\n", "RUN curl -f -o a b.c\n", UNSAFE);
	GOLD("npmCacheCleanUseForce", "RUN npm cache \\\n  clean\n",
	     "RUN npm cache \\\n  clean --force\n", SAFE);
	GOLD("pipUseNoCacheDir", "RUN python -m pip install a\n",
	     "RUN python -m pip install --no-cache-dir a\n", SAFE);
	GOLD("yumInstallForceYes", "RUN yum install a\n", "RUN yum install -y a\n", SAFE);
	GOLD("ruleAptGetInstallUseY", "RUN sudo apt-get -q install a\n",
	     "RUN sudo apt-get -q install -y a\n", SAFE);
	GOLD("ruleAptGetInstallUseNoRec", "RUN apt-get install a\n",
	     "RUN apt-get install --no-install-recommends a\n", UNSAFE);
	GOLD("apkAddUseNoCache", "RUN if a; then apk add b; fi\n",
	     "RUN if a; then apk add --no-cache b; fi\n", SAFE);
	GOLD("gpgUseBatchFlag", "RUN <<E\ngpg --verify a b\nE\n",
	     "RUN <<E\ngpg --batch --verify a b\nE\n", UNSAFE);
	GOLD("configureShouldUseBuildFlag", "RUN A=b ./configure --x\n",
	     "RUN A=b ./configure --build=\"$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)\" "
	     "--x\n",
	     UNSAFE);
}

TEST(cleaning_goes_to_the_end_of_the_run)
{
	NEEDS_SHELL();
	GOLD("npmCacheCleanAfterInstall", "RUN npm install a\n",
	     "RUN npm install a && npm cache clean --force\n", SAFE);
	GOLD("npmCacheCleanAfterInstall", "RUN a; \\\n  npm install a\n",
	     "RUN a; \\\n  npm install a \\\n  && npm cache clean --force\n", SAFE);
	/* it may not have been run, or the cache shall be kept */
	GOLD("npmCacheCleanAfterInstall", "RUN if a; then npm install a; fi\n",
	     "RUN if a; then npm install a; fi && npm cache clean --force\n", UNSAFE);
	GOLD("npmCacheCleanAfterInstall",
	     "RUN --mount=type=cache,target=/root/.npm npm install a\n",
	     "RUN --mount=type=cache,target=/root/.npm npm install a && npm cache clean --force\n",
	     UNSAFE);
	GOLD("yumInstallRmVarCacheYum", "RUN yum install -y a\n",
	     "RUN yum install -y a && rm -rf /var/cache/yum\n", SAFE);
	/* another sudo is another finding */
	SAME("yumInstallRmVarCacheYum", "RUN sudo yum install -y a\n");
	GOLD("ruleAptGetInstallThenRemoveAptLists", "RUN apt-get install -y a\n",
	     "RUN apt-get install -y a && rm -rf /var/lib/apt/lists/*\n", UNSAFE);
	GOLD("gemUpdateSystemRmRootGem", "RUN gem update --system\n",
	     "RUN gem update --system && rm -rf /root/.gem/\n", UNSAFE);
	GOLD("rmRecursiveAfterMktempD", "RUN export A=\"$(mktemp -d)\" && b\n",
	     "RUN export A=\"$(mktemp -d)\" && b && rm -rf \"$A\"\n", UNSAFE);
	/* of the folders the one that the rule speaks of, once something was built */
	GOLD("mkdirUsrSrcThenRemove", "RUN mkdir -p /a /usr/src/b && make\n",
	     "RUN mkdir -p /a /usr/src/b && make && rm -rf /usr/src/b\n", UNSAFE);
	GOLD("mkdirUsrSrcThenRemove", "RUN mkdir -p /a \"/usr/src/$B\"; make -j2\n",
	     "RUN mkdir -p /a \"/usr/src/$B\"; make -j2 && rm -rf \"/usr/src/$B\"\n", UNSAFE);
	/* no name for it, or not in any case */
	SAME("rmRecursiveAfterMktempD", "RUN cd $(mktemp -d) && b\n");
	SAME("rmRecursiveAfterMktempD", "RUN if a; then B=$(mktemp -d); fi\n");
	/* not the folder's name, and not known behind the command */
	SAME("rmRecursiveAfterMktempD", "RUN A=\"$(mktemp -d)/b\"; c\n");
	SAME("rmRecursiveAfterMktempD", "RUN A[1]=$(mktemp -d); c\n");
	SAME("rmRecursiveAfterMktempD", "RUN a && B=$(mktemp -d); c\n");
	SAME("rmRecursiveAfterMktempD", "RUN (A=$(mktemp -d)); c\n");
	/* the install may not have been run, and the script goes on */
	GOLD("npmCacheCleanAfterInstall", "RUN a && npm install b\n",
	     "RUN a && npm install b && npm cache clean --force\n", SAFE);
	GOLD("npmCacheCleanAfterInstall", "RUN a && npm install b; c\n",
	     "RUN a && npm install b; c && npm cache clean --force\n", UNSAFE);
	/* no plain end */
	SAME("npmCacheCleanAfterInstall", "RUN npm install a &\n");
	SAME("npmCacheCleanAfterInstall", "RUN <<E\nnpm install a\nE\n");
	/* what is run later is no layer */
	SAME("npmCacheCleanAfterInstall", "CMD npm install && npm start\n");
}

TEST(what_must_come_before_is_put_in_front_of_the_command)
{
	NEEDS_SHELL();
	GOLD("ruleAptGetUpdatePrecedesInstall", "RUN apt-get install -y a\n",
	     "RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n", UNSAFE);
	GOLD("ruleAptGetUpdatePrecedesInstall",
	     "RUN apt-get install a && rm -rf /var/lib/apt/lists/*\n",
	     "RUN apt-get update && apt-get install a && rm -rf /var/lib/apt/lists/*\n", UNSAFE);
	/* the cache that is mounted is what the lists are kept in */
	GOLD("ruleAptGetUpdatePrecedesInstall",
	     "RUN --mount=type=cache,target=/var/lib/apt apt-get install a\n",
	     "RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install a\n",
	     UNSAFE);
	/* no place for the second half */
	SAME("ruleAptGetUpdatePrecedesInstall", "RUN apt-get install a; exit 0\n");
	GOLD("ruleAptGetUpdatePrecedesInstall", "RUN a; A=b apt-get install -y a\n",
	     "RUN a; apt-get update && A=b apt-get install -y a && rm -rf /var/lib/apt/lists/*\n",
	     UNSAFE);
	GOLD("ruleAptGetUpdatePrecedesInstall", "RUN yes | apt-get install a || b\n",
	     "RUN apt-get update && yes | apt-get install a || b && rm -rf /var/lib/apt/lists/*\n",
	     UNSAFE);
	SAME("ruleAptGetUpdatePrecedesInstall", "RUN a || apt-get install b\n");
	SAME("ruleAptGetUpdatePrecedesInstall", "RUN ! apt-get install b\n");
	GOLD("gemUpdateNoDocument", "RUN gem update\n",
	     "RUN echo 'gem: --no-document' >> /etc/gemrc && gem update\n", UNSAFE);
}

TEST(what_was_used_up_is_removed_right_behind)
{
	NEEDS_SHELL();
	GOLD("gpgVerifyAscRmAsc", "RUN gpg --verify \"$A.asc\" b; c\n",
	     "RUN gpg --verify \"$A.asc\" b && rm -f \"$A.asc\"; c\n", UNSAFE);
	GOLD("tarSomethingRmTheSomething", "RUN cd a && tar -C d -xzf b.tar.gz > c && e\n",
	     "RUN cd a && tar -C d -xzf b.tar.gz > c && rm -f b.tar.gz && e\n", UNSAFE);
	GOLD("tarSomethingRmTheSomething", "RUN for a in b; do tar xf /c/$a.tar; done\n",
	     "RUN for a in b; do tar xf /c/$a.tar && rm -f \"/c/$a.tar\"; done\n", UNSAFE);
	/* an archive that is made, one word with its option, no sequence */
	SAME("tarSomethingRmTheSomething", "RUN tar -czf a.tar.gz b\n");
	SAME("tarSomethingRmTheSomething", "RUN tar -x --file=a.tar.gz\n");
	SAME("tarSomethingRmTheSomething", "RUN tar -xf a.tar | b\n");
	SAME("tarSomethingRmTheSomething", "RUN tar -xf a.tar &\n");
}

TEST(addresses_are_rewritten_where_the_rule_looked)
{
	NEEDS_SHELL();
	GOLD("curlUseHttpsUrl", "RUN curl -x http://p.com \"http://a.com/http://b\"\n",
	     "RUN curl -x http://p.com \"https://a.com/https://b\"\n", UNSAFE);
	GOLD("wgetUseHttpsUrl", "RUN wget http://a.com/b -O c\n", "RUN wget https://a.com/b -O c\n",
	     UNSAFE);
	SAME("wgetUseHttpsUrl", "RUN wget ftp://a.com/b\n");
}

TEST(obsolete_and_undecided_advice_is_told_and_not_applied)
{
	NEEDS_SHELL();
	SAME("gpgUseHaPools",
	     "RUN gpg --batch --keyserver pool.sks-keyservers.net --recv-keys A\n");
	SAME("mkdirUsrSrcThenRemove", "RUN mkdir -p /usr/src/app\n");
	SAME("sha256sumEchoOneSpaces", "RUN sha256sum -c a\n");
}

#define R "- {name: r, antecedent: SC-CURL^, consequent: SC-CURL-F-FAIL, location: child, fix: "

TEST(fixes_of_rule_files_are_read_and_written_again)
{
	static const char *const bad[] = {
		R "1}",
		R "{}}",
		R "{option: -f}}",
		R "{option: -f, append: b, reason: c}}",
		R "{replace: a, reason: c}}",
		R "{option: -f, before: b, reason: c}}",
		R "{option: -f, safe: maybe, reason: c}}",
		R "{option: \"a\\nRUN b\", reason: c}}",
		R "{options: -f, reason: c}}",
	};
	struct tree_rules trees;
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e = ERR_INIT;
		tree_rules_init(&trees);
		if (associations_read(&trees.list, str_of(bad[i]), "x.yaml", &e) == 0)
			test_fail(__FILE__, __LINE__, "was read: %s", bad[i]);
		else if (!strstr(e.message, "x.yaml, line "))
			test_fail(__FILE__, __LINE__, "%s: %s", bad[i], e.message);
		tree_rules_done(&trees);
	}
	e = ERR_INIT;
	tree_rules_init(&trees);
	CHECK(associations_read_gold(&trees.list, &e) == 0);
	associations_write(&trees.list, &out);
	for (size_t i = 0; i < trees.list.rules.count; i++)
		CHECK(trees.list.rules.items[i]->fix.kind != FIX_NONE);
	tree_rules_done(&trees);
	tree_rules_init(&trees);
	CHECK(associations_read(&trees.list, buf_str(&out), "written", &e) == 0);
	associations_write(&trees.list, &again);
	CHECK(str_eq(buf_str(&out), buf_str(&again)));
	tree_rules_done(&trees);
	buf_done(&out);
	buf_done(&again);
}

TEST(names_in_a_fix_that_stand_for_nothing_leave_it_out)
{
	NEEDS_SHELL();
	check_fix(__LINE__, R "{append: \"a {SC-CURL-OUTPUT}\", safe: true, reason: c}}", "r",
		  "RUN curl -o b c\n", "RUN curl -o b c && a b\n", SAFE);
	check_fix(__LINE__, R "{append: \"a {SC-CURL-OUTPUT}\", reason: c}}", "r", "RUN curl c\n",
		  "RUN curl c\n", UNSAFE);
	check_fix(__LINE__, R "{append: \"a {\", safe: true, reason: c}}", "r", "RUN curl c\n",
		  "RUN curl c && a {\n", SAFE);
	check_fix(__LINE__, R "{option: -f, when: SC-CURL-OUTPUT, reason: c}}", "r", "RUN curl c\n",
		  "RUN curl c\n", UNSAFE);
}
