/*
 * Redirected statements of a draft: the grammar hangs redirects, and what follows a heredoc marker
 * in its line, where a reader does not look for them.
 */
#include "dockerfile/shell_build.h"

static struct shell_draft_node *node_at(struct shell_draft *d, uint32_t index)
{
	return &d->nodes.items[index];
}

static bool is_joining(unsigned kind)
{
	return kind == SHELL_AND || kind == SHELL_OR || kind == SHELL_PIPELINE;
}

/* The statement a redirect at the end of `node` belongs to. */
static uint32_t last_statement(struct shell_draft *d, uint32_t node)
{
	while ((is_joining(node_at(d, node)->kind) || node_at(d, node)->kind == SHELL_NOT) &&
	       node_at(d, node)->final)
		node = node_at(d, node)->final;
	return node;
}

/* "body <<EOF op tail": body becomes the first operand of the tail's first statement. */
static void attach_tail(struct shell_draft *d, uint32_t placeholder, uint32_t body, uint32_t tail,
			unsigned kind)
{
	uint32_t leaf = tail, copy, own;

	if (node_at(d, leaf)->kind == SHELL_LIST && node_at(d, leaf)->first)
		leaf = tail = node_at(d, leaf)->first;
	while (is_joining(node_at(d, leaf)->kind) && node_at(d, leaf)->first &&
	       !(kind != SHELL_PIPELINE && node_at(d, leaf)->kind == SHELL_PIPELINE))
		leaf = node_at(d, leaf)->first;
	copy = shell_draft_add(d, SHELL_LIST, 0, 0);
	own = shell_draft_add(d, SHELL_LIST, 0, 0);
	if (!copy || !own)
		return;
	*node_at(d, copy) = *node_at(d, leaf);
	*node_at(d, own) = *node_at(d, body);
	node_at(d, copy)->next = node_at(d, own)->next = 0;
	node_at(d, leaf)->kind = (uint16_t)kind;
	node_at(d, leaf)->flags = 0;
	node_at(d, leaf)->text = STR_NULL;
	node_at(d, leaf)->first = node_at(d, leaf)->final = 0;
	node_at(d, leaf)->start = node_at(d, own)->start;
	shell_draft_append(d, leaf, own);
	shell_draft_append(d, leaf, copy);
	/* every joint on the way down starts where the body does */
	for (uint32_t n = tail; n != leaf; n = node_at(d, n)->first)
		node_at(d, n)->start = node_at(d, own)->start;
	{
		uint32_t next = node_at(d, placeholder)->next;

		*node_at(d, placeholder) = *node_at(d, tail);
		node_at(d, placeholder)->next = next;
	}
}

/* All from `body` down to its last statement reach to `end`. */
static void grow(struct shell_draft *d, uint32_t body, uint32_t owner, uint32_t end)
{
	for (uint32_t n = body;; n = node_at(d, n)->final) {
		if (node_at(d, n)->end < end)
			node_at(d, n)->end = end;
		if (n == owner)
			return;
	}
}

void shell_draft_redirected(struct shell_draft *d, uint32_t placeholder, uint32_t tail,
			    unsigned tail_kind)
{
	uint32_t body = node_at(d, placeholder)->first, owner, n, next;

	if (!body)
		return;
	if (node_at(d, body)->kind == SHELL_REDIRECT || node_at(d, body)->kind == SHELL_WORD) {
		node_at(d, placeholder)->kind = SHELL_COMMAND;
		return;
	}
	owner = last_statement(d, body);
	n = node_at(d, body)->next;
	node_at(d, body)->next = 0;
	for (; n; n = next) {
		unsigned kind = node_at(d, n)->kind;

		next = node_at(d, n)->next;
		shell_draft_append(d, owner, n);
		if (kind == SHELL_REDIRECT || kind == SHELL_WORD)
			grow(d, body, owner, node_at(d, n)->end);
	}
	if (tail) {
		attach_tail(d, placeholder, body, tail, tail_kind);
		return;
	}
	{
		uint32_t end = node_at(d, owner)->end;

		next = node_at(d, placeholder)->next;
		*node_at(d, placeholder) = *node_at(d, body);
		node_at(d, placeholder)->next = next;
		if (end > node_at(d, placeholder)->end)
			node_at(d, placeholder)->end = end;
	}
}

static bool is_list(struct shell_draft *d, uint32_t n)
{
	return node_at(d, n)->kind == SHELL_AND || node_at(d, n)->kind == SHELL_OR;
}

/* "a && b < f | c" comes as pipeline(and(a, b), c): only b is piped. */
static void mend_first(struct shell_draft *d, uint32_t pipeline)
{
	uint32_t list = node_at(d, pipeline)->first, leaf = list, end = node_at(d, pipeline)->end,
		 copy;

	while (is_list(d, leaf) && node_at(d, leaf)->final)
		leaf = node_at(d, leaf)->final;
	copy = shell_draft_add(d, SHELL_LIST, 0, 0);
	if (!copy)
		return;
	*node_at(d, copy) = *node_at(d, leaf);
	/* the leaf becomes the pipeline: what it was, then the other children */
	node_at(d, copy)->next = node_at(d, list)->next;
	node_at(d, leaf)->kind = SHELL_PIPELINE;
	node_at(d, leaf)->flags = 0;
	node_at(d, leaf)->text = STR_NULL;
	node_at(d, leaf)->first = copy;
	node_at(d, leaf)->final = node_at(d, pipeline)->final;
	for (uint32_t n = list;; n = node_at(d, n)->final) {
		node_at(d, n)->end = end;
		if (n == leaf)
			break;
	}
	node_at(d, list)->next = node_at(d, pipeline)->next;
	*node_at(d, pipeline) = *node_at(d, list);
}

/*
 * "a | b && c > f" comes as pipeline(a, and(b, c)): a is piped into b alone. Returns the node that
 * is the pipeline afterwards.
 */
static uint32_t mend_last(struct shell_draft *d, uint32_t pipeline)
{
	uint32_t first = node_at(d, pipeline)->first, list = node_at(d, pipeline)->final,
		 leaf = list, n, copy;
	uint32_t start = node_at(d, pipeline)->start, next = node_at(d, pipeline)->next;

	for (;; leaf = node_at(d, leaf)->first) {
		node_at(d, leaf)->start = start;
		if (!is_list(d, leaf) || !node_at(d, leaf)->first)
			break;
	}
	if (node_at(d, leaf)->kind != SHELL_PIPELINE) {
		copy = shell_draft_add(d, SHELL_LIST, 0, 0);
		if (!copy)
			return pipeline;
		*node_at(d, copy) = *node_at(d, leaf);
		node_at(d, copy)->next = 0;
		node_at(d, leaf)->kind = SHELL_PIPELINE;
		node_at(d, leaf)->flags = 0;
		node_at(d, leaf)->text = STR_NULL;
		node_at(d, leaf)->first = node_at(d, leaf)->final = copy;
	}
	for (n = first; node_at(d, n)->next != list;)
		n = node_at(d, n)->next;
	node_at(d, n)->next = node_at(d, leaf)->first;
	node_at(d, leaf)->first = first;
	*node_at(d, pipeline) = *node_at(d, list);
	node_at(d, pipeline)->next = next;
	return leaf == list ? pipeline : leaf;
}

void shell_draft_pipeline(struct shell_draft *d, uint32_t pipeline)
{
	uint32_t first = node_at(d, pipeline)->first, last = node_at(d, pipeline)->final;

	if (!first || first == last)
		return;
	if (is_list(d, last))
		pipeline = mend_last(d, pipeline);
	if (is_list(d, first))
		mend_first(d, pipeline);
}
