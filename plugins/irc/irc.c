// IRC over WebSocket, as Ergo and InspIRCd speak it (platforms.md 3).
//
// What we ask for is decided by what the server names: tags, times and ids where it has them,
// labels so that each answer says what it answers. Without labels an action is followed by a PING
// of its own: servers work in order, so a refusal comes before that PONG, and no refusal means it
// was done.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define REGISTER_MS 20000
#define JOIN_MS     10000
#define IDLE_MS     60000
#define DEAD_MS     90000

static void forget_connection(struct irc_adapter *irc)
{
    while (irc->channel_count > 0) {
        irc_remove_channel(irc, &irc->channels[0]);
    }
    while (irc->alias_count > 0) {
        irc_remove_alias(irc, &irc->aliases[irc->alias_count - 1]);
    }
    while (irc->pending_count > 0) {
        irc_forget_pending(irc, &irc->pending[irc->pending_count - 1]);
    }
    irc->offered = irc->enabled = irc->cap_answers_due = 0;
    irc->is_registered = irc->is_failed = false;
    irc->is_inspircd = irc->has_tban = irc->has_mute = false;
    irc->rfc1459_case = true; // what holds until 005 says something else
    irc->frames_are_binary = false;
    irc->nick_tries = 0;
    irc->history_count = 0;
    irc->pinged_ms = 0;
    irc_keep_word(irc->prefix_modes, sizeof(irc->prefix_modes), WEIR_SPAN("ov"));
    irc_keep_word(irc->prefix_symbols, sizeof(irc->prefix_symbols), WEIR_SPAN("@+"));
    irc_keep_word(irc->list_modes, sizeof(irc->list_modes), WEIR_SPAN("beIk"));
    irc_keep_word(irc->set_modes, sizeof(irc->set_modes), WEIR_SPAN("l"));
    irc_keep_word(irc->flag_modes, sizeof(irc->flag_modes), WEIR_SPAN("imnpst"));
}

static void *create(const struct weir_adapter_config *config)
{
    struct irc_adapter *irc = weir_new(struct irc_adapter);
    struct weir_span name = config->name.length ? config->name : WEIR_SPAN("weir");
    irc->wanted_nick = weir_strndup(name.data, name.length);
    irc->account = weir_strndup(name.data, name.length);
    irc->token = weir_strndup(config->token.data, config->token.length);
    irc->act = config->act;
    irc->max_rooms = config->max_rooms;
    irc->next_label = 1;
    forget_connection(irc);
    return irc;
}

static void destroy(void *state)
{
    struct irc_adapter *irc = state;
    forget_connection(irc);
    free(irc->channels);
    free(irc->aliases);
    free(irc->pending);
    free(irc->wanted_nick);
    free(irc->account);
    explicit_bzero(irc->token, strlen(irc->token));
    free(irc->token);
    weir_buffer_fini(&irc->nick);
    weir_buffer_fini(&irc->out);
    weir_buffer_fini(&irc->sound);
    weir_buffer_fini(&irc->text);
    weir_buffer_fini(&irc->user_id);
    weir_buffer_fini(&irc->msgid);
    weir_buffer_fini(&irc->reply_to);
    free(irc);
}

static void on_open(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct irc_adapter *irc = state;
    forget_connection(irc);
    irc->opened_ms = irc->heard_ms = now_ms;
    irc_set_text(&irc->nick, weir_span_of(irc->wanted_nick));
    irc_send_words(irc, host, "CAP LS 302", nothing);
    irc_send_words(irc, host, "NICK ", weir_buffer_span(&irc->nick));
    irc_send_words(irc, host, "USER weir 0 * :weir", nothing);
}

static void on_close(void *state)
{
    forget_connection(state);
}

static void give_up_joins(struct irc_adapter *irc, const struct weir_adapter_host *host,
                          int64_t now_ms)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct channel *channel = &irc->channels[i];
        if (channel->presence == ASKED && now_ms - channel->at_ms > JOIN_MS) {
            irc_lose_channel(irc, channel, WEIR_SPAN("no answer to JOIN"), now_ms + FULL_RETRY_MS,
                             host);
        }
    }
}

static void give_up_actions(struct irc_adapter *irc, const struct weir_adapter_host *host,
                            int64_t now_ms)
{
    while (irc->pending_count > 0 && irc->pending[0].deadline_ms <= now_ms) {
        struct pending *oldest = &irc->pending[0];
        if (oldest->refused == WEIR_REFUSED_NOT) {
            oldest->refused = WEIR_REFUSED_INTERNAL;
            irc_keep_word(oldest->cause, sizeof(oldest->cause), WEIR_SPAN("no answer"));
        }
        irc_finish(irc, oldest, host);
    }
}

