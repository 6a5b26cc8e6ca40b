/**
 * One line of IRC taken apart (RFC 1459, IRCv3 message tags), for every adapter whose platform
 * speaks a dialect of it. Nothing is copied: all parts are spans of the line.
 */
#ifndef WEIR_BASE_IRC_LINE_H
#define WEIR_BASE_IRC_LINE_H

#include "engine/base/buffer.h"

#define WEIR_IRC_PARAMS 15

struct weir_irc_line {
    struct weir_span tags; // as they stand, without the @
    struct weir_span nick; // of the prefix; a server's name stands here too
    struct weir_span user;
    struct weir_span host;
    struct weir_span command;
    struct weir_span params[WEIR_IRC_PARAMS]; // the trailing one is the last, like any other
    size_t param_count;
};

/** Takes a line without its CR LF apart. False where it has no command. */
bool weir_irc_parse(struct weir_span bytes, struct weir_irc_line *line_out);

/** A parameter, empty if there are fewer. */
struct weir_span weir_irc_param(const struct weir_irc_line *line, size_t index);
/** The last parameter, empty if there is none. */
struct weir_span weir_irc_last(const struct weir_irc_line *line);
/** Commands know no upper and lower case. */
bool weir_irc_is(const struct weir_irc_line *line, const char *command);
/** The number of a numeric, 0 for a word. */
unsigned weir_irc_numeric(const struct weir_irc_line *line);

/** The value of a tag as it stands, still escaped; of two with one name the last. False if it is
 * not there. */
bool weir_irc_tag(const struct weir_irc_line *line, const char *name, struct weir_span *value_out);
/** Adds a tag's value without, or with, its escapes. */
void weir_irc_add_unescaped(struct weir_buffer *out, struct weir_span value);
void weir_irc_add_escaped(struct weir_buffer *out, struct weir_span value);

/** Unix milliseconds of 2026-11-21T20:54:46.716Z, 0 where it is something else. */
int64_t weir_irc_time_ms(struct weir_span time);

/** Adds `text` without the bytes that make it bold, coloured and so on. */
void weir_irc_add_plain(struct weir_buffer *out, struct weir_span text);

/**
 * Takes the frame of a CTCP off the text. True if it was ACTION (/me); what is inside of another
 * one comes back with its word.
 */
bool weir_irc_unwrap_action(struct weir_span *text);

/** Adds `text` with each CR, LF and NUL as a blank, so that it can't end the line it goes into. */
void weir_irc_add_clean(struct weir_buffer *out, struct weir_span text);

/** Whether `text` can be a parameter that is not the last: no blank or control byte, no colon
 * first.
 */
bool weir_irc_is_middle(struct weir_span text);

/** As much of valid UTF-8 as fits `limit` bytes without cutting a character. */
struct weir_span weir_irc_cut(struct weir_span text, size_t limit_bytes);

/**
 * The line with every ill-formed part and NUL as U+FFFD: itself when there is none, else out of
 * `scratch` with `*damaged_out` set.
 */
struct weir_span weir_irc_sound(struct weir_span bytes, struct weir_buffer *scratch,
                                bool *damaged_out);

#endif
