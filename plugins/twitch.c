// Twitch's chat: a dialect of IRC without its numerics, modes and members, but with everything
// worth knowing in tags (platforms.md 4). Read only: since 2023 moderators act through Helix, over
// HTTP, which an adapter of this ABI can't do, so each action is answered `unsupported`.
//
// Without a token it logs in as justinfan and some digits, whom Twitch lets read everywhere.

#include "engine/base/alloc.h"
#include "engine/base/irc_line.h"
#include "engine/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ADDRESS       "wss://irc-ws.chat.twitch.tv:443"
#define LINE_BYTES    16384u
#define LOGIN_MS      20000
#define JOIN_MS       10000
#define JOIN_RETRY_MS 60000
#define JOINS         20u // in JOINS_MS; the limit of an account
#define JOINS_MS      10000
#define IDLE_MS       330000 // Twitch pings about every 5 minutes
#define DEAD_MS       360000
#define MAX_EMOTES    500u // longer than any text
#define MAX_SEEN      64u  // ids of shared chat that are remembered

enum presence {
    OUTSIDE, // waits for its turn, or for `at_ms`
    ASKED,
    INSIDE,
};

struct channel {
    struct weir_buffer room; // as the engine calls it
    struct weir_buffer name; // lower case, without #
    enum presence presence;
    int64_t at_ms;
};

struct twitch_adapter {
    char *name;
    char *token;
    uint32_t max_rooms;
    struct weir_buffer nick;
    bool is_ready;
    bool is_failed;
    int64_t opened_ms;
    int64_t heard_ms;
    bool is_pinged;
    int64_t joins_since_ms; // the time that `joins` were sent in
    uint32_t joins;
    struct channel *channels;
    size_t channel_count;
    size_t channel_capacity;
    char seen[MAX_SEEN][40]; // source ids of shared chat, a ring
    size_t next_seen;

    // Memory of one call.
    struct weir_buffer out;
    struct weir_buffer sound;
    struct weir_buffer text;
    struct weir_buffer display_name;
    struct weir_emote emotes[MAX_EMOTES];
};

static const struct weir_span nothing = {NULL, 0};

static void say(const struct weir_adapter_host *host, const struct weir_event *event)
{
    host->on_event(host->user, event);
}

static void say_left(const struct weir_adapter_host *host, struct weir_span room,
                     struct weir_span cause, bool is_final)
{
    const struct weir_event event = {
        .kind = WEIR_EVENT_LEFT, .room = room, .cause = cause, .is_final = is_final};
    say(host, &event);
}

static void fail(struct twitch_adapter *twitch, const struct weir_adapter_host *host,
                 struct weir_span cause, bool is_final)
{
    if (!twitch->is_failed) {
        const struct weir_event event = {
            .kind = WEIR_EVENT_FAILED, .cause = cause, .is_final = is_final};
        twitch->is_failed = true;
        say(host, &event);
    }
}

static void send_words(struct twitch_adapter *twitch, const struct weir_adapter_host *host,
                       const char *words, struct weir_span last)
{
    weir_buffer_clear(&twitch->out);
    weir_buffer_add_text(&twitch->out, words);
    weir_irc_add_clean(&twitch->out, last);
    weir_buffer_add(&twitch->out, WEIR_SPAN("\r\n"));
    host->send(host->user, weir_buffer_span(&twitch->out), WEIR_FRAME_TEXT);
}

/** The value of a tag that needs no unescaping, empty if it is not there. */
static struct weir_span tag(const struct weir_irc_line *line, const char *name)
{
    struct weir_span value = nothing;
    weir_irc_tag(line, name, &value);
    return value;
}

static uint64_t number_tag(const struct weir_irc_line *line, const char *name)
{
    uint64_t number = 0;
    weir_span_to_u64(tag(line, name), &number);
    return number;
}

// Channels.

