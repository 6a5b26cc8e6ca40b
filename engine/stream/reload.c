// Rules are read, compiled and proved on a thread of libuv's pool; the loop only swaps the set,
// between two messages. A mistake changes nothing.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/stream/control.h"
#include "engine/sys/clock.h"

#include <stdlib.h>
#include <uv.h>

#define MAX_WAITERS 16

struct waiters {
    uint64_t clients[MAX_WAITERS];
    size_t count;
};

struct weir_reload {
    uv_work_t work;
    struct weir_service *service;
    struct weir_set *(*load_rules)(void *user, struct weir_buffer *mistakes_out);
    void *user;
    struct weir_set *set; // the thread's result; later the old set, to be freed there
    struct weir_buffer mistakes;
    struct waiters now;
    struct waiters next; // asked while one was under way: another one follows
    int64_t began_us;
    bool is_running;
    bool is_wanted;
};

struct weir_reload *
weir_reload_create(struct weir_service *service,
                   struct weir_set *(*load_rules)(void *user, struct weir_buffer *), void *user)
{
    struct weir_reload *reload = weir_new(struct weir_reload);
    reload->service = service;
    reload->load_rules = load_rules;
    reload->user = user;
    return reload;
}

void weir_reload_destroy(struct weir_reload **reload)
{
    if (*reload) {
        weir_buffer_fini(&(*reload)->mistakes);
        weir_set_destroy(&(*reload)->set);
        free(*reload);
        *reload = NULL;
    }
}

bool weir_reload_is_running(const struct weir_service *service)
{
    return service->reload && service->reload->is_running;
}

static void on_work(uv_work_t *work)
{
    struct weir_reload *reload = work->data;
    reload->set = reload->load_rules(reload->user, &reload->mistakes);
}

static void write_outcome(struct weir_reload *reload, bool is_loaded, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", is_loaded);
    weir_json_add_text_field(out, "set", weir_span_of(reload->service->set->hash));
    weir_json_add_u64_field(out, "rules", reload->service->set->rule_count);
    weir_json_add_i64_field(out, "took_ms", (weir_clock_monotonic_us() - reload->began_us) / 1000);
    if (!is_loaded) {
        weir_json_add_text_field(out, "mistakes", weir_buffer_span(&reload->mistakes));
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

static void say_outcome(struct weir_reload *reload, bool is_loaded)
{
    struct weir_service *service = reload->service;
    if (is_loaded) {
        weir_log_say(service->log, WEIR_LOG_INFO, WEIR_SPAN(""), "rules.loaded", "%s, %zu rules",
                     service->set->hash, service->set->rule_count);
        return;
    }
    weir_log_say(service->log, WEIR_LOG_ERROR, WEIR_SPAN(""), "rules.refused",
                 "%s runs on; 'weir reload --wait' and 'weir check' show all mistakes: %.*s",
                 service->set->hash, WEIR_SPAN_ARGS(weir_buffer_span(&reload->mistakes)));
}

static void on_loaded(uv_work_t *work, int status)
{
    struct weir_reload *reload = work->data;
    struct weir_service *service = reload->service;
    bool is_loaded = reload->set != NULL;
    (void)status;
    reload->is_running = false;
    if (is_loaded) {
        struct weir_set *old = service->set;
        service->set = weir_take(reload->set);
        weir_set_destroy(&old);
    }
    service->reloaded_ms = is_loaded ? weir_clock_wall_ms() : service->reloaded_ms;
    service->refused_ms = is_loaded ? service->refused_ms : weir_clock_wall_ms();
    say_outcome(reload, is_loaded);
    tell_waiters(reload, is_loaded);
    if (reload->is_wanted && !service->is_draining) {
        reload->now = reload->next;
        reload->next.count = 0;
        reload->is_wanted = false;
        weir_reload_start(service, 0);
    }
}

static void add_waiter(struct waiters *waiters, uint64_t client)
{
    if (client && waiters->count < MAX_WAITERS) {
        waiters->clients[waiters->count++] = client;
    }
}

void weir_reload_start(struct weir_service *service, uint64_t client)
{
    struct weir_reload *reload = service->reload;
    if (reload->is_running) {
        reload->is_wanted = true;
        add_waiter(&reload->next, client);
        return;
    }
    add_waiter(&reload->now, client);
    weir_buffer_clear(&reload->mistakes);
    reload->began_us = weir_clock_monotonic_us();
    reload->work.data = reload;
    reload->is_running =
        uv_queue_work(weir_loop_uv(service->loop), &reload->work, on_work, on_loaded) == 0;
}
