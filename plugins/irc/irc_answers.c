// Which line answers which action. With labels each answer says it; without, a refusal belongs to
// the first action that could have caused it, and the PONG behind an action says that it was worked
// off.

#include "plugins/irc/irc_private.h"

#include "engine/base/alloc.h"

void irc_forget_pending(struct irc_adapter *irc, struct pending *pending)
{
    size_t behind = (size_t)(irc->pending + irc->pending_count - (pending + 1));
    weir_buffer_fini(&pending->id);
    weir_buffer_fini(&pending->room);
    weir_buffer_fini(&pending->target);
    memmove(pending, pending + 1, behind * sizeof(*pending));
    irc->pending_count--;
}

void irc_say_done(const struct weir_adapter_host *host, struct weir_span id,
                  enum weir_refused refused, const char *cause)
{
    const struct weir_event done = {
        .kind = WEIR_EVENT_DONE,
        .id = id,
        .refused = refused,
        .retry_ms = refused == WEIR_REFUSED_RATE_LIMITED ? 1000 : 0,
        .cause = weir_span_of(cause),
    };
    irc_say(host, &done);
}

void irc_finish(struct irc_adapter *irc, struct pending *pending,
                const struct weir_adapter_host *host)
{
    // Taken out first: the engine may act again while it is told.
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer id = pending->id;
    pending->id = (struct weir_buffer){0};
    enum weir_refused refused = pending->refused;
    char cause[sizeof(pending->cause)];
    memcpy(cause, pending->cause, sizeof(cause));
    irc_forget_pending(irc, pending);
    irc_say_done(host, weir_buffer_span(&id), refused, cause);
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
    irc_keep_word(pending->cause, sizeof(pending->cause), weir_irc_last(line));
}

void irc_step_answered(struct irc_adapter *irc, struct pending *pending,
                       const struct weir_adapter_host *host)
{
    if (++pending->answered >= pending->steps) {
        irc_finish(irc, pending, host);
    }
}

struct pending *irc_find_by_label(struct irc_adapter *irc, struct weir_span label)
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

struct pending *irc_find_by_batch(struct irc_adapter *irc, struct weir_span reference)
{
    for (size_t i = 0; i < irc->pending_count && reference.length > 0; i++) {
        if (weir_span_is(reference, irc->pending[i].batch)) {
            return &irc->pending[i];
        }
    }
    return NULL;
}

void irc_match_label(struct irc_adapter *irc, const struct weir_irc_line *line,
                     const struct weir_adapter_host *host)
{
    struct weir_span value;
    struct pending *pending = NULL;
    if (weir_irc_tag(line, "batch", &value) && (pending = irc_find_by_batch(irc, value))) {
        note_refusal(irc, pending, line);
    } else if (weir_irc_tag(line, "label", &value) && (pending = irc_find_by_label(irc, value))) {
        struct weir_span reference = weir_irc_param(line, 0);
        if (weir_irc_is(line, "BATCH") && reference.length > 1 && reference.data[0] == '+') {
            irc_keep_word(pending->batch, sizeof(pending->batch),
                          weir_span_slice(reference, 1, reference.length));
            return;
        }
        note_refusal(irc, pending, line);
        irc_step_answered(irc, pending, host);
    }
}

void irc_match_refusal(struct irc_adapter *irc, const struct weir_irc_line *line)
{
    if ((irc->enabled & (1u << CAP_LABELS)) || refusal_of(line) == WEIR_REFUSED_NOT) {
        return;
    }
    for (size_t i = 0; i < irc->pending_count; i++) {
        struct pending *pending = &irc->pending[i];
        bool is_its_command = weir_irc_numeric(line) == 421;
        for (size_t p = 0; p < line->param_count; p++) {
            struct channel *channel = irc_find_channel(irc, line->params[p]);
            is_its_command |= channel && weir_span_equals(weir_buffer_span(&channel->room),
                                                          weir_buffer_span(&pending->room));
            is_its_command |=
                pending->target.length > 0 &&
                irc_same_name(irc, line->params[p], weir_buffer_span(&pending->target));
        }
        if (is_its_command) {
            note_refusal(irc, pending, line);
            return;
        }
    }
}
