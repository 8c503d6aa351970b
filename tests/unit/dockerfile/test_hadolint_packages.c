/*
 * hadolint's rules about package managers: versions, options, what has to go in the same RUN.
 */
#include "lint_check.h"

TEST(apt_get_versions)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN apt-get install -y curl=7.* git wget\n", "DL3008", "1:33-1:36");
	CHECK_FINDS("RUN apt-get -t sid install -y \\\n   curl \\\n   git\n", "DL3008", "2:4-2:8");
	CHECK_CLEAN("RUN apt-get install -y curl=7 ./x.deb x.deb curl/sid\n", "DL3008");
	CHECK_CLEAN("RUN apt-get install -t sid curl=7 && apt-get update && apt-get remove x\n",
		    "DL3008");
	CHECK_FINDS("RUN <<EOF\napt-get install git\nEOF\n", "DL3008", "2:17-2:20");
	CHECK_FINDS("FROM a\nONBUILD RUN if x; then apt-get install git; fi\n", "DL3008",
		    "2:40-2:43");
}

TEST(versions_behind_variables)
{
	NEEDS_SHELL();
	/* not known: nothing is said */
	CHECK_CLEAN("RUN apt-get install $PACKAGES \"$MORE\" ${X:-y} $(cat list) `x`\n", "DL3008");
	CHECK_CLEAN("ARG P\nRUN apt-get install $P a-$P\n", "DL3008");
	CHECK_CLEAN("RUN for p in a b; do apt-get install $p; done\n", "DL3008");
	CHECK_CLEAN("RUN read p && apt-get install $p\n", "DL3008");
	CHECK_CLEAN("RUN p=a; p=b; apt-get install $p\n", "DL3008");
	/* known: what it says counts */
	CHECK_FINDS("ENV P=\"a=1 b\"\nRUN apt-get install $P\n", "DL3008", "2:21-2:23");
	CHECK_CLEAN("ENV P=\"a=1 b=2\"\nRUN apt-get install $P\n", "DL3008");
	CHECK_FINDS("RUN deps='a=1 b' && apt-get install $deps\n", "DL3008", "1:37-1:42");
	CHECK_CLEAN("ARG V=1\nRUN deps=\"a=$V b=$V\" && apt-get install $deps\n", "DL3008");
	CHECK_FINDS("RUN a=$b; b=x; apt-get install $a\n", "DL3008", "1:32-1:34");
	/* within a word a name that nobody sets is no version */
	CHECK_FINDS("RUN yum install -y git-$V\n", "DL3033", "1:20-1:26");
	CHECK_CLEAN("ENV V=2.5\nRUN yum install -y git-$V\n", "DL3033");
	CHECK_CLEAN("FROM a AS b\nENV V=2.5\nFROM b\nRUN dnf install -y git-${V}\n", "DL3041");
	CHECK_FINDS("FROM a AS b\nENV V=2.5\nFROM a\nRUN dnf install -y git-${V}\n", "DL3041",
		    "4:20-4:28");
	/* a chain has an end */
	CHECK_CLEAN("RUN a=$a; apt-get install $a\n", "DL3008");
	CHECK_CLEAN("RUN a=$b b=$c c=$d d=$e e=$f f=g; apt-get install $a\n", "DL3008");
}

TEST(pip_versions)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN pip install a==1 b c\n", "DL3013", "1:22-1:23");
	CHECK_FINDS("RUN python3.11 -m pip install --upgrade pip\n", "DL3013", "1:41-1:44");
	CHECK_FINDS("RUN /opt/bin/pip3.11 install --index-url https://x/y a\n", "DL3013",
		    "1:54-1:55");
	CHECK_FINDS("RUN pipx install black\n", "DL3013", "1:18-1:23");
	CHECK_FINDS("RUN pip install git+ssh://git@host/a/b.git\n", "DL3013", "1:17-1:43");
	CHECK_CLEAN("RUN pip install git+ssh://git@host/a/b.git@v1#egg=b\n", "DL3013");
	CHECK_CLEAN("RUN pip install 'a>=1,<2' b~=1 c===1 'd!=3' ./e f/g h.whl https://x/y .[z]\n",
		    "DL3013");
	CHECK_CLEAN("RUN pip install -r a.txt b; pip install -c c.txt b; pip install . b\n",
		    "DL3013");
	CHECK_CLEAN("RUN pipenv install a; pip download a; pip uninstall -y a; pip -V\n", "DL3013");
	CHECK_CLEAN("RUN pip install -e git+https://x/y --root-user-action ignore a==1\n",
		    "DL3013");
}

