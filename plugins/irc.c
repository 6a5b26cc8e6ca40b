// IRC over WebSocket, as Ergo and InspIRCd speak it (platforms.md 3).
//
// What we ask for is decided by what the server names: tags, times and ids where it has them,
// labels so that each answer says what it answers. Without labels an action is followed by a PING
// of its own: servers work in order, so a refusal comes before that PONG, and no refusal means it
// was done.
//
// Members are not tracked, only those of them who have a role; nicks are, where somebody without an
// account changes theirs, so that strikes follow. All such memory is bounded.

#include "engine/base/alloc.h"
#include "engine/base/irc_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_BYTES      16384u // longest that is read; longer ones than any server sends
#define SENT_BYTES      510u   // longest that is sent, CR LF and tags not counted
#define PREFIX_RESERVE  112u   // what the server puts before our line for others: nick!user@host
#define JOIN_BYTES      400u
#define JOIN_CHANNELS   10u
#define MAX_PENDING     512u
#define MAX_STEPS       4u // lines that one action may take
#define MAX_ROLES       1024u
#define MAX_ALIASES     256u
#define MAX_BATCHES     16u
#define REGISTER_MS     20000
#define JOIN_MS         10000
#define REJOIN_MS       10000
#define FULL_RETRY_MS   60000
#define ANSWER_MS       8000 // the engine's own patience ends at 10 s
#define IDLE_MS         60000
#define DEAD_MS         90000
#define LONGEST_NICK    64u
#define LONGEST_ACCOUNT 128u
#define NICK_TRIES      8

enum cap {
    CAP_TAGS,
    CAP_TIME,
    CAP_ECHO,
    CAP_LABELS,
    CAP_BATCH,
    CAP_ACCOUNT,
    CAP_PREFIXES,
    CAP_REDACT,
    CAP_SASL,
    CAP_COUNT,
};

static const char *const cap_names[CAP_COUNT] = {
    "message-tags", "server-time", "echo-message", "labeled-response",
    "batch",        "account-tag", "multi-prefix", "draft/message-redaction",
    "sasl",
};

enum presence {
    OUTSIDE, // waits for `at_ms` to ask again
    ASKED,
    INSIDE,
};

/** Somebody with a role in a channel. */
struct role_holder {
    struct weir_buffer nick;
    uint32_t modes; // bits, by the place in `prefix_modes`
};

struct channel {
    struct weir_buffer room; // as the engine calls it
    struct weir_buffer name; // as IRC calls it
    enum presence presence;
    bool is_told;  // JOINED was said
    int64_t at_ms; // asked, or to ask again
    struct role_holder *holders;
    size_t holder_count;
    size_t holder_capacity;
};

/** A nick whose id is not plain from it: a session's under a new nick, or an account's. */
struct alias {
    struct weir_buffer nick;
    struct weir_buffer id;
    bool is_account; // good for addressing whom the id names; each message names its account anew
};

/** An action that was sent and not answered. */
struct pending {
    struct weir_buffer id;
    struct weir_buffer room;
    struct weir_buffer target; // nick, where there is one
    enum weir_do kind;
    uint32_t first_label; // its lines have this one and those that follow
    uint32_t steps;
    uint32_t answered;
    int64_t deadline_ms;
    char batch[64]; // reference of the batch that answers the step under way
    enum weir_refused refused;
    char cause[128];
};

struct irc_adapter {
    char *wanted_nick;
    char *account;
    char *token;
    bool act;
    uint32_t max_rooms;

    // The connection.
    struct weir_buffer nick;
    uint32_t offered; // bits of enum cap
    uint32_t enabled;
    uint32_t cap_answers_due;
    bool is_registered;
    bool is_failed;
    bool is_inspircd;
    bool has_tban;
    bool has_mute;
    bool rfc1459_case;
    bool frames_are_binary;
    int nick_tries;
    char prefix_modes[16];   // e.g. "qaohv"
    char prefix_symbols[16]; // e.g. "~&@%+"
    char list_modes[32];     // modes of type A and B: always a parameter
    char set_modes[32];      // of type C: a parameter when set
    char flag_modes[64];     // of type D
    int64_t opened_ms;
    int64_t heard_ms;
    int64_t pinged_ms; // 0 = not waiting for a PONG
    uint32_t next_label;

    struct channel *channels;
    size_t channel_count;
    size_t channel_capacity;
    struct alias *aliases; // the oldest first
    size_t alias_count;
    size_t alias_capacity;
    struct pending *pending; // in the order in which they were sent
    size_t pending_count;
    size_t pending_capacity;
    char history[MAX_BATCHES][64]; // references of open chathistory batches
    size_t history_count;

    // Memory of one call.
    struct weir_buffer out;
    struct weir_buffer sound;
    struct weir_buffer text;
    struct weir_buffer user_id;
    struct weir_buffer msgid;
    struct weir_buffer reply_to;
};

// Names.

static const struct weir_span nothing = {NULL, 0};

static char fold(const struct irc_adapter *irc, char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c | 0x20);
    }
    if (irc->rfc1459_case && c >= '[' && c <= '^') {
        return (char)(c | 0x20);
    }
    return c;
}

static bool same_name(const struct irc_adapter *irc, struct weir_span a, struct weir_span b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (fold(irc, a.data[i]) != fold(irc, b.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_self(const struct irc_adapter *irc, struct weir_span nick)
{
    return same_name(irc, nick, weir_buffer_span(&irc->nick));
}

static void set_text(struct weir_buffer *buffer, struct weir_span text)
{
    weir_buffer_clear(buffer);
    weir_buffer_add(buffer, text);
}

static bool is_channel_name(struct weir_span name)
{
    return name.length > 1 && (name.data[0] == '#' || name.data[0] == '&');
}

/** Copies what fits, as a C string, for short words of the server. */
static void keep_word(char *out, size_t size, struct weir_span word)
{
    snprintf(out, size, "%.*s", WEIR_SPAN_ARGS(word));
}

/** A nick that may stand in a mask or before a command: nothing in it that means something there.
 */
static bool is_sendable_nick(struct weir_span nick)
{
    for (size_t i = 0; i < nick.length; i++) {
        if (nick.data[i] == '*' || nick.data[i] == '?' || nick.data[i] == '!' ||
            nick.data[i] == '@' || nick.data[i] == ',') {
            return false;
        }
    }
    return weir_irc_is_middle(nick) && nick.length <= LONGEST_NICK && nick.data[0] != '#' &&
           nick.data[0] != '&' && nick.data[0] != '-' && nick.data[0] != '+';
}

// Saying things to the engine and to the server.

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

static void fail(struct irc_adapter *irc, const struct weir_adapter_host *host, const char *what,
                 struct weir_span detail, bool is_final)
{
    if (!irc->is_failed) {
        char cause[200];
        snprintf(cause, sizeof(cause), "%s%s%.*s", what, detail.length ? ": " : "",
                 (int)(detail.length < 120 ? detail.length : 120),
                 detail.length ? detail.data : "");
        const struct weir_event event = {
            .kind = WEIR_EVENT_FAILED, .cause = weir_span_of(cause), .is_final = is_final};
        irc->is_failed = true;
        say(host, &event);
    }
}

static void send_line(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    host->send(host->user, weir_buffer_span(&irc->out),
               irc->frames_are_binary ? WEIR_FRAME_BINARY : WEIR_FRAME_TEXT);
    weir_buffer_clear(&irc->out);
}

/** Sends a line of ours; `last` is from outside and can't end it. */
static void send_words(struct irc_adapter *irc, const struct weir_adapter_host *host,
                       const char *words, struct weir_span last)
{
    weir_buffer_clear(&irc->out);
    weir_buffer_add_text(&irc->out, words);
    weir_irc_add_clean(&irc->out, last);
    send_line(irc, host);
}

// Channels, and who has a role in them.

static struct channel *find_channel(struct irc_adapter *irc, struct weir_span name)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        if (same_name(irc, weir_buffer_span(&irc->channels[i].name), name)) {
            return &irc->channels[i];
        }
    }
    return NULL;
}

static struct channel *find_room(struct irc_adapter *irc, struct weir_span room)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        if (weir_span_equals(weir_buffer_span(&irc->channels[i].room), room)) {
            return &irc->channels[i];
        }
    }
    return NULL;
}

