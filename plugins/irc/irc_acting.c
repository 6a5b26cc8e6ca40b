// Actions become lines, at most four each, and none longer than what a server takes.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

#include <inttypes.h>
#include <stdio.h>

#define SENT_BYTES     510u // longest that is sent, CR LF and tags not counted
#define PREFIX_RESERVE 112u // what the server puts before our line for others: nick!user@host
#define MAX_PENDING    512u
#define MAX_STEPS      4u   // lines that one action may take
#define ANSWER_MS      8000 // the engine's own patience ends at 10 s

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
        irc_send_line(irc, host);
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
    irc_send_line(irc, host);
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
        irc_send_line(irc, host);
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

enum weir_support irc_supports(void *state, enum weir_do kind)
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
    if (irc_supports(irc, kind) == WEIR_SUPPORT_NONE) {
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

void irc_act(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
             int64_t now_ms)
{
    struct irc_adapter *irc = state;
    struct channel *channel = irc_find_room(irc, action->room);
    struct weir_span nick = irc_nick_of_user(irc, action);
    struct acting acting = {
        .irc = irc,
        .action = action,
        .channel = channel ? weir_buffer_span(&channel->name) : nothing,
        .nick = irc_is_sendable_nick(nick) ? nick : nothing,
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
        irc_say_done(host, action->id, refused, cause);
    }
}
