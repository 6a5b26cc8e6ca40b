#include "engine/rules/check.h"

#include "engine/base/alloc.h"
#include "engine/rules/checks.h"

// Sorted by name, so that help texts are.
static const struct weir_check_kind kinds[] = {
    {"campaign", "many users say nearly the same", .parse = weir_parse_campaign,
     .holds = weir_holds_series, .value = weir_value_series},
    {"caps", "letters in upper case", .parse = weir_parse_caps, .holds = weir_holds_caps},
    {"contact", "a phone number or account to write to", .has_spans = true,
     .parse = weir_parse_contact, .holds = weir_holds_contact, .may_hold = weir_may_hold_contact},
    {"distinct", "how many users said it, asked it or were hit", .parse = weir_parse_distinct,
     .holds = weir_holds_series, .value = weir_value_series},
    {"emotes", "how many emotes and emoji", .parse = weir_parse_emotes, .holds = weir_holds_emotes},
    {"ends", "texts at the end", .is_text = true, .parse = weir_parse_ends},
    {"evasion", "how far the letters are disguised, 0 to 100", .parse = weir_parse_evasion,
     .holds = weir_holds_evasion},
    {"exact", "texts that are the whole message", .is_text = true, .parse = weir_parse_exact},
    {"first_message", "the first that was heard of the user", .parse = weir_parse_first_message,
     .holds = weir_holds_first_message, .value = weir_value_first_message},
    {"glob", "words with * for any letters", .is_text = true, .parse = weir_parse_glob},
    {"includes", "texts anywhere, also within words", .is_text = true,
     .parse = weir_parse_includes},
    {"language", "the script that it is written in", .parse = weir_parse_language,
     .holds = weir_holds_language},
    {"length", "how many characters", .parse = weir_parse_length, .holds = weir_holds_length},
    {"link", "what a client would turn into a link", .has_spans = true, .parse = weir_parse_link,
     .holds = weir_holds_link, .may_hold = weir_may_hold_link},
    {"mentions", "how many @names", .parse = weir_parse_mentions, .holds = weir_holds_mentions},
    {"personal", "phone, ID card and bank card numbers", .has_spans = true,
     .parse = weir_parse_personal, .holds = weir_holds_personal,
     .may_hold = weir_may_hold_personal},
    {"question", "asks something", .parse = weir_parse_question, .holds = weir_holds_question},
    {"rate", "how often within a time, by user, room or text", .parse = weir_parse_rate,
     .holds = weir_holds_series, .value = weir_value_series},
    {"regex", "a regular expression (PCRE2)", .is_text = true, .parse = weir_parse_regex},
    {"repeat", "the same again and again", .parse = weir_parse_repeat, .holds = weir_holds_repeat},
    {"room", "which room, scene or state", .parse = weir_parse_room, .holds = weir_holds_room},
    {"same_text", "the user says nearly the same again and again", .parse = weir_parse_same_text,
     .holds = weir_holds_series, .value = weir_value_series},
    {"score", "the sum of all other rules", .is_score = true, .parse = weir_parse_score,
     .holds = weir_holds_score},
    {"sequence", "rules that fired one after the other", .parse = weir_parse_sequence,
     .holds = weir_holds_series, .value = weir_value_series},
    {"starts", "texts at the start", .is_text = true, .parse = weir_parse_starts},
    {"strikes", "strikes of the user, decayed to now", .parse = weir_parse_strikes,
     .holds = weir_holds_strikes, .value = weir_value_strikes},
    {"symbols", "characters that are neither letters, digits nor emoji",
     .parse = weir_parse_symbols, .holds = weir_holds_symbols},
    {"trust", "the user's history: messages, clean ones, time", .parse = weir_parse_trust,
     .holds = weir_holds_trust, .value = weir_value_trust},
    {"user", "who wrote it: role, id, name, tier, identity", .parse = weir_parse_user,
     .holds = weir_holds_user},
    {"word", "words, with the edges that their script has", .is_text = true,
     .parse = weir_parse_word},
};

const struct weir_check_kind *weir_check_kind_find(struct weir_span name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (weir_span_is(name, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

const struct weir_check_kind *weir_check_kinds(size_t *count_out)
{
    *count_out = ARRAY_LEN(kinds);
    return kinds;
}

const struct weir_yaml *weir_check_argument(const struct weir_yaml *node,
                                            const struct weir_check *check)
{
    const struct weir_yaml *argument = weir_yaml_find(node, check->kind->name);
    weir_assert(argument);
    return argument;
}

static bool read_range_map(struct weir_loader *loader, const struct weir_yaml *node, int32_t least,
                           int32_t most, struct weir_check_range *range)
{
    static const char *const keys[] = {"min", "max"};
    const struct weir_yaml *min = weir_yaml_find(node, "min");
    const struct weir_yaml *max = weir_yaml_find(node, "max");
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a range", loader->diagnostics);
    if (!min && !max) {
        return node->count > 0 ||
               weir_diagnostics_error(loader->diagnostics, &node->place, "needs 'min' or 'max'");
    }
    bool is_good = !min || weir_loader_read_integer(loader, min, least, most, &range->least);
    is_good = (!max || weir_loader_read_integer(loader, max, least, most, &range->most)) && is_good;
    if (is_good && range->least > range->most) {
        return weir_diagnostics_error(loader->diagnostics, &min->place, "'min' is more than 'max'");
    }
    return is_good;
}

bool weir_check_read_range(struct weir_loader *loader, const struct weir_yaml *node, int32_t least,
                           int32_t most, struct weir_check_range *range_out)
{
    *range_out = (struct weir_check_range){least, most};
    return node->kind == WEIR_YAML_MAP
               ? read_range_map(loader, node, least, most, range_out)
               : weir_loader_read_integer(loader, node, least, most, &range_out->least);
}

// Kept by rising start, whatever order several searches find them in.
void weir_check_add_span(struct weir_check_spans *spans, enum weir_view_kind view, size_t start,
                         size_t end)
{
    if (spans->count == WEIR_CHECK_SPANS) {
        return;
    }
    size_t place = spans->count++;
    while (place > 0 && spans->items[place - 1].start > start) {
        spans->items[place] = spans->items[place - 1];
        place--;
    }
    spans->items[place] = (struct weir_check_span){view, (uint32_t)start, (uint32_t)end};
}