static void forget_holders(struct channel *channel)
{
    for (size_t i = 0; i < channel->holder_count; i++) {
        weir_buffer_fini(&channel->holders[i].nick);
    }
    channel->holder_count = 0;
}

static void remove_channel(struct irc_adapter *irc, struct channel *channel)
{
    forget_holders(channel);
    free(channel->holders);
    weir_buffer_fini(&channel->room);
    weir_buffer_fini(&channel->name);
    *channel = irc->channels[--irc->channel_count];
}

static struct role_holder *find_holder(const struct irc_adapter *irc, struct channel *channel,
                                       struct weir_span nick)
{
    for (size_t i = 0; i < channel->holder_count; i++) {
        if (same_name(irc, weir_buffer_span(&channel->holders[i].nick), nick)) {
            return &channel->holders[i];
        }
    }
    return NULL;
}

static void remove_holder(struct channel *channel, struct role_holder *holder)
{
    weir_buffer_fini(&holder->nick);
    *holder = channel->holders[--channel->holder_count];
}

/** Who has no role left is forgotten. */
static void set_modes(const struct irc_adapter *irc, struct channel *channel, struct weir_span nick,
                      uint32_t add, uint32_t take)
{
    struct role_holder *holder = find_holder(irc, channel, nick);
    if (!holder && add && channel->holder_count < MAX_ROLES) {
        channel->holders = weir_grow(channel->holders, &channel->holder_capacity,
                                     channel->holder_count + 1, sizeof(*channel->holders));
        holder = &channel->holders[channel->holder_count++];
        *holder = (struct role_holder){0};
        weir_buffer_add(&holder->nick, nick);
    }
    if (holder) {
        holder->modes = (holder->modes | add) & ~take;
        if (!holder->modes) {
            remove_holder(channel, holder);
        }
    }
}

static uint32_t mode_bit(const char *letters, char letter)
{
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? 1u << (found - letters) : 0;
}

static uint32_t role_of_mode(char mode)
{
    switch (mode) {
    case 'q':
        return WEIR_ROLE_STREAMER;
    case 'v':
        return WEIR_ROLE_VIP;
    default:
        return WEIR_ROLE_MODERATOR; // admin, operator, half operator, and ranks of a server's own
    }
}

static uint32_t roles_of(const struct irc_adapter *irc, struct channel *channel,
                         struct weir_span nick)
{
    const struct role_holder *holder = find_holder(irc, channel, nick);
    uint32_t roles = 0;
    for (size_t i = 0; holder && irc->prefix_modes[i]; i++) {
        roles |= holder->modes & (1u << i) ? role_of_mode(irc->prefix_modes[i]) : 0;
    }
    return roles;
}

// Who is who.

static struct alias *find_alias(const struct irc_adapter *irc, struct weir_span nick)
{
    for (size_t i = 0; i < irc->alias_count; i++) {
        if (same_name(irc, weir_buffer_span(&irc->aliases[i].nick), nick)) {
            return &irc->aliases[i];
        }
    }
    return NULL;
}

static struct alias *find_alias_by_id(const struct irc_adapter *irc, struct weir_span id)
{
    for (size_t i = 0; i < irc->alias_count; i++) {
        if (weir_span_equals(weir_buffer_span(&irc->aliases[i].id), id)) {
            return &irc->aliases[i];
        }
    }
    return NULL;
}

static void remove_alias(struct irc_adapter *irc, struct alias *alias)
{
    size_t behind = (size_t)(irc->aliases + irc->alias_count - (alias + 1));
    weir_buffer_fini(&alias->nick);
    weir_buffer_fini(&alias->id);
    memmove(alias, alias + 1, behind * sizeof(*alias));
    irc->alias_count--;
}

static void add_session_id(const struct irc_adapter *irc, const struct weir_irc_line *line,
                           struct weir_buffer *out)
{
    for (size_t i = 0; i < line->nick.length; i++) {
        weir_buffer_add_byte(out, fold(irc, line->nick.data[i]));
    }
    weir_buffer_add_byte(out, '@');
    weir_buffer_add(out, line->host);
}

static void add_alias(struct irc_adapter *irc, const struct alias *alias)
{
    if (irc->alias_count == MAX_ALIASES) {
        remove_alias(irc, &irc->aliases[0]);
    }
    irc->aliases =
        weir_grow(irc->aliases, &irc->alias_capacity, irc->alias_count + 1, sizeof(*irc->aliases));
    irc->aliases[irc->alias_count++] = *alias;
}

/** An account need not be called as its nick is: who acts on the account must find the nick, and
 * must not hit somebody else whose nick is that word. */
static void note_account(struct irc_adapter *irc, struct weir_span account, struct weir_span nick)
{
    struct alias *alias = find_alias_by_id(irc, account);
    if ((alias && same_name(irc, weir_buffer_span(&alias->nick), nick)) ||
        (!alias && same_name(irc, account, nick)) || nick.length > LONGEST_NICK ||
        account.length > LONGEST_ACCOUNT) {
        return;
    }
    if (alias) {
        remove_alias(irc, alias);
    }
    alias = find_alias(irc, nick);
    if (alias) {
        remove_alias(irc, alias);
    }
    struct alias noted = {.is_account = true};
    weir_buffer_add(&noted.nick, nick);
    weir_buffer_add(&noted.id, account);
    add_alias(irc, &noted);
}

/** The account where the server tells it; else the session, under the nick that it came with. */
static struct weir_span user_id_of(struct irc_adapter *irc, const struct weir_irc_line *line,
                                   enum weir_identity *identity_out)
{
    struct weir_span account;
    weir_buffer_clear(&irc->user_id);
    if (weir_irc_tag(line, "account", &account) && account.length > 0 &&
        !weir_span_is(account, "*")) {
        *identity_out = WEIR_IDENTITY_STABLE;
        weir_irc_add_unescaped(&irc->user_id, account);
        note_account(irc, weir_buffer_span(&irc->user_id), line->nick);
        return weir_buffer_span(&irc->user_id);
    }
    *identity_out = WEIR_IDENTITY_SESSION;
    const struct alias *alias = find_alias(irc, line->nick);
    if (alias && !alias->is_account) {
        return weir_buffer_span(&alias->id);
    }
    add_session_id(irc, line, &irc->user_id);
    return weir_buffer_span(&irc->user_id);
}

static void rename_alias(struct irc_adapter *irc, const struct weir_irc_line *line,
                         struct weir_span nick)
{
    struct alias renamed = {0};
    struct alias *alias = find_alias(irc, line->nick);
    if (alias) {
        renamed.is_account = alias->is_account;
        weir_buffer_add(&renamed.id, weir_buffer_span(&alias->id));
        remove_alias(irc, alias);
    } else {
        add_session_id(irc, line, &renamed.id);
    }
    alias = find_alias(irc, nick);
    if (alias) {
        remove_alias(irc, alias);
    }
    weir_buffer_add(&renamed.nick, nick);
    add_alias(irc, &renamed);
}

/** The nick that somebody has now, from what the engine knows of them. */
static struct weir_span nick_of_user(const struct irc_adapter *irc,
                                     const struct weir_action *action)
{
    const struct alias *alias = find_alias_by_id(irc, action->user);
    if (alias) {
        return weir_buffer_span(&alias->nick);
    }
    if (action->user_name.length > 0) {
        return action->user_name;
    }
    struct weir_span id = action->user;
    return weir_span_take_until(&id, '@');
}

// Actions under way.

static void forget_pending(struct irc_adapter *irc, struct pending *pending)
{
    size_t behind = (size_t)(irc->pending + irc->pending_count - (pending + 1));
    weir_buffer_fini(&pending->id);
    weir_buffer_fini(&pending->room);
    weir_buffer_fini(&pending->target);
    memmove(pending, pending + 1, behind * sizeof(*pending));
    irc->pending_count--;
}

static void say_done(const struct weir_adapter_host *host, struct weir_span id,
                     enum weir_refused refused, const char *cause)
{
    const struct weir_event done = {
        .kind = WEIR_EVENT_DONE,
        .id = id,
        .refused = refused,
        .retry_ms = refused == WEIR_REFUSED_RATE_LIMITED ? 1000 : 0,
        .cause = weir_span_of(cause),
    };
    say(host, &done);
}

