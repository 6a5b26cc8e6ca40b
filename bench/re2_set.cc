#include "bench/re2_set.h"

#include <re2/set.h>

#include <string>
#include <vector>

// As much memory as it asks for here: with its default of 8 MiB it runs out at a few thousand.
static const int64_t memory_bytes = 1LL << 30;

struct re2_set {
    re2::RE2::Set words;
    mutable std::vector<int> found;
};

static re2::RE2::Options options_of()
{
    re2::RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    options.set_max_mem(memory_bytes);
    return options;
}

struct re2_set *re2_set_create(void)
{
    return new re2_set{re2::RE2::Set(options_of(), re2::RE2::UNANCHORED), {}};
}

void re2_set_destroy(struct re2_set *set)
{
    delete set;
}

bool re2_set_add(struct re2_set *set, const char *text, size_t length, bool literal)
{
    std::string expression(text, length);
    return set->words.Add(literal ? re2::RE2::QuoteMeta(expression) : expression, nullptr) >= 0;
}

bool re2_set_compile(struct re2_set *set)
{
    return set->words.Compile();
}

size_t re2_set_match(const struct re2_set *set, const char *text, size_t length)
{
    set->words.Match(re2::StringPiece(text, length), &set->found);
    return set->found.size();
}
