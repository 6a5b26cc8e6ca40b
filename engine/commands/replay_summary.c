#include "engine/commands/replay_summary.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#define FIRST_PAIRS 1024

enum series { MESSAGES, HITS, QUESTIONS };

static const char *const series_names[WEIR_TIMELINE_SERIES] = {"messages", "hits", "questions"};

void weir_summary_init(struct weir_summary *summary, const struct weir_set *set)
{
    *summary = (struct weir_summary){.set = set, .pair_capacity = FIRST_PAIRS};
    summary->rules = weir_new_array(struct weir_rule_summary, set->rule_count + 1);
    summary->pairs = weir_new_array(uint64_t, summary->pair_capacity);
    ssize_t got = getrandom(&summary->key, sizeof(summary->key), 0);
    weir_assert(got == sizeof(summary->key));
}

void weir_summary_fini(struct weir_summary *summary)
{
    free(summary->rules);
    free(summary->pairs);
    *summary = (struct weir_summary){0};
}

// True if the pair is new. Pairs are hashes already: any of their bits will do.
static bool insert(uint64_t *pairs, size_t capacity, uint64_t pair)
{
    size_t at = pair & (capacity - 1);
    while (pairs[at] != 0 && pairs[at] != pair) {
        at = (at + 1) & (capacity - 1);
    }
    bool is_new = pairs[at] == 0;
    pairs[at] = pair;
    return is_new;
}

static void double_pairs(struct weir_summary *summary)
{
    WEIR_AUTO(weir_free_at) uint64_t *old = summary->pairs;
    size_t old_capacity = summary->pair_capacity;
    summary->pair_capacity *= 2;
    summary->pairs = weir_new_array(uint64_t, summary->pair_capacity);
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i] != 0) {
            insert(summary->pairs, summary->pair_capacity, old[i]);
        }
    }
}

static bool is_new_pair(struct weir_summary *summary, uint64_t user, uint32_t rule)
{
    if (summary->pair_count >= WEIR_SUMMARY_PAIRS) {
        return false;
    }
    if (summary->pair_count * 2 >= summary->pair_capacity) {
        double_pairs(summary);
    }
    uint64_t pair = (user ^ ((uint64_t)rule + 1) * UINT64_C(0x9e3779b97f4a7c15)) | 1;
    bool is_new = insert(summary->pairs, summary->pair_capacity, pair);
    summary->pair_count += is_new;
    return is_new;
}

static void count_rules(struct weir_summary *summary, const struct weir_message *message,
                        const struct weir_verdict *verdict, const struct weir_rule *const *rules,
                        size_t count)
{
    bool has_user = message->user.id.length > 0;
    uint64_t user = count > 0 && has_user ? weir_hash(summary->key, message->user.id) : 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_rule_summary *rule = &summary->rules[rules[i]->index];
        rule->messages++;
        rule->users += has_user && is_new_pair(summary, user, rules[i]->index);
        rule->by_message[verdict->message_verdict]++;
        rule->by_user[verdict->user_verdict]++;
    }
}

static void count_causes(struct weir_summary *summary, const struct weir_verdict *verdict)
{
    uint32_t causes = weir_verdict_causes(verdict);
    for (size_t i = 0; causes != 0 && i < WEIR_CAUSES; i++) {
        summary->by_cause[i] += causes >> i & 1u;
    }
}

void weir_summary_add(struct weir_summary *summary, const struct weir_message *message,
                      const struct weir_verdict *verdict, const struct weir_triaged *triaged)
{
    summary->messages++;
    summary->hits += verdict->fired_count > 0;
    summary->by_message[verdict->message_verdict]++;
    summary->by_user[verdict->user_verdict]++;
    summary->questions += verdict->is_question;
    summary->joined += triaged->joins;
    summary->answered += triaged->answered != NULL;
    summary->degraded += verdict->degraded_count > 0;
    count_causes(summary, verdict);
    summary->shadowed += verdict->has_shadow;
    count_rules(summary, message, verdict, verdict->fired, verdict->fired_count);
    count_rules(summary, message, verdict, verdict->shadow_fired, verdict->shadow_fired_count);
    weir_timeline_add(&summary->timeline, MESSAGES, verdict->at_ms);
    if (verdict->fired_count > 0) {
        weir_timeline_add(&summary->timeline, HITS, verdict->at_ms);
    }
    if (verdict->is_question) {
        weir_timeline_add(&summary->timeline, QUESTIONS, verdict->at_ms);
    }
}

