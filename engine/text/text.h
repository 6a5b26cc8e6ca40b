/**
 * One message's text and its views: the readings that rules look in, each with a map back to what
 * the viewer typed (design.md 1, 2).
 *
 * A text is scratch memory that is filled anew for each message: after create() nothing allocates.
 * Views are made when they are first asked for, from tables that the build generated; a view
 * that equals the one it stands on shares its bytes.
 */
#ifndef WEIR_TEXT_TEXT_H
#define WEIR_TEXT_TEXT_H

#include "engine/base/buffer.h"

enum weir_view_kind {
    WEIR_VIEW_RAW,
    WEIR_VIEW_FOLD,     // from raw: NFKC, case, width, invisibles, stacked marks, Traditional Han
    WEIR_VIEW_TIGHT,    // from fold: separators between Han, runs of single letters, repeats
    WEIR_VIEW_SKELETON, // from tight: confusables and leet to plain letters
    WEIR_VIEW_SOUND,    // from tight: Han to toneless pinyin, syllable by syllable
    WEIR_VIEW_COUNT,
};

/** Bytes behind the end of any view that may be read and are 0, so that scans can load many at
 * once. */
#define WEIR_TEXT_PADDING 48

/** Stands between two readings of one text. Fold drops it, so no text can bring one along. */
#define WEIR_READING_SEPARATOR '\x1f'

/** One view. `bytes` is valid UTF-8; `from[i]`..`to[i]` are the bytes of raw that byte i stands
 * for. */
struct weir_view {
    const char *bytes;
    uint32_t length;
    const uint32_t *from; // length + 1 entries: the last is where the text ends
    const uint32_t *to;
};

/** A piece of the original text, in bytes and in characters, ends exclusive. */
struct weir_text_range {
    uint32_t start;
    uint32_t end;
    uint32_t start_char;
    uint32_t end_char;
};

/** What the pass over the text counts on the way. Characters are code points; emotes are set aside.
 */
struct weir_text_facts {
    uint32_t chars;   // of raw, emotes included
    uint32_t letters; // of any script, without emotes, as the rest
    uint32_t upper;   // upper-case letters
    uint32_t digits;  // decimal digits of any script and width
    uint32_t symbols; // neither letter, digit, blank nor emoji
    uint32_t han;
    uint32_t latin;
    uint32_t emotes;      // named by the platform, and emoji
    uint32_t invisible;   // default-ignorables and zero-width characters that fold drops
    uint32_t marks;       // combining marks that fold drops
    uint32_t longest_run; // of one and the same character
    bool damaged;         // bytes were replaced here, or had been before
    bool truncated;       // longer than the limit: only the beginning was judged
};

/**
 * How texts stand in the views, where it is not what one would expect:
 *
 * - An emote that the platform names is U+FFFC in every view but raw. It is no letter and no blank,
 *   and separates as a symbol does; raw shows what was typed.
 * - A text with a word that can be read in several ways (helllooo in tight, sh1t in skeleton)
 * stands there in several readings, one whole text behind the other, WEIR_READING_SEPARATOR
 * between; each maps to the same original, so maps fall where a reading begins. A keyword has one
 * reading. No other control character but tab and line ends is in any view from fold on.
 * - sound writes " wei xin " (and zh, ch, sh as z, c, s, as many say them): every syllable between
 * blanks, the first and the last as well, and a keyword comes out of weir_text_normalise() the same
 * way, so that hits keep to whole syllables. Those blanks stand for nothing (`from` equals `to`)
 * and do not count in ranges.
 */
struct weir_text;

/** Scratch for texts of at most `max_chars` characters (the rest of a longer one is not judged). */
struct weir_text *weir_text_create(uint32_t max_chars);
void weir_text_destroy(struct weir_text **text);

/**
 * Takes a message's text. Invalid UTF-8 becomes U+FFFD. `emotes` count characters; those that lie
 * outside the text or overlap are ignored. Borrows nothing after the call.
 */
void weir_text_set(struct weir_text *text, struct weir_span raw, const struct weir_emote *emotes,
                   size_t emote_count, bool damaged);

/** A view of the text that was set; belongs to `text`, until the next set. */
const struct weir_view *weir_text_view(struct weir_text *text, enum weir_view_kind kind);

const struct weir_text_facts *weir_text_facts(struct weir_text *text);

/** What bytes `start` to `end` of a view stand for in the original. */
struct weir_text_range weir_text_range_of(struct weir_text *text, enum weir_view_kind kind,
                                          uint32_t start, uint32_t end);

/**
 * How far the view's reading of a range is from what was typed: 0 (only case differs) to 100. Rules
 * read it as `evasion`.
 */
uint32_t weir_text_evasion(struct weir_text *text, enum weir_view_kind kind, uint32_t start,
                           uint32_t end);

/** A keyword as that view shows it when it stands alone in a text. Adds to `out`; allocates. */
void weir_text_normalise(enum weir_view_kind kind, struct weir_span word, struct weir_buffer *out);

/** The same in a text made for at least as many characters as `word` has bytes: for many words. */
void weir_text_normalise_with(struct weir_text *text, enum weir_view_kind kind,
                              struct weir_span word, struct weir_buffer *out);

/**
 * Whether a word's edge is needed beside this character: letters of scripts that put blanks between
 * words, and digits. Not Han, Kana, Hangul (whose particles join the word before them), Thai.
 */
bool weir_char_is_spaced(uint32_t code_point);

const char *weir_view_name(enum weir_view_kind kind);
bool weir_view_find(struct weir_span name, enum weir_view_kind *kind_out);

/** Names the tables (their versions and a digest), for the set's hash. */
const char *weir_text_tables_version(void);

#endif
