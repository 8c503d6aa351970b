/*
 * The rules of the cache set: what is built again when a source file changes.
 */
#include "lint_check.h"

TEST(dependencies_behind_the_source)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nCOPY . .\nRUN npm ci\n", "PL3002", "2:6-2:7");
	CHECK_FINDS("FROM a\nADD --chown=x ./ /src/\nRUN cd /src && pip install -r r.txt\n",
		    "PL3002", "2:15-2:17");
	CHECK_FINDS("FROM a\nCOPY [\".\", \"/a b\"]\nRUN python -m pip install -r r.txt\n",
		    "PL3002", "2:7-2:10");
	CHECK_FINDS("FROM a\nCOPY * ./\nRUN go mod download\n", "PL3002", "2:6-2:7");
	CHECK_FINDS("FROM a\nARG S=.\nCOPY $S /x\nRUN mvn -B package\nRUN npm i\n", "PL3002",
		    "3:6-3:8");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN yarn\n", "PL3002", "2:6-2:7");
	CHECK_FINDS(
		"FROM a\nCOPY . .\nRUN yarn install && yarn build\nFROM b\nCOPY . .\nRUN bundle "
		"install\n",
		"PL3002", "2:6-2:7 5:6-5:7");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN cargo build --release\nRUN ./gradlew build\n", "PL3002",
		    "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN pip install poetry && poetry install --no-dev\n",
		    "PL3002", "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN pipenv install --system --deploy\n", "PL3002",
		    "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN uv pip install --system -r r.txt\n", "PL3002",
		    "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . .\nRUN uv sync --frozen\n", "PL3002", "2:6-2:7");
	CHECK_CLEAN("FROM a\nCOPY Pipfile .\nRUN pipenv install\nCOPY . .\nRUN pipenv sync\n",
		    "PL3002");
	CHECK_CLEAN("FROM a\nCOPY . .\nRUN uv pip install x && pipenv install y && poetry add z\n",
		    "PL3002");
	/* already installed, here or in the stage below */
	CHECK_CLEAN("FROM a\nCOPY package.json .\nRUN npm i\nCOPY . .\nRUN npm ci\n", "PL3002");
	CHECK_CLEAN("FROM a AS d\nCOPY package.json .\nRUN npm i\nFROM d\nCOPY . .\nRUN npm ci\n",
		    "PL3002");
	CHECK_FINDS("FROM a AS d\nCOPY package.json .\nRUN npm i\nFROM a\nCOPY . .\nRUN npm ci\n",
		    "PL3002", "5:6-5:7");
	/* the context of another stage, a part of the context, packages by name, a cache */
	CHECK_CLEAN("FROM a AS b\nFROM a\nCOPY --from=b . .\nRUN npm ci\n", "PL3002");
	CHECK_CLEAN("FROM a\nCOPY src .\nRUN npm ci\n", "PL3002");
	CHECK_CLEAN("FROM a\nCOPY . .\nRUN npm install -g x && pip install . && yarn build\n",
		    "PL3002");
	CHECK_CLEAN("FROM a\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
		    "PL3002");
	CHECK_CLEAN("FROM a\nRUN npm ci\nCOPY . .\n", "PL3002");
	CHECK_CLEAN("COPY\nCOPY .\nRUN npm ci\n", "PL3002");
}

TEST(dependencies_say_what_is_built_again)
{
	struct lint_check c;

	NEEDS_SHELL();
	if (lint_check_run(
		    &c, NULL,
		    STR("FROM a\nCOPY . .\nWORKDIR /x\nRUN make\nRUN npm ci\nUSER x\nCOPY a b\n"),
		    "PL3002") < 0) {
		test_fail(__FILE__, __LINE__, "the run failed");
		return;
	}
	CHECK(c.result.count == 1);
	if (c.result.count == 1)
		CHECK(str_is(c.result.findings[0]->message,
			     "A change of any file repeats 'npm ci' in line 5: 3 instructions are "
			     "rebuilt from line 4 on"));
	linter_free(c.linter);
}

TEST(packages_behind_the_source)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nCOPY . /x\nRUN apt-get update && apt-get install -y gcc\n", "PL3003",
		    "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . /x\nRUN apk add --no-cache git\n", "PL3003", "2:6-2:7");
	CHECK_FINDS("FROM a\nCOPY . /x\nRUN dnf -y install git\n", "PL3003", "2:6-2:7");
	CHECK_CLEAN("FROM a\nRUN apk add git\nCOPY . /x\n", "PL3003");
	CHECK_CLEAN("FROM a\nCOPY . /x\nRUN apt-get install -y ./x.deb && apk add $(cat p)\n",
		    "PL3003");
	CHECK_CLEAN(
		"FROM a\nCOPY . /x\nRUN --mount=type=cache,target=/var/cache/apt apt-get install "
		"x\n",
		"PL3003");
	CHECK_CLEAN("FROM a\nCOPY . /x\nRUN apt-get update\n", "PL3003");
}

