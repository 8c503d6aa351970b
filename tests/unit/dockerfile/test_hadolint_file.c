/*
 * hadolint's rules about instructions and stages.
 */
#include "lint_check.h"

TEST(ignore_comments_are_shown_when_asked_for)
{
	CHECK_FINDS("# hadolint ignore=DL3008\nFROM a\n# hadolint global ignore=DL3009\n", "DL1001",
		    "1:1-1:25");
	CHECK_CLEAN("# hadolint shell=bash\n# hadolint ignore=foo\nFROM a\n", "DL1001");
	CHECK_CLEAN("FROM a\nRUN b \\\n# hadolint ignore=DL3008\n c\n", "DL1001");
}

TEST(workdir_is_absolute)
{
	CHECK_FIXED("FROM scratch\nWORKDIR a\n", "DL3000", "FROM scratch\nWORKDIR /a\n");
	CHECK_FIXED("FROM x\nWORKDIR /a\nWORKDIR ./b\n", "DL3000",
		    "FROM x\nWORKDIR /a\nWORKDIR /a/b\n");
	CHECK_FIXED("FROM x\nWORKDIR a\n", "DL3000", "FROM x\nWORKDIR /a\n");
	CHECK_FINDS("WORKDIR 'a b'\n", "DL3000", "1:9-1:14");
	CHECK_FINDS("FROM x\nONBUILD WORKDIR a\n", "DL3000", "2:17-2:18");
	CHECK_CLEAN("WORKDIR C:/\nWORKDIR C:\\\n", "DL3000");
	CHECK_CLEAN("WORKDIR \"/a\"\nWORKDIR $X\nWORKDIR ${X}/b\nWORKDIR 'c:\\d'\nWORKDIR d:/e\n",
		    "DL3000");
}

TEST(the_last_user_is_not_root)
{
	CHECK_FINDS("FROM a\nUSER root\n", "DL3002", "2:1-2:10");
	CHECK_FINDS("FROM a\nUSER b\nUSER 0:0\n", "DL3002", "3:1-3:9");
	CHECK_FINDS("ARG U=root\nFROM a\nARG U\nUSER $U\n", "DL3002", "4:1-4:8");
	CHECK_FINDS("FROM a AS b\nUSER root\nFROM c\nUSER d\n", "DL3002", "2:1-2:10");
	/* those that build on it settle it */
	CHECK_CLEAN("FROM a AS b\nUSER root\nFROM b\nUSER d\n", "DL3002");
	CHECK_FINDS("FROM a AS b\nUSER root\nFROM b\nUSER d\nFROM b\n", "DL3002", "2:1-2:10");
	CHECK_FINDS("FROM a AS b\nUSER root\nFROM b\nRUN x\n", "DL3002", "2:1-2:10");
	CHECK_CLEAN("FROM a\nUSER root\nRUN x\nUSER b\nFROM c\nRUN y\n", "DL3002");
	CHECK_CLEAN("FROM a\nUSER $X\nONBUILD USER root\n", "DL3002");
}

TEST(images_have_a_version)
{
	CHECK_FINDS("FROM --platform=x a AS b\n", "DL3006", "1:19-1:20");
	CHECK_FINDS("ARG I=debian\nFROM $I\n", "DL3006", "2:6-2:8");
	CHECK_FINDS("FROM localhost:5000/a\n", "DL3006", "1:6-1:22");
	CHECK_CLEAN("ARG I\nFROM $I\nFROM ${I}:12\nFROM a${I}\n", "DL3006");
	CHECK_CLEAN("ARG I=debian:12\nFROM ${I} AS b\nFROM b\nFROM B AS c\nFROM scratch\n"
		    "FROM a@sha256:1\n",
		    "DL3006");
}

