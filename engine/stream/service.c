// Wiring: opens the parts, passes their events on, and ends them in the right order.

#include "engine/stream/afterwards.h"
#include "engine/stream/scene.h"
#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/judge/judge.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/control.h"
#include "engine/stream/rule_load.h"
#include "engine/sys/clock.h"
#include "engine/sys/directory.h"
#include "engine/triage/triage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define TICK_MS          1000
#define HOLD_MS          5000 // until what waits for an answer is kept, and its message settles
#define DRAIN_STEP_MS    20
#define DRAIN_ANSWERS_MS 4000  // for answers of platforms and the disk
#define DRAIN_ALL_MS     8000  // for Redis to be left in order, too
#define NOTICES          16384 // users told something within a minute
#define ALARMS           4096  // rooms and kinds
#define NOTICE_MS        60000
#define NOT_DONE_BYTES   ((uint64_t)64 << 20)

static const struct weir_span no_room = {0};

// Events of the parts

static void on_store_ready(void *user)
{
    struct weir_service *service = user;
    service->is_store_ready = true;
    weir_judge_set_redis_away(service->judge, false);
    weir_log_say(service->log, WEIR_LOG_INFO, no_room, "redis.up", "%s",
                 *service->config->redis ? service->config->redis : "private");
    weir_planned_share(service->planned);
}

static void on_store_lost(void *user, struct weir_span cause)
{
    struct weir_service *service = user;
    service->is_store_ready = false;
    weir_judge_set_redis_away(service->judge, true);
    weir_log_say(service->log, WEIR_LOG_WARN, no_room, "redis.down",
                 "%s: %.*s; cards wait in the spool, moderation goes on",
                 *service->config->redis ? service->config->redis : "private",
                 WEIR_SPAN_ARGS(cause));
}

static void on_card_finished(void *user, uint64_t position)
{
    struct weir_service *service = user;
    if (service->spool) {
        weir_spool_release(service->spool, position);
    }
}

static void on_card_reopened(void *user, struct weir_span card_json)
{
    struct weir_service *service = user;
    if (!service->spool) {
        return; // we are closing
    }
    weir_afterwards_forget(service, card_json);
    const struct weir_pledge pledge = {
        .kind = WEIR_PLEDGE_CARD,
        .position = weir_spool_append(service->spool, WEIR_SPOOL_CARD, card_json),
    };
    if (pledge.position) {
        weir_pledges_add(service->pledges, &pledge, card_json);
    }
}

static void on_store_action(void *user, struct weir_span room, struct weir_span entry,
                            struct weir_span action_json)
{
    struct weir_service *service = user;
    if (!service->is_draining) {
        weir_decisions_on_entry(service->decisions, room, entry, action_json);
    }
}

static void on_room_refused(void *user, struct weir_span name, struct weir_span owner)
{
    struct weir_service *service = user;
    struct weir_room *room = weir_service_find_room(service, name);
    weir_log_say(service->log, WEIR_LOG_ERROR, name, "room.owned",
                 "the process %.*s has this room; it is left to that one", WEIR_SPAN_ARGS(owner));
    if (room && room->attachment && !room->is_refused) {
        room->is_refused = true;
        room->is_joined = false;
        weir_link_leave(room->attachment->link, name);
    }
}

static void on_room_owned(void *user, struct weir_span name)
{
    struct weir_service *service = user;
    struct weir_room *room = weir_service_find_room(service, name);
    if (!room || !room->attachment || service->is_draining) {
        return;
    }
    weir_known_users_read(service->known_users, room);
    weir_scene_owned(room);
    if (room->is_refused) {
        weir_log_say(service->log, WEIR_LOG_INFO, name, "room.taken-over",
                     "the process that had this room has gone");
        room->is_refused = false;
        weir_link_join(room->attachment->link, name);
    }
}

static void on_spool_record(void *user, enum weir_spool_kind kind, uint64_t position,
                            struct weir_span record)
{
    struct weir_service *service = user;
    weir_pledges_on_record(service->pledges, (int)kind, position, record);
}

static void on_durable(void *user, uint64_t position)
{
    struct weir_service *service = user;
    weir_pledges_on_durable(service->pledges, position);
    for (size_t i = 0; i < service->attachment_count; i++) {
        if (service->attachments[i].outbox) {
            weir_outbox_intent_synced(service->attachments[i].outbox, position);
        }
    }
}

