// Rules are read, compiled and proved on a thread of their own; the loop only swaps the set,
// between two messages. A mistake changes nothing.
//
// The thread runs with less weight than the loop's, so that where they share a core it is the rules
// that wait and not the messages; libuv's pool has no such threads, it only waits for ours. What an
// old set held is freed there too: ten thousand rules take longer to free than a message may wait.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/judge/judge.h"
#include "engine/stream/control.h"
#include "engine/stream/rule_load.h"
#include "engine/stream/rule_watch.h"
#include "engine/sys/clock.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#define MAX_WAITERS 16
#define NICE        5

struct waiters {
    uint64_t clients[MAX_WAITERS];
    size_t count;
};

struct weir_reload {
    struct weir_service *service;
    const struct weir_paths *paths;
    struct weir_rule_watch *watch; // NULL: only on request

    // The thread's while `is_running`, else the loop's.
    uv_work_t work;
    struct weir_rule_load load;
    struct weir_files_digest tried; // the files that were loaded last, or refused
    struct weir_paths files;        // their names
    struct weir_set *old;           // to be freed
    struct weir_plan *old_plan;
    struct weir_triage *old_triage;
    bool only_if_changed;
    bool is_unchanged;

    struct waiters now;
    struct waiters next;       // asked while one was under way: another one follows
    bool next_only_if_changed; // of that one
    bool is_wanted;
    bool is_running;
    int64_t began_us;
    struct weir_reload_outcome outcome;
};

static void on_change(void *user);

struct weir_reload *weir_reload_create(struct weir_service *service,
                                       const struct weir_service_options *options)
{
    struct weir_reload *reload = weir_new(struct weir_reload);
    reload->service = service;
    reload->paths = options->rules;
    reload->tried = options->loaded->digest;
    reload->files = options->loaded->files;
    options->loaded->files = (struct weir_paths){0};
    reload->outcome.loaded_ms = weir_clock_wall_ms();
    if (options->config->watch_rules) {
        reload->watch = weir_rule_watch_create(service->loop, reload->paths, on_change, reload);
        weir_rule_watch_follow(reload->watch, &reload->files);
    }
    return reload;
}

void weir_reload_stop(struct weir_reload *reload)
{
    weir_rule_watch_destroy(&reload->watch);
}

void weir_reload_destroy(struct weir_reload **reload)
{
    struct weir_reload *old = weir_take(*reload);
    if (old) {
        weir_rule_load_fini(&old->load);
        weir_paths_fini(&old->files);
        weir_triage_destroy(&old->old_triage);
        weir_plan_destroy(&old->old_plan);
        weir_set_destroy(&old->old);
        free(old);
    }
}

bool weir_reload_is_running(const struct weir_service *service)
{
    return service->reload && service->reload->is_running;
}

const struct weir_reload_outcome *weir_reload_outcome_of(const struct weir_service *service)
{
    return &service->reload->outcome;
}

// --- on the thread ---

static bool is_unchanged(const struct weir_reload *reload)
{
    struct weir_files_digest now = weir_rule_files_digest_now(reload->paths, &reload->files);
    return memcmp(&now, &reload->tried, sizeof(now)) == 0;
}

static void *load_or_free(void *user)
{
    struct weir_reload *reload = user;
    // Never in the way of the loop, not even where the process has real-time priority.
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){0});
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    if (reload->old) {
        weir_triage_destroy(&reload->old_triage);
        weir_plan_destroy(&reload->old_plan);
        weir_set_destroy(&reload->old);
        malloc_trim(0);
        return NULL;
    }
    reload->is_unchanged = reload->only_if_changed && is_unchanged(reload);
    if (!reload->is_unchanged) {
        weir_rule_load_settled(&reload->load, reload->paths);
    }
    return NULL;
}

static void on_work(uv_work_t *work)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, load_or_free, work->data) == 0) {
        pthread_join(thread, NULL);
    } else {
        load_or_free(work->data);
    }
}

// --- on the loop ---

static void begin(struct weir_reload *reload, bool only_if_changed);

static void start_next(struct weir_reload *reload)
{
    if (reload->is_wanted && !reload->service->is_draining) {
        reload->now = reload->next;
        reload->next.count = 0;
        reload->is_wanted = false;
        begin(reload, reload->next_only_if_changed);
    }
}

static void on_freed(uv_work_t *work, int status)
{
    struct weir_reload *reload = work->data;
    (void)status;
    reload->is_running = false;
    start_next(reload);
}

static void free_old_set(struct weir_reload *reload, struct weir_set *old)
{
    reload->old = old;
    reload->is_running =
        uv_queue_work(weir_loop_uv(reload->service->loop), &reload->work, on_work, on_freed) == 0;
}

static void write_outcome(const struct weir_reload *reload, bool is_loaded, struct weir_buffer *out)
{
    const struct weir_set *set = reload->service->set;
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", is_loaded);
    weir_json_add_text_field(out, "set", weir_span_of(set->hash));
    weir_json_add_u64_field(out, "rules", set->rule_count);
    weir_json_add_i64_field(out, "took_ms", reload->outcome.took_ms);
    if (is_loaded && reload->load.costs.length > 0) {
        weir_json_add_text_field(out, "warnings", weir_buffer_span(&reload->load.costs));
    }
    if (!is_loaded) {
        weir_json_add_u64_field(out, "mistake_count", reload->load.mistake_count);
        weir_json_add_text_field(out, "mistakes", weir_buffer_span(&reload->load.mistakes));
    }
    weir_buffer_add_byte(out, '}');
}

