/**
 * Asks the queues one thing at a time and waits for the answer: for commands in a terminal, never
 * for the loop.
 */
#ifndef WEIR_STORE_CLIENT_H
#define WEIR_STORE_CLIENT_H

#include "engine/base/error.h"
#include "engine/store/redis_tls.h"

struct weir_client;

struct weir_client_options {
    struct weir_span url; // empty: the private server of `state`
    struct weir_span password;
    struct weir_span sentinel_password;
    struct weir_redis_tls_files tls_files;
    const char *state;
    uint32_t timeout_ms; // 0 = 5 s, for connecting and for each answer
};

/** An answer: text, or a list. Numbers come as text. */
struct weir_reply {
    struct weir_span text;
    bool is_list;
    struct weir_reply *items;
    size_t count;
};

/** Connects and loads the function library where it is missing. NULL with one clause. */
struct weir_client *weir_client_open(const struct weir_client_options *options,
                                     struct weir_error *err);
void weir_client_close(struct weir_client **client);

/** Calls weir_NAME with one key. NULL with `err` for an error, its first word included. */
struct weir_reply *weir_client_call(struct weir_client *client, const char *name,
                                    struct weir_span key, const struct weir_span *args,
                                    size_t count, struct weir_error *err);

/** How safe a decision is. */
enum weir_confirmed {
    WEIR_CONFIRMED_ALONE,        // this Redis has no replicas; its disk is all there is
    WEIR_CONFIRMED_REPLICATED,   // at least one has it
    WEIR_CONFIRMED_UNREPLICATED, // none has it yet: should the master be lost now, it may be lost
};

/** As weir_client_call(), for a decision about the card args[0]; then waits a second for a replica
 * to have it. One that no replica has is marked in the card. */
struct weir_reply *weir_client_decide(struct weir_client *client, const char *name,
                                      struct weir_span key, const struct weir_span *args,
                                      size_t count, enum weir_confirmed *confirmed_out,
                                      struct weir_error *err);

/** Sends any command. */
struct weir_reply *weir_client_send(struct weir_client *client, const struct weir_span *args,
                                    size_t count, struct weir_error *err);

void weir_reply_destroy(struct weir_reply **reply);

/** The value of `name` in a flat list of names and values; empty if there is none. */
struct weir_span weir_reply_field(const struct weir_reply *list, const char *name);

/** The process of the server, as INFO names it; 0 where it does not. */
int weir_client_server_pid(struct weir_client *client);

#endif
