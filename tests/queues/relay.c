// Relayers carry what was decided to the streams of the rooms; the owner of each room takes it from
// there. Both die and are cut off like all others, so an action may be given to them again, never
// twice over.

#include "tests/queues/run.h"

#include "engine/base/alloc.h"

#include <inttypes.h>
#include <stdlib.h>

#define AT_ONCE "20"

static void keep_entry(struct client *client, struct weir_span entry)
{
    weir_buffer_add(&client->entries, entry);
    weir_buffer_add_byte(&client->entries, '\0');
    client->entry_count++;
}

static void drop_entries(struct client *client)
{
    weir_buffer_clear(&client->entries);
    client->entry_count = 0;
}

// The entries that were kept, as the words of one call.
static void request_entries(struct run *run, struct client *client, const char *function,
                            const char *key)
{
    const char *words[32] = {NULL};
    const char *entry = client->entries.data;
    for (unsigned i = 0; i < client->entry_count && i < ARRAY_LEN(words) - 1; i++) {
        words[i] = entry;
        entry += strlen(entry) + 1;
    }
    request(run, client, function, key, words);
}

// ---- relayers ----

static void queue_key(char key[16], unsigned queue)
{
    snprintf(key, 16, "{q:q%u}", queue);
}

void next_relay(struct run *run, struct client *client)
{
    char key[16];
    char name[16];
    queue_key(key, client->relayed_queue);
    snprintf(name, sizeof(name), "k%u", client->number);
    if (client->job == JOB_RELAY && client->entry_count > 0) {
        client->job = JOB_RELAYED;
        request_entries(run, client, "weir_relayed", key);
        return;
    }
    drop_entries(client);
    client->job = JOB_TAKE_OUT;
    client->relayed_queue = (uint8_t)((client->relayed_queue + 1) % QUEUES);
    queue_key(key, client->relayed_queue);
    request(run, client, "weir_outgoing", key, (const char *const[]){name, AT_ONCE, "300", NULL});
}

// What was given is carried on at once, all of it in one go.
static void relay_entries(struct run *run, struct client *client, const struct resp_reply *reply)
{
    client->job = JOB_RELAY;
    for (size_t at = 1; at < reply->count; at = reply->values[at].next) {
        char key[64];
        struct weir_span room = resp_field(reply, at, 1, "room");
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer id = {0};
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer action = {0};
        weir_buffer_add(&id, resp_field(reply, at, 1, "id"));
        weir_buffer_add(&action, resp_field(reply, at, 1, "action"));
        snprintf(key, sizeof(key), "{a:%.*s}", WEIR_SPAN_ARGS(room));
        keep_entry(client, reply->values[at + 1].text);
        request(run, client, "weir_relay", key,
                (const char *const[]){weir_buffer_text(&id), weir_buffer_text(&action), NULL});
    }
}

// ---- owners of rooms ----

void next_owner(struct run *run, struct client *client)
{
    char key[16];
    char name[16];
    snprintf(key, sizeof(key), "{a:r%u}", client->number % ROOMS);
    snprintf(name, sizeof(name), "k%u", client->number);
    if (client->job == JOB_TAKE_ACTIONS && client->entry_count > 0) {
        client->job = JOB_TAKEN;
        request_entries(run, client, "weir_taken", key);
        return;
    }
    drop_entries(client);
    client->job = JOB_TAKE_ACTIONS;
    const char *which = client->starts_over ? "all" : "new";
    request(run, client, "weir_actions", key, (const char *const[]){name, AT_ONCE, which, NULL});
}

// a-d-c-CARD-TOKEN-N is an action of a decision; one that counters it ends with -uN.
static bool read_action_id(struct weir_span id, struct call *call)
{
    char text[96];
    char last[8] = "";
    snprintf(text, sizeof(text), "%.*s", WEIR_SPAN_ARGS(id));
    return sscanf(text, "a-d-c-%" SCNu32 "-%" SCNu64 "-%7s", &call->card, &call->token, last) ==
               3 &&
           last[0] == '1';
}

static void take_actions(struct run *run, struct client *client, const struct resp_reply *reply)
{
    for (size_t at = 1; at < reply->count; at = reply->values[at].next) {
        struct weir_span entry = reply->values[at + 1].text;
        struct call call = {.began_us = client->call.began_us,
                            .ended_us = wall_us(),
                            .head = NO_CARD,
                            .client = client->number,
                            .kind = CALL_DELIVERED,
                            .outcome = CALL_DONE};
        char text[64];
        uint64_t ms = 0;
        uint64_t number = 0;
        snprintf(text, sizeof(text), "%.*s", WEIR_SPAN_ARGS(entry));
        if (sscanf(text, "%" SCNu64 "-%" SCNu64, &ms, &number) == 2 &&
            read_action_id(resp_field(reply, at, 1, "id"), &call)) {
            call.entry = ms * 4096 + number;
            history_add(&run->history, &call);
        }
        keep_entry(client, entry);
    }
    client->starts_over = client->starts_over && client->entry_count > 0;
}

// Nothing is built on what no replica has: it is asked for again.
void on_relay_answer(struct run *run, struct client *client, const struct resp_reply *reply,
                     bool confirmed)
{
    switch (client->job) {
    case JOB_TAKE_OUT:
        if (confirmed) {
            relay_entries(run, client, reply);
        }
        break;
    case JOB_RELAY:
        if (!confirmed) {
            drop_entries(client);
        }
        run->relayed++;
        break;
    case JOB_TAKE_ACTIONS:
        if (confirmed) {
            take_actions(run, client, reply);
        } else {
            client->starts_over = true;
        }
        break;
    default:
        break;
    }
    bool is_idle = (client->job == JOB_TAKE_OUT || client->job == JOB_TAKE_ACTIONS ||
                    client->job == JOB_RELAY) &&
                   client->entry_count == 0 && client->expected == 0;
    if (is_idle) {
        client->job = JOB_NONE;
        client->wake_us = wall_us() + 3000;
    }
}