TEST(archives_are_added)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nCOPY x/a.tar.gz b /t/\nRUN y && tar -C / -xzf /t/a.tar.gz\n", "DL3010",
		    "2:6-2:16");
	CHECK_FINDS("COPY a.tgz /b.tgz\nRUN tar xf b.tgz\n", "DL3010", "1:6-1:11");
	CHECK_FINDS("COPY [\"a b.gz\", \"/x/\"]\nRUN gunzip '/x/a b.gz'\n", "DL3010", "1:7-1:15");
	CHECK_FINDS("COPY a.tar /\nRUN tar --extract --file=a.tar; tar -C / -xfa.tar\n", "DL3010",
		    "1:6-1:11");
	CHECK_FINDS("COPY a\\b.tgz C:\\c\nRUN tar -xf C:\\c\\b.tgz\n", "DL3010", "1:6-1:13");
	CHECK_CLEAN("COPY a.tar /\nRUN tar -tf a.tar\n", "DL3010");
	CHECK_CLEAN("FROM a\nCOPY a.tar /\nFROM b\nRUN tar -xf a.tar\n", "DL3010");
	CHECK_CLEAN("COPY --from=x a.tar /\nRUN tar -xf a.tar\n", "DL3010");
	CHECK_CLEAN("RUN [\"x\", \"a.tar.gz\", \"y\"]\nRUN tar xf a.tar.gz\n", "DL3010");
}

TEST(ports_are_numbers_of_16_bits)
{
	CHECK_FINDS("EXPOSE 80 65536 70000-70001/tcp\n", "DL3011", "1:11-1:16 1:17-1:32");
	CHECK_FINDS("ENV P=99999999999999999999999\nEXPOSE $P\n", "DL3011", "2:8-2:10");
	CHECK_CLEAN("EXPOSE 65535 80/udp 8000-9000 $P 40000-${Q} x\n", "DL3011");
}

TEST(only_the_last_one_counts)
{
	CHECK_FIXED("FROM a\nHEALTHCHECK CMD a\nHEALTHCHECK \\\n  CMD b\n", "DL3012",
		    "FROM a\nHEALTHCHECK \\\n  CMD b\n");
	CHECK_FINDS("FROM a\nCMD a\nCMD b\nCMD c\n", "DL4003", "3:1-3:6 4:1-4:6");
	CHECK_FIXED("FROM a\nCMD a\n\nENV x=y\nCMD b", "DL4003", "FROM a\n\nENV x=y\nCMD b");
	CHECK_FIXED("FROM a\n  entrypoint a\nENTRYPOINT b\n", "DL4004", "FROM a\nENTRYPOINT b\n");
	CHECK_CLEAN("FROM a\nCMD a\nFROM b\nCMD b\nONBUILD CMD c\nONBUILD CMD d\n", "DL4003");
}

TEST(copy_instead_of_add)
{
	CHECK_FIXED("ADD --chown=x a.sh b.py /c/\n", "DL3020", "COPY --chown=x a.sh b.py /c/\n");
	CHECK_FIXED("add [\"a b\", \"/c\"]\n", "DL3020", "copy [\"a b\", \"/c\"]\n");
	CHECK_FIXED("ADD a.sh b.sh /c\n", "DL3020", "COPY a.sh b.sh /c/\n");
	CHECK_FINDS("ADD --checksum=sha256:1 a /b\n", "DL3020", "1:1-1:4");
	CHECK_FINDS("ADD x.zip /b\nONBUILD ADD . /c\n", "DL3020", "1:1-1:4 2:9-2:12");
	CHECK_FINDS("ADD <<EOF /a\nx\nEOF\n", "DL3020", "1:1-1:4");
	CHECK_CLEAN("ADD a.tar /x\nADD \"b.tgz\" c.xz /x/\nADD http://x/y 'https://z' /x/\n"
		    "ADD git@x:y /x\nADD $URL /x\n",
		    "DL3020");
	CHECK_CLEAN("ARG U=https://x/y\nADD ${U} /x\n", "DL3020");
	CHECK_FINDS("ARG F=a.txt\nADD $F /x\n", "DL3020", "2:1-2:4");
}