static void finish(struct irc_adapter *irc, struct pending *pending,
                   const struct weir_adapter_host *host)
{
    // Taken out first: the engine may act again while it is told.
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer id = pending->id;
    pending->id = (struct weir_buffer){0};
    enum weir_refused refused = pending->refused;
    char cause[sizeof(pending->cause)];
    memcpy(cause, pending->cause, sizeof(cause));
    forget_pending(irc, pending);
    say_done(host, weir_buffer_span(&id), refused, cause);
}

static const struct {
    unsigned numeric;
    enum weir_refused refused;
} numeric_meanings[] = {
    {401, WEIR_REFUSED_NOT_FOUND},    {402, WEIR_REFUSED_NOT_FOUND},
    {403, WEIR_REFUSED_NOT_FOUND},    {404, WEIR_REFUSED_FORBIDDEN},
    {406, WEIR_REFUSED_NOT_FOUND},    {421, WEIR_REFUSED_UNSUPPORTED},
    {441, WEIR_REFUSED_NOT_FOUND},    {442, WEIR_REFUSED_FORBIDDEN},
    {461, WEIR_REFUSED_INVALID},      {472, WEIR_REFUSED_UNSUPPORTED},
    {476, WEIR_REFUSED_INVALID},      {481, WEIR_REFUSED_FORBIDDEN},
    {482, WEIR_REFUSED_FORBIDDEN},    {485, WEIR_REFUSED_FORBIDDEN},
    {263, WEIR_REFUSED_RATE_LIMITED}, {439, WEIR_REFUSED_RATE_LIMITED},
    {696, WEIR_REFUSED_INVALID},
};

static const struct {
    const char *code;
    enum weir_refused refused;
} fail_meanings[] = {
    {"UNKNOWN_MSGID", WEIR_REFUSED_NOT_FOUND},    {"INVALID_TARGET", WEIR_REFUSED_NOT_FOUND},
    {"REDACT_FORBIDDEN", WEIR_REFUSED_FORBIDDEN}, {"REDACT_WINDOW_EXPIRED", WEIR_REFUSED_FORBIDDEN},
    {"DISABLED", WEIR_REFUSED_UNSUPPORTED},       {"UNKNOWN_COMMAND", WEIR_REFUSED_UNSUPPORTED},
    {"INVALID_PARAMS", WEIR_REFUSED_INVALID},     {"INVALID_UTF8", WEIR_REFUSED_INVALID},
};

/** What a line refuses an action for, or that it does not refuse one. */
static enum weir_refused refusal_of(const struct weir_irc_line *line)
{
    unsigned numeric = weir_irc_numeric(line);
    for (size_t i = 0; i < ARRAY_LEN(numeric_meanings); i++) {
        if (numeric == numeric_meanings[i].numeric) {
            return numeric_meanings[i].refused;
        }
    }
    if (weir_irc_is(line, "FAIL")) {
        for (size_t i = 0; i < ARRAY_LEN(fail_meanings); i++) {
            if (weir_span_is(weir_irc_param(line, 1), fail_meanings[i].code)) {
                return fail_meanings[i].refused;
            }
        }
        return WEIR_REFUSED_INTERNAL;
    }
    return (numeric >= 400 && numeric < 600) ? WEIR_REFUSED_INTERNAL : WEIR_REFUSED_NOT;
}

static void note_refusal(struct irc_adapter *irc, struct pending *pending,
                         const struct weir_irc_line *line)
{
    enum weir_refused refused = refusal_of(line);
    unsigned numeric = weir_irc_numeric(line);
    if (refused == WEIR_REFUSED_NOT || pending->refused != WEIR_REFUSED_NOT) {
        return;
    }
    if (numeric == 421 && weir_span_is(weir_irc_param(line, 1), "TBAN")) {
        irc->has_tban = false; // from now on a ban that the engine takes back
    }
    if (pending->kind == WEIR_DO_BAN && (numeric == 401 || numeric == 441)) {
        return; // has left: the ban stands, there is only nobody to kick
    }
    pending->refused = refused;
    keep_word(pending->cause, sizeof(pending->cause), weir_irc_last(line));
}

/** One of its lines was answered. */
static void step_answered(struct irc_adapter *irc, struct pending *pending,
                          const struct weir_adapter_host *host)
{
    if (++pending->answered >= pending->steps) {
        finish(irc, pending, host);
    }
}

static struct pending *find_by_label(struct irc_adapter *irc, struct weir_span label)
{
    uint64_t number = 0;
    if (label.length < 2 || label.data[0] != 'w' ||
        !weir_span_to_u64(weir_span_slice(label, 1, label.length), &number)) {
        return NULL;
    }
    for (size_t i = 0; i < irc->pending_count; i++) {
        struct pending *pending = &irc->pending[i];
        if (number >= pending->first_label && number < pending->first_label + pending->steps) {
            return pending;
        }
    }
    return NULL;
}

static struct pending *find_by_batch(struct irc_adapter *irc, struct weir_span reference)
{
    for (size_t i = 0; i < irc->pending_count && reference.length > 0; i++) {
        if (weir_span_is(reference, irc->pending[i].batch)) {
            return &irc->pending[i];
        }
    }
    return NULL;
}

/** With labels: a line that says what it answers, or belongs to a batch that does. */
static void match_label(struct irc_adapter *irc, const struct weir_irc_line *line,
                        const struct weir_adapter_host *host)
{
    struct weir_span value;
    struct pending *pending = NULL;
    if (weir_irc_tag(line, "batch", &value) && (pending = find_by_batch(irc, value))) {
        note_refusal(irc, pending, line);
    } else if (weir_irc_tag(line, "label", &value) && (pending = find_by_label(irc, value))) {
        struct weir_span reference = weir_irc_param(line, 0);
        if (weir_irc_is(line, "BATCH") && reference.length > 1 && reference.data[0] == '+') {
            keep_word(pending->batch, sizeof(pending->batch),
                      weir_span_slice(reference, 1, reference.length));
            return;
        }
        note_refusal(irc, pending, line);
        step_answered(irc, pending, host);
    }
}

/** Without labels: a refusal belongs to the first that could have caused it. */
static void match_refusal(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    if ((irc->enabled & (1u << CAP_LABELS)) || refusal_of(line) == WEIR_REFUSED_NOT) {
        return;
    }
    for (size_t i = 0; i < irc->pending_count; i++) {
        struct pending *pending = &irc->pending[i];
        bool is_its_command = weir_irc_numeric(line) == 421;
        for (size_t p = 0; p < line->param_count; p++) {
            struct channel *channel = find_channel(irc, line->params[p]);
            is_its_command |= channel && weir_span_equals(weir_buffer_span(&channel->room),
                                                          weir_buffer_span(&pending->room));
            is_its_command |= pending->target.length > 0 &&
                              same_name(irc, line->params[p], weir_buffer_span(&pending->target));
        }
        if (is_its_command) {
            note_refusal(irc, pending, line);
            return;
        }
    }
}

// Registration.

static void request_cap(struct irc_adapter *irc, const struct weir_adapter_host *host,
                        uint32_t caps)
{
    weir_buffer_clear(&irc->out);
    weir_buffer_add_text(&irc->out, "CAP REQ :");
    for (int cap = 0; cap < CAP_COUNT; cap++) {
        if (caps & (1u << cap)) {
            weir_buffer_printf(&irc->out, "%s%s",
                               irc->out.data[irc->out.length - 1] == ':' ? "" : " ",
                               cap_names[cap]);
        }
    }
    irc->cap_answers_due++;
    send_line(irc, host);
}

static void end_caps(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (irc->is_registered || irc->cap_answers_due > 0) {
        return;
    }
    if (irc->token[0] == '\0') {
        send_words(irc, host, "CAP END", nothing);
    } else if (irc->enabled & (1u << CAP_SASL)) {
        send_words(irc, host, "AUTHENTICATE PLAIN", nothing);
    } else {
        fail(irc, host, "a token is configured, but the server offers no SASL PLAIN", nothing,
             true);
    }
}

