/*
 * The report from JSON. Each object has a table of the members that are kept; what stands in no
 * table is skipped, so that a newer version's report can be read. Packages are named by their
 * `ref`, which need not come first: findings keep the text until the end.
 */
#include "base/date.h"
#include "document/document_reader.h"

/* --- run --- */

static int read_now(struct reader *r, void *object)
{
	struct document *d = object;
	char text[DATE_TEXT];
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	/* in the one form that is written */
	if (!date_parse(word, &d->now) || !str_is(word, date_format(d->now, text)))
		return bad_word(r, "time");
	return 0;
}

static int read_times(struct reader *r, void *object)
{
	struct document *d = object;
	struct str key;
	int more = json_expect(&r->j, JSON_OBJECT, r->e);

	if (more < 0)
		return -1;
	while ((more = json_next_key(&r->j, &key, r->e)) > 0) {
		struct document_time *t = vec_push(&d->times);

		if (!t || !(t->name = document_str(r->d, key)).data)
			return ERR_NOMEM(r->e);
		if (d->times.count > DOCUMENT_READ_MAX)
			return err_set(r->e, ERR_LIMIT, "the report has too many times");
		if (read_double(r, &t->seconds) < 0)
			return -1;
	}
	return more;
}

static int read_confinement(struct reader *r, void *object)
{
	struct document *d = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	for (int i = 0; i <= CONFINEMENT_FULL; i++) {
		if (str_is(word, confinement_name((enum confinement)i))) {
			d->confinement = (enum confinement)i;
			return 0;
		}
	}
	return bad_word(r, "confinement");
}

static int read_scanner(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"name", KIND_STR, offsetof(struct document_scanner, name)},
		{"ran", KIND_BOOL, offsetof(struct document_scanner, ran)},
		{"complete", KIND_BOOL, offsetof(struct document_scanner, complete)},
		{"rules_digest", KIND_STR, offsetof(struct document_scanner, rules_digest)},
	};
	struct document_scanner *s = vec_push(&((struct document *)object)->scanners);

	return s ? read_members(r, members, COUNT(members), s) : ERR_NOMEM(r->e);
}

static int read_scanners(struct reader *r, void *object)
{
	return read_list(r, read_scanner, object);
}

static int read_run(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"version", KIND_STR, offsetof(struct document, version)},
		{"now", KIND_READ, .read = read_now},
		{"times", KIND_READ, .read = read_times},
		{"confinement", KIND_READ, .read = read_confinement},
		{"scanners", KIND_READ, .read = read_scanners},
	};

	return OBJECT(r, members, object);
}

/* --- target --- */

static int read_distro(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"id", KIND_STR, offsetof(struct distro, id)},
		{"version", KIND_STR, offsetof(struct distro, version_id)},
		{"codename", KIND_STR, offsetof(struct distro, codename)},
		{"name", KIND_STR, offsetof(struct distro, name)},
		{"id_like", KIND_STR, offsetof(struct distro, id_like)},
		{"end_of_life", KIND_STR, offsetof(struct distro, end_of_life)},
		{"path", KIND_STR, offsetof(struct distro, path)},
		{"path_raw", KIND_PATH_RAW, offsetof(struct distro, path)},
	};

	return OBJECT(r, members, &((struct document_target *)object)->distro);
}

static int read_verified(struct reader *r, void *object)
{
	struct document_layer *l = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	for (int i = 0; i <= VERIFIED_CACHED; i++) {
		if (str_is(word, verified_name((enum verified)i))) {
			l->verified = (enum verified)i;
			return 0;
		}
	}
	return bad_word(r, "state of verification");
}

static int read_layer(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"index", KIND_INT, offsetof(struct document_layer, index)},
		{"digest", KIND_STR, offsetof(struct document_layer, digest)},
		{"diff_id", KIND_STR, offsetof(struct document_layer, diff_id)},
		{"size", KIND_U64, offsetof(struct document_layer, size)},
		{"created_by", KIND_STR, offsetof(struct document_layer, created_by)},
		{"verified", KIND_READ, .read = read_verified},
		{"origin", KIND_STR, offsetof(struct document_layer, origin)},
	};
	struct document_layer *l = vec_push(&((struct document_target *)object)->layers);

	return l ? read_members(r, members, COUNT(members), l) : ERR_NOMEM(r->e);
}

static int read_layers(struct reader *r, void *object)
{
	return read_list(r, read_layer, object);
}

static int read_target(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"reference", KIND_STR, offsetof(struct document_target, reference)},
		{"kind", KIND_STR, offsetof(struct document_target, kind)},
		{"digest", KIND_STR, offsetof(struct document_target, digest)},
		{"image_id", KIND_STR, offsetof(struct document_target, image_id)},
		{"platform", KIND_STR, offsetof(struct document_target, platform)},
		{"distro", KIND_READ, .read = read_distro},
		{"layers", KIND_READ, .read = read_layers},
	};

	return OBJECT(r, members, &((struct document *)object)->target);
}

