/**
 * PCRE2's syntax as a tree, for what can be learned from a pattern without running it.
 *
 * It never guesses: what it does not understand makes the tree say so, and PCRE2 alone then decides
 * everything about that pattern.
 */
#ifndef WEIR_MATCH_REGEX_SYNTAX_H
#define WEIR_MATCH_REGEX_SYNTAX_H

#include "engine/base/arena.h"
#include "engine/base/span.h"

#define REGEX_MEMBERS_MOST 8u
#define REGEX_NO_LIMIT     UINT32_MAX

enum regex_node_kind {
    REGEX_CHARACTER, // one character, folded where the pattern ignores case
    REGEX_CLASS,     // one character out of several
    REGEX_NOTHING,   // takes no text and asks for none that is known
    REGEX_LOOK,      // its child must match there, but takes no text
    REGEX_SEQUENCE,
    REGEX_CHOICE,
    REGEX_REPEAT,
    REGEX_ATOMIC,
    REGEX_UNKNOWN, // may match anything, nothing too
};

enum regex_hunger {
    REGEX_GREEDY,
    REGEX_LAZY,
    REGEX_POSSESSIVE,
};

struct regex_node {
    enum regex_node_kind kind;
    uint32_t character;
    uint32_t members[REGEX_MEMBERS_MOST]; // of a class with few; folded likewise
    uint32_t member_count;                // 0: too many to list
    bool only_digits;                     // class: whatever it takes is a decimal digit
    uint32_t least;                       // repeat
    uint32_t most;
    enum regex_hunger hunger;
    size_t start; // bytes of the pattern, set for what may carry a quantifier
    size_t end;   // behind it, and behind the quantifier of a repeat
    struct regex_node *children;
    struct regex_node *next; // sibling
};

struct regex_syntax {
    const struct regex_node *root;
    bool understood;      // else nothing may be concluded from the tree
    bool plain_order;     // nothing in it changes the case, the greed or the start of a match
    const char *refused;  // a construct that rules may not use, or NULL
    size_t refused_start; // bytes of the pattern
};

/** Reads `pattern`, which PCRE2 has accepted. The tree lives in `arena`. */
void weir_regex_read(struct weir_span pattern, bool caseless, struct weir_arena *arena,
                     struct regex_syntax *syntax_out);

#endif