static void tell_waiters(struct weir_reload *reload, bool is_loaded)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    write_outcome(reload, is_loaded, &json);
    for (size_t i = 0; i < reload->now.count && reload->service->control; i++) {
        weir_control_reply(reload->service->control, reload->now.clients[i],
                           weir_buffer_span(&json));
    }
    reload->now.count = 0;
}

static void say_outcome(const struct weir_reload *reload, bool is_loaded)
{
    const struct weir_service *service = reload->service;
    if (is_loaded) {
        weir_log_say(service->log, WEIR_LOG_INFO, WEIR_SPAN(""), "rules.loaded",
                     "%s, %zu rules, in %lld ms", service->set->hash, service->set->rule_count,
                     (long long)reload->outcome.took_ms);
        if (reload->load.costs.length > 0) {
            struct weir_span rest = weir_buffer_span(&reload->load.costs);
            struct weir_span first = weir_span_take_until(&rest, '\n');
            weir_log_say(service->log, WEIR_LOG_WARN, WEIR_SPAN(""), "rules.costly",
                         "'weir check' shows all: %.*s", WEIR_SPAN_ARGS(first));
        }
        return;
    }
    weir_log_say(service->log, WEIR_LOG_ERROR, WEIR_SPAN(""), "rules.refused",
                 "%zu %s, %s runs on; 'weir reload --wait' and 'weir check' show all: %s",
                 reload->load.mistake_count,
                 reload->load.mistake_count == 1 ? "mistake" : "mistakes", service->set->hash,
                 reload->load.first_mistake);
}

static void keep_outcome(struct weir_reload *reload, bool is_loaded)
{
    struct weir_reload_outcome *outcome = &reload->outcome;
    outcome->took_ms = (weir_clock_monotonic_us() - reload->began_us) / 1000;
    if (is_loaded) {
        outcome->loaded_ms = weir_clock_wall_ms();
        outcome->loads++;
    } else {
        outcome->refused_ms = weir_clock_wall_ms();
        outcome->refusals++;
        outcome->mistake_count = reload->load.mistake_count;
        memcpy(outcome->first_mistake, reload->load.first_mistake, sizeof(outcome->first_mistake));
    }
    outcome->is_refused = !is_loaded;
}

// The files that were read, good or bad, are those that are watched.
static void follow_files(struct weir_reload *reload)
{
    reload->tried = reload->load.digest;
    weir_paths_fini(&reload->files);
    reload->files = reload->load.files;
    reload->load.files = (struct weir_paths){0};
    if (reload->watch) {
        weir_rule_watch_follow(reload->watch, &reload->files);
    }
}

static void on_loaded(uv_work_t *work, int status)
{
    struct weir_reload *reload = work->data;
    struct weir_service *service = reload->service;
    struct weir_set *old = NULL;
    bool is_loaded = reload->load.set != NULL;
    (void)status;
    reload->is_running = false;
    if (reload->is_unchanged) {
        start_next(reload);
        return;
    }
    if (is_loaded) {
        old = service->set;
        service->set = weir_take(reload->load.set);
        weir_judge_exchange_plan(service->judge, reload->load.plan);
        reload->old_plan = weir_take(reload->load.plan);
        reload->old_triage = service->triage;
        service->triage = weir_take(reload->load.triage);
    }
    follow_files(reload);
    keep_outcome(reload, is_loaded);
    say_outcome(reload, is_loaded);
    tell_waiters(reload, is_loaded);
    if (old) {
        free_old_set(reload, old);
    } else {
        start_next(reload);
    }
}

static void add_waiter(struct waiters *waiters, uint64_t client)
{
    if (client && waiters->count < MAX_WAITERS) {
        waiters->clients[waiters->count++] = client;
    }
}

static void begin(struct weir_reload *reload, bool only_if_changed)
{
    reload->only_if_changed = only_if_changed;
    reload->began_us = weir_clock_monotonic_us();
    reload->work.data = reload;
    reload->is_running =
        uv_queue_work(weir_loop_uv(reload->service->loop), &reload->work, on_work, on_loaded) == 0;
}

static void start(struct weir_reload *reload, uint64_t client, bool only_if_changed)
{
    if (reload->is_running) {
        reload->next_only_if_changed =
            only_if_changed && (!reload->is_wanted || reload->next_only_if_changed);
        reload->is_wanted = true;
        add_waiter(&reload->next, client);
        return;
    }
    add_waiter(&reload->now, client);
    begin(reload, only_if_changed);
}

void weir_reload_start(struct weir_service *service, uint64_t client)
{
    start(service->reload, client, false);
}

// First watch, then look: what is written in between is seen by one or the other.
static void on_change(void *user)
{
    struct weir_reload *reload = user;
    if (!reload->service->is_draining) {
        weir_rule_watch_follow(reload->watch, &reload->files);
        start(reload, 0, true);
    }
}
