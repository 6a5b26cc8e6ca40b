/**
 * The daemon behind `weir run`: rooms attached, every message judged, violations acted on,
 * questions spooled for the queues, decisions of humans carried out.
 *
 * The way of one message through here: link -> on_message() -> judge -> consequences -> outbox, and
 * cards -> spool -> store. Moderation never waits for Redis or the disk; settling does.
 */
#ifndef WEIR_STREAM_SERVICE_H
#define WEIR_STREAM_SERVICE_H

#include "engine/config/config.h"
#include "engine/stream/adapters.h"
#include "engine/sys/log.h"

struct weir_loop;
struct weir_rule_load;
struct weir_service;

struct weir_service_options {
    const struct weir_config *config;     // outlives the service
    const struct weir_adapters *adapters; // outlives the service
    struct weir_log *log;
    const struct weir_paths *rules; // packs and folders of packs; outlives the service
    uint32_t simulated; // causes that are forced for every message: bits 1 << enum weir_cause
    struct weir_rule_load *loaded; // what they were at the start: its set is taken over
};

/**
 * Opens the state directory, the spool and the store and starts attaching; the loop does the rest.
 * Never NULL. Where that is impossible `err` says why (another daemon has the state directory, it
 * can't be written to, a URL is not understood), and what was begun is being drained: run the loop
 * all the same, it stops by itself.
 */
struct weir_service *weir_service_open(struct weir_loop *loop,
                                       const struct weir_service_options *options,
                                       struct weir_error *err);

/** Lets what is under way end, closes everything and stops the loop; within 10 s. */
void weir_service_drain(struct weir_service *service);

/** Loads the rules anew; what runs keeps running where they are refused. */
void weir_service_reload(struct weir_service *service);

/** Frees what is left after the loop has ended. */
void weir_service_destroy(struct weir_service **service);

#endif
