/** Lists of texts from the corpora: keywords, regexes, chat. */
#ifndef WEIR_BENCH_LINES_H
#define WEIR_BENCH_LINES_H

#include "engine/base/span.h"

/** Start it as `{0}`. Each text has WEIR_TEXT_PADDING readable bytes behind it. */
struct lines {
    struct weir_span *items;
    size_t count;
    size_t capacity;
};

void lines_fini(struct lines *lines);
void lines_add(struct lines *lines, struct weir_span text);

/** Adds the lines of a word or regex list; tells on stderr where the file is missing. */
void lines_read(struct lines *lines, const char *corpus, const char *name);

/** Adds the texts of at most `most` messages of a recorded chat. */
void lines_read_chat(struct lines *lines, const char *corpus, const char *name, size_t most);

/** The same order on every machine. */
void lines_shuffle(struct lines *lines);

/** Writes the first `count`, one a line, as they are or as JSON strings; false if it can't. */
bool lines_write(const struct lines *lines, size_t count, bool as_json, const char *path);

#endif