/** The channel of a line's first parameter, which is #name in lower case. */
static struct channel *channel_of(struct twitch_adapter *twitch, const struct weir_irc_line *line)
{
    struct weir_span name = weir_irc_param(line, 0);
    name = weir_span_slice(name, 1, name.length);
    for (size_t i = 0; i < twitch->channel_count; i++) {
        if (weir_span_equals(weir_buffer_span(&twitch->channels[i].name), name)) {
            return &twitch->channels[i];
        }
    }
    return NULL;
}

static void remove_channel(struct twitch_adapter *twitch, struct channel *channel)
{
    weir_buffer_fini(&channel->room);
    weir_buffer_fini(&channel->name);
    *channel = twitch->channels[--twitch->channel_count];
}

static void lose_channel(struct twitch_adapter *twitch, struct channel *channel,
                         struct weir_span cause, int64_t again_ms,
                         const struct weir_adapter_host *host)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer room = {0};
    weir_buffer_add(&room, weir_buffer_span(&channel->room));
    channel->presence = OUTSIDE;
    channel->at_ms = again_ms;
    if (again_ms < 0) {
        remove_channel(twitch, channel);
    }
    say_left(host, weir_buffer_span(&room), cause, again_ms < 0);
}

/** As many as the limit leaves for now, in one line; tick() sends the rest. */
static void send_joins(struct twitch_adapter *twitch, const struct weir_adapter_host *host,
                       int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer names = {0};
    if (now_ms - twitch->joins_since_ms >= JOINS_MS) {
        twitch->joins_since_ms = now_ms;
        twitch->joins = 0;
    }
    for (size_t i = 0; i < twitch->channel_count && twitch->joins < JOINS; i++) {
        struct channel *channel = &twitch->channels[i];
        if (channel->presence == OUTSIDE && channel->at_ms <= now_ms) {
            weir_buffer_add_text(&names, names.length ? ",#" : "#");
            weir_buffer_add(&names, weir_buffer_span(&channel->name));
            channel->presence = ASKED;
            channel->at_ms = now_ms;
            twitch->joins++;
        }
    }
    if (names.length > 0) {
        send_words(twitch, host, "JOIN ", weir_buffer_span(&names));
    }
}

// What lines mean.

static bool has_badge(struct weir_span badges, const char *name)
{
    while (badges.length > 0) {
        struct weir_span badge = weir_span_take_until(&badges, ',');
        if (weir_span_is(weir_span_take_until(&badge, '/'), name)) {
            return true;
        }
    }
    return false;
}

static uint32_t roles_of(const struct weir_irc_line *line)
{
    static const struct {
        const char *badge;
        uint32_t role;
    } badge_roles[] = {
        {"broadcaster", WEIR_ROLE_STREAMER},
        {"moderator", WEIR_ROLE_MODERATOR},
        {"vip", WEIR_ROLE_VIP},
        {"subscriber", WEIR_ROLE_SUBSCRIBER},
        {"founder", WEIR_ROLE_SUBSCRIBER},
        {"bot-badge", WEIR_ROLE_BOT},
    };
    struct weir_span badges = tag(line, "badges");
    struct weir_span vip;
    uint32_t roles = 0;
    for (size_t i = 0; i < ARRAY_LEN(badge_roles); i++) {
        roles |= has_badge(badges, badge_roles[i].badge) ? badge_roles[i].role : 0;
    }
    roles |= number_tag(line, "mod") ? WEIR_ROLE_MODERATOR : 0;
    roles |= number_tag(line, "subscriber") ? WEIR_ROLE_SUBSCRIBER : 0;
    roles |= weir_irc_tag(line, "vip", &vip) ? WEIR_ROLE_VIP : 0;
    return roles;
}

