/*
 * model cvss < vectors		"98 31" (score times 10, version) or "-1 0" a line
 * model purl < rows		a package URL for each line
 * TYPE<TAB>DISTRO<TAB>NAME<TAB>VERSION<TAB>ARCH
 */
#include <stdio.h>

#include "model/package.h"
#include "model/severity.h"
#include "test_io.h"

static void print_score(struct str line)
{
	int version = 0, score = cvss_score10(line, &version);

	printf("%d %d\n", score, version);
}

static void print_purl(struct str line)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct distro distro = {0};
	struct package p = {0};
	struct str type = STR_NULL;

	str_next(&line, '\t', &type);
	str_next(&line, '\t', &distro.id);
	str_next(&line, '\t', &p.name);
	str_next(&line, '\t', &p.version);
	str_next(&line, '\t', &p.arch);
	if (!package_type_parse(type, &p.type))
		exit(3);
	purl_format(&p, &distro, &out);
	printf("%.*s\n", STR_ARG(buf_str(&out)));
}

int main(int argc, char **argv)
{
	struct str text = test_read_stream(stdin), line, what = str_of(argc > 1 ? argv[1] : "");

	while (str_next_line(&text, &line)) {
		if (str_is(what, "cvss"))
			print_score(line);
		else if (str_is(what, "purl"))
			print_purl(line);
		else
			return 3;
	}
	return 0;
}
