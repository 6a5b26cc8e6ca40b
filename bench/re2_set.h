/** RE2::Set behind C functions, for bench_match. */
#ifndef WEIR_BENCH_RE2_SET_H
#define WEIR_BENCH_RE2_SET_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct re2_set;

struct re2_set *re2_set_create(void);
void re2_set_destroy(struct re2_set *set);

/** Adds an expression, or the text itself where it is `literal`; false where RE2 refuses it. */
bool re2_set_add(struct re2_set *set, const char *text, size_t length, bool literal);
bool re2_set_compile(struct re2_set *set);

/** How many of them occur. */
size_t re2_set_match(const struct re2_set *set, const char *text, size_t length);

#ifdef __cplusplus
}
#endif

#endif
