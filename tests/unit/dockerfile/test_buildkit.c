/*
 * BuildKit's checks. Upstream's own cases are in tests/golden/test_buildkit_vectors.py.
 */
#include "lint_check.h"

TEST(keywords_follow_the_majority)
{
	CHECK_FINDS("from a\nRUN b\nRUN c\n", "ConsistentInstructionCasing", "1:1-1:5");
	CHECK_FINDS("FROM a\nrun b\n", "ConsistentInstructionCasing", "2:1-2:4");
	CHECK_FINDS("FROM a\nrun b\ncmd c\n", "ConsistentInstructionCasing", "1:1-1:5");
	CHECK_FINDS("From a\n", "ConsistentInstructionCasing", "1:1-1:5");
	CHECK_CLEAN("arg A\nFROM a\nRUN b\n", "ConsistentInstructionCasing");
	CHECK_CLEAN("FROM a\nbogus b\n", "ConsistentInstructionCasing");
	CHECK_FIXED("from a as b\nRUN b\nRUN c\n", "ConsistentInstructionCasing",
		    "FROM a AS b\nRUN b\nRUN c\n");
	CHECK_FINDS("FROM a as b\n", "FromAsCasing", "1:8-1:10");
	CHECK_CLEAN("From a as b\n", "FromAsCasing");
	CHECK_CLEAN("FROM a AS b\n", "FromAsCasing");
	CHECK_FIXED("from a AS b\n", "FromAsCasing", "from a as b\n");
	CHECK_FIXED("FROM --platform=$BUILDPLATFORM \\\n a As b\n", "FromAsCasing",
		    "FROM --platform=$BUILDPLATFORM \\\n a AS b\n");
}

TEST(stage_names)
{
	CHECK_FINDS("FROM a AS b\nFROM a AS B\n", "DuplicateStageName", "2:11-2:12");
	CHECK_CLEAN("FROM a AS b\nFROM a\nFROM a\n", "DuplicateStageName");
	CHECK_FINDS("FROM a AS scratch\nFROM a AS Context\n", "ReservedStageName",
		    "1:11-1:18 2:11-2:18");
	CHECK_CLEAN("FROM scratch\nFROM a AS contexts\n", "ReservedStageName");
}

TEST(ports)
{
	CHECK_FINDS("FROM a\nEXPOSE 80/TCP 81/udp 82\n", "ExposeProtoCasing", "2:8-2:14");
	CHECK_CLEAN("FROM a\nARG P\nEXPOSE $P/TCP 80/FOO\n", "ExposeProtoCasing");
	CHECK_FIXED("FROM a\nEXPOSE 80/Sctp\n", "ExposeProtoCasing", "FROM a\nEXPOSE 80/sctp\n");
	CHECK_FINDS("FROM a\nEXPOSE 1.2.3.4:80:80 80:81 :82 83\n", "ExposeInvalidFormat",
		    "2:8-2:21 2:22-2:27");
	CHECK_FIXED("FROM a\nEXPOSE [::1]:80:81/tcp\n", "ExposeInvalidFormat",
		    "FROM a\nEXPOSE 81/tcp\n");
}

TEST(shell_form_and_repetition)
{
	CHECK_FINDS("FROM a\nCMD b\nENTRYPOINT c\n", "JSONArgsRecommended", "2:1-2:6 3:1-3:13");
	CHECK_CLEAN("FROM a\nCMD [\"b\"]\n", "JSONArgsRecommended");
	CHECK_CLEAN("FROM a AS x\nSHELL [\"b\"]\nFROM x\nCMD b\n", "JSONArgsRecommended");
	CHECK_FINDS("FROM a\nSHELL [\"b\"]\nFROM a\nCMD b\n", "JSONArgsRecommended", "4:1-4:6");
	CHECK_FINDS("FROM a\nCMD b\nCMD c\nFROM a\nCMD d\n", "MultipleInstructionsDisallowed",
		    "2:1-2:6");
	CHECK_FIXED("FROM a\nCMD b\nHEALTHCHECK NONE\nHEALTHCHECK CMD x\nCMD c\n",
		    "MultipleInstructionsDisallowed", "FROM a\nHEALTHCHECK CMD x\nCMD c\n");
	CHECK_CLEAN("FROM a\nONBUILD CMD b\nCMD c\n", "MultipleInstructionsDisallowed");
}

