#include "dockerfile/rules/mounts.h"

bool mount_next(const struct instruction *i, uint32_t *at, struct str *ret_target)
{
	while (*at < i->flag_count) {
		const struct docker_flag *flag = &i->flags[(*at)++];
		struct str type;

		if (!str_is(flag->name, "mount"))
			continue;
		type = docker_mount_option(flag, "type");
		if (!str_is(type, "cache") && !str_is(type, "tmpfs"))
			continue;
		*ret_target = docker_mount_option(flag, "target");
		if (ret_target->len)
			return true;
	}
	return false;
}

bool is_below(struct str path, struct str folder)
{
	return str_starts(path, folder) && (path.len == folder.len || path.data[folder.len] == '/');
}

bool has_mount(const struct instruction *i, const char *folder, bool above)
{
	struct str target, wanted = str_of(folder);
	uint32_t at = 0;

	while (mount_next(i, &at, &target)) {
		while (target.len > 1 && target.data[target.len - 1] == '/')
			target.len--;
		if (is_below(target, wanted) || (above && is_below(wanted, target)))
			return true;
	}
	return false;
}

bool has_mount_with(const struct instruction *i, const char *part)
{
	struct str target;
	uint32_t at = 0;

	while (mount_next(i, &at, &target)) {
		if (str_find(target, str_of(part)) >= 0)
			return true;
	}
	return false;
}