/** Months of subscription, of badge-info's subscriber/14. */
static uint32_t tier_of(const struct weir_irc_line *line)
{
    struct weir_span badges = tag(line, "badge-info");
    uint64_t months = 0;
    while (badges.length > 0) {
        struct weir_span badge = weir_span_take_until(&badges, ',');
        if (weir_span_is(weir_span_take_until(&badge, '/'), "subscriber")) {
            weir_span_to_u64(badge, &months);
        }
    }
    return months > UINT32_MAX ? UINT32_MAX : (uint32_t)months;
}

/** ID:first-last,first-last/ID:...; both are inclusive there, ours end one later. */
static size_t read_emotes(struct twitch_adapter *twitch, struct weir_span emotes,
                          struct weir_span text)
{
    size_t characters = emotes.length ? weir_utf8_count(text) : 0;
    size_t count = 0;
    while (emotes.length > 0) {
        struct weir_span places = weir_span_take_until(&emotes, '/');
        weir_span_take_until(&places, ':');
        while (places.length > 0 && count < MAX_EMOTES) {
            struct weir_span last = weir_span_take_until(&places, ',');
            struct weir_span first = weir_span_take_until(&last, '-');
            uint64_t start;
            uint64_t end;
            if (weir_span_to_u64(first, &start) && weir_span_to_u64(last, &end) && start <= end &&
                end < characters) {
                twitch->emotes[count++] = (struct weir_emote){(uint32_t)start, (uint32_t)end + 1};
            }
        }
    }
    return count;
}

/** In a shared chat one message comes once for each room that we are in: judge it once. */
static bool is_seen_elsewhere(struct twitch_adapter *twitch, const struct weir_irc_line *line)
{
    struct weir_span source = tag(line, "source-id");
    if (source.length == 0 || source.length >= sizeof(twitch->seen[0])) {
        return false;
    }
    for (size_t i = 0; i < MAX_SEEN; i++) {
        if (weir_span_is(source, twitch->seen[i])) {
            return true;
        }
    }
    memcpy(twitch->seen[twitch->next_seen], source.data, source.length);
    twitch->seen[twitch->next_seen][source.length] = '\0';
    twitch->next_seen = (twitch->next_seen + 1) % MAX_SEEN;
    return false;
}

/** The id of who wrote a USERNOTICE stands in its tags, the login too. */
static struct weir_user user_of(struct twitch_adapter *twitch, const struct weir_irc_line *line)
{
    struct weir_span login = tag(line, "login");
    struct weir_user user = {
        .id = tag(line, "user-id"),
        .roles = roles_of(line),
        .tier = tier_of(line),
        .identity = WEIR_IDENTITY_STABLE,
    };
    weir_buffer_clear(&twitch->display_name);
    weir_irc_add_unescaped(&twitch->display_name, tag(line, "display-name"));
    user.name = weir_buffer_span(&twitch->display_name);
    if (user.name.length == 0) {
        user.name = login.length ? login : line->nick;
    }
    if (user.id.length == 0) {
        user.id = line->nick; // no tags: a login may be given to somebody else one day
        user.identity = user.id.length ? WEIR_IDENTITY_SESSION : WEIR_IDENTITY_NONE;
    }
    return user;
}

static void on_message(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                       bool damaged, const struct weir_adapter_host *host)
{
    struct channel *channel = channel_of(twitch, line);
    struct weir_span text = weir_irc_param(line, 1);
    if (!channel || line->param_count < 2 || is_seen_elsewhere(twitch, line)) {
        return;
    }
    weir_irc_unwrap_action(&text);
    uint64_t ts = number_tag(line, "tmi-sent-ts");
    struct weir_message message = {
        .room = weir_buffer_span(&channel->room),
        .id = tag(line, "id"),
        .from_self = weir_span_equals(line->nick, weir_buffer_span(&twitch->nick)),
        .is_history = number_tag(line, "historical"),
        .damaged = damaged,
        .ts_ms = ts <= INT64_MAX ? (int64_t)ts : 0,
        .user = user_of(twitch, line),
        .text = text,
        .reply_to = tag(line, "reply-parent-msg-id"),
        .emotes = twitch->emotes,
        .emote_count = read_emotes(twitch, tag(line, "emotes"), text),
    };
    const struct weir_event event = {.kind = WEIR_EVENT_MESSAGE, .message = &message};
    say(host, &event);
}

