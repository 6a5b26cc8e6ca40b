// What to show instead of a text that is masked.

#include "engine/judge/judge_private.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"
#include "engine/base/utf8.h"

static bool has_mask(const struct weir_effect *effects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (effects[i].kind == WEIR_EFFECT_MASK) {
            return true;
        }
    }
    return false;
}

// A rule's hits are masked where it says so itself, or adds to a score that does.
static bool asks_for_mask(const struct weir_judge *judge, const struct weir_rule *rule)
{
    if (has_mask(rule->effects, rule->effect_count)) {
        return true;
    }
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    const struct weir_threshold *of_room = weir_judge_room_threshold(judge, judge->outcome.score);
    if (rule->score > 0 && of_room && has_mask(of_room->effects, of_room->effect_count)) {
        return true;
    }
    if (policy == WEIR_NO_POLICY || rule->score <= 0) {
        return false;
    }
    const struct weir_threshold *threshold = weir_judge_threshold(judge, policy);
    return threshold && has_mask(threshold->effects, threshold->effect_count);
}

static size_t collect_masked(struct weir_judge *judge)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->truth != WEIR_TRUE || !weir_ruling_counts(ruling, false) ||
            !asks_for_mask(judge, ruling->rule)) {
            continue;
        }
        size_t more = ruling->found_end - ruling->found;
        if (count + more > judge->masked_capacity) {
            judge->masked = weir_grow(judge->masked, &judge->masked_capacity, count + more,
                                      sizeof(*judge->masked));
        }
        for (size_t j = ruling->found; j < ruling->found_end; j++) {
            judge->masked[count++] = judge->found.items[j].range;
        }
    }
    return count;
}

static bool begins_before(const struct weir_text_range *a, const struct weir_text_range *b)
{
    return a->start < b->start;
}

WEIR_DEFINE_SORT(sort_ranges, struct weir_text_range, begins_before)

static void add_stars(struct weir_judge *judge, struct weir_span raw)
{
    for (size_t left = weir_utf8_count(raw); left > 0; left--) {
        weir_buffer_add_byte(&judge->masked_text, '*');
    }
}

// The text with a star for each character that a masking rule hit; all of it where such a rule
// (`caps`, say) has no place that it hit.
struct weir_span weir_judge_mask(struct weir_judge *judge)
{
    const struct weir_view *view = weir_text_view(judge->text, WEIR_VIEW_RAW);
    struct weir_span raw = {view->bytes, view->length};
    size_t count = collect_masked(judge);
    weir_buffer_clear(&judge->masked_text);
    if (count == 0) {
        add_stars(judge, raw);
        return weir_buffer_span(&judge->masked_text);
    }
    sort_ranges(judge->masked, count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_text_range range = judge->masked[i];
        size_t start = range.start > at ? range.start : at;
        if (range.end <= start) {
            continue;
        }
        weir_buffer_add(&judge->masked_text, weir_span_slice(raw, at, start));
        add_stars(judge, weir_span_slice(raw, start, range.end));
        at = range.end;
    }
    weir_buffer_add(&judge->masked_text, weir_span_slice(raw, at, raw.length));
    return weir_buffer_span(&judge->masked_text);
}
