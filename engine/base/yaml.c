// libyaml's events become a tree whose nodes know their place. The event interface, because the
// document interface expands what it is told to (aliases) and nests without limit; the strictness
// on top is ours: libyaml accepts duplicate keys, tags and anchors without a word.
//
// Columns count characters, as libyaml's marks and editors do. Bytes that libyaml would count as
// line ends and editors do not (NEL, LS, PS) are refused, so that both always agree on lines.

#include "engine/base/yaml.h"

#include "engine/base/alloc.h"
#include "engine/base/arena.h"
#include "engine/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define MOST_LEVELS 32

// Anchors and their like are reported one by one, but not thousands of them.
#define MOST_STRUCTURE_MISTAKES 50

struct weir_yaml_document {
    struct weir_yaml *root;
    struct weir_arena arena;
};

/** A list or map that is still open. */
struct frame {
    struct weir_yaml *node;
    struct weir_yaml **keys;
    struct weir_yaml **items;
    size_t key_count;
    size_t item_count;
    size_t key_capacity;
    size_t item_capacity;
};

struct reader {
    yaml_parser_t parser;
    const char *file;
    struct weir_span source;
    struct weir_diagnostics *diagnostics;
    struct weir_yaml_document *document;
    struct frame frames[MOST_LEVELS];
    size_t depth;
    struct weir_place anchor; // the first one
    size_t anchor_count;
    size_t alias_count;        // to anchors: without any, a `*` is a mistake of its own
    size_t structure_mistakes; // the tree can't mean what its author meant: it is thrown away
};

enum flow {
    FLOW_GO_ON,
    FLOW_STOP,
};

static bool has_bom(struct weir_span text)
{
    return text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
}

static struct weir_place place_of(const struct reader *reader, const yaml_mark_t *start,
                                  const yaml_mark_t *end)
{
    struct weir_place place = {reader->file, (uint32_t)start->line + 1, (uint32_t)start->column + 1,
                               1};
    if (end && end->line == start->line && end->column > start->column) {
        place.length = (uint32_t)(end->column - start->column);
    }
    return place;
}

static enum flow refuse_structure(struct reader *reader, const struct weir_place *place,
                                  const char *text)
{
    weir_diagnostics_error(reader->diagnostics, place, "%s", text);
    return ++reader->structure_mistakes < MOST_STRUCTURE_MISTAKES ? FLOW_GO_ON : FLOW_STOP;
}

static enum flow refuse_and_stop(struct reader *reader, const struct weir_place *place,
                                 const char *text)
{
    refuse_structure(reader, place, text);
    return FLOW_STOP;
}

// A node's properties stand before it: `&name` and `!tag`, in either order.
static enum flow check_properties(struct reader *reader, const yaml_char_t *anchor,
                                  const yaml_char_t *tag, const yaml_mark_t *start)
{
    struct weir_place place = place_of(reader, start, NULL);
    if (anchor) {
        place.length = (uint32_t)weir_utf8_count(weir_span_of((const char *)anchor)) + 1;
        reader->anchor = reader->anchor_count == 0 ? place : reader->anchor;
        reader->anchor_count++;
    }
    if (tag) {
        return refuse_structure(reader, &place, "tags are not allowed; the value alone is enough");
    }
    return FLOW_GO_ON;
}

static bool expects_key(const struct reader *reader)
{
    if (reader->depth == 0) {
        return false;
    }
    const struct frame *frame = &reader->frames[reader->depth - 1];
    return frame->node->kind == WEIR_YAML_MAP && frame->key_count == frame->item_count;
}

static void append(struct weir_yaml ***nodes, size_t *count, size_t *capacity,
                   struct weir_yaml *node)
{
    *nodes = weir_grow(*nodes, capacity, *count + 1, sizeof(**nodes));
    (*nodes)[(*count)++] = node;
}

static void add_node(struct reader *reader, struct weir_yaml *node)
{
    if (reader->depth == 0) {
        reader->document->root = node;
        return;
    }
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (expects_key(reader)) {
        append(&frame->keys, &frame->key_count, &frame->key_capacity, node);
    } else {
        append(&frame->items, &frame->item_count, &frame->item_capacity, node);
    }
}

static struct weir_yaml *new_node(struct reader *reader, enum weir_yaml_kind kind,
                                  const yaml_event_t *event)
{
    struct weir_yaml *node = weir_arena_new(&reader->document->arena, struct weir_yaml);
    node->kind = kind;
    node->place = place_of(reader, &event->start_mark, &event->end_mark);
    return node;
}

