// One walk over the bytes, each field told by its first letter. Whatever is unusual is left to the
// scanner that knows all of JSON, so that this one has nothing to say about mistakes.

#include "engine/base/room_line.h"

#include "engine/base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MOST_DIGITS 18 // of a number that surely fits

struct line {
    const char *at;
    const char *end;
    unsigned high; // not 0 once a byte above 127 was seen
};

enum { SEEN_ROOM = 1, SEEN_SEQ = 2, SEEN_ID = 4, SEEN_TS = 8, SEEN_USER = 16, SEEN_TEXT = 32 };
enum { USER_ID = 1, USER_NAME = 2, USER_ROLES = 4, USER_TIER = 8, USER_IDENTITY = 16 };

static inline bool take(struct line *line, const char *literal, size_t length)
{
    if ((size_t)(line->end - line->at) < length || memcmp(line->at, literal, length) != 0) {
        return false;
    }
    line->at += length;
    return true;
}

#define TAKE(line, literal) take(line, literal, sizeof(literal) - 1)

// Up to the first byte that ends a plain run: a quote, a backslash, a control byte.
static inline const char *plain_end(struct line *line, const char *at)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    for (; line->end - at >= (ptrdiff_t)sizeof(__m128i); at += sizeof(__m128i)) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
        unsigned special = (unsigned)_mm_movemask_epi8(_mm_or_si128(ends, control));
        unsigned above = (unsigned)_mm_movemask_epi8(block);
        if (special) {
            line->high |= above & (special ^ (special - 1));
            return at + __builtin_ctz(special);
        }
        line->high |= above;
    }
#endif
    for (; at < line->end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\'; at++) {
        line->high |= (unsigned char)*at & 0x80u;
    }
    return at;
}

static inline bool take_string(struct line *line, struct weir_span *value_out)
{
    if (line->at == line->end || *line->at != '"') {
        return false;
    }
    const char *start = line->at + 1;
    const char *end = plain_end(line, start);
    if (end == line->end || *end != '"') {
        return false;
    }
    *value_out = (struct weir_span){start, (size_t)(end - start)};
    line->at = end + 1;
    return true;
}

static inline bool take_id(struct line *line, struct weir_span *value_out)
{
    return take_string(line, value_out) && value_out->length <= WEIR_ROOM_ID_BYTES;
}

static inline bool take_digits(struct line *line, uint64_t *number_out)
{
    const char *start = line->at;
    uint64_t number = 0;
    while (line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        number = number * 10 + (uint64_t)(*line->at++ - '0');
    }
    size_t digits = (size_t)(line->at - start);
    *number_out = number;
    return digits > 0 && digits <= MOST_DIGITS && !(digits > 1 && *start == '0');
}

static bool take_roles(struct line *line, uint32_t *roles_out)
{
    struct weir_span role;
    if (TAKE(line, "[]")) {
        return true;
    }
    if (!TAKE(line, "[")) {
        return false;
    }
    do {
        uint32_t bit = 0;
        if (!take_string(line, &role)) {
            return false;
        }
        *roles_out |= weir_role_find(role, &bit) ? bit : 0;
    } while (TAKE(line, ","));
    return TAKE(line, "]");
}

static bool take_identity(struct line *line, enum weir_identity *identity_out)
{
    struct weir_span word;
    if (!take_string(line, &word)) {
        return false;
    }
    if (!weir_span_is(word, "stable") && !weir_identity_find(word, identity_out)) {
        *identity_out = WEIR_IDENTITY_MASKED; // unsure how sure: no strikes on a guess
    }
    return true;
}

static bool take_tier(struct line *line, uint32_t *tier_out)
{
    uint64_t tier;
    if (!take_digits(line, &tier)) {
        return false;
    }
    *tier_out = tier > UINT32_MAX ? UINT32_MAX : (uint32_t)tier;
    return true;
}

// Which member of a user comes now, its name consumed; 0: none that is known here.
static inline unsigned user_member(struct line *line)
{
    switch (line->end - line->at > 2 ? line->at[1] : '\0') {
    case 'i':
        return TAKE(line, "\"id\":") ? USER_ID : TAKE(line, "\"identity\":") ? USER_IDENTITY : 0;
    case 'n':
        return TAKE(line, "\"name\":") ? USER_NAME : 0;
    case 'r':
        return TAKE(line, "\"roles\":") ? USER_ROLES : 0;
    case 't':
        return TAKE(line, "\"tier\":") ? USER_TIER : 0;
    default:
        return 0;
    }
}

