// The masters of a cluster are found by asking any of its nodes. Where a slot is, is believed until
// an answer says otherwise: MOVED changes what we believe, ASK only where this one command goes,
// TRYAGAIN and CLUSTERDOWN are waited out for a while. So slots may move while we work.
//
// A call of the library never follows ASK. It names one key, the queue, which does not exist as
// such, so a node that is giving the slot away answers ASK to every call; and the node that is
// getting it would run the call on the half of the queue that has arrived, beginning a second one.
// Such a call waits until the slot has moved.
//
// The cluster counts as there only as a whole. With a master gone its own nodes refuse to work
// unless they are told not to, and one state is what everybody else can understand.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/store/redis_private.h"
#include "engine/store/redis_slots.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS      50
#define REFRESH_MS   500 // between two looks at who has what
#define LATER_MS     100 // before something is tried again
#define MOST_TRIES   300
#define IDLE_MS      30000
#define MOST_MEMBERS 1000
#define DISCOVER_MS  8000
#define NOBODY       0u

struct member {
    struct weir_redis_node *node;
    struct weir_redis_address address;
    int64_t used_ms;
    bool is_owner; // of a slot, as far as was said last
};

// A command on its way, with all that is needed to send it elsewhere.
struct request {
    struct weir_redis_cluster *cluster;
    struct request *next; // held
    struct weir_buffer command;
    weir_reply_fn on_reply;
    void *user;
    struct member *asked; // where ASK sent it, else NULL
    int64_t not_before_ms;
    uint32_t slot;
    uint32_t tries;
    bool has_slot;
    bool is_call; // of the library
};

struct weir_redis_cluster {
    const struct weir_redis_door *door;
    const struct weir_redis_cluster_events *events;
    void *user;
    struct weir_timer *timer;
    struct weir_redis_address guide_address;
    struct weir_redis_node *guide; // is being asked who has what
    struct member **members;
    size_t member_count;
    size_t member_capacity;
    uint16_t owners[WEIR_REDIS_SLOTS]; // index of the member + 1, NOBODY
    struct request *held;              // until a node is ready, or a little later; in order
    int64_t refreshed_ms;
    int64_t opened_ms;
    uint64_t redirects;
    bool wants_refresh;
    bool is_ready;
};

static int64_t now_of(const struct weir_redis_cluster *cluster)
{
    return weir_loop_now_ms(cluster->door->loop);
}

static void lose(struct weir_redis_cluster *cluster, const struct weir_redis_address *address,
                 struct weir_span why)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    weir_buffer_add_text(&cause, "the cluster's node ");
    weir_redis_address_write(address, &cause);
    weir_buffer_printf(&cause, ": %.*s", WEIR_SPAN_ARGS(why));
    cluster->events->on_lost(cluster->user, weir_buffer_span(&cause));
}

// ---- requests ----

static void end_request(struct request *request, const struct redisReply *reply)
{
    weir_reply_fn on_reply = request->on_reply;
    void *user = request->user;
    weir_buffer_fini(&request->command);
    free(request);
    on_reply(user, reply);
}

static void hold(struct weir_redis_cluster *cluster, struct request *request, int64_t for_ms)
{
    struct request **end = &cluster->held;
    while (*end) {
        end = &(*end)->next;
    }
    request->next = NULL;
    request->not_before_ms = now_of(cluster) + for_ms;
    *end = request;
}

static struct member *member_of(const struct weir_redis_cluster *cluster,
                                const struct request *request)
{
    if (request->asked) {
        return request->asked;
    }
    if (!request->has_slot) {
        return cluster->member_count > 0 ? cluster->members[0] : NULL;
    }
    uint32_t owner = cluster->owners[request->slot];
    return owner == NOBODY ? NULL : cluster->members[owner - 1];
}

static void on_answer(void *user, const struct redisReply *reply);

static void ignore_reply(void *user, const struct redisReply *reply)
{
    (void)user;
    (void)reply;
}

static bool send_now(struct weir_redis_cluster *cluster, struct request *request)
{
    struct member *member = member_of(cluster, request);
    if (!member || !weir_redis_node_is_ready(member->node)) {
        return false;
    }
    struct weir_span asking = WEIR_SPAN("ASKING");
    if (request->asked) {
        weir_redis_node_send(member->node, &asking, 1, ignore_reply, NULL);
        request->asked = NULL;
    }
    member->used_ms = now_of(cluster);
    return weir_redis_node_send_written(member->node, weir_buffer_span(&request->command),
                                        on_answer, request);
}