static void note_offered(struct irc_adapter *irc, struct weir_span list)
{
    while (list.length > 0) {
        struct weir_span value = weir_span_take_until(&list, ' ');
        struct weir_span name = weir_span_take_until(&value, '=');
        for (int cap = 0; cap < CAP_COUNT; cap++) {
            if (weir_span_is(name, cap_names[cap])) {
                irc->offered |= 1u << cap;
            }
        }
        if (weir_span_is(name, "sasl") && value.length > 0 &&
            !memmem(value.data, value.length, "PLAIN", 5)) {
            irc->offered &= ~(1u << CAP_SASL);
        }
    }
}

static uint32_t caps_in(struct weir_span list)
{
    uint32_t caps = 0;
    while (list.length > 0) {
        struct weir_span name = weir_span_take_until(&list, ' ');
        for (int cap = 0; cap < CAP_COUNT; cap++) {
            caps |= weir_span_is(name, cap_names[cap]) ? 1u << cap : 0;
        }
    }
    return caps;
}

static void on_cap_list(struct irc_adapter *irc, const struct weir_irc_line *line,
                        const struct weir_adapter_host *host)
{
    note_offered(irc, weir_irc_last(line));
    if (line->param_count > 3 && weir_span_is(line->params[2], "*")) {
        return; // more follows
    }
    uint32_t wanted = irc->offered;
    if (irc->token[0] == '\0') {
        wanted &= ~(1u << CAP_SASL);
    }
    if (!(wanted & (1u << CAP_BATCH))) {
        wanted &= ~(1u << CAP_LABELS); // answers of several lines come as batches
    }
    if (wanted && !irc->is_registered) {
        request_cap(irc, host, wanted);
    } else {
        end_caps(irc, host);
    }
}

/** All or nothing was refused: ask for each alone. */
static void on_cap_refused(struct irc_adapter *irc, uint32_t caps,
                           const struct weir_adapter_host *host)
{
    if (caps & (caps - 1)) {
        for (int cap = 0; cap < CAP_COUNT; cap++) {
            if (caps & (1u << cap)) {
                request_cap(irc, host, 1u << cap);
            }
        }
    }
}

static void on_cap(struct irc_adapter *irc, const struct weir_irc_line *line,
                   const struct weir_adapter_host *host)
{
    struct weir_span verb = weir_irc_param(line, 1);
    uint32_t caps = caps_in(weir_irc_last(line));
    bool is_ack = weir_span_is(verb, "ACK");
    if (weir_span_is(verb, "LS")) {
        on_cap_list(irc, line, host);
    } else if (weir_span_is(verb, "DEL")) {
        irc->enabled &= ~caps;
    } else if ((is_ack || weir_span_is(verb, "NAK")) && irc->cap_answers_due > 0) {
        irc->cap_answers_due--;
        if (is_ack) {
            irc->enabled |= caps;
        } else {
            on_cap_refused(irc, caps, host);
        }
        end_caps(irc, host);
    }
}

static void add_base64(struct weir_buffer *out, struct weir_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.length; i += 3) {
        uint32_t three = 0;
        size_t count = bytes.length - i < 3 ? bytes.length - i : 3;
        for (size_t k = 0; k < 3; k++) {
            three = three << 8 | (k < count ? (unsigned char)bytes.data[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            weir_buffer_add_byte(out, k <= count ? digits[three >> (18 - 6 * k) & 63] : '=');
        }
    }
}

/** SASL PLAIN, in pieces of 400 bytes; a full last piece is followed by an empty one. */
static void on_authenticate(struct irc_adapter *irc, const struct weir_irc_line *line,
                            const struct weir_adapter_host *host)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer plain = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer encoded = {0};
    if (!weir_span_is(weir_irc_param(line, 0), "+") || irc->is_registered) {
        return;
    }
    weir_buffer_add_byte(&plain, '\0');
    weir_buffer_add_text(&plain, irc->account);
    weir_buffer_add_byte(&plain, '\0');
    weir_buffer_add_text(&plain, irc->token);
    add_base64(&encoded, weir_buffer_span(&plain));
    struct weir_span rest = weir_buffer_span(&encoded);
    bool full = true;
    while (full) {
        struct weir_span piece = weir_span_slice(rest, 0, 400);
        rest = weir_span_slice(rest, 400, rest.length);
        full = piece.length == 400;
        send_words(irc, host, "AUTHENTICATE ", piece.length ? piece : WEIR_SPAN("+"));
    }
    explicit_bzero(plain.data, plain.length);
    explicit_bzero(encoded.data, encoded.length);
}

/** From the nick that was wanted: InspIRCd names who it overrules by a number before it says so. */
static void on_nick_taken(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (irc->is_registered) {
        return;
    }
    if (++irc->nick_tries > NICK_TRIES) {
        fail(irc, host, "every nick that was tried is in use", nothing, false);
        return;
    }
    set_text(&irc->nick, weir_span_of(irc->wanted_nick));
    for (int i = 0; i < irc->nick_tries; i++) {
        weir_buffer_add_byte(&irc->nick, '_');
    }
    send_words(irc, host, "NICK ", weir_buffer_span(&irc->nick));
}

/** PREFIX=(qaohv)~&@%+ */
static void on_prefix(struct irc_adapter *irc, struct weir_span value)
{
    if (value.length == 0 || value.data[0] != '(') {
        return;
    }
    struct weir_span symbols = weir_span_slice(value, 1, value.length);
    struct weir_span modes = weir_span_take_until(&symbols, ')');
    if (modes.length == symbols.length && modes.length < sizeof(irc->prefix_modes)) {
        keep_word(irc->prefix_modes, sizeof(irc->prefix_modes), modes);
        keep_word(irc->prefix_symbols, sizeof(irc->prefix_symbols), symbols);
    }
}

/** CHANMODES=A,B,C,D */
static void on_chanmodes(struct irc_adapter *irc, struct weir_span value)
{
    struct weir_span lists = weir_span_take_until(&value, ',');
    struct weir_span always = weir_span_take_until(&value, ',');
    struct weir_span when_set = weir_span_take_until(&value, ',');
    struct weir_span flags = weir_span_take_until(&value, ',');
    snprintf(irc->list_modes, sizeof(irc->list_modes), "%.*s%.*s", WEIR_SPAN_ARGS(lists),
             WEIR_SPAN_ARGS(always));
    keep_word(irc->set_modes, sizeof(irc->set_modes), when_set);
    keep_word(irc->flag_modes, sizeof(irc->flag_modes), flags);
}

static void on_supported(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    for (size_t i = 1; i < line->param_count; i++) {
        struct weir_span value = line->params[i];
        struct weir_span name = weir_span_take_until(&value, '=');
        if (weir_span_is(name, "CASEMAPPING")) {
            irc->rfc1459_case = weir_span_starts(value, WEIR_SPAN("rfc1459"));
        } else if (weir_span_is(name, "PREFIX")) {
            on_prefix(irc, value);
        } else if (weir_span_is(name, "CHANMODES")) {
            on_chanmodes(irc, value);
        } else if (weir_span_is(name, "EXTBAN")) {
            weir_span_take_until(&value, ',');
            irc->has_mute = value.length > 0 && memchr(value.data, 'm', value.length);
        }
    }
}

static void on_version(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    irc->is_inspircd = weir_span_starts(weir_irc_param(line, 2), WEIR_SPAN("InspIRCd"));
    irc->has_tban = irc->is_inspircd;
}

static void on_registered(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (!irc->is_registered) {
        const struct weir_event ready = {.kind = WEIR_EVENT_READY,
                                         .self = weir_buffer_span(&irc->nick)};
        irc->is_registered = true;
        say(host, &ready);
    }
}

// Being in channels.

static void send_joins(struct irc_adapter *irc, const struct weir_adapter_host *host,
                       int64_t now_ms)
{
    size_t in_line = 0;
    weir_buffer_clear(&irc->out);
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct channel *channel = &irc->channels[i];
        if (channel->presence != OUTSIDE || channel->at_ms > now_ms) {
            continue;
        }
        if (in_line == JOIN_CHANNELS ||
            (in_line && irc->out.length + channel->name.length > JOIN_BYTES)) {
            send_line(irc, host);
            in_line = 0;
        }
        weir_buffer_add_text(&irc->out, in_line ? "," : "JOIN ");
        weir_buffer_add(&irc->out, weir_buffer_span(&channel->name));
        channel->presence = ASKED;
        channel->at_ms = now_ms;
        in_line++;
    }
    if (in_line) {
        send_line(irc, host);
    }
}

