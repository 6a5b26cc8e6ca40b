/** One run of `weir queue`: its options, its Redis, and how it finds queues and cards. */
#ifndef WEIR_COMMANDS_QUEUE_SESSION_H
#define WEIR_COMMANDS_QUEUE_SESSION_H

#include "engine/base/buffer.h"
#include "engine/commands/queue_ids.h"
#include "engine/store/client.h"

#define WEIR_QUEUE_WORDS    64
#define WEIR_QUEUE_SKILLS   16
#define WEIR_QUEUE_LEASE_MS 300000

struct weir_queue_options {
    const char *words[WEIR_QUEUE_WORDS]; // what is no option, the action first
    size_t word_count;
    const char *queues[WEIR_QUEUE_WORDS];
    size_t queue_count;
    const char *skills[WEIR_QUEUE_SKILLS];
    size_t skill_count;
    const char *as;
    const char *redis;
    const char *state;
    const char *config;
    const char *queue; // the last of `queues`
    const char *duration;
    const char *lasts;
    const char *verdict;
    const char *text;
    const char *reason;
    const char *token;
    const char *max;
    const char *capacity;
    const char *to;
    const char *after;
    bool done;
    bool json;
    bool fill;
    bool is_new;
    bool off;
};

struct weir_queue_session {
    struct weir_queue_options options;
    struct weir_client *client;
    char **queues;
    size_t queue_count;
    struct weir_queue_ids ids; // of all cards, where short ones are shown
    struct weir_buffer out;
    struct weir_error err;
    enum weir_confirmed confirmed; // the decision
};

bool weir_queue_parse_options(struct weir_queue_options *options, int argc, char **argv,
                              struct weir_error *err);
/** 30s, 10m, 1h, 2d; `fallback_ms` where `text` is NULL. */
bool weir_queue_parse_time(const char *text, int64_t fallback_ms, int64_t *ms_out,
                           struct weir_error *err);

/** Reaches the Redis that options, environment or weir.yaml name. */
bool weir_queue_connect(struct weir_queue_session *session);
void weir_queue_session_fini(struct weir_queue_session *session);

/** Calls weir_NAME on a queue. The caller owns the answer; NULL with session->err. */
struct weir_reply *weir_queue_call(struct weir_queue_session *session, const char *name,
                                   const char *queue, const struct weir_span *args, size_t count);

/** Chooses the queues that are named, else all that the registry knows, sorted. */
bool weir_queue_choose(struct weir_queue_session *session, const char *const *names, size_t count);
/** The same of the words behind the action and of --queue. */
bool weir_queue_choose_named(struct weir_queue_session *session);

/** Adds the ids in the chosen queues that begin with `prefix`. */
bool weir_queue_add_ids(struct weir_queue_session *session, struct weir_span prefix,
                        struct weir_queue_ids *ids);
/** The card that is meant, by its id or the beginning of it. NULL without an error: none. */
struct weir_reply *weir_queue_seek_card(struct weir_queue_session *session, struct weir_span id,
                                        const char **queue_out);
/** The same, and none is an error. */
struct weir_reply *weir_queue_find_card(struct weir_queue_session *session, const char *id,
                                        const char **queue_out);

/** The token of the claim: the one that was given, else the card's where it is claimed by us. */
bool weir_queue_choose_token(struct weir_queue_session *session, const struct weir_reply *card,
                             struct weir_span *token_out);
/** Calls a function about a claimed card: its id, its token, and what else it wants. */
bool weir_queue_call_on_card(struct weir_queue_session *session, const char *function,
                             const char *result, const struct weir_span *more, size_t count);

/** A card, as the options want it: JSON, in full, or a line. */
void weir_queue_write_one(struct weir_queue_session *session, const char *queue,
                          const struct weir_reply *card, int64_t now_ms, bool in_full);
/** `NAME VALUE`, or as JSON. */
void weir_queue_write_result(struct weir_queue_session *session, const char *queue,
                             const char *name, struct weir_span value);

#endif