static enum flow on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct weir_yaml *node = new_node(reader, WEIR_YAML_SCALAR, event);
    yaml_scalar_style_t style = event->data.scalar.style;
    struct weir_span value = {(const char *)event->data.scalar.value, event->data.scalar.length};

    node->text = weir_arena_copy_span(&reader->document->arena, value);
    node->plain = style == YAML_PLAIN_SCALAR_STYLE;
    node->block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    bool is_merge_key = expects_key(reader) && node->plain && weir_span_is(node->text, "<<");
    add_node(reader, node);
    if (is_merge_key) {
        return refuse_structure(reader, &node->place, "merge keys are not allowed");
    }
    return check_properties(reader, event->data.scalar.anchor, event->data.scalar.tag,
                            &event->start_mark);
}

static enum flow open_collection(struct reader *reader, enum weir_yaml_kind kind,
                                 const yaml_event_t *event)
{
    struct weir_yaml *node = new_node(reader, kind, event);
    node->place.length = 1;
    if (expects_key(reader)) {
        return refuse_and_stop(reader, &node->place, "a key must be plain text");
    }
    if (reader->depth == MOST_LEVELS) {
        return refuse_and_stop(reader, &node->place, "nested more than 32 levels deep");
    }
    add_node(reader, node);
    struct frame *frame = &reader->frames[reader->depth++];
    frame->node = node;
    frame->key_count = 0;
    frame->item_count = 0;
    return FLOW_GO_ON;
}

static int compare_keys(const void *a, const void *b)
{
    const struct weir_yaml *left = *(struct weir_yaml *const *)a;
    const struct weir_yaml *right = *(struct weir_yaml *const *)b;
    int order = weir_span_compare(left->text, right->text);
    if (order == 0) {
        order = (left->place.line > right->place.line) - (left->place.line < right->place.line);
    }
    return order ? order
                 : (left->place.column > right->place.column) -
                       (left->place.column < right->place.column);
}

// Sorted, not one against all: a hostile map may have a hundred thousand keys.
static void refuse_duplicates(struct reader *reader, struct frame *frame)
{
    WEIR_AUTO(weir_free_at)
    struct weir_yaml **sorted = weir_new_array(struct weir_yaml *, frame->key_count);
    if (frame->key_count < 2) {
        return;
    }
    memcpy(sorted, frame->keys, frame->key_count * sizeof(struct weir_yaml *));
    qsort(sorted, frame->key_count, sizeof(struct weir_yaml *), compare_keys);
    for (size_t i = 1; i < frame->key_count; i++) {
        if (weir_span_equals(sorted[i]->text, sorted[i - 1]->text)) {
            weir_diagnostics_error(reader->diagnostics, &sorted[i]->place,
                                   "'%.*s' stands here twice; the first is in line %u",
                                   WEIR_SPAN_ARGS(sorted[i]->text), sorted[i - 1]->place.line);
        }
    }
}

static enum flow close_collection(struct reader *reader)
{
    struct frame *frame = &reader->frames[--reader->depth];
    struct weir_yaml *node = frame->node;
    struct weir_arena *arena = &reader->document->arena;
    if (node->kind == WEIR_YAML_MAP) {
        refuse_duplicates(reader, frame);
        node->keys = weir_arena_copy(arena, frame->keys, frame->key_count, sizeof(*frame->keys));
    }
    node->items = weir_arena_copy(arena, frame->items, frame->item_count, sizeof(*frame->items));
    node->count = frame->item_count;
    return FLOW_GO_ON;
}

static enum flow on_document_start(struct reader *reader, const yaml_event_t *event)
{
    struct weir_place place = place_of(reader, &event->start_mark, &event->end_mark);
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end) {
        return refuse_and_stop(reader, &place, "tags are not allowed");
    }
    if (reader->document->root) {
        return refuse_and_stop(reader, &place,
                               "a file holds one document; make this a file of its own");
    }
    return FLOW_GO_ON;
}

static enum flow on_alias(struct reader *reader, const yaml_event_t *event)
{
    struct weir_place place = place_of(reader, &event->start_mark, &event->end_mark);
    add_node(reader, new_node(reader, WEIR_YAML_SCALAR, event));
    if (reader->anchor_count > 0) {
        reader->alias_count++;
        return FLOW_GO_ON;
    }
    return refuse_structure(reader, &place,
                            "aliases are not allowed; put a text that begins with * into quotes");
}

