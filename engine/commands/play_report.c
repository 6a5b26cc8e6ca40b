#include "engine/commands/play_report.h"

#include "engine/base/json.h"
#include "engine/base/room_protocol.h"

#include <inttypes.h>

// Buckets are powers of two, each in 32 equal parts: a billion times in 16 KB, wrong by 3 % at
// most.
#define PARTS     32u
#define PART_BITS 5u

static size_t bucket_of(uint64_t us)
{
    if (us < PARTS) {
        return (size_t)us;
    }
    unsigned power = 63u - (unsigned)__builtin_clzll(us) - PART_BITS;
    return (size_t)(power + 1) * PARTS + (size_t)((us >> power) - PARTS);
}

static uint64_t top_of(size_t bucket)
{
    if (bucket < PARTS) {
        return bucket;
    }
    unsigned power = (unsigned)(bucket / PARTS) - 1;
    return ((uint64_t)(bucket % PARTS + PARTS + 1) << power) - 1;
}

void play_times_add(struct play_times *times, uint64_t us)
{
    times->buckets[bucket_of(us)]++;
    times->count++;
    if (us > times->max_us) {
        times->max_us = us;
    }
}

uint64_t play_times_at(const struct play_times *times, double percent)
{
    uint64_t wanted = (uint64_t)((double)times->count * percent / 100.0);
    uint64_t seen = 0;
    for (size_t i = 0; i < ARRAY_LEN(times->buckets); i++) {
        seen += times->buckets[i];
        if (seen > wanted || (seen == times->count && seen > 0)) {
            uint64_t top = top_of(i);
            return top < times->max_us ? top : times->max_us;
        }
    }
    return 0;
}

static double seconds_of(const struct play_report *report)
{
    return report->last_ack_us > report->first_sent_us
               ? (double)(report->last_ack_us - report->first_sent_us) / 1e6
               : 0.0;
}

static double rate_of(const struct play_report *report)
{
    double seconds = seconds_of(report);
    return seconds > 0 ? (double)report->judged / seconds : 0.0;
}

static void write_times(struct weir_buffer *out, const char *name, const struct play_times *times)
{
    if (times->count == 0) { // never a zero for a time that nobody measured
        return;
    }
    weir_buffer_printf(out, "%s: p50 %.3f ms, p99 %.3f ms, max %.3f ms (%" PRIu64 ")\n", name,
                       (double)play_times_at(times, 50) / 1e3,
                       (double)play_times_at(times, 99) / 1e3, (double)times->max_us / 1e3,
                       times->count);
}

static void write_actions(const struct play_report *report, struct weir_buffer *out)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < WEIR_DO_COUNT; i++) {
        sum += report->actions[i];
    }
    weir_buffer_printf(out, "actions: %" PRIu64 " (%" PRIu64 " applied, %" PRIu64 " by humans)",
                       sum, report->applied, report->actions_by_human);
    for (size_t i = 0; i < WEIR_DO_COUNT; i++) {
        if (report->actions[i] > 0) {
            weir_buffer_printf(out, ", %s %" PRIu64, weir_do_name((enum weir_do)i),
                               report->actions[i]);
        }
    }
    weir_buffer_printf(out, "\nrepeated action ids: %" PRIu64 " (one of them %" PRIu64 " times)\n",
                       report->repeated_actions, report->most_repeats);
    for (size_t i = 1; i < ARRAY_LEN(report->refused); i++) {
        if (report->refused[i] > 0) {
            weir_buffer_printf(out, "refused as %s: %" PRIu64 "\n",
                               weir_refused_name((enum weir_refused)i), report->refused[i]);
        }
    }
}

static void write_gate(const struct play_report *report, struct weir_buffer *out)
{
    weir_buffer_add_text(out, "verdicts:");
    for (size_t i = 0; i < ARRAY_LEN(report->verdicts); i++) {
        weir_buffer_printf(out, " %s %" PRIu64 ",", weir_gate_name((enum weir_gate)i),
                           report->verdicts[i]);
    }
    weir_buffer_printf(out, " late %" PRIu64 ", repeated %" PRIu64 "\n", report->late_verdicts,
                       report->repeated_verdicts);
}

