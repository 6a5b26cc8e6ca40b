#include "engine/store/redis_slots.h"

// CRC-16 as XMODEM has it: polynomial 0x1021, from 0. Keys are few and short, so bit by bit.
static uint32_t crc16(struct weir_span bytes)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        crc ^= (uint32_t)(uint8_t)bytes.data[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000u) != 0 ? crc << 1 ^ 0x1021u : crc << 1;
        }
    }
    return crc & 0xffffu;
}

static struct weir_span tag_of(struct weir_span key)
{
    const char *open = key.length > 0 ? memchr(key.data, '{', key.length) : NULL;
    if (!open) {
        return key;
    }
    struct weir_span rest = weir_span_slice(key, (size_t)(open - key.data) + 1, key.length);
    const char *close = memchr(rest.data, '}', rest.length);
    return close && close != rest.data ? weir_span_slice(rest, 0, (size_t)(close - rest.data))
                                       : key;
}

uint32_t weir_redis_slot_of(struct weir_span key)
{
    return crc16(tag_of(key)) % WEIR_REDIS_SLOTS;
}

struct weir_span weir_redis_key_of(const struct weir_span *args, size_t count)
{
    static const char *const keyless[] = {"INFO", "PING", "TIME", "ROLE", "WAIT", "SCRIPT"};
    static const char *const with_script[] = {"FCALL", "FCALL_RO", "EVALSHA"};
    for (size_t i = 0; i < ARRAY_LEN(keyless); i++) {
        if (weir_span_is(args[0], keyless[i])) {
            return (struct weir_span){0};
        }
    }
    size_t at = 1;
    for (size_t i = 0; i < ARRAY_LEN(with_script); i++) {
        at = weir_span_is(args[0], with_script[i]) ? 3 : at;
    }
    for (size_t i = 1; weir_span_is(args[0], "XREAD") && i + 1 < count; i++) {
        if (weir_span_is(args[i], "STREAMS")) {
            at = i + 1;
            break;
        }
    }
    return at < count ? args[at] : (struct weir_span){0};
}

// HOST:PORT; ":6379" is another port of the host that says it, and a host with colons of its own
// has no brackets here.
static bool read_address(struct weir_span text, struct weir_redis_address *address)
{
    size_t colon = text.length;
    uint64_t port;
    while (colon > 0 && text.data[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0 || colon > sizeof(address->host) ||
        !weir_span_to_u64(weir_span_slice(text, colon, text.length), &port) || port == 0 ||
        port > 65535) {
        return false;
    }
    *address = (struct weir_redis_address){.port = (uint16_t)port};
    for (size_t i = 0; i + 1 < colon; i++) {
        address->host[i] = text.data[i];
    }
    return memchr(address->host, '\0', sizeof(address->host)) == address->host + colon - 1;
}

static bool read_turn(struct weir_span rest, struct weir_redis_redirect *redirect)
{
    uint64_t slot;
    if (!weir_span_to_u64(weir_span_take_until(&rest, ' '), &slot) || slot >= WEIR_REDIS_SLOTS) {
        return false;
    }
    redirect->slot = (uint32_t)slot;
    return read_address(weir_span_take_until(&rest, ' '), &redirect->address);
}

struct weir_redis_redirect weir_redis_redirect_of(struct weir_span error)
{
    static const struct {
        const char *word;
        enum weir_redis_turn turn;
    } words[] = {
        {"MOVED", WEIR_REDIS_TURN_MOVED},
        {"ASK", WEIR_REDIS_TURN_ASK},
        {"TRYAGAIN", WEIR_REDIS_TURN_WAIT},
        {"CLUSTERDOWN", WEIR_REDIS_TURN_WAIT},
    };
    struct weir_redis_redirect redirect = {.turn = WEIR_REDIS_TURN_NONE};
    struct weir_span word = weir_span_take_until(&error, ' ');
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (weir_span_is(word, words[i].word)) {
            redirect.turn = words[i].turn;
        }
    }
    bool has_address =
        redirect.turn == WEIR_REDIS_TURN_MOVED || redirect.turn == WEIR_REDIS_TURN_ASK;
    if (has_address && !read_turn(error, &redirect)) {
        return (struct weir_redis_redirect){.turn = WEIR_REDIS_TURN_NONE};
    }
    return redirect;
}