static void on_turn(void *user)
{
    struct weir_service *service = user;
    if (!service->is_closing) {
        weir_service_end_turn(service);
    }
}

// The policy that gives up old cards does so before the spool is full, for their room on disk is
// there only once the next batch is written: first the copies of what Redis has, then the rest.
void weir_service_make_room(struct weir_service *service)
{
    if (service->config->spool_when_full != WEIR_WHEN_FULL_OLDEST) {
        return;
    }
    struct weir_spool_counters spool = weir_spool_counters(service->spool);
    if (spool.live_bytes < service->config->spool_bytes / 4 * 3) {
        return;
    }
    size_t lost = 0;
    size_t count = weir_store_give_up(service->store, (size_t)spool.live / 8 + 1, &lost);
    weir_room_count(service, NULL, WEIR_COUNT_CARDS_SHED, lost);
    weir_room_count(service, NULL, WEIR_COUNT_CARDS_UNCOPIED, count - lost);
    if (count > 0) {
        weir_log_say(service->log, WEIR_LOG_ERROR, no_room, "spool.full",
                     "%zu of the oldest cards were given up, %zu of them in no Redis yet; raise "
                     "spool.max_mib, or see why cards are not finished",
                     count, lost);
    }
}

static void on_tick(void *user)
{
    struct weir_service *service = user;
    int64_t now_ms = weir_clock_wall_ms();
    weir_log_tick(service->log, now_ms);
    weir_pledges_tick(service->pledges, now_ms);
    weir_planned_tick(service->planned, now_ms);
    weir_decisions_tick(service->decisions, now_ms);
    weir_afterwards_tick(service, now_ms);
    for (size_t i = 0; i < service->attachment_count; i++) {
        weir_acting_unhold(&service->attachments[i], now_ms - HOLD_MS);
    }
    weir_known_users_write(service->known_users);
    weir_service_save_settled(service);
    weir_service_end_turn(service);
}

// Opening