static void write_troubles(const struct play_report *report, struct weir_buffer *out)
{
    const struct {
        const char *name;
        uint64_t count;
    } troubles[] = {
        {"gaps told", report->gaps},
        {"frames that could not be read", report->bad_frames},
        {"frames of an unknown type", report->unknown_frames},
        {"rooms asked for that are not here", report->unknown_rooms},
        {"connections with a wrong token", report->wrong_tokens},
    };
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        if (troubles[i].count > 0) {
            weir_buffer_printf(out, "%s: %" PRIu64 "\n", troubles[i].name, troubles[i].count);
        }
    }
}

void play_report_write_text(const struct play_report *report, struct weir_buffer *out)
{
    weir_buffer_printf(out,
                       "sent: %" PRIu64 " messages (%" PRIu64 " again, %" PRIu64
                       " withheld: author muted), connections: %" PRIu64 "\n",
                       report->sent, report->resent, report->withheld, report->connections);
    weir_buffer_printf(out, "judged: %" PRIu64 " in %.3f s, %.0f messages/s\n", report->judged,
                       seconds_of(report), rate_of(report));
    write_actions(report, out);
    if (report->is_gate) {
        write_gate(report, out);
    }
    write_times(out, "send to action", &report->action_times);
    write_times(out, "send to ack", &report->ack_times);
    write_times(out, "send to verdict", &report->verdict_times);
    write_troubles(report, out);
}

static void write_json_times(struct weir_buffer *out, const char *name,
                             const struct play_times *times)
{
    if (times->count == 0) {
        return;
    }
    weir_json_add_name(out, name);
    weir_buffer_printf(out,
                       "{\"count\":%" PRIu64 ",\"p50_us\":%" PRIu64 ",\"p99_us\":%" PRIu64
                       ",\"max_us\":%" PRIu64 "}",
                       times->count, play_times_at(times, 50), play_times_at(times, 99),
                       times->max_us);
}

static void write_json_actions(const struct play_report *report, struct weir_buffer *out)
{
    weir_json_add_name(out, "actions");
    weir_buffer_add_byte(out, '{');
    for (size_t i = 0; i < WEIR_DO_COUNT; i++) {
        if (report->actions[i] > 0) {
            weir_json_add_u64_field(out, weir_do_name((enum weir_do)i), report->actions[i]);
        }
    }
    weir_buffer_add_byte(out, '}');
    weir_json_add_name(out, "refused");
    weir_buffer_add_byte(out, '{');
    for (size_t i = 1; i < ARRAY_LEN(report->refused); i++) {
        if (report->refused[i] > 0) {
            weir_json_add_u64_field(out, weir_refused_name((enum weir_refused)i),
                                    report->refused[i]);
        }
    }
    weir_buffer_add_byte(out, '}');
}

static void write_json_verdicts(const struct play_report *report, struct weir_buffer *out)
{
    weir_json_add_name(out, "verdicts");
    weir_buffer_add_byte(out, '{');
    for (size_t i = 0; i < ARRAY_LEN(report->verdicts); i++) {
        weir_json_add_u64_field(out, weir_gate_name((enum weir_gate)i), report->verdicts[i]);
    }
    weir_json_add_u64_field(out, "late", report->late_verdicts);
    weir_json_add_u64_field(out, "repeated", report->repeated_verdicts);
    weir_buffer_add_byte(out, '}');
}

void play_report_write_json(const struct play_report *report, struct weir_buffer *out)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"sent", report->sent},
        {"resent", report->resent},
        {"withheld", report->withheld},
        {"judged", report->judged},
        {"applied", report->applied},
        {"by_human", report->actions_by_human},
        {"repeated_actions", report->repeated_actions},
        {"most_repeats", report->most_repeats},
        {"gaps", report->gaps},
        {"connections", report->connections},
        {"bad_frames", report->bad_frames},
        {"unknown_frames", report->unknown_frames},
        {"unknown_rooms", report->unknown_rooms},
        {"wrong_tokens", report->wrong_tokens},
    };
    weir_buffer_add_byte(out, '{');
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        weir_json_add_u64_field(out, counts[i].name, counts[i].count);
    }
    weir_json_add_name(out, "seconds");
    weir_buffer_printf(out, "%.6f", seconds_of(report));
    weir_json_add_name(out, "messages_per_second");
    weir_buffer_printf(out, "%.1f", rate_of(report));
    write_json_actions(report, out);
    if (report->is_gate) {
        write_json_verdicts(report, out);
    }
    write_json_times(out, "action_latency", &report->action_times);
    write_json_times(out, "ack_latency", &report->ack_times);
    write_json_times(out, "verdict_latency", &report->verdict_times);
    weir_buffer_add_text(out, "}\n");
}
