#include "engine/commands/readings.h"

#include "engine/base/terminal.h"

static struct weir_span bytes_of(struct weir_text *text, enum weir_view_kind kind)
{
    const struct weir_view *view = weir_text_view(text, kind);
    return (struct weir_span){view->bytes, view->length};
}

// A view may hold several readings of the text, one behind the other.
static void add_readings(struct weir_buffer *out, struct weir_span bytes)
{
    struct weir_span rest = bytes;
    weir_terminal_add(out, weir_span_take_until(&rest, WEIR_READING_SEPARATOR));
    while (rest.length > 0) {
        weir_buffer_add_text(out, " | ");
        weir_terminal_add(out, weir_span_take_until(&rest, WEIR_READING_SEPARATOR));
    }
}

void weir_readings_add(struct weir_text *text, const char *indent, bool only_changed,
                       struct weir_buffer *out)
{
    struct weir_span raw = bytes_of(text, WEIR_VIEW_RAW);
    for (enum weir_view_kind kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
        struct weir_span bytes = bytes_of(text, kind);
        bool is_changed = !weir_span_equals(bytes, raw);
        if (only_changed && kind != WEIR_VIEW_RAW && !is_changed) {
            continue;
        }
        weir_buffer_printf(out, "%s%-9s ", indent, weir_view_name(kind));
        if (kind != WEIR_VIEW_RAW && !is_changed) {
            weir_buffer_add_text(out, "(as typed)");
        } else if (kind == WEIR_VIEW_RAW) {
            weir_terminal_add(out, bytes);
        } else {
            add_readings(out, bytes);
        }
        weir_buffer_add_byte(out, '\n');
    }
}

void weir_readings_add_hits(struct weir_text *text, const struct weir_verdict *verdict,
                            const char *indent, size_t most, struct weir_buffer *out)
{
    struct weir_span raw = bytes_of(text, WEIR_VIEW_RAW);
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const struct weir_verdict_hit *hit = &verdict->hits[i];
        if (i == most) {
            weir_buffer_printf(out, "%sand %zu more\n", indent, verdict->hit_count - i);
            return;
        }
        weir_buffer_printf(out, "%shit       %.*s %s '", indent, WEIR_SPAN_ARGS(hit->rule->id),
                           hit->check->path);
        weir_terminal_add(out, weir_span_slice(raw, hit->range.start, hit->range.end));
        weir_buffer_printf(out, "' in %s\n", weir_view_name(hit->view));
    }
}