TEST(values_of_options_are_no_packages)
{
	static const char *const texts[][2] = {
		{"RUN pip install --build-dir d a==1 --keyring-provider import\n", "DL3013"},
		{"RUN pip install --pypi-url https://x/y -b d --log l --retries 3 a==1\n",
		 "DL3013"},
		{"RUN npm install --tag next a@1 --location global -C /x\n", "DL3016"},
		{"RUN gem install --build-root /x --http-proxy=y a:1\n", "DL3028"},
		{"RUN go run -exec x a.b/c@v1 && go install -p 4 -ldflags '-s -w' a.b/c@v1\n",
		 "DL3062"},
	};

	NEEDS_SHELL();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK_CLEAN(texts[i][0], texts[i][1]);
	/* switches take none */
	CHECK_FINDS("RUN gem install --suggestions --norc a\n", "DL3028", "1:38-1:39");
	CHECK_FINDS("RUN gem i --no-lock --post-install-message --format-executable a\n", "DL3028",
		    "1:64-1:65");
	CHECK_FINDS("RUN npm --tag next install a\n", "DL3016", "1:28-1:29");
}

TEST(versions_of_other_managers)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN apk add --no-cache -t .deps -X http://x a~1 b\n", "DL3018", "1:49-1:50");
	CHECK_CLEAN("RUN apk add --virtual=.d 'a<2' 'b>1' c=1 d=~1 e.apk !f && apk del a\n",
		    "DL3018");
	CHECK_FINDS("RUN npm i -g yarn @a/b @a/c@1\n", "DL3016", "1:14-1:18");
	CHECK_FINDS("RUN npm install git+https://x/y.git github:a/b\n", "DL3016", "1:17-1:36");
	CHECK_CLEAN("RUN npm ci && npm install && npm install . ../x /y z.tgz file:q a/b#1 a@1 "
		    "git://x#y\n",
		    "DL3016");
	CHECK_FINDS("RUN gem install a:1 b\n", "DL3028", "1:21-1:22");
	CHECK_CLEAN("RUN gem i a -v 1 && gem install b:1 -- --with c && gem install d.gem\n",
		    "DL3028");
	CHECK_FINDS("RUN yum -y install a-b a-1.0 && yum module install c\n", "DL3033",
		    "1:20-1:23 1:52-1:53");
	CHECK_CLEAN("RUN yum install -y x.rpm https://x/y @dev a-1:2.0-3 && yum module install "
		    "c:9\n",
		    "DL3033");
	CHECK_FINDS("RUN microdnf install -y gcc-c++ && dnf in -y b\n", "DL3041",
		    "1:25-1:32 1:46-1:47");
	CHECK_CLEAN("RUN dnf group install 'Development Tools' && dnf install gcc-c++-1.1\n",
		    "DL3041");
	CHECK_FINDS("RUN zypper -n in a=1 b\n", "DL3037", "1:22-1:23");
	CHECK_CLEAN("RUN zypper install 'a>=1' b\\<2 c.rpm; zypper in -t pattern devel\n",
		    "DL3037");
	CHECK_FINDS("RUN go install a.b/c@latest && go get -tool d.e/f && go run g.h/i j\n",
		    "DL3062", "1:16-1:28 1:45-1:50 1:61-1:66");
	CHECK_CLEAN("RUN go install tool && go get tool && go install std cmd\n", "DL3062");
	CHECK_CLEAN("RUN go install . ./x /y a.b/c@v1 && go run main.go x && go build ./z && go "
		    "get\n",
		    "DL3062");
}

TEST(options_that_answer)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN apt-get install x\n", "DL3014", "RUN apt-get install -y x\n");
	CHECK_FIXED("RUN yum group install x\n", "DL3030", "RUN yum group install -y x\n");
	CHECK_CLEAN("RUN yum -y install x && yum install x --assumeyes\n", "DL3030");
	CHECK_FIXED("RUN zypper rm \\\n x\n", "DL3034", "RUN zypper rm -y \\\n x\n");
	CHECK_CLEAN(
		"RUN zypper -n in x; zypper --non-interactive patch; zypper in --no-confirm x\n",
		"DL3034");
	CHECK_FIXED("RUN microdnf install x\n", "DL3038", "RUN microdnf install -y x\n");
	CHECK_CLEAN("RUN notdnf install x && dnf search x\n", "DL3038");
}