static void on_clearmsg(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                        const struct weir_adapter_host *host)
{
    struct channel *channel = channel_of(twitch, line);
    struct weir_span id = tag(line, "target-msg-id");
    if (channel && id.length > 0) {
        const struct weir_event gone = {
            .kind = WEIR_EVENT_GONE, .room = weir_buffer_span(&channel->room), .id = id};
        say(host, &gone);
    }
}

/** Somebody was timed out or banned; without a name all of the room was cleared. */
static void on_clearchat(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host)
{
    struct channel *channel = channel_of(twitch, line);
    struct weir_span id = tag(line, "target-user-id");
    if (channel) {
        const struct weir_event gone = {
            .kind = WEIR_EVENT_USER_GONE,
            .room = weir_buffer_span(&channel->room),
            .id = id.length ? id : weir_irc_param(line, 1),
        };
        say(host, &gone);
    }
}

/** The settings of a room come once it is joined; only then are messages sure to come. */
static void on_roomstate(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host)
{
    struct channel *channel = channel_of(twitch, line);
    if (channel && channel->presence != INSIDE) {
        const struct weir_event joined = {.kind = WEIR_EVENT_JOINED,
                                          .room = weir_buffer_span(&channel->room)};
        channel->presence = INSIDE;
        say(host, &joined);
    }
}

static bool is_login_failure(struct weir_span text)
{
    return weir_span_is(text, "Login authentication failed") ||
           weir_span_is(text, "Improperly formatted auth") ||
           weir_span_is(text, "Login unsuccessful") || weir_span_is(text, "Invalid NICK");
}

static void on_notice(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                      const struct weir_adapter_host *host)
{
    struct channel *channel = channel_of(twitch, line);
    struct weir_span kind = tag(line, "msg-id");
    struct weir_span text = weir_irc_param(line, 1);
    if (!twitch->is_ready && is_login_failure(text)) {
        fail(twitch, host, text, true);
    } else if (channel &&
               (weir_span_is(kind, "msg_channel_suspended") || weir_span_is(kind, "msg_banned"))) {
        lose_channel(twitch, channel, text, -1, host);
    }
}

static void on_part(struct twitch_adapter *twitch, const struct weir_irc_line *line,
                    const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = channel_of(twitch, line);
    if (channel && weir_span_equals(line->nick, weir_buffer_span(&twitch->nick))) {
        lose_channel(twitch, channel, WEIR_SPAN("parted by the server"), now_ms + JOIN_MS, host);
    }
}

static void on_greeting(struct twitch_adapter *twitch, const struct weir_irc_line *line)
{
    weir_buffer_clear(&twitch->nick);
    weir_buffer_add(&twitch->nick, weir_irc_param(line, 0));
}

static void on_ready(struct twitch_adapter *twitch, const struct weir_adapter_host *host)
{
    if (!twitch->is_ready) {
        const struct weir_event ready = {.kind = WEIR_EVENT_READY,
                                         .self = weir_buffer_span(&twitch->nick)};
        twitch->is_ready = true;
        say(host, &ready);
    }
}