static enum flow on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        return FLOW_STOP;
    case YAML_DOCUMENT_START_EVENT:
        return on_document_start(reader, event);
    case YAML_ALIAS_EVENT:
        return on_alias(reader, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        if (check_properties(reader, event->data.sequence_start.anchor,
                             event->data.sequence_start.tag, &event->start_mark) == FLOW_STOP) {
            return FLOW_STOP;
        }
        return open_collection(reader, WEIR_YAML_LIST, event);
    case YAML_MAPPING_START_EVENT:
        if (check_properties(reader, event->data.mapping_start.anchor,
                             event->data.mapping_start.tag, &event->start_mark) == FLOW_STOP) {
            return FLOW_STOP;
        }
        return open_collection(reader, WEIR_YAML_MAP, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(reader);
    default:
        return FLOW_GO_ON; // starts and ends that carry nothing
    }
}

/** The bytes of a place, or the text's end. */
static size_t offset_of(struct weir_span text, const struct weir_place *place)
{
    size_t at = has_bom(text) ? 3 : 0;
    for (uint32_t line = 1; line < place->line && at < text.length; at++) {
        bool is_pair = text.data[at] == '\r' && at + 1 < text.length && text.data[at + 1] == '\n';
        line += (text.data[at] == '\n' || text.data[at] == '\r') && !is_pair;
    }
    for (uint32_t column = 1; column < place->column && at < text.length; column++) {
        weir_utf8_next(text, &at);
    }
    return at;
}

// libyaml speaks of tokens and simple keys. These are the slips behind the messages that authors
// meet.
static const struct {
    const char *theirs;
    const char *ours;
} wordings[] = {
    {"could not find expected ':'",
     "this line needs a ':' after its key, or its text needs quotes"},
    {"mapping values are not allowed in this context",
     "a ':' can't stand here; put a text that holds one into quotes"},
    {"did not find expected ',' or ']'", "a list that '[' opened needs a ',' or its ']' here"},
    {"did not find expected ',' or '}'", "a map that '{' opened needs a ',' or its '}' here"},
    {"found unexpected end of stream", "a quote that was opened is never closed"},
    {"did not find expected key", "this does not fit in here: is its indentation right?"},
    {"did not find expected '-' indicator", "a list goes on with '- ' in the same column"},
    {"block sequence entries are not allowed in this context",
     "a '-' can't stand here; begin the list on the next line"},
    {"did not find expected <document start>", "this does not belong to what stands above it"},
    {"found unknown escape character", "no such escape between double quotes; write \\\\ for a \\"},
    {"did not find expected hexdecimal number", "this escape needs hexadecimal digits"},
    {"found undefined tag handle", "tags are not allowed"},
    {"did not find expected node content", "a value is missing here"},
};

static const char *wording_of(const char *problem)
{
    for (size_t i = 0; i < ARRAY_LEN(wordings); i++) {
        if (strcmp(problem, wordings[i].theirs) == 0) {
            return wordings[i].ours;
        }
    }
    return problem;
}

static void report_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "not YAML";
    bool is_unclosed = strcmp(problem, "found unexpected end of stream") == 0;
    const yaml_mark_t *mark =
        is_unclosed && parser->context ? &parser->context_mark : &parser->problem_mark;
    struct weir_place place = place_of(reader, mark, NULL);
    size_t at = offset_of(reader->source, &place);

    reader->structure_mistakes++;
    if (strcmp(problem, "found character that cannot start any token") == 0 &&
        at < reader->source.length) {
        char c = reader->source.data[at];
        if (c == '\t') {
            weir_diagnostics_error(reader->diagnostics, &place, "a tab can't indent; use blanks");
        } else {
            weir_diagnostics_error(reader->diagnostics, &place,
                                   "a text can't begin with '%c'; put it into quotes", c);
        }
        return;
    }
    weir_diagnostics_error(reader->diagnostics, &place, "%s", wording_of(problem));
}

static void read_events(struct reader *reader)
{
    enum flow flow = FLOW_GO_ON;
    while (flow == FLOW_GO_ON) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_syntax(reader);
            return;
        }
        flow = on_event(reader, &event);
        yaml_event_delete(&event);
    }
}

// What libyaml's own reader would refuse without a line, and the line ends that editors do not
// know.
static const char *refused_character(uint32_t c)
{
    if (c == 0x85 || c == 0x2028 || c == 0x2029) {
        return "an invisible line separator; write it as an escape between double quotes";
    }
    if (c == 0xFEFF) {
        return "a byte order mark in the middle of the file";
    }
    bool is_control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0);
    return is_control || c == 0xFFFE || c == 0xFFFF
               ? "a control character; write it as an escape between double quotes"
               : NULL;
}

/** Walks a text as lines and columns, as editors count. */
struct walker {
    struct weir_span text;
    size_t at;
    struct weir_place place;
};

