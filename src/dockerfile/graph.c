/*
 * One pass over the instructions: stages, and the state before each of them. A state is shared
 * until an instruction changes something.
 */
#include "dockerfile/scope.h"

struct builder {
	struct graph *g;
	struct arena *arena;
	const struct scope *names;	    /* the stages so far */
	struct shell_setting default_shell; /* of a pragma before the first FROM */
	size_t comment;
	const struct build_state *state;
	struct stage *stage;
};

static const char *const platform_args[] = {
	"BUILDARCH", "BUILDOS",	       "BUILDPLATFORM", "BUILDVARIANT", "TARGETARCH",
	"TARGETOS",  "TARGETPLATFORM", "TARGETVARIANT", "TARGETSTAGE",
};

static const char *const proxy_args[] = {
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY",
	"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy",
};

static bool is_one_of(struct str name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(name, list[i]))
			return true;
	}
	return false;
}

bool is_platform_arg(struct str name)
{
	return is_one_of(name, platform_args, sizeof(platform_args) / sizeof(*platform_args));
}

bool is_proxy_arg(struct str name)
{
	return is_one_of(name, proxy_args, sizeof(proxy_args) / sizeof(*proxy_args));
}

struct image_name image_name_parse(struct str image)
{
	struct image_name n = {STR_INIT(""), STR_INIT(""), STR_INIT(""), STR_INIT("")};
	ptrdiff_t at = str_find_char(image, '@'), slash, colon;
	struct str first;

	if (at >= 0) {
		n.digest = str_from(image, (size_t)at + 1);
		image = str_to(image, (size_t)at);
	}
	colon = str_find_last_char(image, ':');
	if (colon > str_find_last_char(image, '/')) {
		n.tag = str_from(image, (size_t)colon + 1);
		image = str_to(image, (size_t)colon);
	}
	n.repository = image;
	slash = str_find_char(image, '/');
	if (slash < 0)
		return n;
	first = str_to(image, (size_t)slash);
	if (str_find_char(first, '.') >= 0 || str_find_char(first, ':') >= 0 ||
	    str_is(first, "localhost")) {
		n.registry = first;
		n.repository = str_from(image, (size_t)slash + 1);
	}
	return n;
}

static struct str lower(struct arena *arena, struct str s)
{
	char *out = arena_bytes(arena, s.len ? s.len : 1);

	if (!out)
		return STR_NULL;
	for (size_t i = 0; i < s.len; i++)
		out[i] = (char)(s.data[i] >= 'A' && s.data[i] <= 'Z' ? s.data[i] | 32 : s.data[i]);
	return str_make(out, s.len);
}

struct shell_setting shell_setting_of(struct arena *arena, struct str program)
{
	static const char *const posix[] = {"sh",  "bash", "ash",   "dash",   "ksh",
					    "zsh", "mksh", "ksh93", "busybox"};
	struct shell_setting s = {.family = SHELL_FAMILY_OTHER};
	ptrdiff_t slash = str_find_last_char(program, '/');
	ptrdiff_t back = str_find_last_char(program, '\\');

	s.program = lower(arena, str_from(program, (size_t)((slash > back ? slash : back) + 1)));
	if (!s.program.data)
		s.program = STR("");
	if (str_ends(s.program, STR(".exe")))
		s.program.len -= 4;
	if (is_one_of(s.program, posix, sizeof(posix) / sizeof(*posix)))
		s.family = SHELL_FAMILY_POSIX;
	else if (str_is(s.program, "powershell") || str_is(s.program, "pwsh"))
		s.family = SHELL_FAMILY_POWERSHELL;
	else if (str_is(s.program, "cmd"))
		s.family = SHELL_FAMILY_CMD;
	return s;
}

static struct build_state *change(struct builder *b)
{
	struct build_state *s = arena_alloc(b->arena, sizeof(*s));

	if (s) {
		*s = *b->state;
		b->state = s;
	}
	return s;
}

static const struct build_arg *find_build_arg(const struct builder *b, struct str name)
{
	const struct graph_options *o = b->g->options;

	for (size_t i = 0; o && i < o->build_arg_count; i++) {
		if (str_eq(o->build_args[i].name, name))
			return &o->build_args[i];
	}
	return NULL;
}

static int put_variable(struct builder *b, struct build_state *s, const struct variable *template)
{
	bool label = template->kind == VARIABLE_LABEL;
	const struct scope *scope;
	struct variable *v;

	if (++s->work->variables > VARIABLES_MAX) {
		b->g->limited = true;
		return 0;
	}
	v = arena_alloc(b->arena, sizeof(*v));
	if (!v)
		return -1;
	*v = *template;
	v->older = label ? s->newest_label : s->newest;
	scope = scope_put(b->arena, label ? s->labels : s->variables, v);
	if (!scope)
		return -1;
	if (label) {
		s->labels = scope;
		s->newest_label = v;
	} else {
		s->variables = scope;
		s->newest = v;
	}
	return 0;
}