/** We are not in this channel any more, or were not let in. */
static void lose_channel(struct irc_adapter *irc, struct channel *channel, struct weir_span cause,
                         int64_t again_ms, const struct weir_adapter_host *host)
{
    bool is_final = again_ms < 0;
    forget_holders(channel);
    channel->presence = OUTSIDE;
    channel->is_told = false;
    channel->at_ms = again_ms;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer room = {0};
    weir_buffer_add(&room, weir_buffer_span(&channel->room));
    if (is_final) {
        remove_channel(irc, channel);
    }
    say_left(host, weir_buffer_span(&room), cause, is_final);
}

static void on_join(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    if (channel && is_self(irc, line->nick)) {
        forget_holders(channel);
        channel->presence = INSIDE;
    }
}

static void on_names(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 2));
    struct weir_span names = weir_irc_last(line);
    while (channel && names.length > 0) {
        struct weir_span nick = weir_span_take_until(&names, ' ');
        uint32_t modes = 0;
        uint32_t bit;
        while (nick.length > 0 && (bit = mode_bit(irc->prefix_symbols, nick.data[0]))) {
            modes |= bit;
            nick = weir_span_slice(nick, 1, nick.length);
        }
        nick = weir_span_take_until(&nick, '!'); // userhost-in-names may be on
        if (nick.length > 0 && nick.length <= LONGEST_NICK) {
            set_modes(irc, channel, nick, modes, 0);
        }
    }
}

/** The names are known, so the roles are: only now is a room worth judging. */
static void on_names_end(struct irc_adapter *irc, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 1));
    if (channel && channel->presence == INSIDE && !channel->is_told) {
        const struct weir_event joined = {.kind = WEIR_EVENT_JOINED,
                                          .room = weir_buffer_span(&channel->room)};
        channel->is_told = true;
        say(host, &joined);
    }
}

static void on_join_refused(struct irc_adapter *irc, const struct weir_irc_line *line,
                            const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 1));
    if (channel && channel->presence == ASKED) {
        bool is_full = weir_irc_numeric(line) == 471;
        lose_channel(irc, channel, weir_irc_last(line), is_full ? now_ms + FULL_RETRY_MS : -1,
                     host);
    }
}

/** Somebody has left one channel (`name`) or all of them. */
static void forget_nick(struct irc_adapter *irc, struct weir_span nick, struct weir_span name)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct channel *channel = &irc->channels[i];
        if (name.length == 0 || same_name(irc, weir_buffer_span(&channel->name), name)) {
            set_modes(irc, channel, nick, 0, UINT32_MAX);
        }
    }
}

static void on_kick(struct irc_adapter *irc, const struct weir_irc_line *line,
                    const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    struct weir_span nick = weir_irc_param(line, 1);
    if (channel && is_self(irc, nick)) {
        char cause[160];
        snprintf(cause, sizeof(cause), "kicked by %.*s: %.*s", WEIR_SPAN_ARGS(line->nick),
                 WEIR_SPAN_ARGS(weir_irc_param(line, 2)));
        lose_channel(irc, channel, weir_irc_cut(weir_span_of(cause), sizeof(cause)),
                     now_ms + REJOIN_MS, host);
    } else if (channel) {
        set_modes(irc, channel, nick, 0, UINT32_MAX);
    }
}

static void on_part(struct irc_adapter *irc, const struct weir_irc_line *line,
                    const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    if (channel && is_self(irc, line->nick)) {
        lose_channel(irc, channel, WEIR_SPAN("parted by the server"), now_ms + REJOIN_MS, host);
    } else if (channel) {
        set_modes(irc, channel, line->nick, 0, UINT32_MAX);
    }
}

static void on_quit(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct alias *alias = find_alias(irc, line->nick);
    forget_nick(irc, line->nick, nothing);
    if (alias) {
        remove_alias(irc, alias);
    }
}

static void on_nick(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct weir_span nick = weir_irc_param(line, 0);
    if (nick.length == 0 || nick.length > LONGEST_NICK) {
        return;
    }
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct role_holder *holder = find_holder(irc, &irc->channels[i], line->nick);
        if (holder) {
            set_text(&holder->nick, nick);
        }
    }
    if (is_self(irc, line->nick)) {
        set_text(&irc->nick, nick);
    } else if (line->nick.length <= LONGEST_NICK && line->host.length <= 256) {
        rename_alias(irc, line, nick);
    }
}

/** MODE #live +ov-b a b mask: only who has a role matters, but the others take parameters too. */
static void on_mode(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    struct weir_span modes = weir_irc_param(line, 1);
    size_t next = 2;
    bool adding = true;
    for (size_t i = 0; channel && i < modes.length; i++) {
        char mode = modes.data[i];
        uint32_t bit = mode_bit(irc->prefix_modes, mode);
        if (mode == '+' || mode == '-') {
            adding = mode == '+';
        } else if (bit) {
            struct weir_span nick = weir_irc_param(line, next++);
            if (nick.length > 0 && nick.length <= LONGEST_NICK) {
                set_modes(irc, channel, nick, adding ? bit : 0, adding ? 0 : bit);
            }
        } else if (mode &&
                   (strchr(irc->list_modes, mode) || (adding && strchr(irc->set_modes, mode)))) {
            next++;
        }
    }
}

// What is said in them.

static bool is_history(const struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct weir_span reference;
    bool in_batch = weir_irc_tag(line, "batch", &reference);
    for (size_t i = 0; in_batch && i < irc->history_count; i++) {
        if (weir_span_is(reference, irc->history[i])) {
            return true;
        }
    }
    return false;
}

static void on_batch(struct irc_adapter *irc, const struct weir_irc_line *line,
                     const struct weir_adapter_host *host)
{
    struct weir_span reference = weir_irc_param(line, 0);
    if (reference.length < 2) {
        return;
    }
    struct weir_span name = weir_span_slice(reference, 1, reference.length);
    if (reference.data[0] == '+' && weir_span_is(weir_irc_param(line, 1), "chathistory") &&
        irc->history_count < MAX_BATCHES) {
        keep_word(irc->history[irc->history_count++], sizeof(irc->history[0]), name);
    }
    for (size_t i = 0; reference.data[0] == '-' && i < irc->history_count; i++) {
        if (weir_span_is(name, irc->history[i])) {
            memcpy(irc->history[i], irc->history[--irc->history_count], sizeof(irc->history[0]));
        }
    }
    struct pending *pending = reference.data[0] == '-' ? find_by_batch(irc, name) : NULL;
    if (pending) {
        pending->batch[0] = '\0';
        step_answered(irc, pending, host);
    }
}

/** A tag that holds an id, unescaped into `buffer`; empty if it is not there or too long. */
static struct weir_span id_tag(const struct weir_irc_line *line, const char *name,
                               struct weir_buffer *buffer)
{
    struct weir_span value;
    weir_buffer_clear(buffer);
    if (weir_irc_tag(line, name, &value) && value.length <= 512) {
        weir_irc_add_unescaped(buffer, value);
    }
    return weir_buffer_span(buffer);
}

static struct weir_span reply_tag(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct weir_span reply = id_tag(line, "+draft/reply", &irc->reply_to);
    return reply.length ? reply : id_tag(line, "+reply", &irc->reply_to);
}

/** PRIVMSG and NOTICE to a channel, from somebody: servers speak to channels too, without a user.
 */
static void on_message(struct irc_adapter *irc, const struct weir_irc_line *line, bool damaged,
                       const struct weir_adapter_host *host)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    struct weir_span text = weir_irc_last(line);
    struct weir_span time = nothing;
    struct weir_span tag;
    if (!channel || line->user.length == 0 || line->param_count < 2) {
        return;
    }
    weir_irc_unwrap_action(&text);
    weir_buffer_clear(&irc->text);
    weir_irc_add_plain(&irc->text, text);
    weir_irc_tag(line, "time", &time);
    struct weir_message message = {
        .room = weir_buffer_span(&channel->room),
        .id = id_tag(line, "msgid", &irc->msgid),
        .from_self = is_self(irc, line->nick),
        .is_history = is_history(irc, line),
        .damaged = damaged,
        .ts_ms = weir_irc_time_ms(time),
        .user = {.name = line->nick, .roles = roles_of(irc, channel, line->nick)},
        .text = weir_buffer_span(&irc->text),
        .reply_to = reply_tag(irc, line),
    };
    message.user.id = user_id_of(irc, line, &message.user.identity);
    message.user.roles |= weir_irc_tag(line, "bot", &tag) ? WEIR_ROLE_BOT : 0u;
    const struct weir_event event = {.kind = WEIR_EVENT_MESSAGE, .message = &message};
    say(host, &event);
}

