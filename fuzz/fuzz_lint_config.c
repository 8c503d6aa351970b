/*
 * Any bytes as a hadolint configuration, then as the value of each option.
 */
#include <stdlib.h>

#include "dockerfile/lint_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const options[] = {
		"ignore",   "error", "trusted-registry", "require-label", "failure-threshold",
		"build-arg"};
	struct lint_settings s;
	struct err e = ERR_INIT;

	lint_settings_init(&s);
	if (lint_settings_read(&s, str_make(data, size), "c.yaml", &e) < 0 && !e.message[0])
		abort();
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		lint_settings_add(&s, options[i], str_make(data, size), &e);
	lint_settings_finish(&s);
	lint_settings_done(&s);
	return 0;
}