static int first_fix_is_safe(const char *text, const char *code)
{
	struct lint_check c;
	int safe = -1;

	if (lint_check_run(&c, NULL, str_of(text), code) == 0 && c.result.count &&
	    c.result.findings[0]->fix)
		safe = c.result.findings[0]->fix->safe;
	linter_free(c.linter);
	return safe;
}

TEST(repairs_are_safe_only_where_nothing_can_change)
{
	CHECK_INT(first_fix_is_safe("ADD a.sh /b\n", "DL3020"), 1);
	CHECK_INT(first_fix_is_safe("ADD rootfs /b\n", "DL3020"), 0);
	CHECK_INT(first_fix_is_safe("ADD *.sh /b/\n", "DL3020"), 0);
	CHECK_INT(first_fix_is_safe("ADD a.sh b\n", "DL3020"), 0);
	CHECK_INT(first_fix_is_safe("ADD a.sh b.sh /c\n", "DL3020"), 1);
	CHECK_INT(first_fix_is_safe("FROM scratch\nWORKDIR a\n", "DL3000"), 1);
	CHECK_INT(first_fix_is_safe("FROM a\nWORKDIR a\n", "DL3000"), 0);
	CHECK_INT(first_fix_is_safe("FROM scratch\nCOPY a b\n", "DL3045"), 1);
	CHECK_INT(first_fix_is_safe("FROM a\nCOPY a b\n", "DL3045"), 0);
	CHECK_INT(first_fix_is_safe("FROM scratch\nCOPY --from=x / .\n", "DL3045"), 0);
	CHECK_INT(first_fix_is_safe("FROM a\nCMD a\nCMD b\n", "DL4003"), 1);
	CHECK_INT(first_fix_is_safe("FROM a\nRUN x\nCMD a\nRUN y\nCMD b\n", "DL4003"), 0);
	CHECK_INT(first_fix_is_safe("FROM a\n# hadolint ignore=DL3025\nCMD a\nCMD b\n", "DL4003"),
		  0);
	CHECK_INT(first_fix_is_safe("FROM --platform=linux/arm64 a:1\n", "DL3029"), 0);
}

TEST(copy_targets)
{
	CHECK_FIXED("COPY a b c\n", "DL3021", "COPY a b c/\n");
	CHECK_FIXED("COPY a b \"c\"\nCOPY [\"a\", \"b\", \"c\"]\n", "DL3021",
		    "COPY a b \"c/\"\nCOPY [\"a\", \"b\", \"c/\"]\n");
	CHECK_FINDS("ENV D=/x\nCOPY a b $D\n", "DL3021", "2:10-2:12");
	CHECK_CLEAN("ENV D=/x/\nCOPY a b $D\nCOPY a b $E\nCOPY a b c/\nCOPY a b\nCOPY a b 'c/'\n",
		    "DL3021");
	CHECK_FINDS("FROM a\nCOPY b ./c\n", "DL3045", "2:8-2:11");
	CHECK_FIXED("FROM a\nCOPY b ./c\n", "DL3045", "FROM a\nCOPY b /c\n");
	CHECK_FINDS("FROM a AS b\nWORKDIR /x\nFROM c\nCOPY b c\n", "DL3045", "4:8-4:9");
	CHECK_FINDS("ENV D=x\nCOPY b $D\n", "DL3045", "2:8-2:10");
	CHECK_CLEAN("FROM a AS b\nWORKDIR /x\nFROM b AS c\nRUN y\nFROM c\nCOPY b c\n", "DL3045");
	CHECK_CLEAN("COPY a /b\nCOPY a $C\nCOPY a \"c:\\d\"\nCOPY a d:/e\n", "DL3045");
	CHECK_CLEAN("FROM a\nONBUILD WORKDIR /x\nONBUILD COPY a b\n", "DL3045");
	CHECK_FINDS("FROM a\nONBUILD COPY a b\n", "DL3045", "2:16-2:17");
	CHECK_FINDS("COPY --from=a b '/' /\nCOPY --from=a / \"/\"\n", "DL3067",
		    "1:17-1:20 "
		    "2:15-2:16");
	CHECK_CLEAN("COPY / /\nCOPY --from=a / /b\nCOPY --from=a /b /\n", "DL3067");
}