/* The value of an ARG: --build-arg, its default, the global ARG of that name, or unknown. */
static struct value arg_value(struct builder *b, const struct build_state *before,
			      const struct docker_pair *pair, struct str name)
{
	const struct build_arg *given = find_build_arg(b, name);
	const struct variable *global;

	if (given)
		return (struct value){.text = given->value, .known = true, .set = true};
	if (pair->has_value)
		return value_of_word(b->arena, before, pair->value, b->g->file->escape);
	global = b->stage && b->stage->from ? scope_find(b->g->global->variables, name) : NULL;
	if (global)
		return global->value;
	return (struct value){.text = STR("")};
}

static int take_pairs(struct builder *b, const struct instruction *i, enum variable_kind kind)
{
	const struct build_state *before = b->state;
	struct build_state *s = i->pair_count ? change(b) : NULL;
	char escape = b->g->file->escape;

	if (!s)
		return i->pair_count ? -1 : 0;
	for (uint32_t n = 0; n < i->pair_count; n++) {
		const struct docker_pair *pair = &i->pairs[n];
		struct variable v = {.kind = kind, .where = i, .pair = pair};
		const struct variable *old;

		v.name = value_of_word(b->arena, before, pair->name, escape).text;
		if (kind == VARIABLE_ARG) {
			/* ARG does not win over ENV; within one ARG the earlier ones are seen */
			old = scope_find(s->variables, v.name);
			if (old && old->kind == VARIABLE_ENV)
				continue;
			v.value = arg_value(b, s, pair, v.name);
		} else {
			v.value = value_of_word(b->arena, before, pair->value, escape);
		}
		if (put_variable(b, s, &v) < 0)
			return -1;
	}
	return 0;
}

static int take_user(struct builder *b, const struct instruction *i)
{
	struct build_state *s = change(b);

	if (!s)
		return -1;
	s->user = value_of_word(b->arena, s, i->rest.text, b->g->file->escape);
	s->user_where = i;
	return 0;
}

static bool is_absolute(struct str path)
{
	if (path.len && (path.data[0] == '/' || path.data[0] == '\\'))
		return true;
	return path.len > 2 && (path.data[0] | 32) >= 'a' && (path.data[0] | 32) <= 'z' &&
	       path.data[1] == ':' && (path.data[2] == '/' || path.data[2] == '\\');
}

static int take_workdir(struct builder *b, const struct instruction *i)
{
	struct build_state *s = change(b);
	struct value v;

	if (!s)
		return -1;
	v = value_of_word(b->arena, s, i->rest.text, b->g->file->escape);
	if (!is_absolute(v.text) && s->workdir.set) {
		bool slash = str_ends(s->workdir.text, STR("/"));

		/* a chain of relative folders must not grow without bound */
		if (v.text.len + s->workdir.text.len < VALUE_MAX && s->work->left > 0) {
			s->work->left -= (int64_t)(v.text.len + s->workdir.text.len);
			v.text = arena_printf(b->arena, "%.*s%s%.*s", (int)s->workdir.text.len,
					      s->workdir.text.data, slash ? "" : "/",
					      (int)v.text.len, v.text.data);
			if (!v.text.data)
				return -1;
		} else {
			v.text = s->workdir.text;
			v.known = false;
		}
		v.known = v.known && s->workdir.known;
	}
	s->workdir = v;
	s->workdir_where = i;
	return 0;
}

static int take_shell(struct builder *b, const struct instruction *i)
{
	struct build_state *s = i->form == FORM_JSON && i->word_count ? change(b) : NULL;

	if (i->form != FORM_JSON || !i->word_count)
		return 0;
	if (!s)
		return -1;
	s->shell = shell_setting_of(b->arena, i->words[0].text);
	s->shell.where = i;
	return 0;
}

static const struct stage *stage_named(const struct graph *g, const struct scope *names,
				       struct str name)
{
	char key[256];
	const struct variable *v;

	if (!name.len || name.len > sizeof(key))
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		key[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 32
									   : name.data[i]);
	v = scope_find(names, str_make(key, name.len));
	return v ? &g->stages[g->stage_of[v->where->index]] : NULL;
}

/* A base image that is Windows starts with cmd. */
static bool is_windows(struct str image)
{
	return str_find(image, STR("windows")) >= 0 || str_find(image, STR("nanoserver")) >= 0;
}

static int fresh_state(struct builder *b, const struct stage *stage)
{
	struct build_state *s = arena_alloc(b->arena, sizeof(*s));
	bool windows = is_windows(stage->image.text);

	if (!s)
		return -1;
	s->shell = b->default_shell.program.len
			   ? b->default_shell
			   : shell_setting_of(b->arena, windows ? STR("cmd") : STR("sh"));
	s->work = &b->g->work;
	b->state = s;
	return 0;
}

