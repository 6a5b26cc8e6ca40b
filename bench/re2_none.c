// Where libre2 is missing, bench_match does without it.

#include "bench/re2_set.h"

struct re2_set *re2_set_create(void)
{
    return NULL;
}

void re2_set_destroy(struct re2_set *set)
{
    (void)set;
}

bool re2_set_add(struct re2_set *set, const char *text, size_t length, bool literal)
{
    (void)set;
    (void)text;
    (void)length;
    (void)literal;
    return false;
}

bool re2_set_compile(struct re2_set *set)
{
    (void)set;
    return false;
}

size_t re2_set_match(const struct re2_set *set, const char *text, size_t length)
{
    (void)set;
    (void)text;
    (void)length;
    return 0;
}