TEST(pairs)
{
	CHECK_FINDS("FROM a\nENV b c d\nENV b=c\n", "LegacyKeyValueFormat", "2:1-2:10");
	CHECK_FIXED("FROM a\nENV b  c d\nLABEL x \"y z\"\nENV p $q:/r\n", "LegacyKeyValueFormat",
		    "FROM a\nENV b=\"c d\"\nLABEL x=\"y z\"\nENV p=\"$q:/r\"\n");
	CHECK_FINDS("FROM a\nENV b c\\ \"d\"\n", "LegacyKeyValueFormat", "2:1-2:13");
	CHECK_FINDS("FROM a\nARG GIT_TOKEN\nENV key=1 monkey=2 auth_file=3\n",
		    "SecretsUsedInArgOrEnv", "2:5-2:14 3:5-3:8");
	CHECK_CLEAN("ARG TOKEN\nFROM a\nENV PUBLIC_KEY=1 keys=2\n", "SecretsUsedInArgOrEnv");
}

TEST(workdir)
{
	CHECK_FINDS("FROM a\nWORKDIR b\nWORKDIR c\n", "WorkdirRelativePath", "2:9-2:10");
	CHECK_CLEAN("FROM a AS x\nWORKDIR /b\nFROM x\nWORKDIR c\n", "WorkdirRelativePath");
	CHECK_CLEAN("FROM a\nARG D\nWORKDIR $D\n", "WorkdirRelativePath");
	CHECK_CLEAN("FROM a\nENV D=/d\nWORKDIR $D/e\n", "WorkdirRelativePath");
	CHECK_CLEAN("FROM a\nWORKDIR C:\\\\x\n", "WorkdirRelativePath");
}

TEST(platforms)
{
	CHECK_FIXED("FROM --platform=${TARGETPLATFORM} a\n", "RedundantTargetPlatform", "FROM a\n");
	CHECK_CLEAN("FROM --platform=$BUILDPLATFORM a\n", "RedundantTargetPlatform");
	CHECK_FINDS("FROM --platform=linux/amd64 a\nFROM --platform=aarch64 a AS x_arm64\n",
		    "FromPlatformFlagConstDisallowed", "1:6-1:28");
	CHECK_CLEAN("FROM --platform=$BUILDPLATFORM a\nFROM --platform=linux/arm a AS Linux\n",
		    "FromPlatformFlagConstDisallowed");
}

TEST(arguments_of_from)
{
	CHECK_FINDS("ARG TAG=1\nFROM a:${TGA}\nARG X\nFROM b:$X\n", "UndefinedArgInFrom",
		    "2:6-2:14 4:6-4:10");
	CHECK_CLEAN("ARG A\nFROM --platform=$TARGETPLATFORM $A:${B:-1}\n", "UndefinedArgInFrom");
	CHECK_FINDS("ARG P\nFROM --platform=$Q a\n", "UndefinedArgInFrom", "2:6-2:19");
}

TEST(descriptions)
{
	static const char top[] = "# check=experimental=all\n\n";
	char text[256];

	CHECK_CLEAN("# foo\nARG A\n", "InvalidDefinitionDescription");
	snprintf(text, sizeof(text), "%s# foo\nARG A\n# b the base\nFROM a AS b\n# x\n\nARG X\n",
		 top);
	CHECK_FINDS(text, "InvalidDefinitionDescription", "4:1-4:6");
}

TEST(variables)
{
	CHECK_FINDS("FROM alpine\nCOPY $foo .\nARG foo\nCOPY a$foo .\n", "UndefinedVar",
		    "2:6-2:10");
	CHECK_FINDS("FROM alpine AS b\nENV A=1\nFROM b\nWORKDIR /$A/${B}\n", "UndefinedVar",
		    "4:13-4:17");
	CHECK_CLEAN("FROM node:20\nWORKDIR $NODE_HOME\nENV PATH=$PATH:/x\n", "UndefinedVar");
	CHECK_CLEAN("FROM debian:12\nENV PATH=$PATH:/x A='$b' C=${D:-e}\nRUN $f\n", "UndefinedVar");
	CHECK_FINDS("FROM debian\nCOPY <<A <<'B' /x/\nit's $c\nA\n$d\nB\n", "UndefinedVar",
		    "3:6-3:8");
}