static double rate_of(const struct weir_summary *summary, int64_t spent_us)
{
    return (double)summary->messages / (spent_us > 0 ? (double)spent_us / 1e6 : 1e-6);
}

// The rules that fired, those that fired most first. The caller frees it.
static uint32_t *rank_rules(const struct weir_summary *summary, size_t *count_out)
{
    uint32_t *ranked = weir_new_array(uint32_t, summary->set->rule_count + 1);
    size_t count = 0;
    for (uint32_t i = 0; i < summary->set->rule_count; i++) {
        size_t at = count;
        if (summary->rules[i].messages == 0) {
            continue;
        }
        while (at > 0 && summary->rules[ranked[at - 1]].messages < summary->rules[i].messages) {
            ranked[at] = ranked[at - 1];
            at--;
        }
        ranked[at] = i;
        count++;
    }
    *count_out = count;
    return ranked;
}

static void add_totals(const struct weir_summary *summary, uint64_t bad_lines,
                       struct weir_buffer *out)
{
    for (size_t i = 0; i < ARRAY_LEN(summary->by_message); i++) {
        weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n",
                           weir_message_verdict_name((enum weir_message_verdict)i),
                           summary->by_message[i]);
    }
    for (size_t i = WEIR_USER_WARN; i < ARRAY_LEN(summary->by_user); i++) {
        weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n",
                           weir_user_verdict_name((enum weir_user_verdict)i), summary->by_user[i]);
    }
    weir_buffer_printf(out, "  %-9s %8" PRIu64, "questions", summary->questions);
    if (summary->joined + summary->answered > 0) {
        weir_buffer_printf(out, "   %" PRIu64 " asked again, %" PRIu64 " answered at once",
                           summary->joined, summary->answered);
    }
    weir_buffer_add_byte(out, '\n');
    weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n", "shadowed", summary->shadowed);
    weir_buffer_printf(out, "  %-9s %8" PRIu64, "degraded", summary->degraded);
    for (size_t i = 0; i < WEIR_CAUSES; i++) {
        if (summary->by_cause[i] > 0) {
            weir_buffer_printf(out, "   %s %" PRIu64, weir_cause_name((enum weir_cause)i),
                               summary->by_cause[i]);
        }
    }
    weir_buffer_add_byte(out, '\n');
    weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n", "bad lines", bad_lines);
}

static void add_rule_row(const struct weir_summary *summary, uint32_t index,
                         struct weir_buffer *out)
{
    const struct weir_rule_summary *rule = &summary->rules[index];
    bool is_shadow = summary->set->rules[index]->mode == WEIR_MODE_SHADOW;
    weir_buffer_printf(out, "  %8" PRIu64 " %7" PRIu64, rule->messages, rule->users);
    for (size_t i = WEIR_MESSAGE_DELETE; i > WEIR_MESSAGE_PASS; i--) {
        weir_buffer_printf(out, " %7" PRIu64, rule->by_message[i]);
    }
    weir_buffer_printf(out, " %7" PRIu64 "  %.*s%s\n",
                       rule->by_user[WEIR_USER_TIMEOUT] + rule->by_user[WEIR_USER_BAN],
                       WEIR_SPAN_ARGS(summary->set->rules[index]->id),
                       is_shadow ? " (shadow)" : "");
}

