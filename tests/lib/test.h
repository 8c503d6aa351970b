/*
 * The unit test harness: a test program is a list of named cases, prints TAP, and goes on after a
 * failure. A case states a behaviour in its name.
 *
 *	TEST(glob_star_stops_at_slash)
 *	{
 *		CHECK(!str_glob("a/ *", STR("a/b/c")));
 *	}
 *	TEST_MAIN(glob_star_stops_at_slash)	(the list of its tests)
 */
#ifndef PLIMSOLL_TESTS_TEST_H
#define PLIMSOLL_TESTS_TEST_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct test_case {
	const char *name;
	void (*run)(void);
};

/* Registers itself in the order of the file. */
#define TEST(name)                                                              \
	static void test_##name(void);                                          \
	static struct test_case case_##name = {#name, test_##name};             \
	__attribute__((constructor)) static void register_##name(void)          \
	{                                                                       \
		test_register(&case_##name);                                    \
	}                                                                       \
	static void test_##name(void)

void test_register(struct test_case *c);
/* Notes a failure of the running case and goes on. */
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Marks the running case as skipped, with the reason. */
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(condition)                                               \
	do {                                                           \
		if (!(condition))                                      \
			test_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

#define CHECK_INT(actual, expected)                                                             \
	do {                                                                                    \
		long long a_ = (long long)(actual), b_ = (long long)(expected);                 \
		if (a_ != b_)                                                                   \
			test_fail(__FILE__, __LINE__, "%s is %lld, expected %lld", #actual, a_, b_); \
	} while (0)

/* struct str against a C string */
#define CHECK_STR(actual, expected)                                                          \
	do {                                                                                 \
		struct str a_ = (actual);                                                    \
		const char *b_ = (expected);                                                 \
		if (!str_is(a_, b_))                                                         \
			test_fail(__FILE__, __LINE__, "%s is '%.*s', expected '%s'", #actual, \
				  STR_ARG(a_), b_);                                          \
	} while (0)

/* The call must return 0; prints the error otherwise. Uses `struct err e` of the scope. */
#define CHECK_OK(call)                                                                      \
	do {                                                                                \
		if ((call) < 0)                                                             \
			test_fail(__FILE__, __LINE__, "%s: %s", #call, e.message);          \
	} while (0)

/* The call must return <0 with this code. Uses `struct err e` of the scope. */
#define CHECK_ERR(call, expected)                                                               \
	do {                                                                                    \
		if ((call) >= 0)                                                                \
			test_fail(__FILE__, __LINE__, "%s succeeded", #call);                   \
		else if (e.code != (expected))                                                  \
			test_fail(__FILE__, __LINE__, "%s: code %s (%s), expected %s", #call,   \
				  err_code_name(e.code), e.message, err_code_name(expected));   \
	} while (0)

/* A whole file, NUL behind it; exits when it cannot be read. Free with free(). */
struct str test_read_file(const char *path);
/* "<shared>/<name>" or NULL when there is no shared data (then test_skip and return). Static buffer. */
const char *test_shared(const char *name);
/* "<source root>/<name>". Static buffer. */
const char *test_source(const char *name);

#endif
