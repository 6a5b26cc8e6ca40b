// Coming into channels, staying there, and what changes the roles of those who are there.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

#include <stdio.h>

#define JOIN_BYTES    400u
#define JOIN_CHANNELS 10u
#define REJOIN_MS     10000

void irc_send_joins(struct irc_adapter *irc, const struct weir_adapter_host *host, int64_t now_ms)
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
            irc_send_line(irc, host);
            in_line = 0;
        }
        weir_buffer_add_text(&irc->out, in_line ? "," : "JOIN ");
        weir_buffer_add(&irc->out, weir_buffer_span(&channel->name));
        channel->presence = ASKED;
        channel->at_ms = now_ms;
        in_line++;
    }
    if (in_line) {
        irc_send_line(irc, host);
    }
}

void irc_lose_channel(struct irc_adapter *irc, struct channel *channel, struct weir_span cause,
                      int64_t again_ms, const struct weir_adapter_host *host)
{
    bool is_final = again_ms < 0;
    irc_forget_holders(channel);
    channel->presence = OUTSIDE;
    channel->is_told = false;
    channel->at_ms = again_ms;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer room = {0};
    weir_buffer_add(&room, weir_buffer_span(&channel->room));
    if (is_final) {
        irc_remove_channel(irc, channel);
    }
    irc_say_left(host, weir_buffer_span(&room), cause, is_final);
}

void irc_on_join(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
    if (channel && irc_is_self(irc, line->nick)) {
        irc_forget_holders(channel);
        channel->presence = INSIDE;
    }
}

void irc_on_names(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 2));
    struct weir_span names = weir_irc_last(line);
    while (channel && names.length > 0) {
        struct weir_span nick = weir_span_take_until(&names, ' ');
        uint32_t modes = 0;
        uint32_t bit;
        while (nick.length > 0 && (bit = irc_mode_bit(irc->prefix_symbols, nick.data[0]))) {
            modes |= bit;
            nick = weir_span_slice(nick, 1, nick.length);
        }
        nick = weir_span_take_until(&nick, '!'); // userhost-in-names may be on
        if (nick.length > 0 && nick.length <= LONGEST_NICK) {
            irc_set_modes(irc, channel, nick, modes, 0);
        }
    }
}

void irc_on_names_end(struct irc_adapter *irc, const struct weir_irc_line *line,
                      const struct weir_adapter_host *host)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 1));
    if (channel && channel->presence == INSIDE && !channel->is_told) {
        const struct weir_event joined = {.kind = WEIR_EVENT_JOINED,
                                          .room = weir_buffer_span(&channel->room)};
        channel->is_told = true;
        irc_say(host, &joined);
    }
}

void irc_on_join_refused(struct irc_adapter *irc, const struct weir_irc_line *line,
                         const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 1));
    if (channel && channel->presence == ASKED) {
        bool is_full = weir_irc_numeric(line) == 471;
        irc_lose_channel(irc, channel, weir_irc_last(line), is_full ? now_ms + FULL_RETRY_MS : -1,
                         host);
    }
}

/** Somebody has left one channel (`name`) or all of them. */
static void forget_nick(struct irc_adapter *irc, struct weir_span nick, struct weir_span name)
{
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct channel *channel = &irc->channels[i];
        if (name.length == 0 || irc_same_name(irc, weir_buffer_span(&channel->name), name)) {
            irc_set_modes(irc, channel, nick, 0, UINT32_MAX);
        }
    }
}

void irc_on_kick(struct irc_adapter *irc, const struct weir_irc_line *line,
                 const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
    struct weir_span nick = weir_irc_param(line, 1);
    if (channel && irc_is_self(irc, nick)) {
        char cause[160];
        snprintf(cause, sizeof(cause), "kicked by %.*s: %.*s", WEIR_SPAN_ARGS(line->nick),
                 WEIR_SPAN_ARGS(weir_irc_param(line, 2)));
        irc_lose_channel(irc, channel, weir_irc_cut(weir_span_of(cause), sizeof(cause)),
                         now_ms + REJOIN_MS, host);
    } else if (channel) {
        irc_set_modes(irc, channel, nick, 0, UINT32_MAX);
    }
}

void irc_on_part(struct irc_adapter *irc, const struct weir_irc_line *line,
                 const struct weir_adapter_host *host, int64_t now_ms)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
    if (channel && irc_is_self(irc, line->nick)) {
        irc_lose_channel(irc, channel, WEIR_SPAN("parted by the server"), now_ms + REJOIN_MS, host);
    } else if (channel) {
        irc_set_modes(irc, channel, line->nick, 0, UINT32_MAX);
    }
}

void irc_on_quit(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct alias *alias = irc_find_alias(irc, line->nick);
    forget_nick(irc, line->nick, nothing);
    if (alias) {
        irc_remove_alias(irc, alias);
    }
}

void irc_on_nick(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct weir_span nick = weir_irc_param(line, 0);
    if (nick.length == 0 || nick.length > LONGEST_NICK) {
        return;
    }
    for (size_t i = 0; i < irc->channel_count; i++) {
        struct role_holder *holder = irc_find_holder(irc, &irc->channels[i], line->nick);
        if (holder) {
            irc_set_text(&holder->nick, nick);
        }
    }
    if (irc_is_self(irc, line->nick)) {
        irc_set_text(&irc->nick, nick);
    } else if (line->nick.length <= LONGEST_NICK && line->host.length <= 256) {
        irc_rename_alias(irc, line, nick);
    }
}

void irc_on_mode(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    struct channel *channel = irc_find_channel(irc, weir_irc_param(line, 0));
    struct weir_span modes = weir_irc_param(line, 1);
    size_t next = 2;
    bool adding = true;
    for (size_t i = 0; channel && i < modes.length; i++) {
        char mode = modes.data[i];
        uint32_t bit = irc_mode_bit(irc->prefix_modes, mode);
        if (mode == '+' || mode == '-') {
            adding = mode == '+';
        } else if (bit) {
            struct weir_span nick = weir_irc_param(line, next++);
            if (nick.length > 0 && nick.length <= LONGEST_NICK) {
                irc_set_modes(irc, channel, nick, adding ? bit : 0, adding ? 0 : bit);
            }
        } else if (mode &&
                   (strchr(irc->list_modes, mode) || (adding && strchr(irc->set_modes, mode)))) {
            next++;
        }
    }
}