static void on_redact(struct irc_adapter *irc, const struct weir_irc_line *line,
                      const struct weir_adapter_host *host)
{
    struct channel *channel = find_channel(irc, weir_irc_param(line, 0));
    struct weir_span id = weir_irc_param(line, 1);
    if (channel && id.length > 0 && !is_self(irc, line->nick)) {
        const struct weir_event gone = {
            .kind = WEIR_EVENT_GONE, .room = weir_buffer_span(&channel->room), .id = id};
        say(host, &gone);
    }
}

static void on_pong(struct irc_adapter *irc, const struct weir_irc_line *line,
                    const struct weir_adapter_host *host)
{
    struct weir_span token = weir_irc_last(line);
    if (weir_span_starts(token, WEIR_SPAN("weir-w"))) {
        struct pending *pending = find_by_label(irc, weir_span_slice(token, 5, token.length));
        if (pending) {
            finish(irc, pending, host);
        }
    }
}

static void on_error(struct irc_adapter *irc, const struct weir_irc_line *line,
                     const struct weir_adapter_host *host)
{
    fail(irc, host, "the server closes", weir_irc_last(line), false);
}

static void on_move(const struct weir_adapter_host *host)
{
    const struct weir_event move = {.kind = WEIR_EVENT_MOVE,
                                    .cause = WEIR_SPAN("the server asks to connect anew")};
    say(host, &move);
}

static void on_numeric(struct irc_adapter *irc, const struct weir_irc_line *line,
                       const struct weir_adapter_host *host, int64_t now_ms)
{
    switch (weir_irc_numeric(line)) {
    case 1:
        set_text(&irc->nick, weir_irc_param(line, 0));
        return;
    case 4:
        on_version(irc, line);
        return;
    case 5:
        on_supported(irc, line);
        return;
    case 376: // end of the greeting
    case 422: // there is none
        on_registered(irc, host);
        return;
    case 353:
        on_names(irc, line);
        return;
    case 366:
        on_names_end(irc, line, host);
        return;
    case 432:
        fail(irc, host, "the server does not take this nick", weir_irc_last(line), true);
        return;
    case 433:
    case 436:
        on_nick_taken(irc, host);
        return;
    case 437:
        if (is_channel_name(weir_irc_param(line, 1))) {
            on_join_refused(irc, line, host, now_ms);
        } else {
            on_nick_taken(irc, host);
        }
        return;
    case 464:
    case 465:
        fail(irc, host, "the server does not let us in", weir_irc_last(line), true);
        return;
    case 902:
    case 904:
    case 905:
    case 906:
    case 908:
        fail(irc, host, "login was refused", weir_irc_last(line), true);
        return;
    case 903:
    case 907:
        send_words(irc, host, "CAP END", nothing);
        return;
    case 403:
    case 405:
    case 471:
    case 473:
    case 474:
    case 475:
    case 476:
    case 477:
        on_join_refused(irc, line, host, now_ms);
        return;
    default:
        return;
    }
}

static void on_command(struct irc_adapter *irc, const struct weir_irc_line *line, bool damaged,
                       const struct weir_adapter_host *host, int64_t now_ms)
{
    if (weir_irc_is(line, "PRIVMSG") || weir_irc_is(line, "NOTICE")) {
        on_message(irc, line, damaged, host);
    } else if (weir_irc_is(line, "PING")) {
        send_words(irc, host, "PONG :", weir_irc_last(line));
    } else if (weir_irc_is(line, "PONG")) {
        on_pong(irc, line, host);
    } else if (weir_irc_is(line, "JOIN")) {
        on_join(irc, line);
    } else if (weir_irc_is(line, "PART")) {
        on_part(irc, line, host, now_ms);
    } else if (weir_irc_is(line, "KICK")) {
        on_kick(irc, line, host, now_ms);
    } else if (weir_irc_is(line, "QUIT")) {
        on_quit(irc, line);
    } else if (weir_irc_is(line, "NICK")) {
        on_nick(irc, line);
    } else if (weir_irc_is(line, "MODE")) {
        on_mode(irc, line);
    } else if (weir_irc_is(line, "REDACT")) {
        on_redact(irc, line, host);
    } else if (weir_irc_is(line, "BATCH")) {
        on_batch(irc, line, host);
    } else if (weir_irc_is(line, "CAP")) {
        on_cap(irc, line, host);
    } else if (weir_irc_is(line, "AUTHENTICATE")) {
        on_authenticate(irc, line, host);
    } else if (weir_irc_is(line, "ERROR")) {
        on_error(irc, line, host);
    } else if (weir_irc_is(line, "RECONNECT")) {
        on_move(host);
    }
}

static void refuse(const struct weir_adapter_host *host, struct weir_span cause)
{
    const struct weir_event refused = {.kind = WEIR_EVENT_REFUSED, .cause = cause};
    say(host, &refused);
}

static void on_line(struct irc_adapter *irc, struct weir_span bytes,
                    const struct weir_adapter_host *host, int64_t now_ms)
{
    struct weir_irc_line line;
    bool damaged = false;
    if (bytes.length > LINE_BYTES) {
        refuse(host, WEIR_SPAN("a line longer than 16 KiB"));
        return;
    }
    if (!weir_irc_parse(weir_irc_sound(bytes, &irc->sound, &damaged), &line)) {
        refuse(host, WEIR_SPAN("a line without a command"));
        return;
    }
    match_label(irc, &line, host);
    match_refusal(irc, &line);
    if (weir_irc_numeric(&line)) {
        on_numeric(irc, &line, host, now_ms);
    } else {
        on_command(irc, &line, damaged, host, now_ms);
    }
}

static void decode(void *state, struct weir_span frame, bool is_binary,
                   const struct weir_adapter_host *host, int64_t now_ms)
{
    struct irc_adapter *irc = state;
    irc->frames_are_binary = is_binary;
    irc->heard_ms = now_ms;
    irc->pinged_ms = 0;
    while (frame.length > 0) {
        struct weir_span line = weir_span_take_until(&frame, '\n');
        if (line.length > 0 && line.data[line.length - 1] == '\r') {
            line.length--;
        }
        if (line.length > 0) {
            on_line(irc, line, host, now_ms);
        }
    }
}

// Acting.

static struct pending *add_pending(struct irc_adapter *irc, const struct weir_action *action,
                                   struct weir_span target, uint32_t steps, int64_t now_ms)
{
    irc->pending = weir_grow(irc->pending, &irc->pending_capacity, irc->pending_count + 1,
                             sizeof(*irc->pending));
    struct pending *pending = &irc->pending[irc->pending_count++];
    *pending = (struct pending){
        .kind = action->kind,
        .first_label = irc->next_label,
        .steps = steps,
        .deadline_ms = now_ms + ANSWER_MS,
    };
    weir_buffer_add(&pending->id, action->id);
    weir_buffer_add(&pending->room, action->room);
    weir_buffer_add(&pending->target, target);
    irc->next_label += steps;
    return pending;
}

/** Begins a line that answers to a label; `tag` is a client tag with its value, or empty. */
static void begin_step(struct irc_adapter *irc, uint32_t label, struct weir_span tag)
{
    bool labels = irc->enabled & (1u << CAP_LABELS);
    weir_buffer_clear(&irc->out);
    if (labels) {
        weir_buffer_printf(&irc->out, "@label=w%" PRIu32, label);
    }
    if (tag.length > 0) {
        weir_buffer_add_byte(&irc->out, labels ? ';' : '@');
        weir_buffer_add(&irc->out, tag);
    }
    if (irc->out.length > 0) {
        weir_buffer_add_byte(&irc->out, ' ');
    }
}

