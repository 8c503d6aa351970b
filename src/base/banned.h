/*
 * Functions that cannot be used safely are errors (STYLE 9). Included by the compiler before every
 * file of src/; the system headers that declare these names come first.
 */
#ifndef PLIMSOLL_BASE_BANNED_H
#define PLIMSOLL_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang's fortified headers make macros of some of them: gcc's build watches for both */
#ifndef __clang__
#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol scanf sscanf gets
#endif

#endif
