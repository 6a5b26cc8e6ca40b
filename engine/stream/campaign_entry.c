#include "engine/stream/campaign_entry.h"

#include "engine/base/json.h"

#define LONGEST_S (366ll * 24 * 3600)

// What stands in it, before it is made sense of.
struct fields {
    struct weir_span type;
    struct weir_span campaign;
    struct weir_span sketch;
    struct weir_span verdict;
    uint64_t seconds;
};

static bool take_field(struct weir_json *json, struct weir_span name, struct fields *fields,
                       struct weir_campaign_entry *entry)
{
    const struct {
        const char *name;
        struct weir_span *text;
    } rows[] = {
        {"type", &fields->type},
        {"id", &entry->id},
        {"begin", &entry->begin},
        {"campaign", &fields->campaign},
        {"sketch", &fields->sketch},
        {"do", &fields->verdict},
        {"decision", &entry->standing.decision},
        {"card", &entry->standing.card},
        {"queue", &entry->standing.queue},
        {"reason", &entry->standing.reason},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (weir_span_is(name, rows[i].name)) {
            return weir_json_take_string(json, rows[i].text);
        }
    }
    if (weir_span_is(name, "until")) {
        return weir_json_take_i64(json, &entry->standing.until_ms);
    }
    return weir_span_is(name, "seconds") ? weir_json_take_u64(json, &fields->seconds)
                                         : weir_json_skip(json);
}

static void add_effect(struct weir_standing *standing, enum weir_effect_kind kind,
                       uint64_t duration_ms)
{
    if (standing->effect_count < WEIR_STANDING_EFFECTS) {
        standing->effects[standing->effect_count++] =
            (struct weir_effect){.kind = kind, .duration_ms = (int64_t)duration_ms};
    }
}

// What is said once, and what only closes the card, is nothing for those who come later.
static void read_verdict(struct weir_standing *standing, struct weir_span verdict, uint64_t seconds)
{
    while (verdict.length > 0) {
        struct weir_span kind = weir_span_take_until(&verdict, '+');
        if (weir_span_is(kind, "delete")) {
            add_effect(standing, WEIR_EFFECT_DELETE, 0);
        } else if (weir_span_is(kind, "hold")) {
            add_effect(standing, WEIR_EFFECT_HOLD, 0);
        } else if (weir_span_is(kind, "timeout") && seconds > 0 && seconds <= LONGEST_S) {
            add_effect(standing, WEIR_EFFECT_TIMEOUT, seconds * 1000);
        } else if (weir_span_is(kind, "ban")) {
            add_effect(standing, WEIR_EFFECT_BAN, 0);
        } else if (weir_span_is(kind, "warn")) {
            add_effect(standing, WEIR_EFFECT_WARN, 0);
        } else if (weir_span_is(kind, "dismiss") || weir_span_is(kind, "release")) {
            standing->spares = true;
        }
    }
}

enum weir_campaign_entry_kind weir_campaign_entry_read(struct weir_span text,
                                                       struct weir_buffer *scratch,
                                                       struct weir_campaign_entry *entry_out)
{
    struct fields fields = {0};
    struct weir_json json;
    struct weir_span name;
    struct weir_standing *standing = &entry_out->standing;
    *entry_out = (struct weir_campaign_entry){0};
    weir_buffer_clear(scratch);
    weir_json_start(&json, text, scratch);
    bool is_sound = weir_json_enter_object(&json);
    while (is_sound && weir_json_next_member(&json, &name)) {
        is_sound = take_field(&json, name, &fields, entry_out);
    }
    entry_out->is_end = weir_span_is(fields.type, "campaign_end");
    if (!entry_out->is_end && !weir_span_is(fields.type, "campaign")) {
        return WEIR_CAMPAIGN_ENTRY_NONE;
    }
    bool is_named = entry_out->id.length > 0 && standing->decision.length > 0;
    if (!is_sound || !weir_json_finish(&json) || !is_named) {
        return WEIR_CAMPAIGN_ENTRY_BAD;
    }
    read_verdict(standing, fields.verdict, fields.seconds);
    bool is_good =
        entry_out->is_end || (weir_campaign_find_name(fields.campaign, &standing->campaign) &&
                              weir_sketch_read(fields.sketch, &standing->sketch));
    return is_good ? WEIR_CAMPAIGN_ENTRY_GOOD : WEIR_CAMPAIGN_ENTRY_BAD;
}
