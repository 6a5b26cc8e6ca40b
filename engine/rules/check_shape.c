// What a message looks like, whatever it says. Counted by the text's one pass; emotes are set aside
// before anything is counted, so an emote wall is neither shouting nor symbols.

#include "engine/base/utf8.h"
#include "engine/rules/checks.h"

/** A share in percent of at least so many characters. */
struct share_arguments {
    struct weir_check_range percent;
    int32_t least_chars; // below this many letters or characters a share says nothing
};

static bool read_share(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check, const char *count_key, int32_t usual_chars)
{
    const char *const keys[] = {"percent", count_key};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct share_arguments *arguments = weir_arena_new(loader->arena, struct share_arguments);
    check->arguments = arguments;
    arguments->least_chars = usual_chars;
    if (!weir_loader_is_map(loader, map, "what stands here")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a share", loader->diagnostics);
    const struct weir_yaml *percent = weir_loader_need(loader, map, "percent", "a share");
    const struct weir_yaml *count = weir_yaml_find(map, count_key);
    bool is_good = percent && weir_check_read_range(loader, percent, 0, 100, &arguments->percent);
    return (!count || weir_loader_read_integer(loader, count, 1, 2000, &arguments->least_chars)) &&
           is_good;
}

static bool is_share_in(const struct share_arguments *arguments, uint32_t part, uint32_t whole,
                        uint32_t enough)
{
    return whole > 0 && enough >= (uint32_t)arguments->least_chars &&
           weir_check_is_in(&arguments->percent, (int64_t)part * 100 / whole);
}

static bool read_count(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check, int32_t most)
{
    struct weir_check_range *range = weir_arena_new(loader->arena, struct weir_check_range);
    check->arguments = range;
    return weir_check_read_range(loader, weir_check_argument(node, check), 0, most, range);
}

bool weir_parse_length(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check)
{
    return read_count(loader, node, check, 1000000);
}

bool weir_holds_length(const struct weir_check *check, const struct weir_check_input *input,
                       struct weir_check_spans *spans_out)
{
    (void)spans_out;
    return weir_check_is_in(check->arguments, weir_text_facts(input->text)->chars);
}

bool weir_parse_caps(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    return read_share(loader, node, check, "letters", 8);
}

bool weir_holds_caps(const struct weir_check *check, const struct weir_check_input *input,
                     struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct weir_text_facts *facts = weir_text_facts(input->text);
    return is_share_in(check->arguments, facts->upper, facts->letters, facts->letters);
}

bool weir_parse_symbols(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_check *check)
{
    return read_share(loader, node, check, "symbols", 8);
}

bool weir_holds_symbols(const struct weir_check *check, const struct weir_check_input *input,
                        struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct weir_text_facts *facts = weir_text_facts(input->text);
    return is_share_in(check->arguments, facts->symbols,
                       facts->symbols + facts->letters + facts->digits, facts->symbols);
}

bool weir_parse_emotes(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check)
{
    return read_count(loader, node, check, 2000);
}

bool weir_holds_emotes(const struct weir_check *check, const struct weir_check_input *input,
                       struct weir_check_spans *spans_out)
{
    (void)spans_out;
    return weir_check_is_in(check->arguments, weir_text_facts(input->text)->emotes);
}

bool weir_parse_mentions(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    return read_count(loader, node, check, 2000);
}

// An @ at the start of a word with something behind it; an e-mail address has it in the middle.
uint32_t weir_count_mentions(const struct weir_view *view)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < view->length; i++) {
        bool starts_word = i == 0 || view->bytes[i - 1] == ' ' || view->bytes[i - 1] < 0;
        char next = view->bytes[i + 1];
        count += view->bytes[i] == '@' && starts_word && next != ' ' && next != '@';
    }
    return count;
}

bool weir_holds_mentions(const struct weir_check *check, const struct weir_check_input *input,
                         struct weir_check_spans *spans_out)
{
    (void)spans_out;
    return weir_check_is_in(check->arguments,
                            weir_count_mentions(weir_text_view(input->text, WEIR_VIEW_FOLD)));
}

struct repeat_arguments {
    int32_t run;   // of one character; 0: not asked
    int32_t times; // that one piece makes up the whole text; 0: not asked
};

