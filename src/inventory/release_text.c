#include "inventory/release_text.h"

/* A shell word: quotes taken off, what they escape set free. */
static struct str unquote(struct str value, struct arena *a)
{
	char quote = value.len ? value.data[0] : '\0', *out;
	size_t n = 0, i;

	if (quote != '"' && quote != '\'')
		quote = '\0';
	out = arena_bytes(a, value.len + 1);
	if (!out)
		return STR_NULL;
	for (i = quote ? 1 : 0; i < value.len; i++) {
		char c = value.data[i];

		if (quote && c == quote)
			break;
		if (!quote && (c == ' ' || c == '\t' || c == '#'))
			break;
		if (c == '\\' && quote != '\'' && i + 1 < value.len)
			c = value.data[++i];
		out[n++] = c;
	}
	return str_make(out, n);
}

/* The next "KEY=value" line; false at the end. */
static bool next_assignment(struct str *rest, struct str *ret_key, struct str *ret_value)
{
	struct str line;

	while (str_next_line(rest, &line)) {
		ptrdiff_t equals;

		line = str_trim(line);
		equals = str_find_char(line, '=');
		if (equals <= 0 || line.data[0] == '#')
			continue;
		*ret_key = str_trim(str_to(line, (size_t)equals));
		*ret_value = str_trim(str_from(line, (size_t)equals + 1));
		return true;
	}
	return false;
}

static struct str lower(struct str s, struct arena *a)
{
	char *out = arena_bytes(a, s.len + 1);

	if (!out)
		return STR_NULL;
	for (size_t i = 0; i < s.len; i++)
		out[i] = s.data[i] >= 'A' && s.data[i] <= 'Z' ? (char)(s.data[i] + 32) : s.data[i];
	return str_make(out, s.len);
}

/* "9 (stretch)": older releases have no VERSION_CODENAME */
static struct str codename_of(struct str version)
{
	ptrdiff_t open = str_find_char(version, '('), close = str_find_char(version, ')');
	struct str name;

	if (open < 0 || close < open)
		return STR_NULL;
	name = str_sub(version, (size_t)open + 1, (size_t)close);
	return str_find_char(name, ' ') < 0 ? name : STR_NULL;
}

void parse_os_release(struct str text, struct arena *a, struct distro *d)
{
	struct str key, value, plain_name = STR_NULL, version = STR_NULL;
	const struct {
		const char *key;
		struct str *to;
	} fields[] = {
		{"ID", &d->id},
		{"VERSION_ID", &d->version_id},
		{"VERSION_CODENAME", &d->codename},
		{"PRETTY_NAME", &d->name},
		{"ID_LIKE", &d->id_like},
		{"NAME", &plain_name},
		{"VERSION", &version},
		{"SUPPORT_END", &d->end_of_life},
	};

	while (next_assignment(&text, &key, &value))
		for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
			if (str_is(key, fields[i].key))
				*fields[i].to = unquote(value, a);
	if (d->name.len == 0)
		d->name = plain_name;
	if (d->codename.len == 0)
		d->codename = lower(codename_of(version), a);
}

void parse_lsb_release(struct str text, struct arena *a, struct distro *d)
{
	struct str key, value;

	while (next_assignment(&text, &key, &value)) {
		if (str_is(key, "DISTRIB_ID"))
			d->id = lower(unquote(value, a), a);
		else if (str_is(key, "DISTRIB_RELEASE"))
			d->version_id = unquote(value, a);
		else if (str_is(key, "DISTRIB_CODENAME"))
			d->codename = unquote(value, a);
		else if (str_is(key, "DISTRIB_DESCRIPTION"))
			d->name = unquote(value, a);
	}
}

static struct str first_line(struct str text)
{
	struct str line = STR_NULL;

	str_next_line(&text, &line);
	return str_trim(line);
}

void parse_alpine_release(struct str text, struct arena *a, struct distro *d)
{
	(void)a;
	d->version_id = first_line(text);
	if (d->version_id.len)
		d->id = STR("alpine");
}

void parse_red_hat_release(struct str text, struct arena *a, struct distro *d)
{
	static const struct {
		struct str starts;
		struct str id;
	} names[] = {
		{STR_INIT("CentOS"), STR_INIT("centos")},
		{STR_INIT("Red Hat"), STR_INIT("rhel")},
		{STR_INIT("Fedora"), STR_INIT("fedora")},
		{STR_INIT("Oracle"), STR_INIT("ol")},
		{STR_INIT("Rocky"), STR_INIT("rocky")},
		{STR_INIT("AlmaLinux"), STR_INIT("almalinux")},
		{STR_INIT("Amazon"), STR_INIT("amzn")},
		{STR_INIT("Scientific"), STR_INIT("scientific")},
	};
	struct str line = first_line(text), version;
	ptrdiff_t at = str_find(line, STR(" release "));

	(void)a;
	if (at < 0)
		return;
	version = str_trim(str_from(line, (size_t)at + 9));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_starts(line, names[i].starts))
			d->id = names[i].id;
	d->name = line;
	d->codename = codename_of(version);
	at = str_find_char(version, ' ');
	d->version_id = at < 0 ? version : str_to(version, (size_t)at);
}

void parse_suse_release(struct str text, struct arena *a, struct distro *d)
{
	struct str key, value, patch = STR_NULL;

	d->name = first_line(text);
	while (next_assignment(&text, &key, &value)) {
		if (str_is(key, "VERSION"))
			d->version_id = value;
		else if (str_is(key, "PATCHLEVEL"))
			patch = value;
	}
	if (d->version_id.len == 0)
		return;
	d->id = str_starts(d->name, STR("openSUSE")) ? STR("opensuse") : STR("sles");
	if (patch.len && !str_is(patch, "0"))
		d->version_id =
			arena_printf(a, "%.*s.%.*s", STR_ARG(d->version_id), STR_ARG(patch));
}

void parse_arch_release(struct str text, struct arena *a, struct distro *d)
{
	(void)text;
	(void)a;
	d->id = STR("arch");
	d->name = STR("Arch Linux");
}

void parse_debian_version(struct str text, struct arena *a, struct distro *d)
{
	struct str version = first_line(text);
	ptrdiff_t slash = str_find_char(version, '/');

	(void)a;
	if (version.len == 0)
		return;
	d->id = STR("debian");
	if (slash < 0)
		d->version_id = version;
	else
		d->codename = str_to(version, (size_t)slash);
}