TEST(arguments_that_change_with_each_build)
{
	NEEDS_SHELL();
	CHECK_FINDS(
		"FROM a\nARG GIT_COMMIT\nRUN apt-get update && apt-get install -y b\nRUN npm ci\n",
		"PL3004", "2:5-2:15");
	CHECK_FINDS("FROM a\nARG x build_date=1 VCS_REF\nLABEL r=$VCS_REF\nRUN pip install b\n",
		    "PL3004", "2:7-2:17 2:20-2:27");
	CHECK_FINDS("FROM a\nARG REVISION\nRUN echo \"$REVISIONS\" && go mod download\n", "PL3004",
		    "2:5-2:13");
	/* used by the install, or before it */
	CHECK_CLEAN("FROM a\nARG GIT_COMMIT\nRUN pip install x==$GIT_COMMIT\n", "PL3004");
	CHECK_CLEAN("FROM a\nARG GIT_COMMIT\nRUN --mount=type=bind,source=$GIT_COMMIT apk add x\n",
		    "PL3004");
	CHECK_CLEAN("FROM a\nARG GIT_COMMIT\nENV C=${GIT_COMMIT}\nRUN apk add x\n", "PL3004");
	CHECK_CLEAN("FROM a\nARG GIT_COMMIT\nADD $GIT_COMMIT.tar /x\nRUN apk add x\n", "PL3004");
	/* behind it, in another stage or in none, of another name, on purpose */
	CHECK_CLEAN("FROM a\nRUN apk add x\nARG GIT_COMMIT\nRUN x\n", "PL3004");
	CHECK_CLEAN("ARG GIT_COMMIT\nFROM a AS b\nARG VCS_REF\nFROM a\nRUN apk add x\n", "PL3004");
	CHECK_CLEAN("FROM a\nARG VERSION\nARG COMMITTER\nARG CACHEBUST\nRUN apk add x\n", "PL3004");
	CHECK_CLEAN("FROM a\nARG VCS_REF\nRUN apk del x && pip list\nONBUILD RUN apk add x\nARG\n",
		    "PL3004");
}

TEST(owners_and_modes_behind_the_copy)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nCOPY . /a\nRUN chown -R x:y /a && chmod --recursive u+rX /a/b\n",
		    "PL3005", "3:5-3:20 3:24-3:51");
	CHECK_FINDS("FROM a\nENV H=/srv/a\nWORKDIR $H\nADD a b ./\nRUN sudo chown -R x $H\n",
		    "PL3005", "5:5-5:23");
	CHECK_FINDS("FROM a\nWORKDIR /a\nCOPY x y/\nRUN chown -R x:y y ; chown -R x /b\n", "PL3005",
		    "4:5-4:19");
	CHECK_CLEAN("FROM a\nCOPY --chown=x . /a\nRUN chown -R x:y /a && chmod 755 /a/b\n",
		    "PL3005");
	CHECK_CLEAN("FROM a\nRUN chown -R x:y /a\nCOPY . /a\nRUN chown -R x /ab /b; chown x /a\n",
		    "PL3005");
	CHECK_FINDS("FROM a\nCOPY . /a/b\nRUN chown -R x /a\n", "PL3005", "3:5-3:18");
	CHECK_CLEAN("FROM a\nCOPY b.sh /a/b\nRUN chown -R x /a\n", "PL3005");
	/* in a folder that is not known */
	CHECK_CLEAN("FROM a\nWORKDIR /a\nCOPY . .\nRUN cd /b && chown -R x:y . && chown -R x $H\n",
		    "PL3005");
	CHECK_CLEAN(
		"FROM a\nARG D\nCOPY . $D\nCOPY\nADD x\nRUN chown -R x $D; chown -R; chown -R x\n",
		"PL3005");
	/* a stage that is not shipped */
	CHECK_CLEAN("FROM a AS b\nCOPY . /a\nRUN chown -R x /a\nFROM a\nCOPY --from=b /a /a\n",
		    "PL3005");
	CHECK_FINDS("FROM a AS b\nCOPY . /a\nRUN chown -R x /a\nFROM b\n", "PL3005", "3:5-3:18");
}
