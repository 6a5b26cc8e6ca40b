// Whatever text comes in, with whatever user and time: the verdict is the same bytes the second
// time, its hits stand inside the text and in their order, and its cards can be written.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/judge/judge.h"
#include "engine/triage/triage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char pack[] =
    "pack: fuzz\n"
    "policy: {exempt: {role: [moderator]}, score: {3: [flag], 6: [mask], 9: [delete]},\n"
    "  strikes: {half_life: 1h, forgive: 2, ladder: {1: [{warn: {en: No}}], 3: [ban]}}}\n"
    "rules:\n"
    "  - {id: near, when: {all: [{word: [微信, vx, qq], view: [fold, tight, skeleton, sound]},\n"
    "     {regex: '[a-z]{2,9}\\d{2,9}'}], near: 8}, except: [官方微信], then: {score: 4}}\n"
    "  - {id: any, when: {any: [{includes: [a, 的]}, {not: {length: {min: 2}}}]},\n"
    "     then: {score: 3, do: [{warn: {en: No}}]}}\n"
    "  - {id: mask, when: {word: [fuck, 垃圾], view: [skeleton]}, then: {do: [mask]}}\n"
    "  - {id: slow, on_error: hold, when: {regex: '(x+x+)+y'}, then: {do: [ban]}}\n"
    "  - {id: shadow, mode: shadow, when: {includes: [b]}, then: {score: 5, do: [delete]}}\n"
    "  - {id: often, when: {any: [{rate: {max: 1, per: 10s}}, {rate: {of: {hits: any}, by: room,\n"
    "     max: 1, per: 10s}}, {distinct: {by: text, max: 1, per: 1m}}, {same_text: {max: 1,\n"
    "     per: 1m}}]}, then: {do: [{strike: 1}]}}\n"
    "  - {id: then, when: {any: [{sequence: {rules: [any, near], within: 1m}}, {strikes: 3},\n"
    "     {all: [{trust: {clean: 1}}, {first_message: false}]}]}, then: {do: [{timeout: 10s}]}}\n"
    "  - {id: raid, when: {campaign: {accounts: 2, per: 1m}}, then: {do: [{room_mode: {slow: 9s,\n"
    "     calm: 10s, max: 20s}}]}}\n"
    "  - {id: code, when: {all: [{regex: '(?<code>[a-z]+)'}, {rate: {by: {capture: code}, max: 1,\n"
    "     per: 1m}}]}, then: {score: 1}}\n"
    "topics:\n"
    "  - {id: price, when: {word: [多少, much]}, queue: sales}\n";

static struct weir_set *load(void)
{
    struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"fuzz.yaml", weir_span_of(pack)};
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    weir_diagnostics_fini(&diagnostics);
    weir_assert(set);
    return set;
}

static void check_hits(const struct weir_verdict *verdict, struct weir_text *text)
{
    const struct weir_view *raw = weir_text_view(text, WEIR_VIEW_RAW);
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const struct weir_verdict_hit *hit = &verdict->hits[i];
        weir_assert(hit->range.start <= hit->range.end && hit->range.end <= raw->length);
        weir_assert(i == 0 || verdict->hits[i - 1].rule->index <= hit->rule->index);
    }
    if (verdict->masked_text.length > 0) {
        weir_assert(weir_utf8_count(verdict->masked_text) ==
                    weir_utf8_count((struct weir_span){raw->bytes, raw->length}));
    }
}

static void judge_once(struct weir_judge *judge, struct weir_triage *triage,
                       const struct weir_set *set, struct weir_memory *memory,
                       const struct weir_message *message, struct weir_buffer *out)
{
    struct weir_room_view room = {.id = message->room};
    struct weir_triage_room *asked = weir_triage_room_create();
    struct weir_triaged triaged;
    const struct weir_verdict *verdict =
        weir_judge_message(judge, set, memory, &room, message, 5000000);
    check_hits(verdict, weir_judge_text(judge));
    weir_verdict_write(verdict, set, message, weir_judge_text(judge), out);
    for (int again = 0; again < 2; again++) {
        weir_triage_message(triage, set, asked, again == 1, &room, message, verdict, &triaged);
        weir_buffer_add(out, triaged.reply);
        for (size_t i = 0; i < triaged.count; i++) {
            weir_card_write(&triaged.cards[i], out);
        }
    }
    weir_triage_room_destroy(&asked);
}

// What the room remembers is part of what comes in: the text, the same again, and its second half.
static void judge_thrice(struct weir_judge *judge, struct weir_triage *triage,
                         const struct weir_set *set, uint64_t seed,
                         const struct weir_message *message, struct weir_buffer *out)
{
    struct weir_memory *memory = weir_memory_create_for(2, seed);
    struct weir_message half = *message;
    size_t middle = message->text.length / 2;
    while (middle < message->text.length && (message->text.data[middle] & 0xc0) == 0x80) {
        middle++;
    }
    half.text = weir_span_slice(message->text, middle, message->text.length);
    judge_once(judge, triage, set, memory, message, out);
    half.user.id = WEIR_SPAN("v");
    judge_once(judge, triage, set, memory, &half, out);
    half.text = message->text;
    judge_once(judge, triage, set, memory, &half, out);
    weir_memory_destroy(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct weir_set *set;
    static struct weir_judge *judge;
    static struct weir_triage *triage;
    if (!set) {
        set = load();
        judge = weir_judge_create(500);
        triage = weir_triage_create();
    }
    struct weir_message message = {
        .room = WEIR_SPAN("r"),
        .id = WEIR_SPAN("m"),
        .user = {.id = WEIR_SPAN("u"), .roles = size > 0 ? data[0] & 63u : 0},
        .ts_ms = size > 1 ? (int64_t)data[1] << 50 : 0,
        .text = {(const char *)data, size},
    };
    // What comes from outside was repaired on its way here; a text that was not is repaired too.
    struct weir_buffer text = {0};
    struct weir_buffer first = {0};
    struct weir_buffer second = {0};
    weir_utf8_add_repaired(&text, message.text);
    message.text = weir_buffer_span(&text);
    judge_thrice(judge, triage, set, 1, &message, &first);
    judge_thrice(judge, triage, set, 12345, &message, &second);
    weir_assert(weir_span_equals(weir_buffer_span(&first), weir_buffer_span(&second)));
    weir_buffer_fini(&text);
    weir_buffer_fini(&first);
    weir_buffer_fini(&second);
    return 0;
}