// What was asked of one slot before stays before.
static bool must_queue(const struct weir_redis_cluster *cluster, const struct request *request)
{
    const struct request *held = cluster->held;
    while (held && held->slot != request->slot) {
        held = held->next;
    }
    return held != NULL;
}

static void send_held(struct weir_redis_cluster *cluster)
{
    int64_t now_ms = now_of(cluster);
    struct request *waiting = weir_take(cluster->held);
    struct request **end = &cluster->held;
    while (waiting) {
        struct request *request = waiting;
        waiting = request->next;
        request->next = NULL;
        if (request->not_before_ms > now_ms || must_queue(cluster, request) ||
            !send_now(cluster, request)) {
            *end = request;
            end = &request->next;
        }
    }
}

// ---- members ----

static struct member *find_member(const struct weir_redis_cluster *cluster,
                                  const struct weir_redis_address *address)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (weir_redis_address_equals(&cluster->members[i]->address, address)) {
            return cluster->members[i];
        }
    }
    return NULL;
}

static void check_whole(struct weir_redis_cluster *cluster);

static void on_member_ready(void *user, struct weir_redis_node *node)
{
    struct weir_redis_cluster *cluster = user;
    (void)node;
    check_whole(cluster);
    send_held(cluster);
}

static void on_member_lost(void *user, struct weir_redis_node *node, struct weir_span cause)
{
    struct weir_redis_cluster *cluster = user;
    lose(cluster, weir_redis_node_address(node), cause);
}

static const struct weir_redis_node_events member_events = {.on_ready = on_member_ready,
                                                            .on_lost = on_member_lost};

static struct member *make_member(struct weir_redis_cluster *cluster,
                                  const struct weir_redis_address *address)
{
    struct member *member = find_member(cluster, address);
    if (member || cluster->member_count == MOST_MEMBERS) {
        return member;
    }
    struct weir_redis_node_options options = weir_redis_door_options(cluster->door, address);
    options.may_be_cluster = true;
    member = weir_new(struct member);
    member->address = *address;
    member->used_ms = now_of(cluster);
    member->node = weir_redis_node_open(cluster->door->loop, &options, &member_events, cluster);
    cluster->members = weir_grow(cluster->members, &cluster->member_capacity,
                                 cluster->member_count + 1, sizeof(struct member *));
    cluster->members[cluster->member_count++] = member;
    return member;
}

static uint16_t index_of(const struct weir_redis_cluster *cluster, const struct member *member)
{
    size_t index = 0;
    while (cluster->members[index] != member) {
        index++;
    }
    return (uint16_t)(index + 1);
}

// Whoever has no slot any more is left once it has answered, so that its answers are not lost. Only
// from the end, so that indexes stay.
static void drop_last_idle(struct weir_redis_cluster *cluster)
{
    while (cluster->is_ready && cluster->member_count > 0) {
        struct member *last = cluster->members[cluster->member_count - 1];
        if (last->is_owner || cluster->held || !weir_redis_node_is_idle(last->node) ||
            now_of(cluster) - last->used_ms < IDLE_MS) {
            return;
        }
        weir_redis_node_close(&last->node);
        free(last);
        cluster->member_count--;
    }
}

// ---- who has what ----

// One number for all of them: another one as soon as any of them is another one.
static void write_run_id(const struct weir_redis_cluster *cluster, char out[32])
{
    const struct weir_hash_key key = {0x7765697272756e73u, 2};
    uint64_t sum = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (cluster->members[i]->is_owner) {
            sum ^= weir_hash(key, weir_redis_node_run_id(cluster->members[i]->node));
        }
    }
    snprintf(out, 32, "%016" PRIx64, sum);
}

static void check_whole(struct weir_redis_cluster *cluster)
{
    char run_id[32];
    bool is_whole = !cluster->is_ready && cluster->refreshed_ms > 0;
    for (size_t i = 0; i < WEIR_REDIS_SLOTS && is_whole; i++) {
        is_whole = cluster->owners[i] != NOBODY;
    }
    for (size_t i = 0; i < cluster->member_count && is_whole; i++) {
        const struct member *member = cluster->members[i];
        is_whole = !member->is_owner || weir_redis_node_is_ready(member->node);
    }
    if (is_whole) {
        cluster->is_ready = true;
        write_run_id(cluster, run_id);
        cluster->events->on_ready(cluster->user, weir_span_of(run_id));
    }
}

static struct weir_span text_at(const struct redisReply *list, size_t index)
{
    bool has_it = list->type == REDIS_REPLY_ARRAY && index < list->elements &&
                  list->element[index]->type == REDIS_REPLY_STRING;
    return has_it ? (struct weir_span){list->element[index]->str, list->element[index]->len}
                  : (struct weir_span){0};
}

