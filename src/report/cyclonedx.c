/*
 * CycloneDX 1.6 JSON: bill of materials and vulnerabilities in one.
 *
 * Traps: every bom-ref is unique, so that a package that is there twice gets a number behind its
 * package URL; the schema allows no further keys, what has no place of its own stands in properties
 * named plimsoll:...; a finding that somebody chose to ignore is not thereby "not affected". The
 * serial number is computed from the document, so that equal scans give equal bytes.
 */
#include "base/date.h"
#include "base/map.h"
#include "report/cyclonedx.h"

enum { VERSION_MAX = 1024 /* of the schema, in characters */ };

#define ROOT_REF   "plimsoll:target"
#define DISTRO_REF "plimsoll:distribution"

/* --- small writers; a lack of memory fails the writer --- */

static struct str text_of(struct bom *b, struct str value)
{
	struct str text = label_text(&b->arena, value);

	if (!text.data && !json_writer_failed(&b->w))
		ERR_NOMEM(&b->w.error);
	return text;
}

void bom_member(struct bom *b, const char *key, struct str value)
{
	json_write_member(&b->w, key, text_of(b, value));
}

void bom_member_known(struct bom *b, const char *key, struct str value)
{
	if (value.len)
		bom_member(b, key, value);
}

void bom_member_version(struct bom *b, struct str value)
{
	struct str text = text_of(b, value);
	size_t end = text.len;

	/* cut between characters */
	if (end > VERSION_MAX) {
		end = VERSION_MAX;
		while (end && ((unsigned char)text.data[end] & 0xc0) == 0x80)
			end--;
	}
	json_write_member(&b->w, "version", str_to(text, end));
}

void bom_member_buffer(struct bom *b, const char *key, const struct buf *value)
{
	if (buf_failed(value) && !json_writer_failed(&b->w))
		ERR_NOMEM(&b->w.error);
	json_write_member(&b->w, key, buf_str(value));
}

void bom_property(struct bom *b, const char *name, struct str value)
{
	if (!value.len)
		return;
	json_write_object(&b->w);
	json_write_member_cstr(&b->w, "name", name);
	bom_member(b, "value", value);
	json_write_end(&b->w);
}

static void property_layer(struct bom *b, int layer)
{
	char index[16];

	if (layer < 0)
		return;
	snprintf(index, sizeof(index), "%d", layer);
	bom_property(b, "plimsoll:layer", str_of(index));
	if ((size_t)layer < b->d->target.layers.count)
		bom_property(b, "plimsoll:layer_diff_id", b->d->target.layers.items[layer].diff_id);
}

/* --- references --- */

static int build_refs(struct bom *b, struct err *e)
{
	const struct document *d = b->d;
	struct map seen;
	int result = 0;

	b->refs = arena_alloc_array(&b->arena, d->packages.count + 1, sizeof(*b->refs));
	if (!b->refs)
		return ERR_NOMEM(e);
	map_init(&seen, d->budget);
	for (size_t i = 0; i < d->packages.count && result == 0; i++) {
		CLEANUP(buf_done) struct buf purl = BUF_INIT;
		void **slot;

		purl_format(&d->packages.items[i], &d->target.distro, &purl);
		if (!buf_failed(&purl))
			b->refs[i] = arena_str(&b->arena, buf_str(&purl));
		slot = b->refs[i].data ? map_put(&seen, b->refs[i]) : NULL;
		if (!slot) {
			result = ERR_NOMEM(e);
			break;
		}
		if (*slot)
			b->refs[i] =
				arena_printf(&b->arena, "%.*s#%zu", STR_ARG(b->refs[i]), i + 1);
		else
			*slot = b;
		if (!b->refs[i].data)
			result = ERR_NOMEM(e);
	}
	map_done(&seen);
	return result;
}

/* --- what was scanned --- */