static void count_character(struct walker *walker, uint32_t c)
{
    bool is_pair =
        c == '\r' && walker->at < walker->text.length && walker->text.data[walker->at] == '\n';
    if ((c == '\n' || c == '\r') && !is_pair) {
        walker->place.line++;
        walker->place.column = 1;
    } else {
        walker->place.column++;
    }
}

static size_t valid_prefix(struct weir_span text)
{
    size_t at = 0;
    while (at < text.length) {
        unsigned char lead = (unsigned char)text.data[at];
        size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (at + length > text.length ||
            !weir_utf8_is_valid(weir_span_slice(text, at, at + length))) {
            break;
        }
        at += length;
    }
    return at;
}

static bool check_characters(struct reader *reader)
{
    struct weir_span text = reader->source;
    bool is_valid = weir_utf8_is_valid(text);
    struct walker walker = {text, has_bom(text) ? 3 : 0, {reader->file, 1, 1, 1}};
    walker.text.length = is_valid ? text.length : valid_prefix(text);
    while (walker.at < walker.text.length) {
        uint32_t c = weir_utf8_next(walker.text, &walker.at);
        const char *refused = refused_character(c);
        if (refused) {
            return weir_diagnostics_error(reader->diagnostics, &walker.place, "%s", refused);
        }
        count_character(&walker, c);
    }
    return is_valid || weir_diagnostics_error(reader->diagnostics, &walker.place,
                                              "not UTF-8; save the file as UTF-8");
}

static void parse_source(struct reader *reader)
{
    struct weir_span text = reader->source;
    size_t start = has_bom(text) ? 3 : 0;
    yaml_parser_initialize(&reader->parser);
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text.data + start,
                                 text.length - start);
    read_events(reader);
    yaml_parser_delete(&reader->parser);
}

// However many there are, they are one idea, which is told once.
static void refuse_anchors(struct reader *reader)
{
    char others[64] = "";
    if (reader->anchor_count == 0) {
        return;
    }
    if (reader->anchor_count > 1) {
        snprintf(others, sizeof(others), " (%zu anchors here, %zu aliases)", reader->anchor_count,
                 reader->alias_count);
    }
    weir_diagnostics_error(reader->diagnostics, &reader->anchor,
                           "anchors are not allowed; repeat the value instead%s", others);
    reader->structure_mistakes++;
}

struct weir_yaml_document *weir_yaml_parse(const char *file, struct weir_span text,
                                           struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_new(struct weir_yaml_document);
    struct reader reader = {
        .file = file, .source = text, .diagnostics = diagnostics, .document = document};
    if (!check_characters(&reader)) {
        return NULL;
    }
    if (text.length > 0) {
        parse_source(&reader);
    }
    for (size_t i = 0; i < ARRAY_LEN(reader.frames); i++) {
        free(reader.frames[i].keys);
        free(reader.frames[i].items);
    }
    refuse_anchors(&reader);
    if (reader.structure_mistakes > 0) {
        return NULL;
    }
    if (!document->root) {
        weir_diagnostics_error(diagnostics, &(struct weir_place){file, 1, 1, 1},
                               "the file holds nothing");
        return NULL;
    }
    return weir_take(document);
}

void weir_yaml_document_destroy(struct weir_yaml_document **document)
{
    if (*document) {
        weir_arena_fini(&(*document)->arena);
        free(*document);
        *document = NULL;
    }
}

const struct weir_yaml *weir_yaml_root(const struct weir_yaml_document *document)
{
    return document ? document->root : NULL;
}

const struct weir_yaml *weir_yaml_find(const struct weir_yaml *map, const char *key)
{
    for (size_t i = 0; map->kind == WEIR_YAML_MAP && i < map->count; i++) {
        if (weir_span_is(map->keys[i]->text, key)) {
            return map->items[i];
        }
    }
    return NULL;
}

static bool is_among(struct weir_span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (weir_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

void weir_yaml_refuse_others(const struct weir_yaml *map, const char *const *names, size_t count,
                             const char *what, struct weir_diagnostics *diagnostics)
{
    for (size_t i = 0; map->kind == WEIR_YAML_MAP && i < map->count; i++) {
        struct weir_span key = map->keys[i]->text;
        if (is_among(key, names, count)) {
            continue;
        }
        const char *nearest = weir_nearest_name(key, names, count);
        weir_diagnostics_error(diagnostics, &map->keys[i]->place, "unknown key '%.*s' in %s%s%s%s",
                               WEIR_SPAN_ARGS(key), what, nearest ? "; did you mean '" : "",
                               nearest ? nearest : "", nearest ? "'?" : "");
    }
}