static bool number_at(const struct redisReply *list, size_t index, int64_t most, int64_t *out)
{
    bool has_it = list->type == REDIS_REPLY_ARRAY && index < list->elements &&
                  list->element[index]->type == REDIS_REPLY_INTEGER;
    *out = has_it ? list->element[index]->integer : -1;
    return has_it && *out >= 0 && *out <= most;
}

// [first, last, [host of the master, port, ...], ...]
static bool take_range(struct weir_redis_cluster *cluster, const struct redisReply *range)
{
    struct weir_redis_address address = cluster->guide_address;
    int64_t first;
    int64_t last;
    int64_t port;
    if (!number_at(range, 0, WEIR_REDIS_SLOTS - 1, &first) ||
        !number_at(range, 1, WEIR_REDIS_SLOTS - 1, &last) || range->elements < 3 ||
        !number_at(range->element[2], 1, 65535, &port)) {
        return false;
    }
    struct weir_span host = text_at(range->element[2], 0);
    if (host.length >= sizeof(address.host)) {
        return false;
    }
    if (host.length > 0 && !weir_span_is(host, "?")) {
        snprintf(address.host, sizeof(address.host), "%.*s", WEIR_SPAN_ARGS(host));
    } // else it is the host that we asked
    address.port = (uint16_t)port;
    struct member *member = make_member(cluster, &address);
    if (!member) {
        return false;
    }
    member->is_owner = true;
    for (int64_t slot = first; slot <= last; slot++) {
        cluster->owners[slot] = index_of(cluster, member);
    }
    return true;
}

static void on_slots(void *user, const struct redisReply *reply)
{
    struct weir_redis_cluster *cluster = user;
    if (!reply) {
        return;
    }
    bool is_good = reply->type == REDIS_REPLY_ARRAY;
    for (size_t i = 0; i < cluster->member_count; i++) {
        cluster->members[i]->is_owner = false;
    }
    for (size_t i = 0; is_good && i < reply->elements; i++) {
        is_good = take_range(cluster, reply->element[i]);
    }
    if (!is_good) {
        lose(cluster, &cluster->guide_address,
             reply->type == REDIS_REPLY_ERROR ? (struct weir_span){reply->str, reply->len}
                                              : WEIR_SPAN("it does not say who has what"));
        return;
    }
    cluster->refreshed_ms = now_of(cluster);
    weir_redis_node_close(&cluster->guide);
    check_whole(cluster);
    send_held(cluster);
}

static void on_guide_ready(void *user, struct weir_redis_node *node)
{
    struct weir_span args[] = {WEIR_SPAN("CLUSTER"), WEIR_SPAN("SLOTS")};
    weir_redis_node_send(node, args, ARRAY_LEN(args), on_slots, user);
}

// While all is well another node will be asked.
static void on_guide_lost(void *user, struct weir_redis_node *node, struct weir_span cause)
{
    struct weir_redis_cluster *cluster = user;
    if (!cluster->is_ready) {
        lose(cluster, weir_redis_node_address(node), cause);
        return;
    }
    weir_redis_node_close(&cluster->guide);
    cluster->wants_refresh = true;
    cluster->refreshed_ms = now_of(cluster);
}

static const struct weir_redis_node_events guide_events = {.on_ready = on_guide_ready,
                                                           .on_lost = on_guide_lost};

static void ask_guide(struct weir_redis_cluster *cluster)
{
    struct weir_redis_node_options options =
        weir_redis_door_options(cluster->door, &cluster->guide_address);
    options.purpose = WEIR_REDIS_FOR_ASKING;
    cluster->wants_refresh = false;
    cluster->guide = weir_redis_node_open(cluster->door->loop, &options, &guide_events, cluster);
}

// ---- redirections ----

static struct member *member_at(struct weir_redis_cluster *cluster, const struct request *request,
                                struct weir_redis_address address)
{
    const struct member *asked = member_of(cluster, request);
    if (!address.host[0] && asked) {
        memcpy(address.host, asked->address.host, sizeof(address.host));
    }
    return make_member(cluster, &address);
}

