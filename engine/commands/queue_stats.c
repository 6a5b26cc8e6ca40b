// How queues do. What each number means is written in queue_metrics.lua, where it is counted.

#include "engine/base/json.h"
#include "engine/commands/queue.h"
#include "engine/commands/queue_desk.h"
#include "engine/commands/queue_session.h"

#include <inttypes.h>

// What weir_metrics answers with.
enum part {
    PART_COUNTERS,
    PART_HISTOGRAMS,
    PART_WORKERS,
    PART_SINCE,
    PARTS,
};

// One of its histograms: bounds with their counts, then `more` and `sum`.
struct times {
    const struct weir_reply *list;
    size_t bounds;
    int64_t count;
    int64_t sum_ms;
};

static struct times read_times(const struct weir_reply *list)
{
    struct times times = {.list = list, .bounds = list->count >= 4 ? list->count / 2 - 2 : 0};
    for (size_t i = 0; i <= times.bounds && 2 * i + 1 < list->count; i++) {
        times.count += weir_queue_number(list->items[2 * i + 1].text);
    }
    times.sum_ms = weir_queue_number(weir_reply_field(list, "sum"));
    return times;
}

// The bound that `percent` of the times do not exceed; -1: it is beyond the last one.
static int64_t bound_of(const struct times *times, int64_t percent)
{
    int64_t seen = 0;
    for (size_t i = 0; i < times->bounds; i++) {
        seen += weir_queue_number(times->list->items[2 * i + 1].text);
        if (seen * 100 >= times->count * percent) {
            return weir_queue_number(times->list->items[2 * i].text);
        }
    }
    return -1;
}

static const struct weir_reply *list_behind(const struct weir_reply *flat, const char *name)
{
    static const struct weir_reply none = {0};
    for (size_t i = 0; i + 1 < flat->count; i += 2) {
        if (weir_span_is(flat->items[i].text, name)) {
            return &flat->items[i + 1];
        }
    }
    return &none;
}

// ---- for machines ----

static void add_times_json(struct weir_buffer *out, const char *name, const struct times *times)
{
    weir_json_add_name(out, name);
    weir_buffer_add_byte(out, '{');
    weir_json_add_i64_field(out, "count", times->count);
    weir_json_add_i64_field(out, "sum_ms", times->sum_ms);
    weir_json_add_name(out, "bounds_ms");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < times->bounds; i++) {
        weir_buffer_printf(out, "%s%" PRId64, i > 0 ? "," : "",
                           weir_queue_number(times->list->items[2 * i].text));
    }
    weir_buffer_add_text(out, "]");
    weir_json_add_name(out, "counts");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i <= times->bounds && times->list->count > 0; i++) {
        weir_buffer_printf(out, "%s%" PRId64, i > 0 ? "," : "",
                           weir_queue_number(times->list->items[2 * i + 1].text));
    }
    weir_buffer_add_text(out, "]}");
}

// Numbers as they are; what is not known is null.
static void add_number_json(struct weir_buffer *out, struct weir_span name, struct weir_span value)
{
    weir_buffer_add_byte(out, ',');
    weir_json_add_string(out, name);
    weir_buffer_add_byte(out, ':');
    weir_buffer_add(out, value.length > 0 ? value : WEIR_SPAN("null"));
}

static void add_workers_json(struct weir_buffer *out, const struct weir_reply *workers)
{
    weir_json_add_name(out, "workers");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < workers->count; i++) {
        const struct weir_reply *worker = &workers->items[i];
        weir_buffer_add_text(out, i > 0 ? ",{" : "{");
        weir_json_add_text_field(out, "name", weir_reply_field(worker, "name"));
        for (size_t k = 2; k + 1 < worker->count; k += 2) {
            bool is_time = weir_span_is(worker->items[k].text, "time");
            add_number_json(out, is_time ? WEIR_SPAN("time_ms") : worker->items[k].text,
                            worker->items[k + 1].text);
        }
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static const char *const time_names[] = {"arrival_to_claim", "claim_to_answer",
                                         "arrival_to_answer"};

static void write_json(struct weir_buffer *out, const char *queue, const struct weir_reply *stats,
                       const struct weir_reply *metrics)
{
    const struct weir_reply *counters = &metrics->items[PART_COUNTERS];
    struct weir_span oldest = weir_reply_field(stats, "oldest");
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "queue", weir_span_of(queue));
    for (size_t i = 0; i + 1 < stats->count; i += 2) {
        add_number_json(out, stats->items[i].text, stats->items[i + 1].text);
    }
    if (oldest.length > 0) {
        int64_t now_ms = weir_queue_number(weir_reply_field(stats, "now"));
        weir_json_add_i64_field(out, "oldest_age_ms", now_ms - weir_queue_number(oldest));
    } else {
        weir_json_add_name(out, "oldest_age_ms");
        weir_buffer_add_text(out, "null");
    }
    add_number_json(out, WEIR_SPAN("since"), metrics->items[PART_SINCE].text);
    for (size_t i = 0; i + 1 < counters->count; i += 2) {
        add_number_json(out, counters->items[i].text, counters->items[i + 1].text);
    }
    for (size_t i = 0; i < ARRAY_LEN(time_names); i++) {
        struct times times =
            read_times(list_behind(&metrics->items[PART_HISTOGRAMS], time_names[i]));
        add_times_json(out, time_names[i], &times);
    }
    add_workers_json(out, &metrics->items[PART_WORKERS]);
    weir_buffer_add_text(out, "}\n");
}

// ---- for people ----