/* The NAME of "# hadolint shell = NAME", or STR_NULL. */
static struct str shell_pragma(struct str comment)
{
	struct str rest = str_trim(str_from(comment, 1));
	size_t at = 0, start, end;

	if (!str_skip(&rest, STR("hadolint")))
		return STR_NULL;
	rest = str_trim(rest);
	if (!str_skip(&rest, STR("shell")))
		return STR_NULL;
	rest = str_trim(rest);
	if (!str_skip(&rest, STR("=")) || !docker_word_next(rest, &at, &start, &end))
		return STR_NULL;
	return str_sub(rest, start, end);
}

/*
 * Pragmas before the instruction: within a stage they set the shell from there on, before the first
 * FROM for every image.
 */
static int take_shell_pragmas(struct builder *b, const struct instruction *i)
{
	const struct dockerfile *d = b->g->file;

	for (; b->comment < d->comments.count; b->comment++) {
		struct span span = d->comments.items[b->comment].span;
		struct str name;
		struct build_state *s;

		if (span.start > i->span.start)
			break;
		if (d->comments.items[b->comment].inside)
			continue;
		name = shell_pragma(dockerfile_slice(d, span));
		if (!name.data)
			continue;
		if (!b->stage) {
			b->default_shell = shell_setting_of(b->arena, name);
			b->default_shell.pragma = span;
			continue;
		}
		s = change(b);
		if (!s)
			return -1;
		s->shell = shell_setting_of(b->arena, name);
		s->shell.pragma = span;
	}
	return 0;
}

static int take_from(struct builder *b, const struct instruction *i)
{
	struct stage *stage = &b->g->stages[b->g->stage_count];
	const struct stage *base = NULL;
	char escape = b->g->file->escape;

	*stage = (struct stage){
		.index = (uint32_t)b->g->stage_count++, .from = i, .start = i->index, .base = -1};
	b->stage = stage;
	stage->names = b->names;
	b->g->stage_of[i->index] = stage->index;
	stage->platform = instruction_flag(i, "platform");
	if (stage->platform)
		stage->platform_value =
			value_of_word(b->arena, b->g->global, stage->platform->value, escape);
	if (i->word_count) {
		stage->image = value_of_word(b->arena, b->g->global, i->words[0].text, escape);
		stage->image_span = i->words[0].span;
		base = stage_named(b->g, b->names, stage->image.text);
	}
	if (i->word_count >= 3 && str_eq_nocase(i->words[1].text, STR("AS"))) {
		stage->name = i->words[2].text;
		stage->name_span = i->words[2].span;
	}
	if (base) {
		stage->base = base->index;
		b->g->stages[base->index].is_used = true;
		b->g->stages[base->index].is_base = true;
		b->state = base->last;
	} else if (fresh_state(b, stage) < 0) {
		return -1;
	}
	stage->is_scratch = !base && str_is(stage->image.text, "scratch");
	if (!base && stage->image.known)
		stage->image_name = image_name_parse(stage->image.text);
	stage->first = b->state;
	return 0;
}

/* The stage's name is known from its end on: a stage cannot build on itself. */
static int end_stage(struct builder *b, uint32_t end)
{
	struct stage *stage = b->stage;
	struct variable *v;

	if (!stage)
		return 0;
	stage->end = end;
	stage->last = b->state;
	if (!stage->name.len || !stage->from)
		return 0;
	v = arena_alloc(b->arena, sizeof(*v));
	if (!v)
		return -1;
	v->name = lower(b->arena, stage->name);
	v->where = stage->from;
	b->names = v->name.data ? scope_put(b->arena, b->names, v) : NULL;
	return b->names ? 0 : -1;
}

static void use_stage(struct builder *b, struct str name)
{
	const struct stage *s =
		b->stage ? graph_find_stage(b->g, name, b->stage->index, true) : NULL;

	if (!s)
		return;
	b->g->stages[s->index].is_used = true;
	b->g->stages[s->index].is_copied = true;
}

/* COPY --from=X, RUN --mount=from=X use a stage. */
static void take_uses(struct builder *b, const struct instruction *i)
{
	char escape = b->g->file->escape;

	for (uint32_t n = 0; n < i->flag_count; n++) {
		const struct docker_flag *flag = &i->flags[n];
		struct str name = STR_NULL;

		if (str_is(flag->name, "from"))
			name = flag->value;
		else if (str_is(flag->name, "mount"))
			name = docker_mount_option(flag, "from");
		if (name.len)
			use_stage(b, value_of_word(b->arena, b->state, name, escape).text);
	}
}

