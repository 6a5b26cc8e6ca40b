/** What `play` counts, and how it tells. */
#ifndef WEIR_COMMANDS_PLAY_REPORT_H
#define WEIR_COMMANDS_PLAY_REPORT_H

#include "engine/base/buffer.h"

/** Times in microseconds, kept to about 3 % in buckets. */
struct play_times {
    uint64_t buckets[64 * 32];
    uint64_t count;
    uint64_t max_us;
};

void play_times_add(struct play_times *times, uint64_t us);
/** The time that `percent` of all stayed within; 0 where there was none. */
uint64_t play_times_at(const struct play_times *times, double percent);

struct play_report {
    uint64_t sent;     // chat messages and edits, each once
    uint64_t resent;   // again after a reconnect
    uint64_t withheld; // not sent: their author was muted or banned
    uint64_t judged;   // sent and acknowledged
    uint64_t actions[WEIR_DO_COUNT];
    uint64_t actions_by_human;
    uint64_t applied;
    uint64_t refused[WEIR_REFUSED_INTERNAL + 1];
    uint64_t repeated_actions; // heard again with an id that had been answered
    uint64_t most_repeats;     // of one id
    uint64_t verdicts[WEIR_GATE_MASK + 1];
    uint64_t late_verdicts;
    uint64_t repeated_verdicts;
    uint64_t gaps;
    uint64_t connections;
    uint64_t bad_frames;
    uint64_t unknown_frames;
    uint64_t unknown_rooms;
    uint64_t wrong_tokens;
    uint64_t first_sent_us;
    uint64_t last_ack_us;
    bool is_gate;
    struct play_times action_times;  // from sending a message to its first action
    struct play_times ack_times;     // from sending a message to its ack
    struct play_times verdict_times; // gate: from sending a message to its verdict
};

void play_report_write_text(const struct play_report *report, struct weir_buffer *out);
void play_report_write_json(const struct play_report *report, struct weir_buffer *out);

#endif