bool weir_parse_repeat(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check)
{
    static const char *const keys[] = {"run", "times"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    struct repeat_arguments *arguments = weir_arena_new(loader->arena, struct repeat_arguments);
    check->arguments = arguments;
    if (!weir_loader_is_map(loader, map, "what stands here")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a repeat", loader->diagnostics);
    const struct weir_yaml *run = weir_yaml_find(map, "run");
    const struct weir_yaml *times = weir_yaml_find(map, "times");
    if (map->count == 0) {
        return weir_diagnostics_error(loader->diagnostics, &map->place, "needs 'run' or 'times'");
    }
    bool is_good = !run || weir_loader_read_integer(loader, run, 2, 2000, &arguments->run);
    return (!times || weir_loader_read_integer(loader, times, 2, 2000, &arguments->times)) &&
           is_good;
}

// A piece of a text and how long its own smallest period is.
struct suffix {
    size_t start;
    size_t period;
};

// The largest suffix of a text, where bytes are ordered by `sign`.
static struct suffix largest_suffix(const struct weir_view *view, int sign)
{
    const unsigned char *bytes = (const unsigned char *)view->bytes;
    struct suffix largest = {0, 1};
    size_t same = 0; // bytes of the candidate behind `next` that equal the largest's
    for (size_t next = 1; next + same < view->length;) {
        int order = sign * (bytes[next + same] - bytes[largest.start + same]);
        if (order == 0 && same + 1 < largest.period) {
            same++;
        } else if (order == 0) {
            next += largest.period;
            same = 0;
        } else if (order < 0) {
            next += same + 1;
            same = 0;
            largest.period = next - largest.start;
        } else {
            largest = (struct suffix){next, 1};
            next++;
            same = 0;
        }
    }
    return largest;
}

// Whether the text is one piece again and again, at least `times` times, the last one maybe cut.
// Crochemore and Perrin: the shorter of the two orders' suffixes has the text's smallest period, if
// that is at most half of the text; so this takes one walk, however nearly a text repeats.
static bool repeats(const struct weir_view *view, uint32_t times)
{
    if (view->length < 2) {
        return false;
    }
    struct suffix up = largest_suffix(view, 1);
    struct suffix down = largest_suffix(view, -1);
    struct suffix critical = up.start > down.start ? up : down;
    // The blank behind the last piece is seldom typed.
    bool ends_in_blank = view->bytes[critical.period - 1] == ' ';
    return critical.period <= (view->length + ends_in_blank) / times &&
           memcmp(view->bytes, view->bytes + critical.period, critical.start) == 0;
}

bool weir_holds_repeat(const struct weir_check *check, const struct weir_check_input *input,
                       struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct repeat_arguments *arguments = check->arguments;
    const struct weir_text_facts *facts = weir_text_facts(input->text);
    if (arguments->run > 0 && facts->longest_run >= (uint32_t)arguments->run) {
        return true;
    }
    // Emotes are set aside: a wall of nothing else repeats nothing.
    bool has_more = facts->letters + facts->digits + facts->symbols > 0;
    return arguments->times > 0 && has_more &&
           repeats(weir_text_view(input->text, WEIR_VIEW_FOLD), (uint32_t)arguments->times);
}

enum language {
    LANGUAGE_ZH,
    LANGUAGE_EN,
    LANGUAGE_OTHER,
    LANGUAGE_NONE,
};

struct language_arguments {
    uint32_t languages;
};

bool weir_parse_language(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    static const char *const names[] = {"zh", "en", "other", "none"};
    struct language_arguments *arguments = weir_arena_new(loader->arena, struct language_arguments);
    check->arguments = arguments;
    return weir_loader_read_names(loader, weir_check_argument(node, check), "language", names,
                                  ARRAY_LEN(names), &arguments->languages);
}

bool weir_language_is_zh(const struct weir_check *check)
{
    const struct language_arguments *arguments = check->arguments;
    return arguments->languages == 1u << LANGUAGE_ZH;
}

// Scripts, not languages: one Han character says as much as a Latin word, hence the weight.
static enum language language_of(const struct weir_text_facts *facts)
{
    uint32_t known = facts->han + facts->latin;
    if (facts->letters == 0) {
        return LANGUAGE_NONE;
    }
    if (facts->letters > known && facts->letters - known > known) {
        return LANGUAGE_OTHER;
    }
    return facts->han * 4 >= facts->latin ? LANGUAGE_ZH : LANGUAGE_EN;
}

bool weir_holds_language(const struct weir_check *check, const struct weir_check_input *input,
                         struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct language_arguments *arguments = check->arguments;
    return arguments->languages & 1u << language_of(weir_text_facts(input->text));
}

bool weir_parse_evasion(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_check *check)
{
    return read_count(loader, node, check, 100);
}

bool weir_holds_evasion(const struct weir_check *check, const struct weir_check_input *input,
                        struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct weir_view *view = weir_text_view(input->text, WEIR_VIEW_SKELETON);
    uint32_t evasion = weir_text_evasion(input->text, WEIR_VIEW_SKELETON, 0, view->length);
    bool is_damaged = weir_text_facts(input->text)->damaged; // bad bytes are a disguise too
    return weir_check_is_in(check->arguments, is_damaged && evasion < 50 ? 50 : evasion);
}