static void on_parsed(struct twitch_adapter *twitch, const struct weir_irc_line *line, bool damaged,
                      const struct weir_adapter_host *host, int64_t now_ms)
{
    if (weir_irc_is(line, "PRIVMSG") || weir_irc_is(line, "USERNOTICE")) {
        on_message(twitch, line, damaged, host); // a notice without a text says nothing to judge
    } else if (weir_irc_is(line, "CLEARMSG")) {
        on_clearmsg(twitch, line, host);
    } else if (weir_irc_is(line, "CLEARCHAT")) {
        on_clearchat(twitch, line, host);
    } else if (weir_irc_is(line, "ROOMSTATE")) {
        on_roomstate(twitch, line, host);
    } else if (weir_irc_is(line, "NOTICE")) {
        on_notice(twitch, line, host);
    } else if (weir_irc_is(line, "PART")) {
        on_part(twitch, line, host, now_ms);
    } else if (weir_irc_is(line, "PING")) {
        send_words(twitch, host, "PONG :", weir_irc_last(line));
    } else if (weir_irc_is(line, "RECONNECT")) {
        const struct weir_event move = {.kind = WEIR_EVENT_MOVE,
                                        .cause = WEIR_SPAN("Twitch asks to connect anew")};
        say(host, &move);
    } else if (weir_irc_numeric(line) == 1) {
        on_greeting(twitch, line);
    } else if (weir_irc_numeric(line) == 376) {
        on_ready(twitch, host);
    }
}

static void on_line(struct twitch_adapter *twitch, struct weir_span bytes,
                    const struct weir_adapter_host *host, int64_t now_ms)
{
    struct weir_event refused = {.kind = WEIR_EVENT_REFUSED};
    struct weir_irc_line line;
    bool damaged = false;
    if (bytes.length > LINE_BYTES) {
        refused.cause = WEIR_SPAN("a line longer than 16 KiB");
        say(host, &refused);
    } else if (!weir_irc_parse(weir_irc_sound(bytes, &twitch->sound, &damaged), &line)) {
        refused.cause = WEIR_SPAN("a line without a command");
        say(host, &refused);
    } else {
        on_parsed(twitch, &line, damaged, host, now_ms);
    }
}

static void decode(void *state, struct weir_span frame, bool is_binary,
                   const struct weir_adapter_host *host, int64_t now_ms)
{
    struct twitch_adapter *twitch = state;
    (void)is_binary;
    twitch->heard_ms = now_ms;
    twitch->is_pinged = false;
    while (frame.length > 0) {
        struct weir_span line = weir_span_take_until(&frame, '\n');
        if (line.length > 0 && line.data[line.length - 1] == '\r') {
            line.length--;
        }
        if (line.length > 0) {
            on_line(twitch, line, host, now_ms);
        }
    }
}

// A connection from its beginning to its end.

static void forget_connection(struct twitch_adapter *twitch)
{
    while (twitch->channel_count > 0) {
        remove_channel(twitch, &twitch->channels[0]);
    }
    twitch->is_ready = twitch->is_failed = twitch->is_pinged = false;
}

static void *create(const struct weir_adapter_config *config)
{
    struct twitch_adapter *twitch = weir_new(struct twitch_adapter);
    twitch->name = weir_strndup(config->name.data, config->name.length);
    twitch->token = weir_strndup(config->token.data, config->token.length);
    twitch->max_rooms = config->max_rooms;
    return twitch;
}

static void destroy(void *state)
{
    struct twitch_adapter *twitch = state;
    forget_connection(twitch);
    free(twitch->channels);
    free(twitch->name);
    explicit_bzero(twitch->token, strlen(twitch->token));
    free(twitch->token);
    weir_buffer_fini(&twitch->nick);
    weir_buffer_fini(&twitch->out);
    weir_buffer_fini(&twitch->sound);
    weir_buffer_fini(&twitch->text);
    weir_buffer_fini(&twitch->display_name);
    free(twitch);
}

static void on_open(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct twitch_adapter *twitch = state;
    char anonymous[32];
    snprintf(anonymous, sizeof(anonymous), "justinfan%" PRIu32,
             (uint32_t)(((uintptr_t)twitch >> 6) % 90000 + 10000));
    bool has_account = twitch->token[0] != '\0' && twitch->name[0] != '\0';
    forget_connection(twitch);
    twitch->opened_ms = twitch->heard_ms = now_ms;
    twitch->joins = 0;
    twitch->joins_since_ms = now_ms;
    send_words(twitch, host, "CAP REQ :twitch.tv/tags twitch.tv/commands", nothing);
    if (has_account) {
        bool is_prefixed = weir_span_starts(weir_span_of(twitch->token), WEIR_SPAN("oauth:"));
        send_words(twitch, host,
                   is_prefixed ? "PASS " : "PASS oauth:", weir_span_of(twitch->token));
    }
    send_words(twitch, host, "NICK ", weir_span_of(has_account ? twitch->name : anonymous));
}

