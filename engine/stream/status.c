// What `weir status` and `weir rooms` are told.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/control.h"
#include "engine/stream/scene.h"
#include "engine/sys/clock.h"

#include <unistd.h>

static void add_counters(struct weir_buffer *out, const uint64_t counters[WEIR_COUNTERS])
{
    weir_json_add_name(out, "counters");
    weir_buffer_add_byte(out, '{');
    for (int i = 0; i < WEIR_COUNTERS; i++) {
        if (counters[i] > 0) {
            weir_json_add_u64_field(out, weir_counter_name((enum weir_counter)i), counters[i]);
        }
    }
    weir_buffer_add_byte(out, '}');
}

// What waits with us, by kind: for the connection, for the budget, for its turn.
static void add_waiting(struct weir_buffer *out, const struct weir_attachment *attachment)
{
    size_t waiting[WEIR_DO_COUNT];
    weir_outbox_waiting(attachment->outbox, NULL, waiting);
    weir_json_add_name(out, "not_sent");
    weir_buffer_add_byte(out, '{');
    for (int kind = 0; kind < WEIR_DO_COUNT; kind++) {
        if (waiting[kind] > 0) {
            weir_json_add_u64_field(out, weir_do_name((enum weir_do)kind), waiting[kind]);
        }
    }
    weir_buffer_add_byte(out, '}');
}

static void add_connection(struct weir_buffer *out, const struct weir_attachment *attachment)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "url", weir_link_url(attachment->link));
    weir_json_add_text_field(out, "adapter",
                             weir_span_of(weir_link_adapter(attachment->link)->name));
    weir_json_add_bool_field(out, "up", attachment->is_up);
    weir_json_add_bool_field(out, "gate", attachment->powers.is_gate);
    weir_json_add_bool_field(out, "act", attachment->config->act);
    weir_json_add_bool_field(out, "given_up", weir_link_is_final(attachment->link));
    weir_json_add_text_field(out, "cause", weir_link_cause(attachment->link));
    weir_json_add_u64_field(out, "rooms", attachment->room_count);
    weir_json_add_u64_field(out, "actions_waiting", weir_outbox_count(attachment->outbox));
    add_waiting(out, attachment);
    weir_json_add_bool_field(out, "paused", attachment->is_paused);
    weir_buffer_add_byte(out, '}');
}

static void add_spool(struct weir_buffer *out, const struct weir_service *service)
{
    struct weir_spool_counters spool = weir_spool_counters(service->spool);
    weir_json_add_name(out, "spool");
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "live", spool.live);
    weir_json_add_u64_field(out, "bytes", spool.disk_bytes);
    weir_json_add_u64_field(out, "refused", spool.refused);
    weir_json_add_u64_field(out, "damaged", spool.damaged);
    weir_json_add_u64_field(out, "not_yet_on_disk", weir_pledges_count(service->pledges));
    weir_json_add_u64_field(out, "actions", weir_overflow_count(service->overflow));
    weir_json_add_text_field(out, "trouble", weir_span_of(weir_spool_trouble(service->spool)));
    weir_buffer_add_byte(out, '}');
}

static void add_store(struct weir_buffer *out, const struct weir_service *service)
{
    struct weir_store_counters store = weir_store_counters(service->store);
    weir_json_add_name(out, "redis");
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "up", service->is_store_ready);
    weir_json_add_u64_field(out, "added", store.added);
    weir_json_add_u64_field(out, "merged", store.merged);
    weir_json_add_u64_field(out, "withdrawn", store.withdrawn);
    weir_json_add_u64_field(out, "repeated", store.repeated);
    weir_json_add_u64_field(out, "refused", store.refused);
    weir_json_add_u64_field(out, "reconnects", store.reconnects);
    weir_json_add_u64_field(out, "waiting", store.waiting);
    weir_buffer_add_byte(out, '}');
}

// What is not known is left out.
static void add_queue(void *user, const struct weir_store_figures *figures)
{
    struct weir_buffer *out = user;
    weir_buffer_add_text(out, out->data[out->length - 1] == '[' ? "{" : ",{");
    weir_json_add_text_field(out, "queue", figures->queue);
    if (figures->at_ms > 0) {
        weir_json_add_i64_field(out, "at", figures->at_ms);
        weir_json_add_i64_field(out, "waiting", figures->waiting);
        weir_json_add_i64_field(out, "overdue", figures->overdue);
        weir_json_add_i64_field(out, "claimed", figures->claimed);
        weir_json_add_i64_field(out, "moving", figures->moving);
        weir_json_add_i64_field(out, "present", figures->present);
    }
    if (figures->oldest_ms > 0) {
        weir_json_add_i64_field(out, "oldest_age_ms", figures->at_ms - figures->oldest_ms);
    }
    weir_buffer_add_byte(out, '}');
}

static void add_queues(struct weir_buffer *out, const struct weir_service *service)
{
    weir_json_add_name(out, "queues");
    weir_buffer_add_byte(out, '[');
    weir_store_each_queue(service->store, add_queue, out);
    weir_buffer_add_byte(out, ']');
}

static void add_journal(struct weir_buffer *out, const char *name,
                        const struct weir_journal *journal)
{
    if (journal) {
        weir_json_add_name(out, name);
        weir_buffer_add_byte(out, '{');
        weir_json_add_u64_field(out, "lost", weir_journal_lost(journal));
        weir_json_add_text_field(out, "trouble", weir_span_of(weir_journal_trouble(journal)));
        weir_buffer_add_byte(out, '}');
    }
}

