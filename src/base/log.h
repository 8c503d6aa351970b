/*
 * What the program is doing, on standard error, for -v. Not for results, errors or diagnostics.
 */
#ifndef PLIMSOLL_BASE_LOG_H
#define PLIMSOLL_BASE_LOG_H

/* 0: silent (default), 1: steps (-v), 2: details (-vv). */
void log_set_level(int level);
int log_level(void);
/* One line; "plimsoll: " before it; escaped. Dropped above the level. */
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
