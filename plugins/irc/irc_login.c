// From the first line to the end of the greeting: capabilities, SASL PLAIN, a nick, and what the
// server says of itself. Each capability is asked for where it is offered, and done without where
// not.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

#include <stdio.h>

#define NICK_TRIES 8

static const char *const cap_names[CAP_COUNT] = {
    "message-tags", "server-time", "echo-message", "labeled-response",
    "batch",        "account-tag", "multi-prefix", "draft/message-redaction",
    "sasl",
};

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
    irc_send_line(irc, host);
}

static void end_caps(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (irc->is_registered || irc->cap_answers_due > 0) {
        return;
    }
    if (irc->token[0] == '\0') {
        irc_send_words(irc, host, "CAP END", nothing);
    } else if (irc->enabled & (1u << CAP_SASL)) {
        irc_send_words(irc, host, "AUTHENTICATE PLAIN", nothing);
    } else {
        irc_fail(irc, host, "a token is configured, but the server offers no SASL PLAIN", nothing,
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

void irc_on_cap(struct irc_adapter *irc, const struct weir_irc_line *line,
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

void irc_on_authenticate(struct irc_adapter *irc, const struct weir_irc_line *line,
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
        irc_send_words(irc, host, "AUTHENTICATE ", piece.length ? piece : WEIR_SPAN("+"));
    }
    explicit_bzero(plain.data, plain.length);
    explicit_bzero(encoded.data, encoded.length);
}

void irc_on_nick_taken(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (irc->is_registered) {
        return;
    }
    if (++irc->nick_tries > NICK_TRIES) {
        irc_fail(irc, host, "every nick that was tried is in use", nothing, false);
        return;
    }
    irc_set_text(&irc->nick, weir_span_of(irc->wanted_nick));
    for (int i = 0; i < irc->nick_tries; i++) {
        weir_buffer_add_byte(&irc->nick, '_');
    }
    irc_send_words(irc, host, "NICK ", weir_buffer_span(&irc->nick));
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
        irc_keep_word(irc->prefix_modes, sizeof(irc->prefix_modes), modes);
        irc_keep_word(irc->prefix_symbols, sizeof(irc->prefix_symbols), symbols);
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
    irc_keep_word(irc->set_modes, sizeof(irc->set_modes), when_set);
    irc_keep_word(irc->flag_modes, sizeof(irc->flag_modes), flags);
}

void irc_on_supported(struct irc_adapter *irc, const struct weir_irc_line *line)
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

void irc_on_version(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    irc->is_inspircd = weir_span_starts(weir_irc_param(line, 2), WEIR_SPAN("InspIRCd"));
    irc->has_tban = irc->is_inspircd;
}

void irc_on_registered(struct irc_adapter *irc, const struct weir_adapter_host *host)
{
    if (!irc->is_registered) {
        const struct weir_event ready = {.kind = WEIR_EVENT_READY,
                                         .self = weir_buffer_span(&irc->nick)};
        irc->is_registered = true;
        irc_say(host, &ready);
    }
}
