// Frames become lines, and lines events. Nothing in a line is trusted: what can't be read is
// refused, what can be is judged, whatever its bytes.

#include "plugins/irc/irc_private.h"

#include <inttypes.h>

#define LINE_BYTES 16384u // longest that is read; longer ones than any server sends

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
        irc_keep_word(irc->history[irc->history_count++], sizeof(irc->history[0]), name);
    }
    for (size_t i = 0; reference.data[0] == '-' && i < irc->history_count; i++) {
        if (weir_span_is(name, irc->history[i])) {
            memcpy(irc->history[i], irc->history[--irc->history_count], sizeof(irc->history[0]));
        }
    }
    struct pending *pending = reference.data[0] == '-' ? irc_find_by_batch(irc, name) : NULL;
    if (pending) {
        pending->batch[0] = '\0';
        irc_step_answered(irc, pending, host);
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
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
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
        .from_self = irc_is_self(irc, line->nick),
        .is_history = is_history(irc, line),
        .damaged = damaged,
        .ts_ms = weir_irc_time_ms(time),
        .user = {.name = line->nick, .roles = irc_roles_of(irc, channel, line->nick)},
        .text = weir_buffer_span(&irc->text),
        .reply_to = reply_tag(irc, line),
    };
    message.user.id = irc_user_id_of(irc, line, &message.user.identity);
    message.user.roles |= weir_irc_tag(line, "bot", &tag) ? WEIR_ROLE_BOT : 0u;
    const struct weir_event event = {.kind = WEIR_EVENT_MESSAGE, .message = &message};
    irc_say(host, &event);
}

static void on_redact(struct irc_adapter *irc, const struct weir_irc_line *line,
                      const struct weir_adapter_host *host)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
    struct weir_span id = weir_irc_param(line, 1);
    if (channel && id.length > 0 && !irc_is_self(irc, line->nick)) {
        const struct weir_event gone = {
            .kind = WEIR_EVENT_GONE, .room = weir_buffer_span(&channel->room), .id = id};
        irc_say(host, &gone);
    }
}

static void on_pong(struct irc_adapter *irc, const struct weir_irc_line *line,
                    const struct weir_adapter_host *host)
{
    struct weir_span token = weir_irc_last(line);
    if (weir_span_starts(token, WEIR_SPAN("weir-w"))) {
        struct pending *pending = irc_find_by_label(irc, weir_span_slice(token, 5, token.length));
        if (pending) {
            irc_finish(irc, pending, host);
        }
    }
}

static void on_error(struct irc_adapter *irc, const struct weir_irc_line *line,
                     const struct weir_adapter_host *host)
{
    irc_fail(irc, host, "the server closes", weir_irc_last(line), false);
}

static void on_move(const struct weir_adapter_host *host)
{
    const struct weir_event move = {.kind = WEIR_EVENT_MOVE,
                                    .cause = WEIR_SPAN("the server asks to connect anew")};
    irc_say(host, &move);
}

static void on_numeric(struct irc_adapter *irc, const struct weir_irc_line *line,
                       const struct weir_adapter_host *host, int64_t now_ms)
{
    switch (weir_irc_numeric(line)) {
    case 1:
        irc_set_text(&irc->nick, weir_irc_param(line, 0));
        return;
    case 4:
        irc_on_version(irc, line);
        return;
    case 5:
        irc_on_supported(irc, line);
        return;
    case 376: // end of the greeting
    case 422: // there is none
        irc_on_registered(irc, host);
        return;
    case 353:
        irc_on_names(irc, line);
        return;
    case 366:
        irc_on_names_end(irc, line, host);
        return;
    case 432:
        irc_fail(irc, host, "the server does not take this nick", weir_irc_last(line), true);
        return;
    case 433:
    case 436:
        irc_on_nick_taken(irc, host);
        return;
    case 437:
        if (irc_is_channel_name(weir_irc_param(line, 1))) {
            irc_on_join_refused(irc, line, host, now_ms);
        } else {
            irc_on_nick_taken(irc, host);
        }
        return;
    case 464:
    case 465:
        irc_fail(irc, host, "the server does not let us in", weir_irc_last(line), true);
        return;
    case 902:
    case 904:
    case 905:
    case 906:
    case 908:
        irc_fail(irc, host, "login was refused", weir_irc_last(line), true);
        return;
    case 903:
    case 907:
        irc_send_words(irc, host, "CAP END", nothing);
        return;
    case 403:
    case 405:
    case 471:
    case 473:
    case 474:
    case 475:
    case 476:
    case 477:
        irc_on_join_refused(irc, line, host, now_ms);
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
        irc_send_words(irc, host, "PONG :", weir_irc_last(line));
    } else if (weir_irc_is(line, "PONG")) {
        on_pong(irc, line, host);
    } else if (weir_irc_is(line, "JOIN")) {
        irc_on_join(irc, line);
    } else if (weir_irc_is(line, "PART")) {
        irc_on_part(irc, line, host, now_ms);
    } else if (weir_irc_is(line, "KICK")) {
        irc_on_kick(irc, line, host, now_ms);
    } else if (weir_irc_is(line, "QUIT")) {
        irc_on_quit(irc, line);
    } else if (weir_irc_is(line, "NICK")) {
        irc_on_nick(irc, line);
    } else if (weir_irc_is(line, "MODE")) {
        irc_on_mode(irc, line);
    } else if (weir_irc_is(line, "REDACT")) {
        on_redact(irc, line, host);
    } else if (weir_irc_is(line, "BATCH")) {
        on_batch(irc, line, host);
    } else if (weir_irc_is(line, "CAP")) {
        irc_on_cap(irc, line, host);
    } else if (weir_irc_is(line, "AUTHENTICATE")) {
        irc_on_authenticate(irc, line, host);
    } else if (weir_irc_is(line, "ERROR")) {
        on_error(irc, line, host);
    } else if (weir_irc_is(line, "RECONNECT")) {
        on_move(host);
    }
}

static void refuse(const struct weir_adapter_host *host, struct weir_span cause)
{
    const struct weir_event refused = {.kind = WEIR_EVENT_REFUSED, .cause = cause};
    irc_say(host, &refused);
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
    irc_match_label(irc, &line, host);
    irc_match_refusal(irc, &line);
    if (weir_irc_numeric(&line)) {
        on_numeric(irc, &line, host, now_ms);
    } else {
        on_command(irc, &line, damaged, host, now_ms);
    }
}

void irc_decode(void *state, struct weir_span frame, bool is_binary,
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