static bool follow(struct weir_redis_cluster *cluster, struct request *request,
                   const struct weir_redis_redirect *redirect)
{
    bool waits = redirect->turn == WEIR_REDIS_TURN_WAIT ||
                 (redirect->turn == WEIR_REDIS_TURN_ASK && request->is_call);
    struct member *member = waits ? NULL : member_at(cluster, request, redirect->address);
    if (redirect->turn == WEIR_REDIS_TURN_NONE || request->tries++ >= MOST_TRIES ||
        (!waits && !member)) {
        return false;
    }
    cluster->redirects++;
    if (redirect->turn == WEIR_REDIS_TURN_MOVED) {
        cluster->owners[redirect->slot] = index_of(cluster, member);
        member->is_owner = true;
        cluster->wants_refresh = true;
        memcpy(&cluster->guide_address, &member->address, sizeof(member->address));
    } else if (waits) {
        cluster->wants_refresh = true;
    } else {
        request->asked = member;
    }
    if (waits || must_queue(cluster, request) || !send_now(cluster, request)) {
        hold(cluster, request, waits ? LATER_MS : 0);
    }
    return true;
}

static void on_answer(void *user, const struct redisReply *reply)
{
    struct request *request = user;
    if (reply && reply->type == REDIS_REPLY_ERROR) {
        struct weir_redis_redirect redirect =
            weir_redis_redirect_of((struct weir_span){reply->str, (size_t)reply->len});
        if (follow(request->cluster, request, &redirect)) {
            return;
        }
    }
    end_request(request, reply);
}

bool weir_redis_cluster_send(struct weir_redis_cluster *cluster, struct weir_span key,
                             struct weir_span command, bool is_call, weir_reply_fn on_reply,
                             void *user)
{
    struct request *request = weir_new(struct request);
    *request = (struct request){
        .cluster = cluster, .on_reply = on_reply, .user = user, .is_call = is_call};
    request->has_slot = key.length > 0;
    request->slot = request->has_slot ? weir_redis_slot_of(key) : WEIR_REDIS_SLOTS;
    weir_buffer_add(&request->command, command);
    if (must_queue(cluster, request) || !send_now(cluster, request)) {
        hold(cluster, request, 0);
    }
    return true;
}

// ---- the rest ----

static void on_tick(void *user)
{
    struct weir_redis_cluster *cluster = user;
    int64_t now_ms = now_of(cluster);
    if (!cluster->is_ready && now_ms - cluster->opened_ms > DISCOVER_MS) {
        lose(cluster, &cluster->guide_address,
             WEIR_SPAN("some slots have no master that is there"));
        return;
    }
    if (cluster->wants_refresh && !cluster->guide && now_ms - cluster->refreshed_ms > REFRESH_MS) {
        ask_guide(cluster);
    }
    send_held(cluster);
    drop_last_idle(cluster);
}

struct weir_redis_cluster *weir_redis_cluster_open(const struct weir_redis_door *door,
                                                   const struct weir_redis_address *seed,
                                                   const struct weir_redis_cluster_events *events,
                                                   void *user)
{
    struct weir_redis_cluster *cluster = weir_new(struct weir_redis_cluster);
    cluster->door = door;
    cluster->events = events;
    cluster->user = user;
    cluster->guide_address = *seed;
    cluster->opened_ms = weir_loop_now_ms(door->loop);
    cluster->timer = weir_timer_start(door->loop, TICK_MS, TICK_MS, on_tick, cluster);
    ask_guide(cluster);
    return cluster;
}

void weir_redis_cluster_close(struct weir_redis_cluster **cluster_at)
{
    struct weir_redis_cluster *cluster = weir_take(*cluster_at);
    if (!cluster) {
        return;
    }
    weir_timer_stop(&cluster->timer);
    weir_redis_node_close(&cluster->guide);
    for (size_t i = 0; i < cluster->member_count; i++) {
        weir_redis_node_close(&cluster->members[i]->node);
        free(cluster->members[i]);
    }
    while (cluster->held) {
        struct request *request = cluster->held;
        cluster->held = request->next;
        end_request(request, NULL);
    }
    free(cluster->members);
    free(cluster);
}

struct weir_redis_node *weir_redis_cluster_node_of(const struct weir_redis_cluster *cluster,
                                                   struct weir_span key)
{
    const struct request about = {.has_slot = key.length > 0,
                                  .slot = key.length > 0 ? weir_redis_slot_of(key) : 0};
    const struct member *member = member_of(cluster, &about);
    return member ? member->node : NULL;
}

uint64_t weir_redis_cluster_redirects(const struct weir_redis_cluster *cluster)
{
    return cluster->redirects;
}

size_t weir_redis_cluster_members(const struct weir_redis_cluster *cluster,
                                  struct weir_redis_address *out, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < cluster->member_count && count < capacity; i++) {
        if (cluster->members[i]->is_owner) {
            out[count++] = cluster->members[i]->address;
        }
    }
    return count;
}