static bool lock_state(struct weir_service *service, struct weir_error *err)
{
    char path[PATH_MAX];
    char owner[32] = "";
    snprintf(path, sizeof(path), "%s/weir.lock", service->config->state);
    service->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (service->lock_fd < 0) {
        return weir_error_set(err,
                              "can't write to the state directory %s: %s; give its owner "
                              "with chown, or another 'state:'",
                              service->config->state, strerror(errno));
    }
    if (flock(service->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = pread(service->lock_fd, owner, sizeof(owner) - 1, 0);
        owner[got > 0 ? got : 0] = '\0';
        return weir_error_set(err,
                              "another weir (process %s) uses the state directory %s; stop "
                              "it, or give this one a 'state:' of its own",
                              owner, service->config->state);
    }
    int length = snprintf(owner, sizeof(owner), "%d", getpid());
    return (ftruncate(service->lock_fd, 0) == 0 &&
            pwrite(service->lock_fd, owner, (size_t)length, 0) == length) ||
           weir_error_set(err, "can't write %s: %s", path, strerror(errno));
}

static bool open_journals(struct weir_service *service, struct weir_error *err)
{
    const struct weir_config *config = service->config;
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s/verdicts", config->state);
    const struct weir_journal_options verdicts = {
        .folder = folder,
        .name = "verdicts",
        .keep_ms = config->verdict_keep_ms,
        .max_bytes = config->verdict_max_bytes,
    };
    char undone[PATH_MAX];
    snprintf(undone, sizeof(undone), "%s/not-done", config->state);
    const struct weir_journal_options not_done = {
        .folder = undone,
        .name = "not-done",
        .keep_ms = config->verdict_keep_ms,
        .max_bytes = NOT_DONE_BYTES,
    };
    const struct weir_journal_options record = {
        .folder = config->record_dir,
        .name = "chat",
        .keep_ms = config->record_keep_ms,
        .max_bytes = config->record_max_bytes,
    };
    service->verdicts = weir_journal_open(service->loop, &verdicts, err);
    service->not_done = service->verdicts ? weir_journal_open(service->loop, &not_done, err) : NULL;
    if (service->not_done && *config->record_dir) {
        service->record = weir_journal_open(service->loop, &record, err);
    }
    return service->not_done && (service->record || !*config->record_dir);
}

static bool open_store(struct weir_service *service, struct weir_error *err)
{
    static const struct weir_store_events events = {
        .on_ready = on_store_ready,
        .on_lost = on_store_lost,
        .on_card_finished = on_card_finished,
        .on_action = on_store_action,
        .on_card_reopened = on_card_reopened,
        .on_room_owned = on_room_owned,
        .on_room_refused = on_room_refused,
    };
    char host[128] = "weir";
    char process[192];
    gethostname(host, sizeof(host) - 1);
    snprintf(process, sizeof(process), "%s:%s", host, service->config->state);
    const struct weir_store_options options = {
        .url = weir_span_of(service->config->redis),
        .password = weir_span_of(service->config->redis_password),
        .sentinel_password = weir_span_of(service->config->sentinel_password),
        .tls_files = {service->config->redis_ca_file, service->config->redis_cert_file,
                      service->config->redis_key_file},
        .state = service->config->state,
        .process = weir_span_of(process),
    };
    service->store = weir_store_open(service->loop, &options, &events, service, err);
    return service->store != NULL;
}

static bool open_spool(struct weir_service *service, struct weir_error *err)
{
    static const enum weir_spool_sync syncs[] = {
        [WEIR_SYNC_BATCH] = WEIR_SPOOL_SYNC_BATCH,
        [WEIR_SYNC_ALWAYS] = WEIR_SPOOL_SYNC_ALWAYS,
        [WEIR_SYNC_OS] = WEIR_SPOOL_SYNC_OS,
    };
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s/spool", service->config->state);
    const struct weir_spool_options options = {
        .directory = folder,
        .max_bytes = service->config->spool_bytes,
        .sync = syncs[service->config->spool_sync],
    };
    service->spool =
        weir_spool_open(service->loop, &options, on_spool_record, on_durable, service, err);
    if (service->spool) {
        weir_pledges_take_up(service->pledges);
    }
    return service->spool != NULL;
}

static bool open_attachments(struct weir_service *service, const struct weir_adapters *adapters,
                             struct weir_error *err)
{
    const struct weir_config *config = service->config;
    service->attachments = weir_new_array(struct weir_attachment, config->connection_count);
    for (size_t i = 0; i < config->connection_count; i++) {
        struct weir_attachment *attachment = &service->attachments[service->attachment_count++];
        attachment->service = service;
        attachment->config = &config->connections[i];
        if (!weir_attachment_open(attachment, adapters, err)) {
            return false;
        }
    }
    weir_pledges_send_recovered(service->pledges);
    return true;
}

static bool open_control(struct weir_service *service, struct weir_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/weir.sock", service->config->state);
    service->control =
        weir_control_open(service->loop, path, weir_service_on_request, service, err);
    return service->control != NULL;
}

static void make_key(struct weir_hash_key *key)
{
    ssize_t got = getrandom(key, sizeof(*key), 0);
    weir_assert(got == sizeof(*key));
}

struct weir_service *weir_service_open(struct weir_loop *loop,
                                       const struct weir_service_options *options,
                                       struct weir_error *err)
{
    struct weir_service *service = weir_new(struct weir_service);
    service->loop = loop;
    service->config = options->config;
    service->log = options->log;
    service->set = weir_take(options->loaded->set);
    service->lock_fd = -1;
    service->started_ms = weir_clock_wall_ms();
    make_key(&service->key);
    service->memory_budget.most = service->config->max_users;
    service->judge = weir_judge_create((uint32_t)service->config->max_text);
    weir_judge_simulate(service->judge, options->simulated);
    weir_judge_set_redis_away(service->judge, true); // until it is there
    service->triage = weir_take(options->loaded->triage);
    service->pledges = weir_pledges_create(service);
    service->planned = weir_planned_create(service);
    service->overflow = weir_overflow_create(service);
    service->reload = weir_reload_create(service, options);
    service->listener = weir_room_listener_create();
    service->decisions = weir_decisions_create(service);
    service->known_users = weir_known_users_create(service);
    service->notices = weir_lately_create(NOTICES, NOTICE_MS, service->key);
    service->alarms = weir_lately_create(ALARMS, NOTICE_MS, service->key);
    if (!weir_directory_make(service->config->state, err) || !lock_state(service, err) ||
        !open_journals(service, err) || !open_store(service, err) || !open_spool(service, err) ||
        !open_attachments(service, options->adapters, err) || !open_control(service, err)) {
        weir_service_drain(service);
        return service;
    }
    service->timer = weir_timer_start(loop, TICK_MS, TICK_MS, on_tick, service);
    weir_loop_on_turn(loop, on_turn, service);
    return service;
}

// Ending

static void on_store_closed(void *user)
{
    struct weir_service *service = user;
    service->is_store_closed = true;
}

static bool is_waiting_for_answers(const struct weir_service *service)
{
    for (size_t i = 0; i < service->attachment_count; i++) {
        const struct weir_attachment *attachment = &service->attachments[i];
        if (attachment->is_up &&
            (weir_outbox_count(attachment->outbox) > 0 || weir_link_queued(attachment->link) > 0)) {
            return true;
        }
    }
    return weir_pledges_count(service->pledges) > 0 || weir_known_users_wait(service->known_users);
}

// What talks to the outside goes first, the spool after what appends to it, the lock last.
static void close_parts(struct weir_service *service)
{
    service->is_closing = true;
    weir_timer_stop(&service->timer);
    if (service->spool) {
        weir_service_save_settled(service);
    }
    for (size_t i = 0; i < service->attachment_count; i++) {
        weir_attachment_close(&service->attachments[i]);
    }
    weir_reload_stop(service->reload);
    weir_control_close(&service->control);
    weir_overflow_stop(service->overflow);
    weir_spool_close(&service->spool);
    weir_journal_close(&service->record);
    weir_journal_close(&service->verdicts);
    weir_journal_close(&service->not_done);
    if (service->store) {
        weir_store_close(&service->store, on_store_closed, service);
    } else {
        service->is_store_closed = true;
    }
}

static void on_drain_step(void *user)
{
    struct weir_service *service = user;
    int64_t now_ms = weir_clock_monotonic_ms();
    if (!service->is_closing) {
        bool patient = now_ms < service->drain_end_ms - (DRAIN_ALL_MS - DRAIN_ANSWERS_MS);
        if (patient && is_waiting_for_answers(service)) {
            return;
        }
        close_parts(service);
    }
    if ((service->is_store_closed && !weir_reload_is_running(service)) ||
        now_ms >= service->drain_end_ms) {
        weir_timer_stop(&service->drain_timer);
        weir_loop_stop(service->loop);
    }
}

void weir_service_drain(struct weir_service *service)
{
    if (service->is_draining) {
        return;
    }
    service->is_draining = true;
    weir_afterwards_flush(service, weir_clock_wall_ms());
    if (service->timer) {
        weir_known_users_write(service->known_users);
    }
    service->drain_end_ms = weir_clock_monotonic_ms() + DRAIN_ALL_MS;
    if (service->timer) { // it was at work
        weir_log_say(service->log, WEIR_LOG_INFO, no_room, "stopping",
                     "waiting for what is under way");
    }
    service->drain_timer =
        weir_timer_start(service->loop, 1, DRAIN_STEP_MS, on_drain_step, service);
}

void weir_service_reload(struct weir_service *service)
{
    weir_reload_start(service, 0);
}

void weir_service_destroy(struct weir_service **service)
{
    struct weir_service *s = weir_take(*service);
    if (!s) {
        return;
    }
    weir_service_free_rooms(s);
    free(s->attachments);
    weir_reload_destroy(&s->reload);
    weir_pledges_destroy(&s->pledges);
    weir_planned_destroy(&s->planned);
    weir_overflow_destroy(&s->overflow);
    weir_decisions_destroy(&s->decisions);
    weir_known_users_destroy(&s->known_users);
    weir_lately_destroy(&s->notices);
    weir_lately_destroy(&s->alarms);
    weir_room_listener_destroy(&s->listener);
    weir_judge_destroy(&s->judge);
    weir_triage_destroy(&s->triage);
    weir_set_destroy(&s->set);
    weir_buffer_fini(&s->scratch);
    if (s->lock_fd >= 0) {
        close(s->lock_fd);
    }
    free(s);
}