TEST(copy_from_stages)
{
	CHECK_FINDS("FROM a\nCOPY --from=b c d\n", "DL3022", "2:6-2:14");
	CHECK_FINDS("FROM a AS b\nFROM c\nCOPY --from=1 d e\nCOPY --from=2 d e\n", "DL3022",
		    "3:6-3:14 4:6-4:14");
	CHECK_CLEAN("ARG I\nFROM a AS Build\nFROM c\nCOPY --from=build d e\nCOPY --from=0 d e\n"
		    "COPY --from=x:1 d e\nCOPY --from=x@sha256:1 d e\nCOPY --from=$I d e\n",
		    "DL3022");
	CHECK_FINDS("FROM a AS b\nCOPY --from=B c d\nCOPY --from=0 c d\n", "DL3023",
		    "2:6-2:14 3:6-3:14");
	CHECK_CLEAN("FROM a AS b\nFROM c\nCOPY --from=b d e\n", "DL3023");
	CHECK_FINDS("FROM a AS b\nFROM c AS B\nFROM d AS e\n", "DL3024", "2:11-2:12");
	CHECK_FINDS("FROM a AS Scratch\nFROM b AS context\nFROM c AS d\n", "DL3063",
		    "1:11-1:18 2:11-2:18");
}

TEST(arguments_in_json)
{
	CHECK_FINDS("CMD a b\nENTRYPOINT c\nHEALTHCHECK --interval=5s CMD d\nONBUILD CMD e\n",
		    "DL3025", "1:5-1:8 2:12-2:13 3:31-3:32 4:13-4:14");
	CHECK_CLEAN("CMD [\"a\"]\nCMD []\nENTRYPOINT [ \"b\" ]\nHEALTHCHECK NONE\nRUN x\n",
		    "DL3025");
	NEEDS_SHELL();
	CHECK_FIXED("CMD nginx -g 'daemon off;' \"a\\\"b\"\n", "DL3025",
		    "CMD [\"nginx\", \"-g\", \"daemon off;\", \"a\\\"b\"]\n");
	CHECK_FIXED("ENTRYPOINT a \\\n  b\n", "DL3025", "ENTRYPOINT [\"a\", \"b\"]\n");
}

TEST(commands_of_a_shell_stay_in_it)
{
	static const char *const texts[] = {
		"CMD a && b\n",	    "CMD a $B\n",   "CMD a > b\n", "CMD a *\n",	    "CMD ~/a\n",
		"CMD exec a\n",	    "CMD A=b c\n",  "CMD a | b\n", "CMD a &\n",	    "CMD cd /a\n",
		"CMD a # b\n",	    "CMD a $(b)\n", "CMD `a`\n",   "CMD a {b,c}\n", "CMD ! a\n",
		"CMD <<EOF\nEOF\n", "CMD if a\n",
	};

	NEEDS_SHELL();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct lint_check c;

		CHECK(lint_check_run(&c, NULL, str_of(texts[i]), "DL3025") == 0);
		CHECK_INT(c.result.count, 1);
		if (c.result.count && c.result.findings[0]->fix)
			test_fail(__FILE__, __LINE__, "there is a repair for %s", texts[i]);
		linter_free(c.linter);
	}
}

