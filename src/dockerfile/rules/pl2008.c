/*
 * ADD http://...: whoever sits on the way decides what gets into the image. With a checksum only
 * the right bytes do. Addresses of the build machine itself go over no wire.
 */
#include "dockerfile/rules/paths.h"
#include "dockerfile/rules/remote_source.h"

static bool is_local(struct str address)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]",
					    "host.docker.internal"};
	struct str host = str_from(address, strlen("http://"));

	for (size_t n = 0; n < sizeof(hosts) / sizeof(*hosts); n++) {
		size_t len = strlen(hosts[n]);

		if (str_starts(host, str_of(hosts[n])) &&
		    (host.len == len || host.data[len] == ':' || host.data[len] == '/'))
			return true;
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i)
{
	if (remote_is_checked(i))
		return;
	for (uint32_t n = 0; n + 1 < i->word_count; n++) {
		const struct docker_word *w = &i->words[n];
		struct value v = word_of(l, w);
		struct str written = dockerfile_slice(l->file, w->span);
		struct finding *f;
		ptrdiff_t at;

		if (remote_source_of(v.text) != REMOTE_HTTP || is_local(v.text))
			continue;
		f = lint_report(
			l, w->span,
			"Fetch over https, or with --checksum: http can be changed on the way");
		at = str_find(written, STR("http://"));
		if (at < 0)
			continue;
		lint_fix(l, f, false, "the server must serve it over https as well");
		/* that would be the next finding */
		if (lint_runs(l, "PL2009"))
			continue;
		lint_edit(l, f, w->span.start + (uint32_t)at + 4, w->span.start + (uint32_t)at + 4,
			  STR("s"));
	}
}

const struct rule rule_pl2008 = {
	.code = "PL2008",
	.title = "Let ADD fetch over https",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ADD),
	.instruction = check,
};
