// Allow and block name domains, never pieces of an address: evil.example/?youtube.com is not below
// youtube.com.

#include "engine/base/alloc.h"
#include "engine/rules/checks.h"
#include "engine/rules/links.h"

struct link_arguments {
    const struct weir_span *allow;
    size_t allow_count;
    const struct weir_span *block;
    size_t block_count;
};

/** A search for links that break the rule. */
struct link_search {
    const struct link_arguments *arguments;
    struct weir_check_spans *spans;
};

static bool is_domain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool check_domain(struct weir_loader *loader, const struct weir_word *word)
{
    for (size_t i = 0; i < word->text.length; i++) {
        if (!is_domain_byte(word->text.data[i])) {
            return weir_diagnostics_error(loader->diagnostics, &word->place,
                                          "must be a domain such as youtube.com, in lower case, "
                                          "without scheme and path");
        }
    }
    return weir_link_is_registrable(word->text) ||
           weir_diagnostics_error(loader->diagnostics, &word->place,
                                  "'%.*s' is no domain that anybody can register",
                                  WEIR_SPAN_ARGS(word->text));
}

static bool read_domains(struct weir_loader *loader, const struct weir_yaml *node,
                         const struct weir_span **domains_out, size_t *count_out)
{
    WEIR_AUTO(weir_words_fini) struct weir_words words = {0};
    bool is_good = weir_loader_read_words(loader, node, &words);
    struct weir_span *domains = weir_arena_new_array(loader->arena, struct weir_span, words.count);
    for (size_t i = 0; i < words.count; i++) {
        domains[i] = words.items[i].text;
        is_good = check_domain(loader, &words.items[i]) && is_good;
    }
    *domains_out = domains;
    *count_out = words.count;
    return is_good;
}

bool weir_parse_link(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    static const char *const keys[] = {"allow", "block"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct link_arguments *arguments = weir_arena_new(loader->arena, struct link_arguments);
    check->arguments = arguments;
    if (map->kind == WEIR_YAML_SCALAR && map->plain && weir_span_is(map->text, "any")) {
        return true;
    }
    if (map->kind != WEIR_YAML_MAP) {
        return weir_diagnostics_error(loader->diagnostics, &map->place,
                                      "must be 'any', or a map with 'allow' or 'block'");
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a link", loader->diagnostics);
    const struct weir_yaml *allow = weir_yaml_find(map, "allow");
    const struct weir_yaml *block = weir_yaml_find(map, "block");
    if (map->count == 0) {
        return weir_diagnostics_error(loader->diagnostics, &map->place,
                                      "needs 'allow' or 'block', or is 'any'");
    }
    bool is_good =
        !allow || read_domains(loader, allow, &arguments->allow, &arguments->allow_count);
    return (!block || read_domains(loader, block, &arguments->block, &arguments->block_count)) &&
           is_good;
}

static bool is_among(const char *host, const struct weir_span *domains, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (weir_link_is_below(host, domains[i])) {
            return true;
        }
    }
    return false;
}

// With `block` alone all others are fine; with `allow` all others are not, and `block` takes
// exceptions out of what is allowed.
static bool breaks_rule(const struct link_arguments *arguments, const char *host)
{
    if (is_among(host, arguments->block, arguments->block_count)) {
        return true;
    }
    bool is_block_alone = arguments->block && !arguments->allow;
    return !is_block_alone && !is_among(host, arguments->allow, arguments->allow_count);
}

static bool on_link(void *user, const struct weir_link *link)
{
    struct link_search *search = user;
    if (breaks_rule(search->arguments, link->host)) {
        weir_check_add_span(search->spans, WEIR_VIEW_FOLD, link->start, link->end);
    }
    return search->spans->count < WEIR_CHECK_SPANS;
}

static bool note_link(void *user, const struct weir_link *link)
{
    (void)link;
    *(bool *)user = true;
    return false;
}

bool weir_may_hold_link(const struct weir_check_input *input)
{
    struct weir_check_memo *memo = input->memo;
    if (memo && memo->was_searched_for_links) {
        return !memo->has_no_link;
    }
    bool has_one = false;
    weir_links_find(weir_text_view(input->text, WEIR_VIEW_FOLD), note_link, &has_one);
    if (memo) {
        memo->was_searched_for_links = true;
        memo->has_no_link = !has_one;
    }
    return has_one;
}

bool weir_holds_link(const struct weir_check *check, const struct weir_check_input *input,
                     struct weir_check_spans *spans_out)
{
    struct link_search search = {check->arguments, spans_out};
    if (weir_may_hold_link(input)) {
        weir_links_find(weir_text_view(input->text, WEIR_VIEW_FOLD), on_link, &search);
    }
    return spans_out->count > 0;
}
