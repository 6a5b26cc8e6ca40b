// Names as the server compares them, and what is said to the engine and to the server.

#include "plugins/irc/irc_private.h"

#include <stdio.h>

// Names.

char irc_fold(const struct irc_adapter *irc, char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c | 0x20);
    }
    if (irc->rfc1459_case && c >= '[' && c <= '^') {
        return (char)(c | 0x20);
    }
    return c;
}

bool irc_same_name(const struct irc_adapter *irc, struct weir_span a, struct weir_span b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (irc_fold(irc, a.data[i]) != irc_fold(irc, b.data[i])) {
            return false;
        }
    }
    return true;
}

bool irc_is_self(const struct irc_adapter *irc, struct weir_span nick)
{
    return irc_same_name(irc, nick, weir_buffer_span(&irc->nick));
}

void irc_set_text(struct weir_buffer *buffer, struct weir_span text)
{
    weir_buffer_clear(buffer);
    weir_buffer_add(buffer, text);
}

bool irc_is_channel_name(struct weir_span name)
{
    return name.length > 1 && (name.data[0] == '#' || name.data[0] == '&');
}

void irc_keep_word(char *out, size_t size, struct weir_span word)
{
    snprintf(out, size, "%.*s", WEIR_SPAN_ARGS(word));
}

bool irc_is_sendable_nick(struct weir_span nick)
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

void irc_say(const struct weir_adapter_host *host, const struct weir_event *event)
{
    host->on_event(host->user, event);
}

void irc_say_left(const struct weir_adapter_host *host, struct weir_span room,
                  struct weir_span cause, bool is_final)
{
    const struct weir_event event = {
        .kind = WEIR_EVENT_LEFT, .room = room, .cause = cause, .is_final = is_final};
    irc_say(host, &event);
}

void irc_fail(struct irc_adapter *irc, const struct weir_adapter_host *host, const char *what,
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
        irc_say(host, &event);
    }
}

void irc_send_line(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    host->send(host->user, weir_buffer_span(&irc->out),
               irc->frames_are_binary ? WEIR_FRAME_BINARY : WEIR_FRAME_TEXT);
    weir_buffer_clear(&irc->out);
}

void irc_send_words(struct irc_adapter *irc, const struct weir_adapter_host *host,
                    const char *words, struct weir_span last)
{
    weir_buffer_clear(&irc->out);
    weir_buffer_add_text(&irc->out, words);
    weir_irc_add_clean(&irc->out, last);
    irc_send_line(irc, host);
}
