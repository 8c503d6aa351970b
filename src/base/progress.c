#include "base/progress.h"

#include <signal.h>
#include <sys/mman.h>

#include "base/fault.h"

static const char *const names[PHASES] = {
	[PHASE_START] = "start",     [PHASE_MANIFEST] = "manifest",
	[PHASE_CONFIG] = "config",   [PHASE_LAYER_HEADER] = "layer header",
	[PHASE_INFLATE] = "inflate", [PHASE_TAR_WALK] = "tar walk",
	[PHASE_INSPECT] = "inspect", [PHASE_SQUASH] = "squash",
	[PHASE_RESOLVE] = "resolve", [PHASE_MATCH] = "match",
	[PHASE_OUTPUT] = "output",   [PHASE_DONE] = "done",
};

struct progress *progress_new(void)
{
	struct progress *p =
		mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	p->layer = -1;
	p->stop_phase = fault_stop_phase;
	return p;
}

void progress_free(struct progress *p)
{
	if (p)
		munmap(p, sizeof(*p));
}

void progress_phase(struct progress *p, enum phase phase, int layer)
{
	if (!p)
		return;
	atomic_store_explicit(&p->phase, (int)phase, memory_order_relaxed);
	atomic_store_explicit(&p->layer, layer, memory_order_relaxed);
	if (atomic_load_explicit(&p->stop_phase, memory_order_relaxed) == (int)phase)
		__builtin_trap();
}

void progress_inspector(struct progress *p, const char *name)
{
	size_t i = 0;

	if (!p)
		return;
	for (; name && name[i] && i + 1 < sizeof(p->inspector); i++)
		atomic_store_explicit(&p->inspector[i], name[i], memory_order_relaxed);
	atomic_store_explicit(&p->inspector[i], '\0', memory_order_relaxed);
}

void progress_inspector_now(const struct progress *p, char out[sizeof(p->inspector)])
{
	size_t i = 0;

	for (; p && i + 1 < sizeof(p->inspector); i++)
		out[i] = atomic_load_explicit(&p->inspector[i], memory_order_relaxed);
	out[i] = '\0';
}

void progress_bytes(struct progress *p, uint64_t more)
{
	if (p)
		atomic_fetch_add_explicit(&p->bytes, more, memory_order_relaxed);
}

int progress_cancelled(const struct progress *p)
{
	return p ? atomic_load_explicit(&p->cancelled, memory_order_relaxed) : 0;
}

const char *phase_name(enum phase phase)
{
	return (unsigned)phase < PHASES ? names[phase] : "unknown";
}