static inline bool take_user_member(struct line *line, unsigned member, struct weir_user *user)
{
    switch (member) {
    case USER_ID:
        return take_id(line, &user->id);
    case USER_NAME:
        return take_string(line, &user->name);
    case USER_ROLES:
        return take_roles(line, &user->roles);
    case USER_TIER:
        return take_tier(line, &user->tier);
    case USER_IDENTITY:
        return take_identity(line, &user->identity);
    default:
        return false;
    }
}

static bool take_user(struct line *line, struct weir_user *user)
{
    unsigned seen = 0;
    user->identity = WEIR_IDENTITY_STABLE;
    if (line->at < line->end && *line->at == '"') {
        return take_id(line, &user->id);
    }
    if (!TAKE(line, "{")) {
        return false;
    }
    do {
        unsigned member = user_member(line);
        if ((seen & member) || !take_user_member(line, member, user)) {
            return false;
        }
        seen |= member;
    } while (TAKE(line, ","));
    return TAKE(line, "}");
}

static inline unsigned chat_member(struct line *line)
{
    switch (line->end - line->at > 3 ? line->at[2] : '\0') {
    case 'r':
        return TAKE(line, ",\"room\":") ? SEEN_ROOM : 0;
    case 's':
        return TAKE(line, ",\"seq\":") ? SEEN_SEQ : 0;
    case 'i':
        return TAKE(line, ",\"id\":") ? SEEN_ID : 0;
    case 't':
        return TAKE(line, ",\"ts\":") ? SEEN_TS : TAKE(line, ",\"text\":") ? SEEN_TEXT : 0;
    case 'u':
        return TAKE(line, ",\"user\":") ? SEEN_USER : 0;
    default:
        return 0;
    }
}

static inline bool take_chat_member(struct line *line, unsigned member,
                                    struct weir_message *message)
{
    uint64_t ts;
    switch (member) {
    case SEEN_ROOM:
        return take_id(line, &message->room);
    case SEEN_SEQ:
        message->has_seq = true;
        return take_digits(line, &message->seq);
    case SEEN_ID:
        return take_id(line, &message->id);
    case SEEN_TS:
        if (!take_digits(line, &ts)) {
            return false;
        }
        message->ts_ms = (int64_t)ts;
        return true;
    case SEEN_USER:
        return take_user(line, &message->user);
    case SEEN_TEXT:
        return take_string(line, &message->text);
    default:
        return false;
    }
}

static bool read_members(struct line *line, struct weir_message *message)
{
    unsigned seen = 0;
    if (!TAKE(line, "{\"type\":\"chat\"")) {
        return false;
    }
    while (!TAKE(line, "}")) {
        unsigned member = chat_member(line);
        if ((seen & member) || !take_chat_member(line, member, message)) {
            return false;
        }
        seen |= member;
    }
    return line->at == line->end && (seen & SEEN_TEXT);
}

bool weir_room_read_plain(struct weir_room_reader *reader, struct weir_span object)
{
    uint32_t limit = reader->max_object_bytes ? reader->max_object_bytes : WEIR_ROOM_OBJECT_BYTES;
    struct line line = {object.data, object.data + object.length, 0};
    struct weir_message *message = &reader->message;
    *message = (struct weir_message){.user.identity = WEIR_IDENTITY_NONE};
    if (object.length > limit || !read_members(&line, message) ||
        (line.high && !weir_utf8_is_valid(object))) {
        return false;
    }
    weir_room_settle_user(&message->user);
    reader->arrived_ms = 0;
    reader->cause[0] = '\0';
    reader->event = (struct weir_event){
        .kind = WEIR_EVENT_MESSAGE,
        .room = message->room,
        .id = message->id,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .message = message,
    };
    return true;
}

void weir_room_settle_user(struct weir_user *user)
{
    if (user->id.length == 0) {
        user->identity = WEIR_IDENTITY_NONE;
    }
    if (user->identity == WEIR_IDENTITY_NONE) {
        user->id = (struct weir_span){NULL, 0};
    }
    if (user->name.length == 0) {
        user->name = user->id;
    }
}
