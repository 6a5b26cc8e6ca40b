#include "bench/lines.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/sys/recording.h"
#include "engine/text/text.h"

#include <stdio.h>
#include <stdlib.h>

void lines_fini(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free((char *)lines->items[i].data);
    }
    free(lines->items);
    *lines = (struct lines){0};
}

void lines_add(struct lines *lines, struct weir_span text)
{
    char *copy = weir_realloc_array(NULL, text.length + WEIR_TEXT_PADDING, 1);
    memcpy(copy, text.data, text.length);
    memset(copy + text.length, 0, WEIR_TEXT_PADDING);
    lines->items =
        weir_grow(lines->items, &lines->capacity, lines->count + 1, sizeof(*lines->items));
    lines->items[lines->count++] = (struct weir_span){copy, text.length};
}

void lines_read(struct lines *lines, const char *corpus, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s%s%s", corpus, corpus[0] ? "/" : "", name);
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    if (!file) {
        fprintf(stderr, "%s: not there, left out\n", path);
        return;
    }
    while ((length = getline(&line, &capacity, file)) >= 0) {
        struct weir_span text = weir_span_trim((struct weir_span){line, (size_t)length});
        bool has_delete = text.length > 0 && memchr(text.data, 0x7F, text.length);
        if (text.length > 0 && weir_utf8_is_valid(text) && !has_delete) { // Hyperscan has no U+007F
            lines_add(lines, text);
        }
    }
    free(line);
    fclose(file);
}

void lines_read_chat(struct lines *lines, const char *corpus, const char *name, size_t most)
{
    char path[4096];
    struct weir_error err = {0};
    snprintf(path, sizeof(path), "%s/%s", corpus, name);
    struct weir_recording *recording = weir_recording_open(path, 1, NULL, NULL, &err);
    if (!recording) {
        fprintf(stderr, "%s: %s, left out\n", path, err.text);
        return;
    }
    const struct weir_event *event = weir_recording_next(recording);
    for (; event && most > 0; event = weir_recording_next(recording)) {
        if (event->kind == WEIR_EVENT_MESSAGE && event->message->text.length > 0) {
            lines_add(lines, event->message->text);
            most--;
        }
    }
    weir_recording_close(&recording);
}

void lines_shuffle(struct lines *lines)
{
    uint64_t state = 88172645463325252ull;
    for (size_t i = lines->count; i > 1; i--) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t other = state % i;
        struct weir_span kept = lines->items[i - 1];
        lines->items[i - 1] = lines->items[other];
        lines->items[other] = kept;
    }
}

bool lines_write(const struct lines *lines, size_t count, bool as_json, const char *path)
{
    FILE *file = fopen(path, "wb");
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    if (!file) {
        return false;
    }
    for (size_t i = 0; i < count && i < lines->count; i++) {
        weir_buffer_clear(&line);
        if (as_json) {
            weir_json_add_string(&line, lines->items[i]);
        } else {
            weir_buffer_add(&line, lines->items[i]);
        }
        weir_buffer_add_byte(&line, '\n');
        fwrite(line.data, 1, line.length, file);
    }
    return fclose(file) == 0;
}
