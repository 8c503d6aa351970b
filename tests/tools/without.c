/*
 * tool-without WORD... -- COMMAND [ARGUMENT...]: runs COMMAND as on a kernel that lacks "landlock",
 * "seccomp" or both: these system calls say ENOSYS.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int lack(scmp_filter_ctx filter, const char *word)
{
	int r;

	if (strcmp(word, "landlock") == 0)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					SCMP_SYS(landlock_create_ruleset), 0);
	if (strcmp(word, "seccomp") != 0)
		return -EINVAL;
	r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
	return r < 0 ? r
		     : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
					SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i = 1;

	for (; filter && i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (lack(filter, argv[i]) < 0) {
			fprintf(stderr, "tool-without: '%s' cannot be taken away\n", argv[i]);
			return 1;
		}
	}
	if (!filter || i + 1 >= argc || seccomp_load(filter) < 0) {
		fprintf(stderr, "usage: tool-without landlock|seccomp... -- COMMAND\n");
		return 1;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 1;
}