TEST(options_in_variables)
{
	NEEDS_SHELL();
	CHECK_CLEAN("ENV O=\"-q -y\"\nRUN apt-get install $O x && apt-get $O install x\n",
		    "DL3014");
	CHECK_CLEAN("FROM a\nENV O=-qq\nRUN apt-get install ${O} x\n", "DL3014");
	CHECK_CLEAN("ENV O=\"-y --no-install-recommends\"\nRUN apt-get install $O x\n", "DL3015");
	CHECK_CLEAN("ENV O=--no-cache-dir\nRUN pip install $O x\n", "DL3042");
	CHECK_FINDS("ENV O=-q\nRUN apt-get install $O x\nRUN apt-get install $P x\n", "DL3014",
		    "2:5-2:20 3:5-3:20");
	/* nor are they packages */
	CHECK_CLEAN("ENV O=\"-y -q\"\nRUN apt-get install $O x=1\n", "DL3008");
	CHECK_FINDS("ENV O=\"-y -q\"\nRUN apt-get install $O x\n", "DL3008", "2:24-2:25");
}

TEST(commands_in_json)
{
	struct lint_check c;

	CHECK_FINDS("RUN [\"apt-get\", \"install\", \"x\"]\n", "DL3008", "1:28-1:31");
	CHECK_FINDS("RUN [ \"apt-get\" , \\\n  \"install\", \"x\" ]\n", "DL3014", "1:7-2:12");
	CHECK_FINDS("FROM a\nONBUILD RUN --network=none [\"python\", \"-m\", \"pip\", \"install\", "
		    "\"x\"]\n",
		    "DL3013", "2:63-2:66");
	CHECK_FINDS("RUN [\"sudo\", \"a\"]\nRUN [\"/usr/bin/sudo\"]\n", "DL3004",
		    "1:6-1:12 2:6-2:21");
	CHECK_FINDS("RUN [\"apt\", \"update\"]\n", "DL3009", "1:6-1:21");
	CHECK_FINDS("RUN [\"curl\", \"x\"]\nRUN [\"wget\", \"y\"]\n", "DL4001", "2:6-2:12");
	CHECK_CLEAN("RUN [\"echo\", \"apt-get\", \"install\", \"x\"]\nRUN []\n", "DL3008");
	CHECK_CLEAN("RUN [\"a\", \"|\", \"b\"]\n", "DL4006");
	CHECK_CLEAN("RUN [\"echo\", \"$x\", \"*\"]\n", "SC2086");
	CHECK_CLEAN("CMD [\"sudo\", \"a\"]\n", "DL3004");
	/* repairs write shell text, which has no place there */
	CHECK(lint_check_run(&c, NULL, STR("RUN [\"apt-get\", \"install\", \"x\"]\n"), "DL3014") ==
	      0);
	CHECK_INT(c.result.count, 1);
	CHECK(c.result.count && !c.result.findings[0]->fix);
	linter_free(c.linter);
}

