/**
 * weir.yaml (design.md 5), read as strictly as rules: every mistake of the file in one run, each at
 * its place; everything but the rooms has a default; relative paths are relative to the file.
 *
 * Secrets never stand in the file or in argv: they come from files and environment variables that
 * it names.
 */
#ifndef WEIR_CONFIG_CONFIG_H
#define WEIR_CONFIG_CONFIG_H

#include "engine/base/diagnostics.h"
#include "engine/sys/files.h"

/** What stands in for an action that a platform can't do. */
enum weir_config_instead {
    WEIR_INSTEAD_FLAG,   // leave it to the card that was made anyway
    WEIR_INSTEAD_DELETE, // delete the message
};

/** When what a crash must not lose is on disk, and with it settled. */
enum weir_config_sync {
    WEIR_SYNC_BATCH,  // synced, together with what comes within milliseconds
    WEIR_SYNC_ALWAYS, // synced at once
    WEIR_SYNC_OS,     // left to the kernel: survives kill -9, not a power cut
};

/** Which cards go when the spool is full. */
enum weir_config_when_full {
    WEIR_WHEN_FULL_NEWEST, // those that come are not taken
    WEIR_WHEN_FULL_OLDEST, // those that have waited longest are given up
};

/** Where strikes, and what else is known of users, are kept. */
enum weir_config_strikes {
    WEIR_STRIKES_ROOM,      // each room its own
    WEIR_STRIKES_PLATFORM,  // all rooms of one server together
    WEIR_STRIKES_FORGOTTEN, // in memory only
};

/** One entry of `rooms`: a connection and the rooms on it. */
struct weir_config_connection {
    struct weir_place place; // of its url
    char *url;
    char *adapter; // "": from the URL
    char *name;    // nick or account, "": the adapter's choice
    char *token;   // secret, "": none
    char *ca_file; // "": the system's
    struct weir_paths rooms;
    bool act;
    enum weir_config_instead no_hold;
    enum weir_config_instead no_mask;
    enum weir_config_strikes strikes;
    struct weir_limit *budget; // takes the place of what the adapter documents; only if has_budget
    size_t budget_count;
    bool has_budget;
    uint32_t clears; // bits of actions that remove what a user wrote; only if has_clears
    bool has_clears;
    int64_t delete_within_ms; // of having left the screen; then a delete is not worth doing
    char short_mode[16];    // room mode to enter when the budget can't cope; "": a card proposes it
    uint32_t short_seconds; // slow: between messages
    int64_t short_for_ms;   // how long
};

struct weir_config {
    char *file;  // the name that places show
    char *state; // directory
    char *redis; // "": a private server
    char *redis_password;
    char *sentinel_password; // of the sentinels themselves
    char *redis_ca_file;     // for rediss://; "": the system's
    char *redis_cert_file;   // "": none
    char *redis_key_file;
    struct weir_paths rules; // empty: the shipped packs
    bool watch_rules;        // a changed pack is loaded by itself
    char *console_listen;    // "": no console
    char *record_dir;        // "": chat is not recorded
    int64_t record_keep_ms;
    uint64_t record_max_bytes;
    int64_t verdict_keep_ms;
    uint64_t verdict_max_bytes;
    uint64_t verdict_sample; // of the verdicts that hit nothing, one in so many is logged; 0: none
    bool verdict_text;       // the log holds what users wrote
    uint64_t max_rooms;      // of one connection
    uint64_t max_text;       // characters of a message that are judged
    uint64_t max_object_bytes; // of one frame's object or line
    uint64_t max_actions;      // that wait or fly on one connection; more wait in the spool
    uint64_t max_unsettled;    // messages of one room; more holds reading back
    uint64_t max_users;        // that the memories of all rooms hold together
    uint64_t recent_ids;       // that a room remembers
    uint64_t spool_bytes;
    enum weir_config_sync spool_sync;
    enum weir_config_when_full spool_when_full;
    struct weir_config_connection *connections;
    size_t connection_count;
};

/** -c FILE (may be NULL), $WEIR_CONFIG, ./weir.yaml, /etc/weir/weir.yaml: the first that is given
 * or is there, else NULL with `err` set. The caller frees it. */
char *weir_config_find(const char *option, struct weir_error *err);

/**
 * Parses `text`; `file` names it and is where relative paths start. Reads the files of secrets that
 * it names. Returns NULL if a mistake went to `diagnostics`.
 */
struct weir_config *weir_config_parse(const char *file, struct weir_span text,
                                      struct weir_diagnostics *diagnostics);
void weir_config_destroy(struct weir_config **config);

#endif
