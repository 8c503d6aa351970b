/*
 * COPY . before the dependencies are installed: a change of any source file repeats the install and
 * all that comes behind it. Named packages (PL3003, by the same walk) need nothing of the source.
 */
#include "dockerfile/rules/copied_source.h"

static const struct copied_kind kinds[] = {
	{"bundle", "install", NULL, COPIED_ALWAYS, "Gemfile and Gemfile.lock"},
	{"cargo", "build", NULL, COPIED_ALWAYS, "Cargo.toml and Cargo.lock"},
	{"cargo", "fetch", NULL, COPIED_ALWAYS, "Cargo.toml and Cargo.lock"},
	{"composer", "i", NULL, COPIED_ALWAYS, "composer.json and composer.lock"},
	{"composer", "install", NULL, COPIED_ALWAYS, "composer.json and composer.lock"},
	{"go", "build", NULL, COPIED_ALWAYS, "go.mod and go.sum"},
	{"go", "mod download", NULL, COPIED_ALWAYS, "go.mod and go.sum"},
	{"gradle", NULL, NULL, COPIED_ALWAYS, "the build files"},
	{"mvn", NULL, NULL, COPIED_ALWAYS, "pom.xml"},
	{"npm", "ci", NULL, COPIED_BARE, "package.json and its lock file"},
	{"npm", "clean-install", NULL, COPIED_BARE, "package.json and its lock file"},
	{"npm", "i", NULL, COPIED_BARE, "package.json and its lock file"},
	{"npm", "install", NULL, COPIED_BARE, "package.json and its lock file"},
	{"pip", "install", "requirement", COPIED_BARE, "the requirements file"},
	{"pipenv", "install", NULL, COPIED_BARE, "Pipfile and Pipfile.lock"},
	{"pipenv", "sync", NULL, COPIED_ALWAYS, "Pipfile and Pipfile.lock"},
	{"pnpm", "i", NULL, COPIED_BARE, "package.json and its lock file"},
	{"pnpm", "install", NULL, COPIED_BARE, "package.json and its lock file"},
	{"poetry", "install", NULL, COPIED_ALWAYS, "pyproject.toml and poetry.lock"},
	{"uv", "pip install", "requirement", COPIED_BARE, "the requirements file"},
	{"uv", "sync", NULL, COPIED_ALWAYS, "pyproject.toml and uv.lock"},
	{"yarn", "", NULL, COPIED_BARE, "package.json and its lock file"},
	{"yarn", "install", NULL, COPIED_BARE, "package.json and its lock file"},
	{NULL, NULL, NULL, COPIED_ALWAYS, NULL},
};

const struct rule rule_pl3002 = {
	.code = "PL3002",
	.title = "Install dependencies before the source is copied",
	.level = LEVEL_INFO,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_RUN) | INSTRUCTION_BIT(INSTRUCTION_COPY) |
			INSTRUCTION_BIT(INSTRUCTION_ADD),
	.state_size = sizeof(struct copied_state),
	.stage = copied_stage,
	.instruction = copied_instruction,
	.command = copied_command,
	.commands = (const char *const[]){"bundle", "bundler", "cargo",	  "composer", "go",
					  "gradle", "gradlew", "mvn",	  "mvnw",     "npm",
					  "pip",    "pip2",    "pip3",	  "pipenv",   "pnpm",
					  "poetry", "python",  "python2", "python3",  "uv",
					  "yarn",   "yarnpkg", NULL},
	.stage_end = copied_stage_end,
	.data = kinds,
};