TEST(options_that_leave_out)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN apt-get install x\n", "DL3015",
		    "RUN apt-get install --no-install-recommends x\n");
	CHECK_CLEAN("RUN apt-get -o apt::install-recommends=0 install x\n", "DL3015");
	CHECK_FINDS("RUN apt-get -o APT::Install-Recommends=true install x\n", "DL3015",
		    "1:5-1:52");
	CHECK_FIXED("RUN apk add x\n", "DL3019", "RUN apk add --no-cache x\n");
	CHECK_CLEAN("RUN --mount=type=cache,target=/var/cache/apk/ apk add x\n", "DL3019");
	CHECK_CLEAN("RUN --mount=type=tmpfs,dst=/var/cache apk add x\n", "DL3019");
	CHECK_FINDS("RUN --mount=type=bind,target=/var/cache/apk apk add x\n", "DL3019",
		    "1:45-1:52");
	CHECK_FIXED("RUN python -m pip install x\n", "DL3042",
		    "RUN python -m pip install --no-cache-dir x\n");
	CHECK_CLEAN("ENV PIP_NO_CACHE_DIR=Yes\nRUN pip install x\n", "DL3042");
	CHECK_CLEAN("FROM a AS b\nENV PIP_NO_CACHE_DIR=1\nFROM b\nRUN pip install x\n", "DL3042");
	CHECK_CLEAN("ARG C\nENV PIP_NO_CACHE_DIR=$C\nRUN pip install x\n", "DL3042");
	CHECK_FINDS("ENV PIP_NO_CACHE_DIR=off\nRUN pip install x\n", "DL3042", "2:5-2:16");
	CHECK_FINDS("RUN pip install a && export PIP_NO_CACHE_DIR=\"1\" && pip install b\n",
		    "DL3042", "1:5-1:16");
	CHECK_CLEAN("RUN PIP_NO_CACHE_DIR=on pip3 install x; pipx install y; pipenv install z\n",
		    "DL3042");
	CHECK_CLEAN("RUN --mount=type=cache,target=/home/x/.cache/pip pip install x\n", "DL3042");
	CHECK_CLEAN("ENV PIP_CACHE_DIR=/c/pip\nRUN --mount=type=cache,target=/c pip install x\n",
		    "DL3042");
	CHECK_FIXED("RUN useradd -m -u 123456 x\n", "DL3046", "RUN useradd -l -m -u 123456 x\n");
	CHECK_FINDS("ARG U=1234567\nRUN useradd --uid $U x\n", "DL3046", "2:13-2:21");
	CHECK_CLEAN("RUN useradd -u $LONG_UID x; useradd -u 12345 x; useradd -lu 123456 x\n",
		    "DL3046");
	CHECK_FIXED("RUN wget -c http://x\n", "DL3047",
		    "RUN wget --progress=dot:giga -c http://x\n");
	CHECK_CLEAN("RUN wget -qO- x; wget -nv x; wget -o log x; wget --append-output=l x\n",
		    "DL3047");
}

TEST(apt_lists_go_in_the_same_run)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN apt-get update && apt-get install x\n", "DL3009",
		    "RUN apt-get update && apt-get install x && rm -rf /var/lib/apt/lists/*\n");
	CHECK_FIXED(
		"RUN apt update \\\n  && apt install x ;\n", "DL3009",
		"RUN apt update \\\n  && apt install x \\\n  && rm -rf /var/lib/apt/lists/* ;\n");
	CHECK_FIXED("# escape=`\r\nRUN apt update `\r\n\t&& x\r\n", "DL3009",
		    "# escape=`\r\nRUN apt update `\r\n\t&& x `\r\n\t&& rm -rf "
		    "/var/lib/apt/lists/*\r\n");
}

TEST(what_cleans_up)
{
	NEEDS_SHELL();
	CHECK_CLEAN("RUN apt-get update; rm -rf /var/lib/apt\n", "DL3009");
	CHECK_CLEAN("RUN apt-get update; rm -rf /var/lib/{apt,dpkg} /tmp/*\n", "DL3009");
	CHECK_CLEAN("RUN apt-get update; sudo rm -r /var/lib/apt/lists/* /x\n", "DL3009");
	CHECK_CLEAN("RUN apt-get update; find /var/lib/apt/lists -type f -delete\n", "DL3009");
	CHECK_FINDS("RUN rm -rf /var/lib/apt/lists/*; apt-get update\n", "DL3009", "1:34-1:48");
	CHECK_FINDS("RUN apt-get update; rm -rf /tmp/* /var/lib/aptx \"$X\" *\n", "DL3009",
		    "1:5-1:19");
	CHECK_CLEAN("RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update\n", "DL3009");
	CHECK_CLEAN("RUN --mount=type=cache,target=/var/lib/apt "
		    "--mount=type=tmpfs,target=/var/cache/apt apt-get update\n",
		    "DL3009");
	CHECK_FINDS("RUN --mount=type=cache,target=/var/cache/apt apt-get update\n", "DL3009",
		    "1:46-1:60");
}

#define KEEP  "rm -f /etc/apt/apt.conf.d/docker-clean"
#define LISTS "--mount=type=cache,target=/var/lib/apt/lists "

