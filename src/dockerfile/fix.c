#include "dockerfile/fix.h"

#include <stdlib.h>

void fixer_init(struct fixer *f, struct budget *budget)
{
	*f = (struct fixer){0};
	arena_init(&f->arena, budget, 0);
	buf_init(&f->text, budget, 0);
	buf_init(&f->trial, budget, 0);
}

void fixer_done(struct fixer *f)
{
	buf_done(&f->text);
	buf_done(&f->trial);
	vec_done(&f->changes);
	vec_done(&f->pieces);
	vec_done(&f->next_pieces);
	vec_done(&f->edits);
	vec_done(&f->candidates);
	vec_done(&f->order);
	arena_done(&f->arena);
}

/* How often each rule was found, by the rule's address. */
struct tally {
	const struct rule *rule;
	size_t count;
};

struct profile {
	VEC(struct tally) rules;
	bool failed;
};

static size_t *count_of(struct profile *p, const struct rule *rule)
{
	struct tally *t;

	for (size_t i = 0; i < p->rules.count; i++) {
		if (p->rules.items[i].rule == rule)
			return &p->rules.items[i].count;
	}
	t = vec_push(&p->rules);
	if (!t) {
		p->failed = true;
		return NULL;
	}
	t->rule = rule;
	return &t->count;
}

static void make_profile(struct profile *p, const struct lint_result *r)
{
	p->rules.count = 0;
	for (size_t i = 0; i < r->count; i++) {
		size_t *count = count_of(p, r->findings[i]->rule);

		if (count)
			++*count;
	}
}

static void profile_done(struct profile *p)
{
	vec_done(&p->rules);
}

/* Copies the fixes of a result: it does not outlive the next lint. */
static int collect(struct fixer *f, const struct lint_result *r, bool unsafe, struct err *e)
{
	f->edits.count = f->candidates.count = 0;
	arena_done(&f->arena);
	for (size_t i = 0; i < r->count && f->edits.count < FIX_EDITS_MAX; i++) {
		const struct lint_fix *fix = r->findings[i]->fix;
		struct fix_candidate *c;

		if (!fix || !fix->edits || (!fix->safe && !unsafe))
			continue;
		c = vec_push(&f->candidates);
		if (!c)
			return ERR_NOMEM(e);
		c->rule = r->findings[i]->rule;
		c->first_edit = f->edits.count;
		c->same_as = SIZE_MAX;
		for (const struct lint_edit *edit = fix->edits; edit; edit = edit->next) {
			struct fix_edit *copy = vec_push(&f->edits);

			if (!copy)
				return ERR_NOMEM(e);
			*copy = (struct fix_edit){edit->start, edit->end,
						  arena_str(&f->arena, edit->text),
						  f->candidates.count - 1};
			if (!copy->text.data)
				return ERR_NOMEM(e);
			c->edit_count++;
		}
	}
	return 0;
}

static bool same_edits(const struct fixer *f, const struct fix_candidate *a,
		       const struct fix_candidate *b)
{
	if (a->edit_count != b->edit_count)
		return false;
	for (size_t i = 0; i < a->edit_count; i++) {
		const struct fix_edit *x = &f->edits.items[a->first_edit + i];
		const struct fix_edit *y = &f->edits.items[b->first_edit + i];

		if (x->start != y->start || x->end != y->end || !str_eq(x->text, y->text))
			return false;
	}
	return true;
}

static bool overlap(const struct fix_edit *a, const struct fix_edit *b)
{
	return a->start < b->end ? b->start < a->end || a->start == b->start : a->start == b->start;
}

