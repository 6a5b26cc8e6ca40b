#include "engine/commands/panes.h"

#include "engine/base/alloc.h"
#include "engine/base/terminal.h"

#include <stdlib.h>

// A pane keeps only as many lines as any terminal shows, in a ring: what has scrolled away is gone.
#define LINES_KEPT 200

struct line {
    struct weir_buffer key;
    struct weir_buffer text;
    enum weir_look look;
};

struct pane {
    const char *title;
    struct line lines[LINES_KEPT];
    size_t first;
    size_t count;
};

struct weir_panes {
    struct pane panes[WEIR_PANE_COUNT];
    struct weir_buffer status;
};

static const char *const escapes[] = {
    [WEIR_LOOK_PLAIN] = "",        [WEIR_LOOK_DIM] = "\x1b[2m",
    [WEIR_LOOK_GOOD] = "\x1b[32m", [WEIR_LOOK_NOTICE] = "\x1b[33m",
    [WEIR_LOOK_BAD] = "\x1b[31m",  [WEIR_LOOK_REMOVED] = "\x1b[31;9m",
};

struct weir_panes *weir_panes_create(const char *const titles[WEIR_PANE_COUNT])
{
    struct weir_panes *panes = weir_new(struct weir_panes);
    for (size_t i = 0; i < WEIR_PANE_COUNT; i++) {
        panes->panes[i].title = titles[i];
    }
    return panes;
}

void weir_panes_destroy(struct weir_panes **panes)
{
    if (!*panes) {
        return;
    }
    for (size_t i = 0; i < WEIR_PANE_COUNT; i++) {
        for (size_t j = 0; j < LINES_KEPT; j++) {
            weir_buffer_fini(&(*panes)->panes[i].lines[j].key);
            weir_buffer_fini(&(*panes)->panes[i].lines[j].text);
        }
    }
    weir_buffer_fini(&(*panes)->status);
    free(*panes);
    *panes = NULL;
}

static struct line *line_at(struct pane *pane, size_t index)
{
    return &pane->lines[(pane->first + index) % LINES_KEPT];
}

void weir_panes_add(struct weir_panes *panes, size_t pane, struct weir_span key,
                    struct weir_span text, enum weir_look look)
{
    struct pane *to = &panes->panes[pane];
    if (to->count == LINES_KEPT) {
        to->first = (to->first + 1) % LINES_KEPT;
        to->count--;
    }
    struct line *line = line_at(to, to->count++);
    line->look = look;
    weir_buffer_clear(&line->key);
    weir_buffer_add(&line->key, key);
    weir_buffer_clear(&line->text);
    weir_terminal_add(&line->text, text);
}

bool weir_panes_restyle(struct weir_panes *panes, size_t pane, struct weir_span key,
                        enum weir_look look)
{
    struct pane *in = &panes->panes[pane];
    for (size_t i = in->count; i-- > 0;) {
        struct line *line = line_at(in, i);
        if (line->key.length > 0 && weir_span_equals(weir_buffer_span(&line->key), key)) {
            line->look = look;
            return true;
        }
    }
    return false;
}

void weir_panes_clear(struct weir_panes *panes, size_t pane)
{
    panes->panes[pane].first = 0;
    panes->panes[pane].count = 0;
}

void weir_panes_status(struct weir_panes *panes, struct weir_span text)
{
    weir_buffer_clear(&panes->status);
    weir_terminal_add(&panes->status, text);
}

static void add_cell(struct weir_buffer *out, struct weir_span text, enum weir_look look,
                     size_t columns)
{
    weir_buffer_add_text(out, escapes[look]);
    weir_terminal_add_padded(out, text, columns);
    weir_buffer_add_text(out, "\x1b[0m");
}

static void add_titles(const struct weir_panes *panes, size_t width, struct weir_buffer *out)
{
    for (size_t i = 0; i < WEIR_PANE_COUNT; i++) {
        weir_buffer_add_text(out, i ? " \x1b[7m " : "\x1b[7m ");
        weir_terminal_add_padded(out, weir_span_of(panes->panes[i].title), width - 1);
        weir_buffer_add_text(out, "\x1b[0m");
    }
    weir_buffer_add_text(out, "\x1b[K\r\n");
}

static void add_row(const struct weir_panes *panes, size_t row, size_t rows, size_t width,
                    struct weir_buffer *out)
{
    for (size_t i = 0; i < WEIR_PANE_COUNT; i++) {
        const struct pane *pane = &panes->panes[i];
        size_t hidden = pane->count > rows ? pane->count - rows : 0;
        if (i > 0) {
            weir_buffer_add_byte(out, ' ');
        }
        if (hidden + row < pane->count) {
            const struct line *line = &pane->lines[(pane->first + hidden + row) % LINES_KEPT];
            add_cell(out, weir_buffer_span(&line->text), line->look, width);
        } else {
            weir_terminal_add_padded(out, (struct weir_span){NULL, 0}, width);
        }
    }
    weir_buffer_add_text(out, "\x1b[K\r\n");
}

void weir_panes_draw(const struct weir_panes *panes, size_t columns, size_t rows,
                     struct weir_buffer *out)
{
    size_t gaps = WEIR_PANE_COUNT - 1;
    size_t width = columns > gaps + 2 * WEIR_PANE_COUNT ? (columns - gaps) / WEIR_PANE_COUNT : 2;
    size_t body = rows > 3 ? rows - 2 : 1;

    weir_buffer_add_text(out, "\x1b[H");
    add_titles(panes, width, out);
    for (size_t row = 0; row < body; row++) {
        add_row(panes, row, body, width, out);
    }
    weir_buffer_add_text(out, "\x1b[2m");
    weir_terminal_add_padded(out, weir_buffer_span(&panes->status), columns > 1 ? columns - 1 : 1);
    weir_buffer_add_text(out, "\x1b[0m\x1b[K");
}

void weir_panes_print(const struct weir_panes *panes, size_t pane, struct weir_span text,
                      struct weir_buffer *out)
{
    weir_buffer_add_text(out, panes->panes[pane].title);
    weir_buffer_add_text(out, " | ");
    weir_terminal_add(out, text);
    weir_buffer_add_byte(out, '\n');
}