static void write_tools(struct bom *b)
{
	struct json_writer *w = &b->w;

	json_write_member_object(w, "tools");
	json_write_member_array(w, "components");
	json_write_object(w);
	json_write_member_cstr(w, "type", "application");
	json_write_member_cstr(w, "name", "plimsoll");
	bom_member_version(b, b->d->version);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

static void write_target(struct bom *b)
{
	const struct document_target *t = &b->d->target;
	struct json_writer *w = &b->w;

	json_write_member_object(w, "component");
	json_write_member_cstr(w, "bom-ref", ROOT_REF);
	json_write_member_cstr(w, "type", "container");
	bom_member(b, "name", t->reference.len ? t->reference : STR("unknown"));
	if (t->digest.len || t->image_id.len)
		bom_member_version(b, t->digest.len ? t->digest : t->image_id);
	json_write_member_array(w, "properties");
	bom_property(b, "plimsoll:kind", t->kind);
	bom_property(b, "plimsoll:image_id", t->image_id);
	bom_property(b, "plimsoll:platform", t->platform);
	for (size_t i = 0; i < t->layers.count; i++)
		bom_property(b, "plimsoll:layer_diff_id", t->layers.items[i].diff_id);
	json_write_end(w);
	json_write_end(w);
}

static void write_metadata(struct bom *b)
{
	char now[DATE_TEXT];

	json_write_member_object(&b->w, "metadata");
	json_write_member_cstr(&b->w, "timestamp", date_format(b->d->now, now));
	write_tools(b);
	write_target(b);
	json_write_end(&b->w);
}

/* --- components --- */

static bool has_distro(const struct bom *b)
{
	return b->d->target.distro.id.len > 0;
}

static void write_distro(struct bom *b)
{
	const struct distro *o = &b->d->target.distro;
	struct json_writer *w = &b->w;

	json_write_object(w);
	json_write_member_cstr(w, "bom-ref", DISTRO_REF);
	json_write_member_cstr(w, "type", "operating-system");
	bom_member(b, "name", o->id);
	if (o->version_id.len)
		bom_member_version(b, o->version_id);
	bom_member_known(b, "description", o->name);
	json_write_member_array(w, "properties");
	bom_property(b, "plimsoll:codename", o->codename);
	bom_property(b, "plimsoll:end_of_life", o->end_of_life);
	json_write_end(w);
	json_write_end(w);
}

static void write_licenses(struct bom *b, const struct package *p)
{
	struct json_writer *w = &b->w;

	json_write_member_array(w, "licenses");
	for (size_t i = 0; i < p->license_count; i++) {
		if (!p->licenses[i].len)
			continue;
		json_write_object(w);
		json_write_member_object(w, "license");
		/* what packages write is seldom an SPDX id: a name is always right */
		bom_member(b, "name", p->licenses[i]);
		json_write_end(w);
		json_write_end(w);
	}
	json_write_end(w);
}

static void write_evidence(struct bom *b, const struct package *p)
{
	struct json_writer *w = &b->w;

	json_write_member_object(w, "evidence");
	json_write_member_array(w, "occurrences");
	json_write_object(w);
	bom_member(b, "location", p->location.path);
	if (p->location.line)
		json_write_member_u64(w, "line", p->location.line);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

static void write_package(struct bom *b, size_t index)
{
	CLEANUP(buf_done) struct buf purl = BUF_INIT;
	const struct package *p = &b->d->packages.items[index];
	struct json_writer *w = &b->w;

	purl_format(p, &b->d->target.distro, &purl);
	json_write_object(w);
	json_write_member(w, "bom-ref", b->refs[index]);
	json_write_member_cstr(w, "type", "library");
	bom_member(b, "name", p->name);
	bom_member_version(b, p->version);
	if (p->license_count)
		write_licenses(b, p);
	bom_member_buffer(b, "purl", &purl);
	if (p->location.path.len)
		write_evidence(b, p);
	json_write_member_array(w, "properties");
	json_write_object(w);
	json_write_member_cstr(w, "name", "plimsoll:type");
	json_write_member_cstr(w, "value", package_type_name(p->type));
	json_write_end(w);
	bom_property(b, "plimsoll:source_name", p->source_name);
	bom_property(b, "plimsoll:source_version", p->source_version);
	bom_property(b, "plimsoll:source_rpm", p->source_rpm);
	bom_property(b, "plimsoll:module", p->module);
	bom_property(b, "plimsoll:vendor", p->vendor);
	property_layer(b, p->layer);
	json_write_end(w);
	json_write_end(w);
}

static void write_components(struct bom *b)
{
	json_write_member_array(&b->w, "components");
	if (has_distro(b))
		write_distro(b);
	for (size_t i = 0; i < b->d->packages.count && !json_writer_failed(&b->w); i++)
		write_package(b, i);
	json_write_end(&b->w);
}

/* The target holds everything; what packages need of each other is not looked at. */
static void write_dependencies(struct bom *b)
{
	struct json_writer *w = &b->w;

	json_write_member_array(w, "dependencies");
	json_write_object(w);
	json_write_member_cstr(w, "ref", ROOT_REF);
	json_write_member_array(w, "dependsOn");
	if (has_distro(b))
		json_write_cstr(w, DISTRO_REF);
	for (size_t i = 0; i < b->d->packages.count; i++)
		json_write_string(w, b->refs[i]);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

/* An incomplete scan says so: a list with a gap is no list of everything. */
static void write_compositions(struct bom *b)
{
	struct json_writer *w = &b->w;

	json_write_member_array(w, "compositions");
	json_write_object(w);
	json_write_member_cstr(w, "aggregate", b->d->verdict.complete ? "unknown" : "incomplete");
	json_write_member_array(w, "assemblies");
	json_write_cstr(w, ROOT_REF);
	json_write_end(w);
	json_write_end(w);
	json_write_end(w);
}

/* --- the whole --- */

static void write_bom(struct bom *b)
{
	struct json_writer *w = &b->w;

	json_write_object(w);
	json_write_member_cstr(w, "bomFormat", "CycloneDX");
	json_write_member_cstr(w, "specVersion", "1.6");
	if (b->serial[0])
		json_write_member_cstr(w, "serialNumber", b->serial);
	json_write_member_u64(w, "version", 1);
	write_metadata(b);
	write_components(b);
	write_dependencies(b);
	write_compositions(b);
	bom_vulnerabilities(b);
	json_write_end(w);
}

static int render(struct bom *b, unsigned indent, struct buf *out, struct err *e)
{
	int result;

	json_writer_init(&b->w, out, indent);
	write_bom(b);
	result = json_writer_end(&b->w, e);
	json_writer_done(&b->w);
	return result;
}

/*
 * A UUID of version 8 (RFC 9562: made as one likes) from the SHA-256 of the document without it, on
 * one line.
 */
static int make_serial(struct bom *b, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char hex[DIGEST_TEXT];
	struct digest digest;

	buf_init(&text, b->d->budget, 0);
	if (render(b, 0, &text, e) < 0 || digest_of(DIGEST_SHA256, buf_str(&text), &digest, e) < 0)
		return -1;
	digest.bytes[6] = (uint8_t)(0x80 | (digest.bytes[6] & 0x0f));
	digest.bytes[8] = (uint8_t)(0x80 | (digest.bytes[8] & 0x3f));
	digest_format_hex(&digest, hex);
	snprintf(b->serial, sizeof(b->serial), "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
		 hex + 12, hex + 16, hex + 20);
	return 0;
}

static int write_all(struct bom *b, const struct format_options *o, struct buf *out, struct err *e)
{
	if (build_refs(b, e) < 0 ||
	    rows_build(b->d, NULL, NULL, false, &b->arena, &b->rows, e) < 0 ||
	    make_serial(b, e) < 0 || render(b, o->lines ? 0 : 2, out, e) < 0)
		return -1;
	if (o->lines)
		buf_add_char(out, '\n');
	return 0;
}

static int write_cyclonedx(const struct document *d, const struct format_options *o,
			   struct buf *out, struct err *e)
{
	struct bom b = {.d = d};
	int result;

	arena_init(&b.arena, d->budget, 0);
	result = write_all(&b, o, out, e);
	arena_done(&b.arena);
	return result;
}

const struct format format_cyclonedx = {
	.name = "cyclonedx",
	.summary = "CycloneDX 1.6 JSON: bill of materials with vulnerabilities",
	.write = write_cyclonedx,
};
