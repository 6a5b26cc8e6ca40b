#include "engine/match/regex_syntax.h"

#include "engine/base/utf8.h"
#include "engine/match/case_fold.h"

// PCRE2 nests groups 250 deep by default, and has accepted the pattern.
#define DEPTH_MOST   250u
#define RANGE_MOST   8u
#define REPEATS_MOST 65535u

struct parser {
    struct weir_span pattern;
    size_t at;
    struct weir_arena *arena;
    struct regex_syntax *syntax;
    uint32_t depth;
    bool folds;       // characters of the tree are folded: the view holds folded text
    bool ignore_case; // by (?i), where the tree is not folded
    bool quoting;     // between \Q and \E
};

static struct regex_node *parse_choice(struct parser *parser);

static struct regex_node *new_node(struct parser *parser, enum regex_node_kind kind)
{
    struct regex_node *node = weir_arena_alloc(parser->arena, sizeof(*node));
    node->kind = kind;
    return node;
}

static struct regex_node *give_up(struct parser *parser)
{
    parser->syntax->understood = false;
    return new_node(parser, REGEX_UNKNOWN);
}

static struct regex_node *refuse(struct parser *parser, size_t start, const char *why)
{
    if (!parser->syntax->refused) {
        parser->syntax->refused = why;
        parser->syntax->refused_start = start;
    }
    return give_up(parser);
}

static bool at_end(const struct parser *parser)
{
    return parser->at >= parser->pattern.length;
}

static char peek(const struct parser *parser, size_t ahead)
{
    size_t at = parser->at + ahead;
    return at < parser->pattern.length ? parser->pattern.data[at] : '\0';
}