static void write_now(struct weir_buffer *out, const char *queue, const struct weir_reply *stats)
{
    int64_t now_ms = weir_queue_number(weir_reply_field(stats, "now"));
    struct weir_span oldest = weir_reply_field(stats, "oldest");
    weir_queue_add_text(out, weir_span_of(queue));
    weir_buffer_printf(out, "\n  now          %.*s waiting, %.*s overdue, %.*s claimed",
                       WEIR_SPAN_ARGS(weir_reply_field(stats, "waiting")),
                       WEIR_SPAN_ARGS(weir_reply_field(stats, "overdue")),
                       WEIR_SPAN_ARGS(weir_reply_field(stats, "claimed")));
    if (oldest.length > 0) {
        weir_buffer_add_text(out, "; the oldest was asked ");
        weir_queue_write_time(out, now_ms - weir_queue_number(oldest));
        weir_buffer_add_text(out, " ago, the first is ");
        weir_queue_write_due(out, weir_reply_field(stats, "next_due"), now_ms);
    }
    weir_buffer_printf(out, "; %.*s present\n", WEIR_SPAN_ARGS(weir_reply_field(stats, "present")));
}

// Those that are not 0.
static void write_counters(struct weir_buffer *out, const struct weir_reply *counters)
{
    const char *before = "\n  so far       ";
    for (size_t i = 0; i + 1 < counters->count; i += 2) {
        struct weir_span name = counters->items[i].text;
        struct weir_span number = counters->items[i + 1].text;
        if (number.length == 0 || weir_queue_number(number) == 0 ||
            weir_span_is(name, "merged_ratio")) {
            continue;
        }
        weir_buffer_printf(out, "%s%.*s %.*s", before[0] == '\n' ? before + 1 : before,
                           WEIR_SPAN_ARGS(number), WEIR_SPAN_ARGS(name));
        before = ", ";
    }
    struct weir_span ratio = weir_reply_field(counters, "merged_ratio");
    if (ratio.length > 0) {
        weir_buffer_printf(out, "; merged ratio %.*s", WEIR_SPAN_ARGS(ratio));
    }
    weir_buffer_add_text(out, before[0] == '\n' ? "" : "\n");
}

static void write_bound(struct weir_buffer *out, const char *which, int64_t bound_ms)
{
    weir_buffer_add_text(out, which);
    weir_buffer_add_text(out, bound_ms < 0 ? " over a day" : " within ");
    if (bound_ms >= 0) {
        weir_queue_write_time(out, bound_ms);
    }
}

static void write_times(struct weir_buffer *out, const char *label, const struct times *times)
{
    if (times->count == 0) {
        return;
    }
    weir_buffer_printf(out, "  %s %" PRId64 ": on average ", label, times->count);
    weir_queue_write_time(out, times->sum_ms / times->count);
    write_bound(out, ", half", bound_of(times, 50));
    write_bound(out, ", 9 of 10", bound_of(times, 90));
    write_bound(out, ", 99 of 100", bound_of(times, 99));
    weir_buffer_add_byte(out, '\n');
}

static void write_worker(struct weir_buffer *out, const struct weir_reply *worker)
{
    static const struct {
        const char *name;
        const char *words;
    } rows[] = {{"returned_by_lease", "kept too long"},
                {"returned_by_absence", "left behind"},
                {"released", "given back"}};
    int64_t handled = weir_queue_number(weir_reply_field(worker, "handled"));
    weir_buffer_add_text(out, "  ");
    weir_queue_add_text(out, weir_reply_field(worker, "name"));
    weir_buffer_printf(out, ": %" PRId64 " handled", handled);
    if (handled > 0) {
        weir_buffer_add_text(out, ", on average in ");
        weir_queue_write_time(out, weir_queue_number(weir_reply_field(worker, "time")) / handled);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_span number = weir_reply_field(worker, rows[i].name);
        if (number.length > 0) {
            weir_buffer_printf(out, ", %.*s %s", WEIR_SPAN_ARGS(number), rows[i].words);
        }
    }
    weir_buffer_add_byte(out, '\n');
}

static void write_text(struct weir_buffer *out, const char *queue, const struct weir_reply *stats,
                       const struct weir_reply *metrics)
{
    static const char *const labels[] = {"until claimed", "then answered", "in all      "};
    const struct weir_reply *workers = &metrics->items[PART_WORKERS];
    write_now(out, queue, stats);
    write_counters(out, &metrics->items[PART_COUNTERS]);
    for (size_t i = 0; i < ARRAY_LEN(time_names); i++) {
        struct times times =
            read_times(list_behind(&metrics->items[PART_HISTOGRAMS], time_names[i]));
        write_times(out, labels[i], &times);
    }
    for (size_t i = 0; i < workers->count; i++) {
        write_worker(out, &workers->items[i]);
    }
}

bool weir_queue_run_stats(struct weir_queue_session *session)
{
    if (!weir_queue_choose_named(session)) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        const char *queue = session->queues[i];
        struct weir_reply *stats = weir_queue_call(session, "stats", queue, NULL, 0);
        struct weir_reply *metrics =
            stats ? weir_queue_call(session, "metrics", queue, NULL, 0) : NULL;
        bool is_told = metrics && metrics->count >= PARTS;
        if (is_told) {
            (session->options.json ? write_json : write_text)(&session->out, queue, stats, metrics);
        }
        weir_reply_destroy(&stats);
        weir_reply_destroy(&metrics);
        if (!is_told) {
            return false;
        }
    }
    if (session->queue_count == 0 && !session->options.json) {
        weir_buffer_add_text(&session->out, "there is no queue yet\n");
    }
    return true;
}