static void on_close(void *state)
{
    forget_connection(state);
}

/** Twitch does not answer a JOIN to a room that does not exist, or that bans us. */
static void give_up_joins(struct twitch_adapter *twitch, const struct weir_adapter_host *host,
                          int64_t now_ms)
{
    for (size_t i = 0; i < twitch->channel_count; i++) {
        struct channel *channel = &twitch->channels[i];
        if (channel->presence == ASKED && now_ms - channel->at_ms > JOIN_MS) {
            lose_channel(twitch, channel, WEIR_SPAN("no answer to JOIN: does this channel exist?"),
                         now_ms + JOIN_RETRY_MS, host);
        }
    }
}

static void tick(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct twitch_adapter *twitch = state;
    if (!twitch->is_ready) {
        if (now_ms - twitch->opened_ms > LOGIN_MS) {
            fail(twitch, host, WEIR_SPAN("no end of login within 20 s"), false);
        }
        return;
    }
    give_up_joins(twitch, host, now_ms);
    send_joins(twitch, host, now_ms);
    if (now_ms - twitch->heard_ms > DEAD_MS) {
        fail(twitch, host, WEIR_SPAN("no answer to PING"), false);
    } else if (now_ms - twitch->heard_ms > IDLE_MS && !twitch->is_pinged) {
        twitch->is_pinged = true;
        send_words(twitch, host, "PING :weir", nothing);
    }
}

static bool is_login(struct weir_span name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
            return false;
        }
    }
    return name.length > 0 && name.length <= 32;
}

static struct weir_span without_hash(struct weir_span room)
{
    return weir_span_starts(room, WEIR_SPAN("#")) ? weir_span_slice(room, 1, room.length) : room;
}

static void add_lower(struct weir_buffer *out, struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        weir_buffer_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
    }
}

/** Why a room can't be one of ours, or NULL. */
static const char *add_channel(struct twitch_adapter *twitch, struct weir_span room)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    add_lower(&name, without_hash(room));
    if (!is_login(weir_buffer_span(&name))) {
        return "not the name of a channel";
    }
    for (size_t i = 0; i < twitch->channel_count; i++) {
        if (weir_span_equals(weir_buffer_span(&twitch->channels[i].name),
                             weir_buffer_span(&name))) {
            return NULL;
        }
    }
    if (twitch->channel_count >= twitch->max_rooms) {
        return "more rooms than max_rooms";
    }
    twitch->channels = weir_grow(twitch->channels, &twitch->channel_capacity,
                                 twitch->channel_count + 1, sizeof(*twitch->channels));
    struct channel *channel = &twitch->channels[twitch->channel_count++];
    *channel = (struct channel){.presence = OUTSIDE, .name = name};
    name = (struct weir_buffer){0};
    weir_buffer_add(&channel->room, room);
    return NULL;
}

static void join(void *state, const struct weir_room_request *rooms, size_t count,
                 const struct weir_adapter_host *host, int64_t now_ms)
{
    struct twitch_adapter *twitch = state;
    for (size_t i = 0; i < count; i++) {
        const char *cause = add_channel(twitch, rooms[i].room);
        if (cause) {
            say_left(host, rooms[i].room, weir_span_of(cause), true);
        }
    }
    send_joins(twitch, host, now_ms);
}