static bool looking_at(const struct parser *parser, const char *text)
{
    struct weir_span rest = weir_span_slice(parser->pattern, parser->at, parser->pattern.length);
    return weir_span_starts(rest, weir_span_of(text));
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static int hex_value(char byte)
{
    if (is_digit(byte)) {
        return byte - '0';
    }
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static void skip_behind(struct parser *parser, char closer)
{
    while (!at_end(parser) && peek(parser, 0) != closer) {
        parser->at++;
    }
    parser->at += !at_end(parser);
}

// A class of which nothing is known but that it takes one character.
static struct regex_node *any_character(struct parser *parser, bool only_digits)
{
    struct regex_node *node = new_node(parser, REGEX_CLASS);
    node->only_digits = only_digits;
    return node;
}

// What the tree holds for a character; false where it could be matched by one of another case.
static bool settle_case(const struct parser *parser, uint32_t *character)
{
    if (!parser->folds && !parser->ignore_case) {
        return true;
    }
    if (!weir_case_is_settled(*character)) {
        return false;
    }
    uint32_t folded = weir_case_fold(*character);
    if (parser->folds) {
        *character = folded;
        return true;
    }
    // The text is as it was typed, so what has case stands for several; Han and ASCII's symbols
    // don't.
    return (*character >= 0x2E80 && *character < 0xA000) ||
           (*character < 0x80 && !is_letter((char)*character));
}

static struct regex_node *one_character(struct parser *parser, uint32_t character)
{
    if (!settle_case(parser, &character)) {
        return any_character(parser, false);
    }
    struct regex_node *node = new_node(parser, REGEX_CHARACTER);
    node->character = character;
    return node;
}

// \x41, \x{41}: leaves the cursor behind it. False for forms that are not plain.
static bool parse_hex(struct parser *parser, uint32_t *character)
{
    uint32_t value = 0;
    uint32_t digits = 0;
    bool braces = peek(parser, 0) == '{';
    parser->at += braces;
    while (hex_value(peek(parser, 0)) >= 0 && digits < (braces ? 6u : 2u)) {
        value = value << 4 | (uint32_t)hex_value(peek(parser, 0));
        digits++;
        parser->at++;
    }
    if (braces && (digits == 0 || peek(parser, 0) != '}')) {
        return false;
    }
    parser->at += braces;
    *character = value;
    return value < 0x110000;
}

// Escapes that stand for one character, in a class and outside. The cursor stands on the letter.
static bool parse_character_escape(struct parser *parser, uint32_t *character)
{
    static const char names[] = "tnrfea";
    static const char values[] = "\t\n\r\f\x1B\a";
    char byte = peek(parser, 0);
    const char *name = byte ? strchr(names, byte) : NULL;
    if (name) {
        parser->at++;
        *character = (unsigned char)values[name - names];
        return true;
    }
    if (byte == 'x') {
        parser->at++;
        return parse_hex(parser, character);
    }
    if (at_end(parser) || is_letter(byte) || is_digit(byte)) {
        return false;
    }
    *character = weir_utf8_next(parser->pattern, &parser->at);
    return true;
}

// A whole one: the cursor never stands inside a character.
static void skip_character(struct parser *parser)
{
    if (!at_end(parser)) {
        weir_utf8_next(parser->pattern, &parser->at);
    }
}

// \p{..}, \PL
static void skip_property(struct parser *parser)
{
    if (peek(parser, 0) == '{') {
        skip_behind(parser, '}');
    } else {
        skip_character(parser);
    }
}

// \k<name> \k{name} \k'name' \g{2} \g2 \g-1: the text that a group took. \g<..> calls the group.
static struct regex_node *parse_reference(struct parser *parser, size_t start)
{
    bool is_g = peek(parser, 0) == 'g';
    parser->at++;
    char opener = peek(parser, 0);
    if (is_g && (opener == '<' || opener == '\'')) {
        return refuse(parser, start, "a rule's regex can't call its groups again (\\g<..>)");
    }
    if (opener == '{' || opener == '<' || opener == '\'') {
        parser->at++;
        skip_behind(parser, opener == '{' ? '}' : opener == '<' ? '>' : '\'');
        return new_node(parser, REGEX_UNKNOWN);
    }
    parser->at += opener == '-' || opener == '+';
    while (is_digit(peek(parser, 0))) {
        parser->at++;
    }
    return new_node(parser, REGEX_UNKNOWN);
}

static struct regex_node *parse_escape(struct parser *parser)
{
    size_t start = parser->at++;
    char byte = peek(parser, 0);
    uint32_t character = 0;
    switch (byte) {
    case 'd':
        parser->at++;
        return any_character(parser, true);
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S':
    case 'h':
    case 'H':
    case 'v':
    case 'V':
        parser->at++;
        return any_character(parser, false);
    case 'p':
    case 'P':
        parser->at++;
        skip_property(parser);
        return any_character(parser, false);
    case 'b':
    case 'B':
    case 'A':
    case 'Z':
    case 'z':
        parser->at++;
        return new_node(parser, REGEX_NOTHING);
    case 'g':
    case 'k':
        return parse_reference(parser, start);
    case 'K':
        parser->at++;
        parser->syntax->plain_order = false;
        return new_node(parser, REGEX_NOTHING);
    case 'C':
        return refuse(parser, start, "a rule's regex can't take single bytes (\\C)");
    default:
        break;
    }
    if (parse_character_escape(parser, &character)) {
        return one_character(parser, character);
    }
    if (byte >= '1' && byte <= '9' && !is_digit(peek(parser, 1))) {
        parser->at++; // a reference back; longer numbers may be octal
        return new_node(parser, REGEX_UNKNOWN);
    }
    skip_character(parser);
    return give_up(parser);
}

// What stands in a class so far.
struct class_state {
    struct regex_node *node;
    bool many;
    bool only_digits;
};

static void class_add(struct parser *parser, struct class_state *state, uint32_t first,
                      uint32_t last)
{
    state->only_digits &= first >= '0' && last <= '9';
    if (last - first >= RANGE_MOST) {
        state->many = true;
        return;
    }
    for (uint32_t character = first; character <= last && !state->many; character++) {
        uint32_t member = character;
        if (!settle_case(parser, &member) || state->node->member_count == REGEX_MEMBERS_MOST) {
            state->many = true;
            return;
        }
        bool is_known = false;
        for (uint32_t i = 0; i < state->node->member_count; i++) {
            is_known |= state->node->members[i] == member;
        }
        if (!is_known) {
            state->node->members[state->node->member_count++] = member;
        }
    }
}

// [:alpha:]; other things that begin like it are left to PCRE2.
static bool skip_posix_name(struct parser *parser)
{
    size_t at = parser->at + 2;
    struct weir_span pattern = parser->pattern;
    at += at < pattern.length && pattern.data[at] == '^';
    size_t name = at;
    while (at < pattern.length && pattern.data[at] >= 'a' && pattern.data[at] <= 'z') {
        at++;
    }
    if (at == name || at + 1 >= pattern.length || pattern.data[at] != ':' ||
        pattern.data[at + 1] != ']') {
        return false;
    }
    parser->at = at + 2;
    return true;
}

enum class_piece {
    PIECE_CHARACTER,
    PIECE_SEVERAL, // \w, [:alpha:]
    PIECE_DIGITS,  // \d
    PIECE_STRANGE,
};

static enum class_piece parse_class_escape(struct parser *parser, uint32_t *character)
{
    parser->at++;
    char byte = peek(parser, 0);
    if (byte == 'd') {
        parser->at++;
        return PIECE_DIGITS;
    }
    if (byte && strchr("DwWsShHvV", byte)) {
        parser->at++;
        return PIECE_SEVERAL;
    }
    if (byte == 'p' || byte == 'P') {
        parser->at++;
        skip_property(parser);
        return PIECE_SEVERAL;
    }
    if (byte == 'b') {
        parser->at++;
        *character = '\b';
        return PIECE_CHARACTER;
    }
    return parse_character_escape(parser, character) ? PIECE_CHARACTER : PIECE_STRANGE;
}

static enum class_piece parse_class_piece(struct parser *parser, uint32_t *character)
{
    char byte = peek(parser, 0);
    if (byte == '\\') {
        return parse_class_escape(parser, character);
    }
    char next = peek(parser, 1);
    if (byte == '[' && (next == ':' || next == '.' || next == '=')) {
        return next == ':' && skip_posix_name(parser) ? PIECE_SEVERAL : PIECE_STRANGE;
    }
    *character = weir_utf8_next(parser->pattern, &parser->at);
    return PIECE_CHARACTER;
}

// One member, or a range of them. False where only PCRE2 knows what it means.
static bool parse_class_member(struct parser *parser, struct class_state *state)
{
    uint32_t first = 0;
    enum class_piece piece = parse_class_piece(parser, &first);
    if (piece == PIECE_STRANGE) {
        return false;
    }
    bool dash = peek(parser, 0) == '-' && peek(parser, 1) != ']';
    if (piece != PIECE_CHARACTER) {
        state->many = true;
        state->only_digits &= piece == PIECE_DIGITS;
        return !dash; // [\w-x]: a dash that is none of a range; rare enough to leave alone
    }
    uint32_t last = first;
    if (dash) {
        parser->at++;
        if (at_end(parser) || parse_class_piece(parser, &last) != PIECE_CHARACTER || last < first) {
            return false;
        }
    }
    class_add(parser, state, first, last);
    return true;
}

static struct regex_node *parse_class(struct parser *parser)
{
    struct class_state state = {.node = new_node(parser, REGEX_CLASS), .only_digits = true};
    parser->at++;
    bool negated = peek(parser, 0) == '^';
    parser->at += negated;
    bool first = true;
    while (!at_end(parser) && (first || peek(parser, 0) != ']')) {
        if (!parse_class_member(parser, &state)) {
            skip_behind(parser, ']');
            return give_up(parser);
        }
        first = false;
    }
    parser->at += !at_end(parser);
    if (negated || state.many) {
        state.node->member_count = 0;
    }
    state.node->only_digits = state.only_digits && !negated;
    return state.node;
}

// (?i) and its like, up to the closing parenthesis or colon. The cursor stands on the first letter.
static bool parse_options(struct parser *parser)
{
    bool on = true;
    for (; !at_end(parser) && peek(parser, 0) != ')' && peek(parser, 0) != ':'; parser->at++) {
        switch (peek(parser, 0)) {
        case '-':
            on = false;
            break;
        case 'i':
            parser->ignore_case = on;
            parser->syntax->plain_order &= on || !parser->folds;
            break;
        case 'U':
            parser->syntax->plain_order = false;
            break;
        case 's':
        case 'm':
        case 'n':
        case 'J':
            break;
        default: // x changes how the rest is read; others may come
            return false;
        }
    }
    return true;
}

// The rest of a group whose opening was read, as one node.
static struct regex_node *parse_group(struct parser *parser)
{
    if (++parser->depth > DEPTH_MOST) {
        parser->at = parser->pattern.length;
        return give_up(parser);
    }
    bool ignore_case = parser->ignore_case;
    struct regex_node *child = parse_choice(parser);
    parser->ignore_case = ignore_case;
    parser->depth--;
    parser->at += !at_end(parser); // the closing parenthesis
    return child;
}

static struct regex_node *parse_group_as(struct parser *parser, size_t opening,
                                         enum regex_node_kind kind)
{
    parser->at += opening;
    struct regex_node *child = parse_group(parser);
    if (kind == REGEX_NOTHING) {
        return new_node(parser, REGEX_NOTHING); // what must not match tells nothing
    }
    struct regex_node *node = new_node(parser, kind);
    node->children = child;
    return node;
}

static struct regex_node *parse_named_group(struct parser *parser, size_t opening, char closer)
{
    parser->at += opening;
    skip_behind(parser, closer);
    return parse_group(parser);
}

static struct regex_node *parse_option_group(struct parser *parser)
{
    bool ignore_case = parser->ignore_case;
    if (!parse_options(parser)) {
        give_up(parser);
        while (!at_end(parser) && peek(parser, 0) != ')' && peek(parser, 0) != ':') {
            parser->at++;
        }
    }
    char ended_by = peek(parser, 0);
    parser->at += !at_end(parser);
    if (ended_by != ':') {
        return new_node(parser, REGEX_SEQUENCE); // they hold until the group around them ends
    }
    struct regex_node *child = parse_group(parser);
    parser->ignore_case = ignore_case;
    return child;
}

// (?(condition)yes|no)
static struct regex_node *parse_conditional(struct parser *parser)
{
    parser->at += 2;
    give_up(parser);
    return parse_group(parser);
}

// (*VERB), (*pla:...). Verbs may end a match before its literals came.
static struct regex_node *parse_verb(struct parser *parser, size_t start)
{
    parser->at += 2;
    if (peek(parser, 0) >= 'a' && peek(parser, 0) <= 'z') {
        skip_behind(parser, ':');
        give_up(parser);
        return parse_group(parser);
    }
    if (start == 0) {
        return refuse(parser, start, "a rule's regex can't set PCRE2's options ((*...))");
    }
    skip_behind(parser, ')');
    return give_up(parser);
}

static const char no_recursion[] = "a rule's regex can't call itself or its groups again";

static struct regex_node *parse_python_group(struct parser *parser, size_t start)
{
    switch (peek(parser, 3)) {
    case '<':
        return parse_named_group(parser, 4, '>');
    case '=':
        skip_behind(parser, ')');
        return new_node(parser, REGEX_UNKNOWN);
    default:
        parser->at += 3;
        return refuse(parser, start, no_recursion);
    }
}

static struct regex_node *parse_look_behind_or_name(struct parser *parser)
{
    switch (peek(parser, 3)) {
    case '=':
        return parse_group_as(parser, 4, REGEX_LOOK);
    case '!':
        return parse_group_as(parser, 4, REGEX_NOTHING);
    case '*':
        give_up(parser);
        return parse_group_as(parser, 4, REGEX_LOOK);
    default:
        return parse_named_group(parser, 3, '>');
    }
}

static bool calls_a_group(const struct parser *parser)
{
    char byte = peek(parser, 2);
    return byte == 'R' || byte == '&' || is_digit(byte) ||
           ((byte == '+' || byte == '-') && is_digit(peek(parser, 3)));
}

static struct regex_node *parse_special_group(struct parser *parser, size_t start)
{
    switch (peek(parser, 2)) {
    case ':':
    case '|':
        parser->at += 3;
        return parse_group(parser);
    case '>':
        return parse_group_as(parser, 3, REGEX_ATOMIC);
    case '=':
        return parse_group_as(parser, 3, REGEX_LOOK);
    case '!':
        return parse_group_as(parser, 3, REGEX_NOTHING);
    case '*':
        give_up(parser);
        return parse_group_as(parser, 3, REGEX_LOOK);
    case '<':
        return parse_look_behind_or_name(parser);
    case '\'':
        return parse_named_group(parser, 3, '\'');
    case 'P':
        return parse_python_group(parser, start);
    case '(':
        return parse_conditional(parser);
    case 'C':
        parser->at += 2;
        return refuse(parser, start, "a rule's regex can't call out (?C)");
    default:
        break;
    }
    parser->at += 2;
    return calls_a_group(&(struct parser){.pattern = parser->pattern, .at = start})
               ? refuse(parser, start, no_recursion)
               : parse_option_group(parser);
}

static struct regex_node *parse_parenthesis(struct parser *parser)
{
    size_t start = parser->at;
    switch (peek(parser, 1)) {
    case '?':
        return parse_special_group(parser, start);
    case '*':
        return parse_verb(parser, start);
    default:
        parser->at++;
        return parse_group(parser);
    }
}

// Comments and empty quotations vanish: a quantifier behind them belongs to what stands before.
static void skip_vanishing(struct parser *parser)
{
    for (;;) {
        if (parser->quoting) {
            if (!looking_at(parser, "\\E")) {
                return;
            }
            parser->at += 2;
            parser->quoting = false;
        } else if (looking_at(parser, "(?#")) {
            skip_behind(parser, ')');
        } else if (looking_at(parser, "\\E")) {
            parser->at += 2;
        } else if (looking_at(parser, "\\Q")) {
            parser->at += 2;
            parser->quoting = true;
        } else {
            return;
        }
    }
}

static struct regex_node *parse_atom(struct parser *parser)
{
    if (parser->quoting) {
        return one_character(parser, weir_utf8_next(parser->pattern, &parser->at));
    }
    switch (peek(parser, 0)) {
    case '\\':
        return parse_escape(parser);
    case '[':
        return parse_class(parser);
    case '(':
        return parse_parenthesis(parser);
    case '.':
        parser->at++;
        return any_character(parser, false);
    case '^':
    case '$':
        parser->at++;
        return new_node(parser, REGEX_NOTHING);
    default:
        return one_character(parser, weir_utf8_next(parser->pattern, &parser->at));
    }
}

static uint32_t parse_number(const struct parser *parser, size_t *ahead)
{
    uint32_t number = 0;
    while (is_digit(peek(parser, *ahead))) {
        number = number * 10 + (uint32_t)(peek(parser, *ahead) - '0');
        number = number > REPEATS_MOST ? REPEATS_MOST : number;
        (*ahead)++;
    }
    return number;
}

// {3} {3,} {3,5}. Other braces are literal, or in newer versions of PCRE2 they are not: ambiguous
// ones end our understanding.
static bool parse_braces(struct parser *parser, uint32_t *least, uint32_t *most)
{
    size_t ahead = 1;
    bool has_number = is_digit(peek(parser, ahead));
    *least = parse_number(parser, &ahead);
    *most = *least;
    if (has_number && peek(parser, ahead) == ',') {
        ahead++;
        bool has_most = is_digit(peek(parser, ahead));
        uint32_t number = parse_number(parser, &ahead);
        *most = has_most ? number : REGEX_NO_LIMIT;
    }
    if (has_number && peek(parser, ahead) == '}') {
        parser->at += ahead + 1;
        return true;
    }
    if (has_number || peek(parser, 1) == ',' || peek(parser, 1) == ' ' || peek(parser, 1) == '\t') {
        give_up(parser);
    }
    return false;
}

static bool parse_quantifier(struct parser *parser, uint32_t *least, uint32_t *most)
{
    switch (peek(parser, 0)) {
    case '*':
        *least = 0;
        *most = REGEX_NO_LIMIT;
        break;
    case '+':
        *least = 1;
        *most = REGEX_NO_LIMIT;
        break;
    case '?':
        *least = 0;
        *most = 1;
        break;
    case '{':
        return parse_braces(parser, least, most);
    default:
        return false;
    }
    parser->at++;
    return true;
}

static enum regex_hunger parse_hunger(struct parser *parser)
{
    char byte = peek(parser, 0);
    if (byte != '?' && byte != '+') {
        return REGEX_GREEDY;
    }
    parser->at++;
    return byte == '?' ? REGEX_LAZY : REGEX_POSSESSIVE;
}

static struct regex_node *parse_item(struct parser *parser)
{
    size_t start = parser->at;
    struct regex_node *atom = parse_atom(parser);
    uint32_t least = 0;
    uint32_t most = 0;
    atom->start = start;
    atom->end = parser->at;
    skip_vanishing(parser);
    if (at_end(parser) || parser->quoting || !parse_quantifier(parser, &least, &most)) {
        return atom;
    }
    struct regex_node *node = new_node(parser, REGEX_REPEAT);
    node->children = atom;
    node->least = least;
    node->most = most;
    node->hunger = parse_hunger(parser);
    node->start = start;
    node->end = parser->at;
    skip_vanishing(parser);
    if (!at_end(parser) && !parser->quoting && parse_quantifier(parser, &least, &most)) {
        return give_up(parser); // a quantified quantifier
    }
    return node;
}

static struct regex_node *parse_sequence(struct parser *parser)
{
    struct regex_node *sequence = new_node(parser, REGEX_SEQUENCE);
    struct regex_node **tail = &sequence->children;
    for (;;) {
        skip_vanishing(parser);
        char byte = peek(parser, 0);
        if (at_end(parser) || (!parser->quoting && (byte == '|' || byte == ')'))) {
            return sequence;
        }
        *tail = parse_item(parser);
        tail = &(*tail)->next;
    }
}

static struct regex_node *parse_choice(struct parser *parser)
{
    struct regex_node *first = parse_sequence(parser);
    if (at_end(parser) || peek(parser, 0) != '|') {
        return first;
    }
    struct regex_node *choice = new_node(parser, REGEX_CHOICE);
    choice->children = first;
    for (struct regex_node *last = first; peek(parser, 0) == '|'; last = last->next) {
        parser->at++;
        last->next = parse_sequence(parser);
    }
    return choice;
}

void weir_regex_read(struct weir_span pattern, bool caseless, struct weir_arena *arena,
                     struct regex_syntax *syntax_out)
{
    *syntax_out = (struct regex_syntax){.understood = true, .plain_order = true};
    struct parser parser = {
        .pattern = pattern, .arena = arena, .syntax = syntax_out, .folds = caseless};
    syntax_out->root = parse_choice(&parser);
    if (!at_end(&parser)) {
        syntax_out->understood = false; // a parenthesis too many, which PCRE2 refuses
    }
}