static int take(struct builder *b, const struct instruction *i)
{
	switch (i->kind) {
	case INSTRUCTION_ARG:
		return take_pairs(b, i, VARIABLE_ARG);
	case INSTRUCTION_ENV:
		return take_pairs(b, i, VARIABLE_ENV);
	case INSTRUCTION_LABEL:
		return take_pairs(b, i, VARIABLE_LABEL);
	case INSTRUCTION_USER:
		return take_user(b, i);
	case INSTRUCTION_WORKDIR:
		return take_workdir(b, i);
	case INSTRUCTION_SHELL:
		return take_shell(b, i);
	case INSTRUCTION_COPY:
	case INSTRUCTION_ADD:
	case INSTRUCTION_RUN:
		take_uses(b, i);
		return 0;
	default:
		return 0;
	}
}

/* Platform arguments and proxies are there, their values are not known. */
static int start_global(struct builder *b)
{
	struct build_state *s = arena_alloc(b->arena, sizeof(*s));
	size_t count = sizeof(platform_args) / sizeof(*platform_args);

	if (!s)
		return -1;
	s->shell = shell_setting_of(b->arena, STR("sh"));
	s->work = &b->g->work;
	b->state = s;
	for (size_t n = 0; n < count; n++) {
		struct variable v = {.name = str_of(platform_args[n]), .kind = VARIABLE_ARG};
		const struct build_arg *given = find_build_arg(b, v.name);

		v.value.text = STR("");
		if (given)
			v.value = (struct value){given->value, true, true};
		if (put_variable(b, s, &v) < 0)
			return -1;
	}
	return 0;
}

static int build(struct builder *b)
{
	struct graph *g = b->g;
	const struct dockerfile *d = g->file;

	if (start_global(b) < 0)
		return -1;
	g->global = b->state;
	for (uint32_t n = 0; n < d->instructions.count; n++) {
		const struct instruction *i = d->instructions.items[n];

		if (take_shell_pragmas(b, i) < 0)
			return -1;
		if (i->kind == INSTRUCTION_FROM) {
			if (!b->stage)
				g->global = b->state;
			if (end_stage(b, n) < 0)
				return -1;
			g->states[n] = g->global;
			if (take_from(b, i) < 0)
				return -1;
			continue;
		}
		if (!b->stage && i->kind != INSTRUCTION_ARG) {
			/* a fragment: what stands before any FROM builds on something unknown */
			g->global = b->state;
			b->stage = &g->stages[g->stage_count];
			*b->stage = (struct stage){
				.index = (uint32_t)g->stage_count++, .start = n, .base = -1};
			b->stage->image.text = STR("");
			if (b->default_shell.program.len) {
				struct build_state *s = change(b);

				if (!s)
					return -1;
				s->shell = b->default_shell;
			}
			b->stage->first = b->state;
		}
		g->states[n] = b->state;
		g->stage_of[n] = b->stage ? b->stage->index : NO_STAGE;
		if (take(b, i) < 0)
			return -1;
	}
	if (!b->stage)
		g->global = b->state;
	if (end_stage(b, (uint32_t)d->instructions.count) < 0)
		return -1;
	if (g->stage_count)
		g->stages[g->stage_count - 1].is_last = true;
	return 0;
}

int graph_build(struct graph *g, const struct dockerfile *file, const struct graph_options *options,
		struct arena *arena, struct err *e)
{
	struct builder b = {.g = g, .arena = arena};
	size_t count = file->instructions.count, stages = 1;

	for (size_t n = 0; n < count; n++)
		stages += file->instructions.items[n]->kind == INSTRUCTION_FROM;
	*g = (struct graph){.file = file, .arena = arena, .options = options};
	g->work.left = VALUE_WORK;
	g->stages = arena_alloc_array(arena, stages, sizeof(*g->stages));
	g->states = arena_alloc_array(arena, count ? count : 1, sizeof(*g->states));
	g->stage_of = arena_alloc_array(arena, count ? count : 1, sizeof(*g->stage_of));
	if (!g->stages || !g->states || !g->stage_of)
		return ERR_NOMEM(e);
	return build(&b) < 0 ? ERR_NOMEM(e) : 0;
}

const struct stage *graph_stage(const struct graph *g, const struct instruction *i)
{
	uint32_t stage = g->stage_of[i->index];

	return stage == NO_STAGE ? NULL : &g->stages[stage];
}

const struct build_state *graph_state(const struct graph *g, const struct instruction *i)
{
	return g->states[i->index];
}

const struct stage *graph_find_stage(const struct graph *g, struct str name, uint32_t before,
				     bool by_number)
{
	uint64_t number;

	if (by_number && str_parse_u64(name, &number))
		return number < before ? &g->stages[number] : NULL;
	return before < g->stage_count ? stage_named(g, g->stages[before].names, name) : NULL;
}
