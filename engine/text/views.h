/**
 * What the makers of the views share (fold.c, tight.c, ...): a text's inside, and the space that a
 * view is written into. Private to engine/text.
 */
#ifndef WEIR_TEXT_VIEWS_H
#define WEIR_TEXT_VIEWS_H

#include "engine/base/alloc.h"
#include "engine/base/lanes.h"
#include "engine/text/tables/tables.h"
#include "engine/text/text.h"

/** How an emote stands in every view but raw: U+FFFC, which is no letter and no blank. */
#define EMOTE_BYTES "\xef\xbf\xbc"

#define RIGHT_TO_LEFT_OVERRIDE 0x202eu

/** What may be written behind the end of a view, and is: whole lanes cost less than exact ends. */
#define SPACE_SLACK WEIR_LANES

/**
 * Where a view is written. Its room is for the worst character there is (one that NFKC makes a
 * sentence) at every place, so the first reading of any text fits; further ones ask first.
 */
struct view_space {
    char *bytes;
    uint32_t *from;
    uint32_t *to;
    uint32_t length;
    uint32_t capacity;
};

/** One character of a word or of a piece of text that is put in order. */
struct piece {
    uint32_t code_point;
    uint32_t from;
    uint32_t to;
    uint8_t combining;
};

struct byte_range {
    uint32_t start;
    uint32_t end;
};

struct weir_text {
    uint32_t max_chars;
    struct weir_buffer raw; // has room for every text that is let in
    bool is_plain;          // raw is printed ASCII, as fold found out
    bool is_han;            // raw is common Han that fold leaves alone
    bool is_checked;        // raw is valid UTF-8; until then fold finds out on its way
    bool has_hidden;        // fold made an i or s of what may be another letter
    // By bit, where the view that was last glanced at may need a closer look (glance.c).
    uint32_t *tight_places;
    uint32_t *skeleton_places;
    bool may_look_alike; // any of these
    // A view whose characters stand where raw's stand borrows its maps from here.
    uint32_t *same_from; // i
    uint32_t *same_to;   // i + 1, but where raw ends
    struct weir_view views[WEIR_VIEW_COUNT];
    bool is_made[WEIR_VIEW_COUNT];
    struct view_space spaces[WEIR_VIEW_COUNT];
    struct view_space turned; // fold as bidi overrides show it
    struct piece *pieces;     // fold, tight and skeleton, one after the other
    struct piece *sorted;
    uint32_t piece_capacity;
    uint32_t *emote_ends; // by the character that an emote starts at; all 0 between calls
    struct byte_range *emotes;
    uint32_t emote_count;
    uint32_t dropped_marks; // by fold, as the next two
    bool is_turned;         // an override shows some of the text backwards
    bool has_folded_stroke; // it made an i or s of another character than these
    bool is_keyword;        // has one reading
    uint32_t *chars_before; // characters before each CHARS_STEP bytes of raw
    bool has_chars_before;
    bool has_facts;
    struct weir_text_facts facts;
};

/** A character of valid UTF-8, and how long it is there. */
struct character {
    uint32_t code_point;
    uint32_t length;
};

static inline struct character character_at(const char *bytes, uint32_t at)
{
    const unsigned char *here = (const unsigned char *)bytes + at;
    if (here[0] < 0x80) {
        return (struct character){here[0], 1};
    }
    if (here[0] < 0xe0) {
        return (struct character){(here[0] & 0x1fu) << 6 | (here[1] & 0x3fu), 2};
    }
    if (here[0] < 0xf0) {
        return (struct character){
            (here[0] & 0x0fu) << 12 | (here[1] & 0x3fu) << 6 | (here[2] & 0x3fu), 3};
    }
    return (struct character){(here[0] & 0x07u) << 18 | (here[1] & 0x3fu) << 12 |
                                  (here[2] & 0x3fu) << 6 | (here[3] & 0x3fu),
                              4};
}

