#include "base/work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct work {
	_Atomic size_t next;
	size_t count;
	void (*run)(void *context, size_t i);
	void *context;
};

static void *drain(void *argument)
{
	struct work *w = argument;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->count)
		w->run(w->context, i);
	return NULL;
}

void work_run(unsigned threads, size_t count, void (*run)(void *context, size_t i), void *context)
{
	struct work w = {.count = count, .run = run, .context = context};
	pthread_t ids[64];
	unsigned started = 0;

	while (started + 1 < threads && started + 1 < count && started < 64 &&
	       pthread_create(&ids[started], NULL, drain, &w) == 0)
		started++;
	drain(&w);
	while (started)
		pthread_join(ids[--started], NULL);
}

unsigned work_cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > 0 ? (unsigned)n : 1;
}