TEST(stars_in_trusted_registries)
{
	static const struct str star[] = {STR_INIT("*")};
	static const struct str list[] = {STR_INIT("eu.*.example.com"), STR_INIT("*.corp.*"),
					  STR_INIT("a*a")};
	struct lint_config all = {.trusted_registries = star, .trusted_registry_count = 1};
	struct lint_config some = {.trusted_registries = list, .trusted_registry_count = 3};

	CHECK_FINDS_WITH(&all, "FROM a\nFROM b/c\nFROM localhost:5000/d\n", "DL3026", "");
	CHECK_FINDS_WITH(&some,
			 "FROM eu.x.example.com/a\nFROM r.corp.org:5000/a\n"
			 "FROM eu.x.y.example.com/a\n",
			 "DL3026", "");
	CHECK_FINDS_WITH(&some,
			 "FROM us.x.example.com/a\nFROM eu.example.com/a\nFROM corp.org/a\n"
			 "FROM a\n",
			 "DL3026", "1:6-1:24 2:6-2:22 3:6-3:16 4:6-4:7");
}

TEST(registries_are_trusted)
{
	static const struct str list[] = {STR_INIT("docker.io"), STR_INIT("*.example.com"),
					  STR_INIT("my-*"), STR_INIT("r:5000")};
	struct lint_config all = {.trusted_registries = list, .trusted_registry_count = 4};
	struct lint_config some = {.trusted_registries = list + 1, .trusted_registry_count = 3};

	CHECK_CLEAN("FROM evil.example.org/a\n", "DL3026");
	CHECK_FINDS_WITH(&all, "FROM evil.example.org/a\nFROM example.com/a\n", "DL3026",
			 "1:6-1:24 2:6-2:19");
	CHECK_FINDS_WITH(&all,
			 "FROM debian\nFROM a/b AS x\nFROM docker.io/a\nFROM a.example.com/b\n"
			 "FROM my-r.org/c\nFROM r:5000/c\nFROM x\nFROM scratch\nFROM $Y\n",
			 "DL3026", "");
	CHECK_FINDS_WITH(&some, "ARG I=debian\nFROM ${I}\n", "DL3026", "2:6-2:10");
	CHECK_FINDS_WITH(&some,
			 "FROM r:5000/a AS b\nCOPY --from=b c d\nCOPY --from=debian c d\n"
			 "COPY --from=0 c d\nRUN --mount=type=bind,from=e.org/f x\n"
			 "RUN --mount=type=bind,from=a.example.com/f x\n",
			 "DL3026", "3:6-3:19 5:5-5:35");
}

TEST(platforms)
{
	CHECK_FINDS("FROM --platform=linux/arm64 a\n", "DL3029", "1:6-1:28");
	CHECK_FIXED("FROM --platform=linux/arm64  a\n", "DL3029", "FROM a\n");
	CHECK_CLEAN("FROM --platform=$BUILDPLATFORM a\nFROM --platform=\"${TARGETPLATFORM}\" b\n"
		    "FROM c\n",
		    "DL3029");
	CHECK_FIXED("FROM --platform=$TARGETPLATFORM a AS b\n", "DL3065", "FROM a AS b\n");
	CHECK_CLEAN("FROM --platform=$BUILDPLATFORM a\n", "DL3065");
}

TEST(what_onbuild_cannot_start)
{
	CHECK_FINDS("ONBUILD FROM a\nONBUILD MAINTAINER b\nONBUILD ONBUILD RUN c\n", "DL3043",
		    "1:9-1:13 2:9-2:19 3:9-3:16");
	CHECK_CLEAN("ONBUILD RUN a\nMAINTAINER b\n", "DL3043");
}