/** Without labels: a PING whose PONG says that all before it was worked off. */
static void send_fence(struct irc_adapter *irc, uint32_t label,
                       const struct weir_adapter_host *host)
{
    if (!(irc->enabled & (1u << CAP_LABELS))) {
        weir_buffer_clear(&irc->out);
        weir_buffer_printf(&irc->out, "PING :weir-w%" PRIu32, label);
        send_line(irc, host);
    }
}

/** An action that is one line, written with the arguments that follow; `last` is cut to what fits.
 */
struct step {
    const char *command; // with its blank
    struct weir_span words[3];
    struct weir_span last; // behind a colon; may be empty
};

static void send_step(struct irc_adapter *irc, uint32_t label, const struct step *step,
                      const struct weir_adapter_host *host)
{
    begin_step(irc, label, nothing);
    size_t start = irc->out.length;
    weir_buffer_add_text(&irc->out, step->command);
    for (size_t i = 0; i < ARRAY_LEN(step->words) && step->words[i].length > 0; i++) {
        weir_buffer_add_byte(&irc->out, ' ');
        weir_buffer_add(&irc->out, step->words[i]);
    }
    if (step->last.length > 0) {
        size_t used = irc->out.length - start + 2 + PREFIX_RESERVE;
        weir_buffer_add_text(&irc->out, " :");
        weir_irc_add_clean(&irc->out,
                           weir_irc_cut(step->last, used < SENT_BYTES ? SENT_BYTES - used : 0));
    }
    send_line(irc, host);
}

static void send_steps(struct irc_adapter *irc, const struct weir_action *action,
                       struct weir_span target, const struct step *steps, uint32_t count,
                       const struct weir_adapter_host *host, int64_t now_ms)
{
    const struct pending *pending = add_pending(irc, action, target, count, now_ms);
    uint32_t label = pending->first_label;
    for (uint32_t i = 0; i < count; i++) {
        send_step(irc, label + i, &steps[i], host);
    }
    send_fence(irc, label, host);
}

/** The next piece of a text that goes out in several lines, cut at a blank where there is one near.
 */
static struct weir_span take_piece(struct weir_span *rest, size_t room_bytes)
{
    struct weir_span piece = weir_irc_cut(*rest, room_bytes);
    size_t end = piece.length;
    if (end < rest->length) {
        while (end > piece.length / 2 && piece.data[end - 1] != ' ') {
            end--;
        }
        end = end > piece.length / 2 ? end : piece.length;
    }
    piece = weir_span_slice(*rest, 0, end);
    *rest = weir_span_slice(*rest, end, rest->length);
    return piece;
}

/** Says `text` in as many lines as it takes, up to MAX_STEPS. */
static void send_text(struct irc_adapter *irc, const struct weir_action *action,
                      const char *command, struct weir_span to, struct weir_span tag,
                      const struct weir_adapter_host *host, int64_t now_ms)
{
    size_t used = strlen(command) + 1 + to.length + 2 + PREFIX_RESERVE;
    size_t room_bytes = used + 64 < SENT_BYTES ? SENT_BYTES - used : 64;
    struct weir_span pieces[MAX_STEPS];
    uint32_t count = 0;
    for (struct weir_span rest = action->text; rest.length > 0 && count < MAX_STEPS; count++) {
        pieces[count] = take_piece(&rest, room_bytes);
    }
    uint32_t label = add_pending(irc, action, to, count, now_ms)->first_label;
    for (uint32_t i = 0; i < count; i++) {
        begin_step(irc, label + i, i == 0 ? tag : nothing);
        weir_buffer_add_text(&irc->out, command);
        weir_buffer_add_byte(&irc->out, ' ');
        weir_buffer_add(&irc->out, to);
        weir_buffer_add_text(&irc->out, " :");
        weir_irc_add_clean(&irc->out, pieces[i]);
        send_line(irc, host);
    }
    send_fence(irc, label, host);
}

/** What an action needs to be sent. */
struct acting {
    struct irc_adapter *irc;
    const struct weir_action *action;
    struct weir_span channel;
    struct weir_span nick; // empty where the action names no sendable user
    const struct weir_adapter_host *host;
    int64_t now_ms;
};

/** Each answers WEIR_REFUSED_NOT if it has sent something. */
static enum weir_refused act_delete(const struct acting *acting)
{
    const struct step step = {
        "REDACT", {acting->channel, acting->action->message, nothing}, acting->action->reason};
    if (!weir_irc_is_middle(acting->action->message)) {
        return WEIR_REFUSED_NOT_FOUND; // the server gave the message no id
    }
    send_steps(acting->irc, acting->action, nothing, &step, 1, acting->host, acting->now_ms);
    return WEIR_REFUSED_NOT;
}

/** MODE or TBAN with the mask of the user's nick, `prefix` before it. */
static enum weir_refused send_mask(const struct acting *acting, const char *command,
                                   struct weir_span value, const char *prefix)
{
    char mask[LONGEST_NICK + 16];
    snprintf(mask, sizeof(mask), "%s%.*s!*@*", prefix, WEIR_SPAN_ARGS(acting->nick));
    const struct step step = {command, {acting->channel, value, weir_span_of(mask)}, nothing};
    send_steps(acting->irc, acting->action, acting->nick, &step, 1, acting->host, acting->now_ms);
    return WEIR_REFUSED_NOT;
}

static enum weir_refused act_timeout(const struct acting *acting)
{
    char seconds[16];
    if (!acting->irc->has_tban) {
        return send_mask(acting, "MODE", WEIR_SPAN("+b"), "m:");
    }
    snprintf(seconds, sizeof(seconds), "%" PRIu32, acting->action->seconds);
    return send_mask(acting, "TBAN", weir_span_of(seconds), "m:");
}

static enum weir_refused act_untimeout(const struct acting *acting)
{
    return send_mask(acting, "MODE", WEIR_SPAN("-b"), "m:");
}

static enum weir_refused act_ban(const struct acting *acting)
{
    char mask[LONGEST_NICK + 16];
    snprintf(mask, sizeof(mask), "%.*s!*@*", WEIR_SPAN_ARGS(acting->nick));
    const struct step steps[] = {
        {"MODE", {acting->channel, WEIR_SPAN("+b"), weir_span_of(mask)}, nothing},
        {"KICK", {acting->channel, acting->nick, nothing}, acting->action->reason},
    };
    send_steps(acting->irc, acting->action, acting->nick, steps, 2, acting->host, acting->now_ms);
    return WEIR_REFUSED_NOT;
}

static enum weir_refused act_unban(const struct acting *acting)
{
    return send_mask(acting, "MODE", WEIR_SPAN("-b"), "");
}

static enum weir_refused act_warn(const struct acting *acting)
{
    send_text(acting->irc, acting->action, "NOTICE", acting->nick, nothing, acting->host,
              acting->now_ms);
    return WEIR_REFUSED_NOT;
}

static enum weir_refused act_reply(const struct acting *acting)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer tag = {0};
    if (acting->action->message.length > 0 && (acting->irc->enabled & (1u << CAP_TAGS))) {
        weir_buffer_add_text(&tag, "+draft/reply=");
        weir_irc_add_escaped(&tag, acting->action->message);
    }
    send_text(acting->irc, acting->action, "PRIVMSG", acting->channel, weir_buffer_span(&tag),
              acting->host, acting->now_ms);
    return WEIR_REFUSED_NOT;
}

static enum weir_refused act_announce(const struct acting *acting)
{
    send_text(acting->irc, acting->action, "NOTICE", acting->channel, nothing, acting->host,
              acting->now_ms);
    return WEIR_REFUSED_NOT;
}

/** shield: only who has a voice speaks. members: only who is logged in speaks, or else joins. */
static enum weir_refused act_room_mode(const struct acting *acting)
{
    const char *flags = acting->irc->flag_modes;
    struct weir_span mode = acting->action->mode;
    bool leaves = weir_span_starts(mode, WEIR_SPAN("-"));
    mode = weir_span_slice(mode, leaves, mode.length);
    char letter = '\0';
    if (weir_span_is(mode, "shield")) {
        letter = 'm';
    } else if (weir_span_is(mode, "members")) {
        letter = strchr(flags, 'M') ? 'M' : 'R';
    }
    if (!letter || !strchr(flags, letter)) {
        return WEIR_REFUSED_UNSUPPORTED;
    }
    const char change[] = {leaves ? '-' : '+', letter, '\0'};
    const struct step step = {"MODE", {acting->channel, weir_span_of(change), nothing}, nothing};
    send_steps(acting->irc, acting->action, nothing, &step, 1, acting->host, acting->now_ms);
    return WEIR_REFUSED_NOT;
}

