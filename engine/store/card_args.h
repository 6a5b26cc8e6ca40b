/** A card's JSON, as triage writes it and the spool keeps it, as the arguments of weir_add. Pure.
 */
#ifndef WEIR_STORE_CARD_ARGS_H
#define WEIR_STORE_CARD_ARGS_H

#include "engine/base/buffer.h"

#define WEIR_CARD_FIELDS 32

/** Start it as `{0}`, reuse it, empty it with weir_card_args_fini(). Spans borrow from it and from
 * the JSON. */
struct weir_card_args {
    struct weir_buffer scratch;
    struct weir_span id;
    struct weir_span queue;
    struct weir_span fp;
    struct weir_span user;
    int64_t at_ms;
    int64_t target_ms;
    struct weir_span fields[2 * WEIR_CARD_FIELDS]; // name, value, name, value, ...
    size_t field_count;
};

void weir_card_args_fini(struct weir_card_args *args);

/** The value of a field, empty where the card has none. */
struct weir_span weir_card_args_find(const struct weir_card_args *args, const char *name);

/** NULL, or what is wrong with the card as one clause. */
const char *weir_card_args_parse(struct weir_card_args *args, struct weir_span card_json);

/** Whether a card has a field of this name in its JSON, as in Redis. */
bool weir_card_args_is_field(struct weir_span name);

/** True for a name of a queue: 1 to 64 bytes without blanks, braces and control characters. */
bool weir_queue_name_is_good(struct weir_span name);

#endif