TEST(values_within_one_env)
{
	CHECK_FINDS("ENV A=b C=x${A}y D=\"$A\"\n", "DL3044", "1:12-1:16 1:21-1:23");
	CHECK_FINDS("ENV P=/a:$P P=/b:$P\n", "DL3044", "1:10-1:12 1:18-1:20");
	CHECK_FINDS("ENV A=b \\\n  C=$A\n", "DL3044", "2:5-2:7");
	CHECK_CLEAN("ENV A=b C=$AB D='$A' E=\\$A F=${A:-x}\n", "DL3044");
	CHECK_CLEAN("ENV P=/a:$P\nENV A b\nENV A=c D=$A\nARG X\nENV X=y Z=$X\n", "DL3044");
	CHECK_CLEAN("FROM a AS b\nENV A=1\nFROM b\nENV A=2 B=$A\n", "DL3044");
	CHECK_FINDS("FROM a AS b\nENV A=1\nFROM c\nENV A=2 B=$A\n", "DL3044", "4:11-4:13");
}

TEST(consecutive_runs)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN a\nRUN b\n# c\nRUN d\n", "DL3059", "2:1-2:4 4:1-4:4");
	CHECK_FIXED("RUN a\nRUN b c\n\nRUN d\n", "DL3059", "RUN a \\\n    && b c \\\n    && d\n");
	CHECK_FIXED("FROM a\r\nRUN a;\r\nrun b\r\n", "DL3059",
		    "FROM a\r\nRUN a \\\r\n    && b\r\n");
	CHECK_FINDS("RUN --mount=type=secret,id=x a\nRUN --mount=type=secret,id=x b\n", "DL3059",
		    "2:1-2:4");
	CHECK_FINDS("RUN [\"a\"]\nRUN b\n", "DL3059", "2:1-2:4");
	CHECK_CLEAN("RUN a && b\nRUN c\nENV x=y\nRUN d\nRUN --network=none e\n", "DL3059");
	CHECK_CLEAN("RUN a\nRUN b; c\nFROM d\nRUN e\nONBUILD RUN f\nRUN g\n", "DL3059");
}

TEST(the_beginning)
{
	CHECK_FINDS("# a\nARG x\nLABEL a=b\nENV c=d\nFROM e\n", "DL3061", "3:1-3:10");
	CHECK_FINDS("RUN x\n", "DL3061", "1:1-1:6");
	CHECK_CLEAN("ARG x\n# hadolint ignore=DL3006\nFROM a\nRUN b\n", "DL3061");
	CHECK_CLEAN("FORM a\nFROM b\n", "DL3061");
	CHECK_CLEAN("", "DL3061");
}

TEST(secrets_by_name)
{
	CHECK_FINDS("ARG Npm_Token\nFROM a\nENV my_password=x A=b AWS_ACCESS_KEY_ID=y\n", "DL3064",
		    "1:5-1:14 3:5-3:16 3:23-3:40");
	CHECK_FINDS("FROM a\nONBUILD ARG GH_SECRET\n", "DL3064", "2:13-2:22");
	CHECK_CLEAN("ARG A\nENV KEY=x PASS=y\nLABEL token=z\n", "DL3064");
}

TEST(users_are_numbers)
{
	CHECK_FINDS("USER app\nUSER root:1\nONBUILD USER a\n", "DL3066",
		    "1:6-1:9 2:6-2:12 "
		    "3:14-3:15");
	CHECK_CLEAN("USER 1\nUSER 1:2\nUSER 1:b\nUSER \"3\"\nUSER $U\nUSER ${U}:g\n", "DL3066");
}

TEST(health_checks)
{
	CHECK_FINDS("FROM a\n", "DL3057", "1:1-1:7");
	CHECK_CLEAN("FROM a AS b\nHEALTHCHECK NONE\nFROM b AS c\nFROM c\n", "DL3057");
	CHECK_CLEAN("FROM a AS b\nFROM c\nCOPY --from=b d e\nHEALTHCHECK CMD x\n", "DL3057");
	CHECK_FINDS("FROM a AS b\nFROM b AS c\nFROM b\nHEALTHCHECK CMD x\nFROM c\n", "DL3057",
		    "5:1-5:7");
	CHECK_FINDS("FROM a AS b\nHEALTHCHECK CMD x\nFROM c\n", "DL3057", "3:1-3:7");
	CHECK_CLEAN("RUN x\n", "DL3057");
}
