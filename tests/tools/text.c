/*
 * Runs the readers and writers of src/text for tests/golden/test_text.py: documents on standard
 * input, each behind a line "<mode> <bytes> <chunk>", one line of events or "error <code>" for
 * each. Texts are in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/csv.h"
#include "text/deb822.h"
#include "text/json.h"
#include "text/json_write.h"
#include "text/tree.h"
#include "text/xml_write.h"

struct feed {
	struct str rest;
	size_t chunk;
};

static int next_chunk(void *context, struct str *ret_chunk, struct err *e)
{
	struct feed *f = context;

	(void)e;
	if (f->rest.len == 0)
		return 0;
	*ret_chunk = str_to(f->rest, f->chunk);
	f->rest = str_from(f->rest, f->chunk);
	return 1;
}

static void put(const char *mark, struct str text)
{
	printf(" %s", mark);
	for (size_t i = 0; i < text.len; i++)
		printf("%02x", (unsigned char)text.data[i]);
}

static int put_json(struct feed f, struct err *e)
{
	static const char *const marks[] = {
		[JSON_OBJECT] = "{",	[JSON_OBJECT_END] = "}", [JSON_ARRAY] = "[",
		[JSON_ARRAY_END] = "]", [JSON_STRING] = "s:",	 [JSON_NUMBER] = "n:",
		[JSON_TRUE] = "true",	[JSON_FALSE] = "false",	 [JSON_NULL] = "null",
	};
	CLEANUP(json_done) struct json j;
	int r;

	json_init_pull(&j, next_chunk, &f, NULL);
	while ((r = json_next(&j, e)) > 0) {
		bool text = r == JSON_STRING || r == JSON_NUMBER || r == JSON_KEY;

		put(r == JSON_KEY ? (j.duplicate ? "K:" : "k:") : marks[r],
		    text ? j.text : STR_NULL);
	}
	return r;
}

static void put_tree(const struct tree_node *n)
{
	if (n->type != TREE_ARRAY && n->type != TREE_OBJECT) {
		put("s:", n->text);
		return;
	}
	put(n->type == TREE_ARRAY ? "[" : "{", STR_NULL);
	for (const struct tree_node *child = tree_first(n); child; child = child->next) {
		if (n->type == TREE_OBJECT)
			put("k:", child->key);
		put_tree(child);
	}
	put(n->type == TREE_ARRAY ? "]" : "}", STR_NULL);
}

static int put_yaml(struct feed f, struct err *e)
{
	CLEANUP(arena_done) struct arena a = {0};
	struct tree t;

	if (tree_parse_yaml(f.rest, &a, 0, &t, e) < 0)
		return -1;
	put_tree(t.root);
	return 0;
}

static int put_csv(struct feed f, struct err *e)
{
	static struct csv c;
	struct str chunk;
	int r;

	csv_init(&c, 0, NULL);
	do {
		if (next_chunk(&f, &chunk, e) > 0)
			csv_feed(&c, chunk);
		else
			csv_feed_end(&c);
		while ((r = csv_next(&c, e)) > 0) {
			put("[", STR_NULL);
			for (size_t i = 0; i < c.count; i++)
				put("s:", c.fields[i]);
			put("]", STR_NULL);
		}
	} while (r == 0 && !c.ended);
	csv_done(&c);
	return r;
}

static int put_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	(void)context;
	(void)e;
	put("{", STR_NULL);
	for (size_t i = 0; i < p->count; i++) {
		put("k:", p->fields[i].name);
		put("s:", p->fields[i].value);
	}
	put("}", STR_NULL);
	return 0;
}

static int put_deb822(struct feed f, struct err *e)
{
	struct deb822_options options = {.paragraph = put_paragraph};
	CLEANUP(deb822_done) struct deb822 d;
	struct str chunk;

	if (deb822_init(&d, &options, e) < 0)
		return -1;
	while (next_chunk(&f, &chunk, e) > 0)
		if (deb822_chunk(&d, chunk, e) < 0)
			return -1;
	return deb822_end(&d, e);
}

/* The text as a string of JSON. */
static int put_json_string(struct feed f, struct err *e)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	(void)e;
	json_quote(&b, f.rest);
	put("s:", buf_str(&b));
	return 0;
}

/* Eight bytes, little endian, are a double. */
static int put_double(struct feed f, struct err *e)
{
	char text[DOUBLE_TEXT];
	double value;

	memcpy(&value, f.rest.data, sizeof(value));
	if (!double_format(value, text))
		return err_set(e, ERR_FORMAT, "not finite");
	put("s:", str_of(text));
	return 0;
}

/* The text as attribute and content of an element. */
static int put_xml(struct feed f, struct err *e)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct xml_writer w;

	xml_writer_init(&w, &b, 2);
	xml_begin(&w, "outer");
	xml_begin(&w, "inner");
	xml_attribute(&w, "name", f.rest);
	xml_text(&w, f.rest);
	xml_end(&w);
	xml_end(&w);
	if (xml_writer_end(&w, e) < 0)
		return -1;
	put("s:", buf_str(&b));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct feed f, struct err *e);
} modes[] = {
	{"json", put_json},	{"yaml", put_yaml},	     {"csv", put_csv},
	{"deb822", put_deb822}, {"string", put_json_string}, {"double", put_double},
	{"xml", put_xml},
};

static void run(const char *mode, struct feed f)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i].name) == 0 && modes[i].run(f, &e) < 0)
			printf(" error %s", err_code_name(e.code));
	putchar('\n');
}

int main(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		char *end, *space = strchr(line, ' ');
		size_t size, chunk;
		char *data;

		if (!space)
			return 1;
		*space = '\0';
		size = strtoull(space + 1, &end, 10);
		chunk = strtoull(end, NULL, 10);
		data = malloc(size ? size : 1);
		if (!data || fread(data, 1, size, stdin) != size)
			return 1;
		run(line, (struct feed){str_make(data, size), chunk ? chunk : SIZE_MAX});
		free(data);
	}
	return 0;
}