static const struct {
    enum weir_refused (*act)(const struct acting *acting); // NULL: IRC has no such thing
    bool needs_user;
    bool needs_text;
} doings[WEIR_DO_COUNT] = {
    [WEIR_DO_DELETE] = {act_delete, false, false},
    [WEIR_DO_WARN] = {act_warn, true, true},
    [WEIR_DO_TIMEOUT] = {act_timeout, true, false},
    [WEIR_DO_UNTIMEOUT] = {act_untimeout, true, false},
    [WEIR_DO_BAN] = {act_ban, true, false},
    [WEIR_DO_UNBAN] = {act_unban, true, false},
    [WEIR_DO_REPLY] = {act_reply, false, true},
    [WEIR_DO_ANNOUNCE] = {act_announce, false, true},
    [WEIR_DO_ROOM_MODE] = {act_room_mode, false, false},
};

static enum weir_support supports(void *state, enum weir_do kind)
{
    const struct irc_adapter *irc = state;
    if (kind >= WEIR_DO_COUNT || !doings[kind].act) {
        return WEIR_SUPPORT_NONE;
    }
    switch (kind) {
    case WEIR_DO_DELETE:
        return irc->enabled & (1u << CAP_REDACT) ? WEIR_SUPPORT_NATIVE : WEIR_SUPPORT_NONE;
    case WEIR_DO_TIMEOUT:
        if (irc->has_mute && !irc->has_tban) {
            return WEIR_SUPPORT_EMULATED;
        }
        return irc->has_mute ? WEIR_SUPPORT_NATIVE : WEIR_SUPPORT_NONE;
    case WEIR_DO_UNTIMEOUT:
        return irc->has_mute ? WEIR_SUPPORT_NATIVE : WEIR_SUPPORT_NONE;
    default:
        return WEIR_SUPPORT_NATIVE;
    }
}

/** Why an action can't even be tried, or NULL; with `*refused_out`. */
static const char *objection(struct irc_adapter *irc, const struct acting *acting,
                             const struct channel *channel, enum weir_refused *refused_out)
{
    enum weir_do kind = acting->action->kind;
    if (!irc->act) {
        *refused_out = WEIR_REFUSED_FORBIDDEN;
        return "attached for reading only";
    }
    if (supports(irc, kind) == WEIR_SUPPORT_NONE) {
        *refused_out = WEIR_REFUSED_UNSUPPORTED;
        return "this server can't do it";
    }
    if (!channel || channel->presence != INSIDE) {
        *refused_out = WEIR_REFUSED_NOT_FOUND;
        return "we are not in this room";
    }
    if (doings[kind].needs_user && acting->nick.length == 0) {
        *refused_out = WEIR_REFUSED_INVALID;
        return "no nick that could be addressed";
    }
    if (doings[kind].needs_text && acting->action->text.length == 0) {
        *refused_out = WEIR_REFUSED_INVALID;
        return "nothing to say";
    }
    if (irc->pending_count >= MAX_PENDING) {
        *refused_out = WEIR_REFUSED_RATE_LIMITED;
        return "too many actions wait for an answer";
    }
    return NULL;
}

static void act(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
                int64_t now_ms)
{
    struct irc_adapter *irc = state;
    struct channel *channel = find_room(irc, action->room);
    struct weir_span nick = nick_of_user(irc, action);
    struct acting acting = {
        .irc = irc,
        .action = action,
        .channel = channel ? weir_buffer_span(&channel->name) : nothing,
        .nick = is_sendable_nick(nick) ? nick : nothing,
        .host = host,
        .now_ms = now_ms,
    };
    enum weir_refused refused = WEIR_REFUSED_NOT;
    const char *cause = objection(irc, &acting, channel, &refused);
    if (!cause) {
        refused = doings[action->kind].act(&acting);
        cause = "this server can't do it";
    }
    if (refused != WEIR_REFUSED_NOT) {
        say_done(host, action->id, refused, cause);
    }
}

// A connection from its beginning to its end.

static void forget_connection(struct irc_adapter *irc)
{
    while (irc->channel_count > 0) {
        remove_channel(irc, &irc->channels[0]);
    }
    while (irc->alias_count > 0) {
        remove_alias(irc, &irc->aliases[irc->alias_count - 1]);
    }
    while (irc->pending_count > 0) {
        forget_pending(irc, &irc->pending[irc->pending_count - 1]);
    }
    irc->offered = irc->enabled = irc->cap_answers_due = 0;
    irc->is_registered = irc->is_failed = false;
    irc->is_inspircd = irc->has_tban = irc->has_mute = false;
    irc->rfc1459_case = true; // what holds until 005 says something else
    irc->frames_are_binary = false;
    irc->nick_tries = 0;
    irc->history_count = 0;
    irc->pinged_ms = 0;
    keep_word(irc->prefix_modes, sizeof(irc->prefix_modes), WEIR_SPAN("ov"));
    keep_word(irc->prefix_symbols, sizeof(irc->prefix_symbols), WEIR_SPAN("@+"));
    keep_word(irc->list_modes, sizeof(irc->list_modes), WEIR_SPAN("beIk"));
    keep_word(irc->set_modes, sizeof(irc->set_modes), WEIR_SPAN("l"));
    keep_word(irc->flag_modes, sizeof(irc->flag_modes), WEIR_SPAN("imnpst"));
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
    set_text(&irc->nick, weir_span_of(irc->wanted_nick));
    send_words(irc, host, "CAP LS 302", nothing);
    send_words(irc, host, "NICK ", weir_buffer_span(&irc->nick));
    send_words(irc, host, "USER weir 0 * :weir", nothing);
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
            lose_channel(irc, channel, WEIR_SPAN("no answer to JOIN"), now_ms + FULL_RETRY_MS,
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
            keep_word(oldest->cause, sizeof(oldest->cause), WEIR_SPAN("no answer"));
        }
        finish(irc, oldest, host);
    }
}

static void tick(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct irc_adapter *irc = state;
    if (!irc->is_registered) {
        if (now_ms - irc->opened_ms > REGISTER_MS) {
            fail(irc, host, "no end of login within 20 s", nothing, false);
        }
        return;
    }
    give_up_actions(irc, host, now_ms);
    give_up_joins(irc, host, now_ms);
    send_joins(irc, host, now_ms);
    if (now_ms - irc->heard_ms > DEAD_MS) {
        fail(irc, host, "no answer to PING", nothing, false);
    } else if (now_ms - irc->heard_ms > IDLE_MS && !irc->pinged_ms) {
        irc->pinged_ms = now_ms;
        send_words(irc, host, "PING :weir", nothing);
    }
}

/** Why a room can't be one of ours, or NULL. */
static const char *add_channel(struct irc_adapter *irc, struct weir_span room)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    if (!is_channel_name(room)) {
        weir_buffer_add_byte(&name, '#');
    }
    weir_buffer_add(&name, room);
    if (!weir_irc_is_middle(weir_buffer_span(&name)) || memchr(name.data, ',', name.length) ||
        name.length > 200) {
        return "not the name of a channel";
    }
    if (find_channel(irc, weir_buffer_span(&name))) {
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
            say_left(host, rooms[i].room, weir_span_of(cause), true);
        }
    }
    send_joins(irc, host, now_ms);
}

static void leave(void *state, struct weir_span room, const struct weir_adapter_host *host)
{
    struct irc_adapter *irc = state;
    struct channel *channel = find_room(irc, room);
    if (channel) {
        send_words(irc, host, "PART ", weir_buffer_span(&channel->name));
        lose_channel(irc, channel, WEIR_SPAN("we left"), -1, host);
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
        if (room.length > 0 && !is_channel_name(room)) {
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
    .decode = decode,
    .tick = tick,
    .join = join,
    .leave = leave,
    .supports = supports,
    .act = act,
    .recognises_ids = false,
};