TEST(apt_that_keeps_its_packages)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN " LISTS KEEP " && apt-get update\n", "DL3009",
		    "RUN " LISTS KEEP " && apt-get update && apt-get clean\n");
	CHECK_FINDS("FROM a AS b\nRUN " KEEP "\nFROM b\nRUN " LISTS "apt-get update\n", "DL3009",
		    "4:50-4:64");
	CHECK_FINDS("RUN echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > x\n"
		    "RUN " LISTS "apt-get update\n",
		    "DL3009", "2:50-2:64");
	CHECK_CLEAN("FROM a AS b\nRUN " KEEP "\nFROM a\nRUN " LISTS "apt-get update\n", "DL3009");
	CHECK_CLEAN("RUN " KEEP "\nRUN " LISTS "--mount=type=cache,target=/var/cache/apt "
		    "apt-get update\n",
		    "DL3009");
	CHECK_CLEAN("RUN " KEEP "; apt-get update; rm -rf /var/lib/apt/lists/*\n", "DL3009");
}

TEST(lists_of_stages_that_are_thrown_away)
{
	NEEDS_SHELL();
	CHECK_CLEAN("FROM a AS b\nRUN apt-get update\nFROM c\nCOPY --from=b /x /y\n", "DL3009");
	CHECK_FINDS("FROM a AS b\nRUN apt-get update\nFROM b\nRUN x\n", "DL3009", "2:5-2:19");
	CHECK_FINDS("FROM a AS b\nONBUILD RUN apt-get update\nFROM c\n", "DL3009", "2:13-2:27");
	CHECK_FINDS("FROM a AS b\nRUN yarn install\nFROM b\nRUN yarn install && yarn cache clean\n",
		    "DL3060", "2:5-2:17");
}

TEST(caches_of_other_managers)
{
	NEEDS_SHELL();
	CHECK_FIXED("RUN yum install x\n", "DL3032", "RUN yum install x && yum clean all\n");
	CHECK_FINDS("RUN yum install a && yum clean all && yum install b\n", "DL3032", "1:39-1:50");
	CHECK_CLEAN("RUN yum update; yum install a; rm -fr /var/cache/yum/*\n", "DL3032");
	CHECK_FIXED("RUN zypper in x\n", "DL3036", "RUN zypper in x && zypper clean\n");
	CHECK_CLEAN("RUN zypper in x; zypper cc -a\n", "DL3036");
	CHECK_FIXED("RUN microdnf update\n", "DL3040",
		    "RUN microdnf update && microdnf clean all\n");
	CHECK_FINDS("RUN dnf upgrade-minimal && microdnf clean all\n", "DL3040", "1:5-1:24");
	CHECK_FINDS("RUN dnf in a && microdnf install b && microdnf clean all\n", "DL3040",
		    "1:5-1:11");
	CHECK_CLEAN("RUN dnf in a && rm -rf /var/cache/libdnf5 && dnf repoquery x\n", "DL3040");
	CHECK_CLEAN("RUN --mount=type=cache,target=/var/cache/libdnf5 dnf in a\n", "DL3040");
	CHECK_FIXED("RUN yarn install --prod\n", "DL3060",
		    "RUN yarn install --prod && yarn cache clean\n");
	CHECK_CLEAN("RUN --mount=type=cache,target=/home/x/.cache/yarn yarn install\n", "DL3060");
	CHECK_CLEAN("RUN yarn run x\n", "DL3060");
}

TEST(commands_in_json_that_are_too_long)
{
	struct buf text = BUF_INIT;

	buf_add_cstr(&text, "RUN [\"apt-get\", \"install\"");
	for (int i = 0; i < 7000; i++)
		buf_add_cstr(&text, ", \"x\"");
	buf_add_cstr(&text, "]\nRUN [\"apt-get\", \"install\", \"\", \"y\"]\nRUN [\"\"]\n");
	buf_add_char(&text, '\0');
	CHECK_FINDS(buf_str(&text).data, "PL1004", "1:1-1:35027");
	CHECK_FINDS(buf_str(&text).data, "DL3008", "2:32-2:35");
	buf_done(&text);
}

static const struct lint_fix *only_fix(struct lint_check *c, const char *text, const char *code)
{
	if (lint_check_run(c, NULL, str_of(text), code) < 0)
		return NULL;
	return c->result.count == 1 ? c->result.findings[0]->fix : NULL;
}

/* The one finding has edits and is safe or not. */
#define CHECK_SAFE(text, code, expected) \
	do { \
		struct lint_check c_; \
		const struct lint_fix *fix_ = only_fix(&c_, text, code); \
		CHECK(fix_ && fix_->edits); \
		CHECK_INT(fix_ ? fix_->safe : -1, expected); \
		linter_free(c_.linter); \
	} while (0)

