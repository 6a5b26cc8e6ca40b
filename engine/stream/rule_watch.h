/**
 * Tells when rule files may have changed: written in place, replaced by a rename, checked out by
 * git, or when the folder itself was replaced. It says so once things have been quiet for a moment,
 * and may say so in vain: who hears it compares contents.
 */
#ifndef WEIR_STREAM_RULE_WATCH_H
#define WEIR_STREAM_RULE_WATCH_H

#include "engine/net/loop.h"
#include "engine/sys/files.h"

struct weir_rule_watch;

/** Watches `paths` (packs and folders of packs, they outlive the watch) and calls `on_change(user)`
 * on the loop. */
struct weir_rule_watch *weir_rule_watch_create(struct weir_loop *loop,
                                               const struct weir_paths *paths,
                                               void (*on_change)(void *user), void *user);
/** Stops. The loop must turn once more. */
void weir_rule_watch_destroy(struct weir_rule_watch **watch);

/**
 * Also watches the folders of `files`, which were read last; and anew all folders, that may be
 * others of the same name by now.
 */
void weir_rule_watch_follow(struct weir_rule_watch *watch, const struct weir_paths *files);

#endif