static void leave(void *state, struct weir_span room, const struct weir_adapter_host *host)
{
    struct twitch_adapter *twitch = state;
    for (size_t i = 0; i < twitch->channel_count; i++) {
        struct channel *channel = &twitch->channels[i];
        if (weir_span_equals(weir_buffer_span(&channel->room), room)) {
            send_words(twitch, host, "PART #", weir_buffer_span(&channel->name));
            lose_channel(twitch, channel, WEIR_SPAN("we left"), -1, host);
            return;
        }
    }
}

static enum weir_support supports(void *state, enum weir_do kind)
{
    (void)state;
    (void)kind;
    return WEIR_SUPPORT_NONE;
}

static void act(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
                int64_t now_ms)
{
    const struct weir_event done = {
        .kind = WEIR_EVENT_DONE,
        .id = action->id,
        .refused = WEIR_REFUSED_UNSUPPORTED,
        .cause = WEIR_SPAN("Twitch's chat is read only; moderators act through its HTTP interface"),
    };
    (void)state;
    (void)now_ms;
    say(host, &done);
}

/**
 * twitch:CHANNEL,CHANNEL; twitch+ws://HOST:PORT/PATH#CHANNEL,... for a stand-in of Twitch (tests,
 * proxies).
 */
static size_t resolve(struct weir_span url, char *out, size_t capacity,
                      void (*on_room)(void *user, struct weir_span room), void *user)
{
    struct weir_span address = WEIR_SPAN(ADDRESS);
    struct weir_span rooms = url;
    if (weir_span_starts(url, WEIR_SPAN("twitch:"))) {
        rooms = weir_span_slice(url, sizeof("twitch:") - 1, url.length);
    } else if (weir_span_starts(url, WEIR_SPAN("twitch+ws"))) {
        address = weir_span_take_until(&rooms, '#');
        address = weir_span_slice(address, sizeof("twitch+") - 1, address.length);
    } else {
        return 0;
    }
    if (rooms.length == 0 || address.length > capacity) {
        return 0;
    }
    while (rooms.length > 0) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
        add_lower(&name, without_hash(weir_span_take_until(&rooms, ',')));
        if (!is_login(weir_buffer_span(&name))) {
            return 0;
        }
        on_room(user, weir_buffer_span(&name));
    }
    memcpy(out, address.data, address.length);
    return address.length;
}

static const char *const schemes[] = {"twitch", "twitch+ws", "twitch+wss", NULL};

// What holds for a moderator; for as long as acting is not ours, the pace of `unsupported`.
static const struct weir_limit limits[] = {
    {.kinds = (1u << WEIR_DO_COUNT) - 1,
     .count = 800,
     .per_ms = 60000,
     .source = "Helix: 800 points a minute for a client id and user"},
    {.kinds = 1u << WEIR_DO_REPLY | 1u << WEIR_DO_ANNOUNCE,
     .count = 100,
     .per_ms = 30000,
     .source = "chat: 100 messages in 30 s where we are moderator"},
    {.kinds = 1u << WEIR_DO_ANNOUNCE,
     .count = 1,
     .per_ms = 2000,
     .each_room = true,
     .source = "Helix: one announcement in 2 s"},
};

extern const struct weir_adapter weir_adapter;

__attribute__((visibility("default"))) const struct weir_adapter weir_adapter = {
    .abi = WEIR_PLUGIN_ABI,
    .name = "twitch",
    .summary = "Twitch's chat, for reading: twitch:CHANNEL,CHANNEL",
    .url_schemes = schemes,
    .subprotocols = NULL,
    .create = create,
    .destroy = destroy,
    .resolve = resolve,
    .on_open = on_open,
    .on_close = on_close,
    .decode = decode,
    .tick = tick,
    .join = join,
    .leave = leave,
    .supports = supports,
    .act = act,
    .recognises_ids = false,
    .limits = limits,
    .limit_count = ARRAY_LEN(limits),
    .clears = 1u << WEIR_DO_TIMEOUT | 1u << WEIR_DO_BAN,
};