TEST(nothing_is_appended_where_it_would_not_run)
{
	static const char *const texts[] = {
		"RUN apt-get update # why\n",	  "RUN apt-get update &\n",
		"RUN apt-get update; exit 0\n",	  "RUN <<EOF\napt-get update\nEOF\n",
		"RUN apt-get update && exec x\n",
	};

	NEEDS_SHELL();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct lint_check c;

		CHECK(!only_fix(&c, texts[i], "DL3009"));
		CHECK_INT(c.result.count, 1);
		linter_free(c.linter);
	}
}

TEST(cleaning_up_is_safe_where_nothing_behind_needs_it)
{
	NEEDS_SHELL();
	CHECK_SAFE("RUN apt-get update && apt-get install x\nRUN y\n", "DL3009", true);
	CHECK_SAFE("RUN apt-get update\nRUN apt-get install x\n", "DL3009", false);
	CHECK_SAFE("RUN apt update && apt install x\nRUN apt install y\n", "DL3009", false);
	CHECK_SAFE("FROM a AS b\nRUN apt update && apt install x\nFROM b\n", "DL3009", false);
	CHECK_SAFE("RUN yum install x\n", "DL3032", true);
	CHECK_SAFE("RUN apt-get install x || yum install x\n", "DL3032", false);
	CHECK_SAFE("RUN if x; then dnf install y; fi\n", "DL3040", false);
}

TEST(commands_that_have_no_place)
{
	NEEDS_SHELL();
	CHECK_FINDS("RUN service x start; apt-get install ssh; /usr/bin/top\n", "DL3001",
		    "1:5-1:12 1:43-1:55");
	CHECK_FINDS("RUN a && (cd /x && make)\n", "DL3003", "1:11-1:16");
	CHECK_FINDS("RUN sudo a && sudo -u x y\n", "DL3004", "1:5-1:9 1:15-1:19");
	CHECK_FIXED("RUN sudo a\n", "DL3004", "RUN a\n");
	CHECK_FIXED("RUN sudo sudo a b\n", "DL3004", "RUN a b\n");
	CHECK_FIXED("RUN apt update\n", "DL3027", "RUN apt-get update\n");
	CHECK_SAFE("RUN apt update\n", "DL3027", true);
	CHECK_SAFE("RUN apt install -y x\n", "DL3027", false);
	CHECK_FINDS("RUN zypper -n dup; zypper up\n", "DL3035", "1:5-1:18");
	CHECK_FINDS("RUN ln -sf /bin/bash /bin/sh; ln -s /bin/sh x; y /bin/sh\n", "DL4005",
		    "1:5-1:29");
}

TEST(one_of_curl_and_wget)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN wget x\nRUN curl y\nRUN echo\nRUN curl z; wget z\n", "DL4001",
		    "3:5-3:9 5:5-5:9");
	CHECK_CLEAN("FROM a\nRUN wget x\nFROM b\nRUN curl y && apt-get install wget\n", "DL4001");
}

TEST(pipes_need_pipefail)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN x && y | z\n", "DL4006", "2:10-2:15");
	CHECK_FIXED("FROM a\n# why\nRUN y | z\nRUN u | v\n", "DL4006",
		    "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n# why\nRUN y | "
		    "z\nRUN u | v\n");
	CHECK_CLEAN("FROM a AS b\nSHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]\nFROM b\n"
		    "RUN y | z\n",
		    "DL4006");
	CHECK_FINDS("FROM a AS b\nSHELL [\"bash\", \"-o\", \"pipefail\", \"-c\"]\nFROM a\n"
		    "RUN y | z\n",
		    "DL4006", "4:5-4:10");
	CHECK_FINDS("SHELL [\"/bin/sh\", \"-o\", \"pipefail\", \"-c\"]\nRUN y | z\n", "DL4006",
		    "2:5-2:10");
	CHECK_CLEAN("SHELL [\"pwsh\", \"-c\"]\nRUN y | z\n", "DL4006");
	CHECK_CLEAN("RUN set -eo pipefail; y | z\nRUN y || z\nRUN [\"x\", \"a | b\"]\n", "DL4006");
	CHECK_FINDS("RUN y | z; set -o pipefail\n", "DL4006", "1:5-1:10");
	CHECK_FINDS("ONBUILD RUN x=$(y | z)\n", "DL4006", "1:17-1:22");
}