static inline uint32_t utf8_length(uint32_t code_point)
{
    return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

/** Writes it to `bytes`; returns its length. */
static inline uint32_t encode_utf8(char *bytes, uint32_t code_point)
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    uint32_t length = utf8_length(code_point);
    for (uint32_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    bytes[0] = (char)(leads[length] | code_point);
    return length;
}

static inline enum char_class class_of(uint32_t code_point)
{
    return VALUE_CLASS(trie_find(&table_fold, code_point));
}

/** U+4E00 to U+9FFF, nearly all Han there is, by the first two bytes. */
static inline bool is_common_han(const char *bytes)
{
    const unsigned char *here = (const unsigned char *)bytes;
    return (unsigned char)(here[0] - 0xe5) <= 0xe9 - 0xe5 || (here[0] == 0xe4 && here[1] >= 0xb8);
}

/** The class of the character at a place of a view from fold on, and its length there. */
static inline enum char_class class_at(const struct weir_view *view, uint32_t at,
                                       uint32_t *length_out)
{
    if (is_common_han(view->bytes + at)) {
        *length_out = 3;
        return CLASS_HAN;
    }
    struct character next = character_at(view->bytes, at);
    *length_out = next.length;
    return class_of(next.code_point);
}

/** Letters and digits of scripts that put blanks between words. */
static inline bool is_spaced(enum char_class class)
{
    return class >= CLASS_DIGIT && class <= CLASS_SPACED_UPPER;
}

/** What fold leaves of ASCII's letters, and its digits. */
static inline bool is_ascii_word(char byte)
{
    return (uint8_t)(byte - 'a') < 26 || (uint8_t)(byte - '0') < 10;
}

/** What a piece of a view stands for, also where bidi overrides turned its order round. */
static inline struct byte_range origin_of(const struct weir_view *view, uint32_t start,
                                          uint32_t end)
{
    uint32_t from = view->from[start];
    uint32_t to = view->to[end - 1];
    return (struct byte_range){from < view->from[end - 1] ? from : view->from[end - 1],
                               to > view->to[start] ? to : view->to[start]};
}

static inline bool has_room(const struct view_space *space, size_t extra)
{
    return space->capacity - space->length >= extra;
}

/** Copies whole lanes: up to SPACE_SLACK - 1 entries behind the last are overwritten. */
static inline void copy_lanes(char *to, const char *from, uint32_t length)
{
    for (uint32_t i = 0; i < length; i += WEIR_LANES) {
        memcpy(to + i, from + i, WEIR_LANES);
    }
}

static inline void copy_map(uint32_t *to, const uint32_t *from, uint32_t length)
{
    for (uint32_t i = 0; i < length; i += WEIR_LANES) {
        memcpy(to + i, from + i, WEIR_LANES * sizeof(*to));
    }
}

static inline void space_add_byte(struct view_space *space, char byte, uint32_t from, uint32_t to)
{
    if (has_room(space, 1)) {
        space->bytes[space->length] = byte;
        space->from[space->length] = from;
        space->to[space->length] = to;
        space->length++;
    }
}

/** Adds bytes that all stand for the same bytes of raw. Drops what does not fit. */
void space_add(struct view_space *space, const char *bytes, uint32_t length, uint32_t from,
               uint32_t to);
void space_add_code_point(struct view_space *space, uint32_t code_point, uint32_t from,
                          uint32_t to);
/** Adds bytes `start` to `end` of another view, with their maps. */
void space_copy(struct view_space *space, const struct weir_view *view, uint32_t start,
                uint32_t end);
/** Ends one reading of the text, before the next. */
void space_separate(struct view_space *space, uint32_t raw_length);
/** Closes what was written as a view of a raw text of `raw_length` bytes. */
struct weir_view space_view(struct view_space *space, uint32_t raw_length);

/** Where the character before the one at `at` starts. */
static inline uint32_t character_before(const char *bytes, uint32_t at)
{
    do {
        at--;
    } while ((bytes[at] & 0xc0) == 0x80);
    return at;
}

/** Whether raw is valid from `at` on, what is before being so. */
bool check_rest(struct weir_text *text, uint32_t at);
/** Makes raw valid, and says so in the facts. */
void repair_raw(struct weir_text *text);

/** Notes the places of a view from fold on; returns whether there are any for tight. */
bool glance_at(struct weir_text *text, const struct weir_view *in);
/** The first place noted from `at` on; `end`, the view's, where there is none. */
uint32_t next_place(const uint32_t *places, uint32_t at, uint32_t end);

/** A view as it is seen where bidi overrides show some of it backwards. Lives in text->turned. */
struct weir_view turn_back(struct weir_text *text, const struct weir_view *in);

void make_fold(struct weir_text *text);
void make_tight(struct weir_text *text);
void make_skeleton(struct weir_text *text);
void make_sound(struct weir_text *text);
void count_facts(struct weir_text *text);

#endif