static void tick(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct irc_adapter *irc = state;
    if (!irc->is_registered) {
        if (now_ms - irc->opened_ms > REGISTER_MS) {
            irc_fail(irc, host, "no end of login within 20 s", nothing, false);
        }
        return;
    }
    give_up_actions(irc, host, now_ms);
    give_up_joins(irc, host, now_ms);
    irc_send_joins(irc, host, now_ms);
    if (now_ms - irc->heard_ms > DEAD_MS) {
        irc_fail(irc, host, "no answer to PING", nothing, false);
    } else if (now_ms - irc->heard_ms > IDLE_MS && !irc->pinged_ms) {
        irc->pinged_ms = now_ms;
        irc_send_words(irc, host, "PING :weir", nothing);
    }
}

/** Why a room can't be one of ours, or NULL. */
static const char *add_channel(struct irc_adapter *irc, struct weir_span room)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    if (!irc_is_channel_name(room)) {
        weir_buffer_add_byte(&name, '#');
    }
    weir_buffer_add(&name, room);
    if (!weir_irc_is_middle(weir_buffer_span(&name)) || memchr(name.data, ',', name.length) ||
        name.length > 200) {
        return "not the name of a channel";
    }
    if (irc_find_channel(irc, weir_buffer_span(&name))) {
        return NULL;
    }
    if (irc->channel_count >= irc->max_rooms) {
        return "more rooms than max_rooms";
    }
    irc->channels = weir_grow(irc->channels, &irc->channel_capacity, irc->channel_count + 1,
                              sizeof(*irc->channels));
    struct channel *channel = &irc->channels[irc->channel_count++];
    *channel = (struct channel){.presence = OUTSIDE};
    channel->name = name;
    name = (struct weir_buffer){0};
    weir_buffer_add(&channel->room, room);
    return NULL;
}

static void join(void *state, const struct weir_room_request *rooms, size_t count,
                 const struct weir_adapter_host *host, int64_t now_ms)
{
    struct irc_adapter *irc = state;
    for (size_t i = 0; i < count; i++) {
        const char *cause = add_channel(irc, rooms[i].room);
        if (cause) {
            irc_say_left(host, rooms[i].room, weir_span_of(cause), true);
        }
    }
    irc_send_joins(irc, host, now_ms);
}

static void leave(void *state, struct weir_span room, const struct weir_adapter_host *host)
{
    struct irc_adapter *irc = state;
    struct channel *channel = irc_find_room(irc, room);
    if (channel) {
        irc_send_words(irc, host, "PART ", weir_buffer_span(&channel->name));
        irc_lose_channel(irc, channel, WEIR_SPAN("we left"), -1, host);
    }
}

/** irc+wss://host:port/path#live,#other: the fragment names channels, with or without their #. */
static size_t resolve(struct weir_span url, char *out, size_t capacity,
                      void (*on_room)(void *user, struct weir_span room), void *user)
{
    struct weir_span rooms = url;
    struct weir_span address = weir_span_take_until(&rooms, '#');
    if (!weir_span_starts(address, WEIR_SPAN("irc+ws://")) &&
        !weir_span_starts(address, WEIR_SPAN("irc+wss://"))) {
        return 0;
    }
    address = weir_span_slice(address, sizeof("irc+") - 1, address.length);
    if (address.length > capacity) {
        return 0;
    }
    while (rooms.length > 0) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
        struct weir_span room = weir_span_take_until(&rooms, ',');
        if (room.length > 0 && !irc_is_channel_name(room)) {
            weir_buffer_add_byte(&name, '#');
        }
        weir_buffer_add(&name, room);
        if (name.length > 0) {
            on_room(user, weir_buffer_span(&name));
        }
    }
    memcpy(out, address.data, address.length);
    return address.length;
}

static const char *const schemes[] = {"irc+ws", "irc+wss", NULL};

// Moderators' commands are paced by their answers. What is said is not answered everywhere, and too
// much of it ends the connection ("Excess Flood").
static const struct weir_limit limits[] = {
    {.kinds = 1u << WEIR_DO_REPLY | 1u << WEIR_DO_WARN | 1u << WEIR_DO_ANNOUNCE,
     .count = 9,
     .per_ms = 10000,
     .source = "RFC 1459, 8.10: five at once, then one in two seconds"},
};

extern const struct weir_adapter weir_adapter;

__attribute__((visibility("default"))) const struct weir_adapter weir_adapter = {
    .abi = WEIR_PLUGIN_ABI,
    .name = "irc",
    .summary = "IRC over WebSocket: irc+wss://HOST:PORT/PATH#CHANNEL,#CHANNEL",
    .url_schemes = schemes,
    .subprotocols = "text.ircv3.net,text.inspircd.org,binary.ircv3.net",
    .create = create,
    .destroy = destroy,
    .resolve = resolve,
    .on_open = on_open,
    .on_close = on_close,
    .decode = irc_decode,
    .tick = tick,
    .join = join,
    .leave = leave,
    .supports = irc_supports,
    .act = irc_act,
    .recognises_ids = false,
    .limits = limits,
    .limit_count = ARRAY_LEN(limits),
    .max_flying = 16, // servers with fakelag work commands off slowly, in order, and refuse none
};