TEST(variables_of_mounts)
{
	CHECK_FINDS("FROM alpine\nRUN --mount=type=cache,target=/$a echo $b\n", "UndefinedVar",
		    "2:32-2:34");
	CHECK_CLEAN("FROM alpine\nARG a\nRUN --mount=type=cache,target=/$a echo $b\n",
		    "UndefinedVar");
	CHECK_CLEAN("FROM alpine\nRUN [\"echo\", \"$b\"]\nRUN --network=$c d\n", "UndefinedVar");
}

TEST(defaults_of_from)
{
	CHECK_FINDS("ARG T\nFROM a:$T\n", "InvalidDefaultArgInFrom", "2:6-2:10");
	CHECK_FINDS("ARG T=\nFROM $T\n", "InvalidDefaultArgInFrom", "2:6-2:8");
	CHECK_CLEAN("ARG T=1\nARG R=reg:5000/a\nFROM $R:$T\nFROM a/b${X}\nFROM a-$TARGETARCH\n",
		    "InvalidDefaultArgInFrom");
	CHECK_CLEAN("FROM a:${T:-1}\nFROM Upper\n", "InvalidDefaultArgInFrom");
	CHECK_FINDS("ARG R=Up/a\nARG V=-\nFROM b$V\nFROM a__b$V\n", "InvalidDefaultArgInFrom",
		    "3:6-3:9 4:6-4:12");
}

static void ignored(int line, const char *ignore, const char *source, bool expected)
{
	struct lint_config config = {0};
	struct str code = STR("CopyIgnoredFile");
	char text[8192];
	struct lint_input in = {.path = STR("Dockerfile"), .ignore_file = str_of(ignore)};
	struct lint_result result;
	struct err e = ERR_INIT;
	struct linter *l;

	snprintf(text, sizeof(text), "FROM a\nCOPY %s /x/\n", source);
	in.text = str_of(text);
	config.only = &code;
	config.only_count = 1;
	l = linter_new(&config, NULL, &e);
	if (!l || lint_text(l, &in, &result, &e) < 0)
		test_fail(__FILE__, line, "the run failed");
	else if ((result.count > 0) != expected)
		test_fail(__FILE__, line, "%s with '%s': %zu findings", source, ignore,
			  result.count);
	linter_free(l);
}

TEST(ignored_files)
{
	char path[5001] = {0};

	/* longer than what is compared: said, not passed over */
	memset(path, 'b', sizeof(path) - 1);
	ignored(__LINE__, "a\n", path, true);
	path[4096] = 0;
	ignored(__LINE__, "a\n", path, false);
	ignored(__LINE__, "a\n", "a", true);
	ignored(__LINE__, "/a/\n", "./a/b", true);
	ignored(__LINE__, "a\n", "ab", false);
	ignored(__LINE__, "a\n", "b/a", false);
	ignored(__LINE__, "**/a\n", "b/c/a", true);
	ignored(__LINE__, "**/a\n", "a", true);
	ignored(__LINE__, "**/a\n", "ba", false);
	ignored(__LINE__, "a/**\n", "a/b", true);
	ignored(__LINE__, "*.log\n", "x.log", true);
	ignored(__LINE__, "*.log\n", "b/x.log", false);
	ignored(__LINE__, "?[b-d]\n", "xc", true);
	ignored(__LINE__, "?[^b-d]\n", "xc", false);
	ignored(__LINE__, "[\n", "[", false);
	ignored(__LINE__, "# a\n\\#b\n", "#b", true);
	ignored(__LINE__, "*\n!b\n", "a", false);
	ignored(__LINE__, ".*\n", ".", false);
	ignored(__LINE__, "*\n", ".", true);
	ignored(__LINE__, "a\n", "--from=b a", false);
	ignored(__LINE__, "", "a", false);
}