static void add_rules(const struct weir_summary *summary, struct weir_buffer *out)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) uint32_t *ranked = rank_rules(summary, &count);
    weir_buffer_printf(out, "rules that fired, and what became of those messages:%s\n",
                       count == 0 ? " none" : "");
    if (count > 0) {
        weir_buffer_printf(out, "  %8s %7s %7s %7s %7s %7s %7s  %s\n", "messages", "users",
                           "delete", "hold", "mask", "flag", "muted", "rule");
    }
    for (size_t i = 0; i < count; i++) {
        add_rule_row(summary, ranked[i], out);
    }
    if (summary->pair_count >= WEIR_SUMMARY_PAIRS) {
        weir_buffer_add_text(out, "  users are more than counted: at least as many as shown\n");
    }
}

void weir_summary_write_text(const struct weir_summary *summary, uint64_t bad_lines,
                             int64_t spent_us, size_t columns, struct weir_buffer *out)
{
    weir_buffer_printf(out, "%" PRIu64 " messages in %.2f s: %.0f a second\n", summary->messages,
                       (double)spent_us / 1e6, rate_of(summary, spent_us));
    add_totals(summary, bad_lines, out);
    weir_timeline_plot(&summary->timeline, series_names, columns, out);
    add_rules(summary, out);
}

static void add_rule_object(const struct weir_summary *summary, uint32_t index,
                            struct weir_buffer *out)
{
    const struct weir_rule_summary *rule = &summary->rules[index];
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "rule", summary->set->rules[index]->id);
    weir_json_add_bool_field(out, "shadow", summary->set->rules[index]->mode == WEIR_MODE_SHADOW);
    weir_json_add_u64_field(out, "messages", rule->messages);
    weir_json_add_u64_field(out, "users", rule->users);
    for (size_t i = 0; i < ARRAY_LEN(rule->by_message); i++) {
        weir_json_add_u64_field(out, weir_message_verdict_name((enum weir_message_verdict)i),
                                rule->by_message[i]);
    }
    for (size_t i = WEIR_USER_WARN; i < ARRAY_LEN(rule->by_user); i++) {
        weir_json_add_u64_field(out, weir_user_verdict_name((enum weir_user_verdict)i),
                                rule->by_user[i]);
    }
    weir_buffer_add_byte(out, '}');
}

void weir_summary_write_json(const struct weir_summary *summary, uint64_t bad_lines,
                             int64_t spent_us, struct weir_buffer *out)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) uint32_t *ranked = rank_rules(summary, &count);
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "messages", summary->messages);
    weir_json_add_i64_field(out, "spent_ms", spent_us / 1000);
    weir_json_add_u64_field(out, "hits", summary->hits);
    for (size_t i = 0; i < ARRAY_LEN(summary->by_message); i++) {
        weir_json_add_u64_field(out, weir_message_verdict_name((enum weir_message_verdict)i),
                                summary->by_message[i]);
    }
    for (size_t i = WEIR_USER_WARN; i < ARRAY_LEN(summary->by_user); i++) {
        weir_json_add_u64_field(out, weir_user_verdict_name((enum weir_user_verdict)i),
                                summary->by_user[i]);
    }
    weir_json_add_u64_field(out, "questions", summary->questions);
    weir_json_add_u64_field(out, "asked_again", summary->joined);
    weir_json_add_u64_field(out, "auto_answered", summary->answered);
    weir_json_add_u64_field(out, "shadowed", summary->shadowed);
    weir_json_add_u64_field(out, "degraded", summary->degraded);
    weir_json_add_u64_field(out, "bad_lines", bad_lines);
    weir_json_add_i64_field(out, "first_ms", summary->timeline.first_ms);
    weir_json_add_i64_field(out, "last_ms", summary->timeline.last_ms);
    weir_json_add_name(out, "rules");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        add_rule_object(summary, ranked[i], out);
    }
    weir_buffer_add_byte(out, ']');
    weir_json_add_text_field(out, "set", weir_span_of(summary->set->hash));
    weir_buffer_add_text(out, "}\n");
}