/* --- database --- */

static int read_feed(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"name", KIND_STR, offsetof(struct document_feed, name)},
		{"date", KIND_STR, offsetof(struct document_feed, date)},
	};
	struct document_feed *f = vec_push(&((struct document_partition *)object)->feeds);

	return f ? read_members(r, members, COUNT(members), f) : ERR_NOMEM(r->e);
}

static int read_feeds(struct reader *r, void *object)
{
	return read_list(r, read_feed, object);
}

static int read_partition(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"name", KIND_STR, offsetof(struct document_partition, name)},
		{"digest", KIND_STR, offsetof(struct document_partition, digest)},
		{"feeds", KIND_READ, .read = read_feeds},
	};
	struct document_partition *p = vec_push(&((struct document *)object)->partitions);

	return p ? read_members(r, members, COUNT(members), p) : ERR_NOMEM(r->e);
}

static int read_partitions(struct reader *r, void *object)
{
	return read_list(r, read_partition, object);
}

static int read_database(struct reader *r, void *object)
{
	static const struct member members[] = {{"partitions", KIND_READ, .read = read_partitions}};

	return OBJECT(r, members, object);
}

/* --- checks, diagnostics, verdict --- */

static int read_check(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"id", KIND_STR, offsetof(struct document_check, id)},
		{"result", KIND_STR, offsetof(struct document_check, result)},
		{"reason", KIND_STR, offsetof(struct document_check, reason)},
	};
	struct document_check *c = vec_push(&((struct document *)object)->checks);

	return c ? read_members(r, members, COUNT(members), c) : ERR_NOMEM(r->e);
}

static int read_checks(struct reader *r, void *object)
{
	return read_list(r, read_check, object);
}

struct diagnostic_parts {
	int code, layer;
	uint64_t offset, count;
	bool has_offset;
	struct str path, message;
};

static int read_code(struct reader *r, void *object)
{
	struct diagnostic_parts *g = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	for (int code = 0; code < DIAG_CODES; code++) {
		if (str_is(word, diag_name((enum diag_code)code)))
			g->code = code;
	}
	return g->code >= 0 ? 0 : bad_word(r, "diagnostic of this version");
}

static int read_offset(struct reader *r, void *object)
{
	struct diagnostic_parts *g = object;

	g->has_offset = true;
	return read_u64_up_to(r, INT64_MAX, &g->offset);
}

/* Kept beside the limit of diag_add: what a report lists was kept once. */
static int read_diagnostic(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"code", KIND_READ, .read = read_code},
		{"layer", KIND_INT, offsetof(struct diagnostic_parts, layer)},
		{"path", KIND_STR, offsetof(struct diagnostic_parts, path)},
		{"path_raw", KIND_PATH_RAW, offsetof(struct diagnostic_parts, path)},
		{"offset", KIND_READ, .read = read_offset},
		{"message", KIND_STR, offsetof(struct diagnostic_parts, message)},
	};
	struct diagnostic_parts parts = {.code = -1, .layer = -1};
	struct diags *diags = &((struct document *)object)->diagnostics;
	struct diag *g;

	if (read_members(r, members, COUNT(members), &parts) < 0)
		return -1;
	if (parts.code < 0)
		return json_error(&r->j, r->e, "a diagnostic without code");
	g = vec_push(&diags->list);
	if (!g)
		return ERR_NOMEM(r->e);
	*g = (struct diag){
		.code = (enum diag_code)parts.code,
		.layer = parts.layer,
		.path = parts.path,
		.offset = parts.has_offset ? (int64_t)parts.offset : -1,
		.message = parts.message,
	};
	diags->per_code[parts.code]++;
	return 0;
}

static int read_diagnostics(struct reader *r, void *object)
{
	return read_list(r, read_diagnostic, object);
}

static int read_omitted_one(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"code", KIND_READ, .read = read_code},
		{"count", KIND_U64, offsetof(struct diagnostic_parts, count)},
	};
	struct diagnostic_parts parts = {.code = -1};
	struct diags *diags = &((struct document *)object)->diagnostics;

	if (read_members(r, members, COUNT(members), &parts) < 0)
		return -1;
	if (parts.code < 0 || parts.count > INT32_MAX)
		return json_error(&r->j, r->e, "omitted diagnostics without code, or too many");
	diags->per_code[parts.code] += parts.count;
	diags->dropped += parts.count;
	return 0;
}

static int read_omitted(struct reader *r, void *object)
{
	return read_list(r, read_omitted_one, object);
}