static void add_rules(struct weir_buffer *out, const struct weir_service *service)
{
    const struct weir_set *set = service->set;
    const struct weir_reload_outcome *outcome = weir_reload_outcome_of(service);
    uint64_t by_mode[WEIR_MODE_DISABLED + 1] = {0};
    for (size_t i = 0; i < set->rule_count; i++) {
        by_mode[set->rules[i]->mode]++;
    }
    weir_json_add_u64_field(out, "rules_shadow", by_mode[WEIR_MODE_SHADOW]);
    weir_json_add_u64_field(out, "rules_disabled", by_mode[WEIR_MODE_DISABLED]);
    weir_json_add_u64_field(out, "topics", set->topic_count);
    weir_json_add_u64_field(out, "answers", set->answer_count);
    weir_json_add_i64_field(out, "rules_loaded_at", outcome->loaded_ms);
    weir_json_add_i64_field(out, "rules_refused_at", outcome->refused_ms);
    weir_json_add_bool_field(out, "rules_refused", outcome->is_refused);
    weir_json_add_u64_field(out, "rules_mistakes", outcome->mistake_count);
    weir_json_add_text_field(out, "rules_first_mistake", weir_span_of(outcome->first_mistake));
    weir_json_add_u64_field(out, "rules_loads", outcome->loads);
    weir_json_add_u64_field(out, "rules_refusals", outcome->refusals);
    weir_json_add_i64_field(out, "rules_took_ms", outcome->took_ms);
    weir_json_add_bool_field(out, "rules_watched", service->config->watch_rules);
}

static void write_status(struct weir_service *service, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", true);
    weir_json_add_u64_field(out, "pid", (uint64_t)getpid());
    weir_json_add_i64_field(out, "up_ms", weir_clock_wall_ms() - service->started_ms);
    weir_json_add_text_field(out, "set", weir_span_of(service->set->hash));
    weir_json_add_u64_field(out, "rules", service->set->rule_count);
    add_rules(out, service);
    weir_json_add_bool_field(out, "draining", service->is_draining);
    weir_json_add_u64_field(out, "rooms", service->room_count);
    add_counters(out, service->counters);
    weir_json_add_name(out, "connections");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < service->attachment_count; i++) {
        weir_buffer_add_text(out, i ? "," : "");
        add_connection(out, &service->attachments[i]);
    }
    weir_buffer_add_byte(out, ']');
    add_spool(out, service);
    add_store(out, service);
    add_queues(out, service);
    add_journal(out, "verdict_log", service->verdicts);
    add_journal(out, "not_done", service->not_done);
    add_journal(out, "record", service->record);
    weir_buffer_add_byte(out, '}');
}

static void add_memory(struct weir_buffer *out, const struct weir_room *room)
{
    struct weir_memory_counts counts;
    weir_memory_count(room->memory, &counts);
    weir_json_add_name(out, "memory");
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "users", counts.users);
    weir_json_add_u64_field(out, "users_most", room->granted_users);
    weir_json_add_u64_field(out, "users_evicted", counts.users_evicted);
    weir_json_add_u64_field(out, "strikes_evicted", counts.strikes_evicted);
    weir_json_add_u64_field(out, "keys", counts.keys);
    weir_json_add_u64_field(out, "keys_evicted", counts.keys_evicted);
    weir_buffer_add_byte(out, '}');
}

static void add_room(struct weir_buffer *out, const struct weir_room *room)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "room", weir_buffer_span(&room->name));
    weir_json_add_text_field(out, "url", weir_link_url(room->attachment->link));
    weir_json_add_bool_field(out, "joined", room->is_joined);
    weir_json_add_bool_field(out, "owned_by_another", room->is_refused);
    weir_json_add_text_field(out, "state", weir_buffer_span(&room->state));
    weir_json_add_text_field(out, "scene", weir_buffer_span(&room->scene));
    weir_json_add_i64_field(out, "scene_ends", room->scene_ends_ms);
    weir_json_add_i64_field(out, "ends", room->ends_ms);
    if (room->window.has_settled) {
        weir_json_add_u64_field(out, "settled", room->window.settled);
    }
    weir_json_add_u64_field(out, "unsettled", room->window.count);
    add_memory(out, room);
    add_counters(out, room->counters);
    weir_buffer_add_byte(out, '}');
}

static void write_rooms(struct weir_service *service, struct weir_buffer *out)
{
    weir_buffer_add_text(out, "{\"ok\":true,\"rooms\":[");
    bool first = true;
    for (size_t i = 0; i < service->room_count; i++) {
        if (service->rooms[i]->attachment) {
            weir_buffer_add_text(out, first ? "" : ",");
            add_room(out, service->rooms[i]);
            first = false;
        }
    }
    weir_buffer_add_text(out, "]}");
}

void weir_service_on_request(void *user, uint64_t client, struct weir_span verb,
                             struct weir_span request)
{
    struct weir_service *service = user;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    if (weir_span_is(verb, "reload-wait")) {
        weir_reload_start(service, client); // which answers
        return;
    }
    if (weir_span_is(verb, "status")) {
        write_status(service, &json);
    } else if (weir_span_is(verb, "rooms")) {
        write_rooms(service, &json);
    } else if (weir_span_is(verb, "set")) {
        weir_scene_on_request(service, request, &json);
    } else if (weir_span_is(verb, "reload")) {
        weir_reload_start(service, 0);
        weir_buffer_add_text(&json, "{\"ok\":true,\"started\":true");
        weir_json_add_text_field(&json, "set", weir_span_of(service->set->hash));
        weir_buffer_add_byte(&json, '}');
    } else {
        weir_buffer_add_text(
            &json, "{\"ok\":false,\"error\":\"status, rooms, set, reload, reload-wait\"}");
    }
    weir_control_reply(service->control, client, weir_buffer_span(&json));
}