/* Edits by place; of one place the one found first. */
static int cmp_edit(const void *a, const void *b)
{
	const struct fix_edit *x = *(const struct fix_edit *const *)a;
	const struct fix_edit *y = *(const struct fix_edit *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x < y ? -1 : x > y;
}

/*
 * A set of numbers below `count` that answers which member is nearest: bits, and above them a bit
 * for each word that has any.
 */
struct places {
	uint64_t *words;
	uint64_t *any;
	size_t count;
};

static bool places_make(struct places *p, struct arena *arena, size_t count)
{
	p->count = count;
	p->words = arena_alloc_array(arena, count / 64 + 1, sizeof(*p->words));
	p->any = arena_alloc_array(arena, count / 4096 + 1, sizeof(*p->any));
	return p->words && p->any;
}

static void places_add(struct places *p, size_t n)
{
	p->words[n / 64] |= 1ull << n % 64;
	p->any[n / 4096] |= 1ull << n / 64 % 64;
}

/* The first member from n on in one level of bits; SIZE_MAX: none. */
static size_t bit_from(const uint64_t *words, size_t word_count, size_t n)
{
	size_t at = n / 64;
	uint64_t word = at < word_count ? words[at] & (~0ull << n % 64) : 0;

	while (!word) {
		if (++at >= word_count)
			return SIZE_MAX;
		word = words[at];
	}
	return at * 64 + (size_t)__builtin_ctzll(word);
}

/* The last member up to n. */
static size_t bit_to(const uint64_t *words, size_t n)
{
	size_t at = n / 64;
	uint64_t word = words[at] & (~0ull >> (63 - n % 64));

	while (!word) {
		if (!at--)
			return SIZE_MAX;
		word = words[at];
	}
	return at * 64 + 63 - (size_t)__builtin_clzll(word);
}

static size_t places_from(const struct places *p, size_t n)
{
	size_t word_count = p->count / 64 + 1, word = n / 64;
	uint64_t here = word < word_count ? p->words[word] & (~0ull << n % 64) : 0;

	if (here)
		return word * 64 + (size_t)__builtin_ctzll(here);
	word = bit_from(p->any, p->count / 4096 + 1, word + 1);
	return word == SIZE_MAX ? SIZE_MAX : word * 64 + (size_t)__builtin_ctzll(p->words[word]);
}

static size_t places_to(const struct places *p, size_t n)
{
	size_t word = n / 64;
	uint64_t here = p->words[word] & (~0ull >> (63 - n % 64));

	if (here)
		return word * 64 + 63 - (size_t)__builtin_clzll(here);
	word = word ? bit_to(p->any, word - 1) : SIZE_MAX;
	return word == SIZE_MAX ? SIZE_MAX
				: word * 64 + 63 - (size_t)__builtin_clzll(p->words[word]);
}

/*
 * Takes as many candidates as do not overlap, the first come first. `order` holds the edits taken,
 * by place; a candidate with the very edits of a taken one comes along with it. What is taken does
 * not overlap, so an edit needs to be held against its two neighbours alone.
 */
static int select_candidates(struct fixer *f, struct err *e)
{
	size_t count = f->edits.count;
	struct fix_edit **sorted = arena_alloc_array(&f->arena, count + 1, sizeof(*sorted));
	size_t *rank = arena_alloc_array(&f->arena, count + 1, sizeof(*rank));
	struct places taken;

	if (!sorted || !rank || !places_make(&taken, &f->arena, count + 1))
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &f->edits.items[i];
	if (count)
		qsort(sorted, count, sizeof(struct fix_edit *), cmp_edit);
	for (size_t i = 0; i < count; i++)
		rank[sorted[i] - f->edits.items] = i;
	for (size_t n = 0; n < f->candidates.count; n++) {
		struct fix_candidate *c = &f->candidates.items[n];
		bool free = true;

		c->taken = false;
		for (size_t i = c->first_edit; i < c->first_edit + c->edit_count && free; i++) {
			size_t near[2] = {places_to(&taken, rank[i]), places_from(&taken, rank[i])};

			for (int side = 0; side < 2 && free; side++) {
				const struct fix_edit *other =
					near[side] == SIZE_MAX ? NULL : sorted[near[side]];

				if (!other || !overlap(&f->edits.items[i], other))
					continue;
				free = false;
				if (same_edits(f, c, &f->candidates.items[other->candidate]))
					c->same_as = other->candidate;
			}
		}
		if (!free)
			continue;
		c->taken = true;
		for (size_t i = c->first_edit; i < c->first_edit + c->edit_count; i++)
			places_add(&taken, rank[i]);
	}
	f->order.count = 0;
	for (size_t i = places_from(&taken, 0); i != SIZE_MAX; i = places_from(&taken, i + 1)) {
		size_t *slot = vec_push(&f->order);

		if (!slot)
			return ERR_NOMEM(e);
		*slot = (size_t)(sorted[i] - f->edits.items);
	}
	return 0;
}

/* The text with the edits of all candidates that are `on`. */
static void apply(struct fixer *f, struct str text, const bool *on, struct buf *out)
{
	uint32_t at = 0;

	buf_clear(out);
	for (size_t i = 0; i < f->order.count; i++) {
		const struct fix_edit *edit = &f->edits.items[f->order.items[i]];

		if (!on[edit->candidate])
			continue;
		buf_add(out, str_sub(text, at, edit->start));
		buf_add(out, edit->text);
		at = edit->end;
	}
	buf_add(out, str_from(text, at));
}

/* Are the repaired findings gone, and nothing more often there than before? */
static bool keeps_promises(const struct fixer *f, const bool *on, struct profile *before,
			   struct profile *after)
{
	for (size_t i = 0; i < after->rules.count; i++) {
		const size_t *old = count_of(before, after->rules.items[i].rule);

		if (!old || after->rules.items[i].count > *old)
			return false;
	}
	for (size_t i = 0; i < before->rules.count; i++) {
		const struct rule *rule = before->rules.items[i].rule;
		const size_t *now = count_of(after, rule);
		size_t repaired = 0;

		for (size_t n = 0; n < f->candidates.count; n++) {
			const struct fix_candidate *c = &f->candidates.items[n];
			size_t edits = c->taken ? n : c->same_as;

			repaired += c->rule == rule && edits != SIZE_MAX && on[edits];
		}
		if (!now || *now + repaired > before->rules.items[i].count)
			return false;
	}
	return true;
}

struct round {
	struct fixer *f;
	struct linter *l;
	struct lint_input input; /* the text of the round */
	struct profile before;
	struct profile after;
	bool *on;
};

/* Lints the text with what is on; 1 kept, 0 broken, <0 error. */
static int try_edits(struct round *r, struct lint_result *result, struct err *e)
{
	struct lint_input trial = r->input;

	r->f->tries++;
	apply(r->f, r->input.text, r->on, &r->f->trial);
	if (buf_failed(&r->f->trial))
		return ERR_NOMEM(e);
	trial.text = buf_str(&r->f->trial);
	if (lint_text(r->l, &trial, result, e) < 0)
		return -1;
	make_profile(&r->after, result);
	if (r->before.failed || r->after.failed)
		return ERR_NOMEM(e);
	return keeps_promises(r->f, r->on, &r->before, &r->after);
}

static void set_range(struct round *r, size_t start, size_t end, bool value)
{
	for (size_t i = start; i < end; i++)
		r->on[i] = value && r->f->candidates.items[i].taken;
}

/* As many as a text of this length may cost: the work stays near linear in it. */
static size_t tries_for(size_t bytes)
{
	size_t tries = FIX_TRIES_LEAST + FIX_TRIES_BYTES / (bytes + 1);

	return tries < FIX_TRIES ? tries : FIX_TRIES;
}

struct range {
	size_t start;
	size_t end;
};

/* Switches on what keeps the promises: all at once, else by halves. The last try may be a broken
 * one. */
static int choose(struct round *r, bool *ret_last_kept, struct lint_result *result, struct err *e)
{
	VEC(struct range) todo = {0};
	struct range *slot = vec_push(&todo);
	size_t tries = tries_for(r->input.text.len);
	int kept = 0;

	if (!slot)
		return ERR_NOMEM(e);
	*slot = (struct range){0, r->f->candidates.count};
	*ret_last_kept = false;
	while (todo.count && kept >= 0) {
		struct range now = todo.items[--todo.count];
		size_t middle = now.start + (now.end - now.start) / 2;
		bool any = false;

		set_range(r, now.start, now.end, true);
		for (size_t i = now.start; i < now.end; i++)
			any = any || r->on[i];
		if (!any)
			continue;
		kept = r->f->tries < tries ? try_edits(r, result, e) : 0;
		if (kept < 0)
			break;
		*ret_last_kept = kept > 0;
		if (kept)
			continue;
		set_range(r, now.start, now.end, false);
		if (now.end - now.start == 1 || r->f->tries >= tries) {
			r->f->rejected++;
			continue;
		}
		/* the first half is looked at first */
		slot = vec_push(&todo);
		if (slot)
			*slot = (struct range){middle, now.end};
		slot = slot ? vec_push(&todo) : NULL;
		if (!slot) {
			kept = ERR_NOMEM(e);
			break;
		}
		*slot = (struct range){now.start, middle};
	}
	vec_done(&todo);
	return kept < 0 ? -1 : 0;
}

static int add_piece(struct fixer *f, struct fix_piece piece, struct err *e)
{
	struct fix_piece *slot;

	if (!piece.text.len && !piece.inserted)
		return 0;
	slot = vec_push(&f->next_pieces);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = piece;
	return 0;
}

/* Takes bytes of the current text off the front of the pieces, keeping them or not. */
struct taker {
	size_t piece;
	size_t at; /* within the piece */
};

static int take(struct fixer *f, struct taker *t, size_t bytes, bool keep, struct err *e)
{
	while (bytes && t->piece < f->pieces.count) {
		const struct fix_piece *p = &f->pieces.items[t->piece];
		size_t n = p->text.len - t->at;
		struct fix_piece part;

		if (n > bytes)
			n = bytes;
		part = (struct fix_piece){p->inserted, str_sub(p->text, t->at, t->at + n),
					  p->start + (uint32_t)t->at};
		if (keep && add_piece(f, part, e) < 0)
			return -1;
		t->at += n;
		bytes -= n;
		if (t->at == p->text.len) {
			t->piece++;
			t->at = 0;
		}
	}
	return 0;
}

/* The pieces of the text after the edits that are on. Inserted text moves into `keep`. */
static int update_pieces(struct fixer *f, const bool *on, size_t text_len, struct arena *keep,
			 struct err *e)
{
	struct taker t = {0};
	size_t at = 0;

	f->next_pieces.count = 0;
	for (size_t i = 0; i < f->order.count; i++) {
		const struct fix_edit *edit = &f->edits.items[f->order.items[i]];
		struct fix_piece piece = {.inserted = true};

		if (!on[edit->candidate])
			continue;
		if (take(f, &t, edit->start - at, true, e) < 0 ||
		    take(f, &t, edit->end - edit->start, false, e) < 0)
			return -1;
		at = edit->end;
		if (!edit->text.len)
			continue;
		piece.text = arena_str(keep, edit->text);
		if (!piece.text.data)
			return ERR_NOMEM(e);
		if (add_piece(f, piece, e) < 0)
			return -1;
	}
	if (take(f, &t, text_len - at, true, e) < 0)
		return -1;
	{
		__typeof__(f->pieces) swap = f->pieces;

		f->pieces.items = f->next_pieces.items;
		f->pieces.count = f->next_pieces.count;
		f->pieces.room = f->next_pieces.room;
		f->next_pieces.items = swap.items;
		f->next_pieces.count = swap.count;
		f->next_pieces.room = swap.room;
	}
	return 0;
}

/* Where the pieces are not the original: the changes. */
static int find_changes(struct fixer *f, size_t original_len, struct err *e)
{
	uint32_t old_at = 0, new_at = 0, inserted = 0;

	f->changes.count = 0;
	for (size_t i = 0; i <= f->pieces.count; i++) {
		const struct fix_piece *p = i < f->pieces.count ? &f->pieces.items[i] : NULL;
		uint32_t start = p ? p->start : (uint32_t)original_len;
		struct text_change *change;

		if (p && p->inserted) {
			inserted += (uint32_t)p->text.len;
			continue;
		}
		if (start != old_at || inserted) {
			change = vec_push(&f->changes);
			if (!change)
				return ERR_NOMEM(e);
			*change = (struct text_change){old_at, start, new_at, new_at + inserted};
		}
		new_at += inserted;
		inserted = 0;
		if (p) {
			old_at = start + (uint32_t)p->text.len;
			new_at += (uint32_t)p->text.len;
		}
	}
	return 0;
}

static size_t count_on(const struct fixer *f, const bool *on)
{
	size_t count = 0;

	for (size_t n = 0; n < f->candidates.count; n++) {
		const struct fix_candidate *c = &f->candidates.items[n];
		size_t edits = c->taken ? n : c->same_as;

		count += edits != SIZE_MAX && on[edits];
	}
	return count;
}

/* One round. 1: something was applied (f->text is the new text), 0: nothing, <0 error. */
static int run_round(struct round *r, bool unsafe, struct arena *keep, struct lint_result *result,
		     struct err *e)
{
	struct fixer *f = r->f;
	bool last_kept = false;
	size_t applied;

	make_profile(&r->before, result);
	if (collect(f, result, unsafe, e) < 0)
		return -1;
	if (!f->candidates.count)
		return 0;
	if (select_candidates(f, e) < 0)
		return -1;
	r->on = arena_alloc_array(&f->arena, f->candidates.count, sizeof(*r->on));
	if (!r->on)
		return ERR_NOMEM(e);
	if (choose(r, &last_kept, result, e) < 0)
		return -1;
	applied = count_on(f, r->on);
	if (!last_kept || !applied) {
		/* the result at hand is of a text that was thrown away */
		int kept =
			applied ? try_edits(r, result, e) : lint_text(r->l, &r->input, result, e);

		if (kept < 0)
			return -1;
	}
	if (!applied)
		return 0;
	if (update_pieces(f, r->on, r->input.text.len, keep, e) < 0)
		return -1;
	f->applied += applied;
	/* the result at hand looks at the trial's bytes: they become the text */
	{
		struct buf swap = f->text;

		f->text = f->trial;
		f->trial = swap;
	}
	return 1;
}

int fix_text(struct fixer *f, struct linter *l, const struct lint_input *in, bool unsafe,
	     struct lint_result *ret, struct err *e)
{
	CLEANUP(arena_done) struct arena keep = {0};
	struct round r = {.f = f, .l = l, .input = *in};
	struct fix_piece *all;
	int more = 1;

	f->applied = f->rejected = f->tries = 0;
	f->changes.count = 0;
	f->pieces.count = 0;
	if (lint_text(l, in, ret, e) < 0)
		return -1;
	all = vec_push(&f->pieces);
	if (!all)
		return ERR_NOMEM(e);
	*all = (struct fix_piece){.text = in->text};
	for (int n = 0; n < FIX_ROUNDS && more > 0; n++) {
		more = run_round(&r, unsafe, &keep, ret, e);
		if (more > 0)
			r.input.text = buf_str(&f->text);
	}
	profile_done(&r.before);
	profile_done(&r.after);
	if (more < 0)
		return -1;
	return f->applied ? find_changes(f, in->text.len, e) : 0;
}