static int read_outcome(struct reader *r, void *object)
{
	struct document_rule *rule = object;
	struct str word;

	if (read_word(r, &word) < 0)
		return -1;
	rule->failed = str_is(word, "fail");
	return rule->failed || str_is(word, "pass") ? 0 : bad_word(r, "outcome");
}

static int read_rule_findings(struct reader *r, void *object)
{
	struct document_rule *rule = object;
	int more = json_expect(&r->j, JSON_ARRAY, r->e);

	if (more < 0)
		return -1;
	while ((more = json_next_item(&r->j, r->e)) > 0) {
		uint32_t *index = vec_push(&rule->findings);
		uint64_t value;

		if (!index)
			return ERR_NOMEM(r->e);
		if (r->j.event != JSON_NUMBER || !str_parse_u64(r->j.text, &value) ||
		    value > DOCUMENT_READ_MAX)
			return json_error(&r->j, r->e, "expected the index of a finding");
		*index = (uint32_t)value;
	}
	return more;
}

static int read_rule(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"rule", KIND_STR, offsetof(struct document_rule, rule)},
		{"outcome", KIND_READ, .read = read_outcome},
		{"findings", KIND_READ, .read = read_rule_findings},
	};
	struct document_rule *rule = vec_push(&((struct document_verdict *)object)->rules);

	return rule ? read_members(r, members, COUNT(members), rule) : ERR_NOMEM(r->e);
}

static int read_rules(struct reader *r, void *object)
{
	return read_list(r, read_rule, object);
}

static int read_verdict(struct reader *r, void *object)
{
	static const struct member members[] = {
		{"pass", KIND_BOOL, offsetof(struct document_verdict, pass)},
		{"complete", KIND_BOOL, offsetof(struct document_verdict, complete)},
		{"exit_code", KIND_INT, offsetof(struct document_verdict, exit_code)},
		{"rules", KIND_READ, .read = read_rules},
	};

	return OBJECT(r, members, &((struct document *)object)->verdict);
}

/* --- the whole --- */

static int read_schema(struct reader *r, void *object)
{
	struct str word;

	(void)object;
	if (read_word(r, &word) < 0)
		return -1;
	if (!str_is(word, DOCUMENT_SCHEMA))
		return err_set(r->e, ERR_UNSUPPORTED, "the report's schema is '%.*s', not '%s'",
			       STR_ARG(word), DOCUMENT_SCHEMA);
	r->has_schema = true;
	return 0;
}

static int read_document(struct reader *r)
{
	static const struct member members[] = {
		{"schema", KIND_READ, .read = read_schema},
		{"run", KIND_READ, .read = read_run},
		{"target", KIND_READ, .read = read_target},
		{"database", KIND_READ, .read = read_database},
		{"packages", KIND_READ, .read = read_packages},
		{"findings", KIND_READ, .read = read_findings},
		{"checks", KIND_READ, .read = read_checks},
		{"diagnostics", KIND_READ, .read = read_diagnostics},
		{"diagnostics_omitted", KIND_READ, .read = read_omitted},
		{"verdict", KIND_READ, .read = read_verdict},
	};

	if (OBJECT(r, members, r->d) < 0 || json_expect(&r->j, JSON_END, r->e) < 0)
		return -1;
	if (!r->has_schema)
		return err_set(r->e, ERR_FORMAT, "no plimsoll report: the key 'schema' is missing");
	return 0;
}

static int resolve_refs(struct reader *r)
{
	for (size_t i = 0; i < r->d->findings.count; i++) {
		struct str ref = r->refs.items[i];
		void *found = ref.len ? map_find(&r->packages, ref) : NULL;

		if (ref.len && !found)
			return err_set(r->e, ERR_FORMAT,
				       "finding %zu names the package '%.*s', which is not listed",
				       i, STR_ARG(ref));
		if (found)
			r->d->findings.items[i].package = (int)(uintptr_t)found - 1;
	}
	for (size_t i = 0; i < r->d->verdict.rules.count; i++) {
		const struct document_rule *rule = &r->d->verdict.rules.items[i];

		for (size_t k = 0; k < rule->findings.count; k++) {
			if (rule->findings.items[k] >= r->d->findings.count)
				return err_set(r->e, ERR_FORMAT,
					       "rule '%.*s' names finding %u, which is not listed",
					       STR_ARG(rule->rule), rule->findings.items[k]);
		}
	}
	return 0;
}

int document_read_json(struct str text, struct document **ret, struct err *e)
{
	struct reader r = {.e = e};
	int result;

	r.d = document_new(NULL, e);
	if (!r.d)
		return -1;
	json_init_slice(&r.j, text, NULL);
	map_init(&r.packages, NULL);
	result = read_document(&r);
	if (result == 0)
		result = resolve_refs(&r);
	map_done(&r.packages);
	vec_done(&r.refs);
	json_done(&r.j);
	if (result < 0)
		document_free(r.d);
	else
		*ret = r.d;
	return result;
}
