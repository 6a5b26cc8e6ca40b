#include "engine/base/hash.h"

#include <endian.h>
#include <string.h>

struct sip {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
};

static inline uint64_t rotate(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static inline void mix(struct sip *sip)
{
    sip->a += sip->b;
    sip->c += sip->d;
    sip->b = rotate(sip->b, 13) ^ sip->a;
    sip->d = rotate(sip->d, 16) ^ sip->c;
    sip->a = rotate(sip->a, 32);
    sip->c += sip->b;
    sip->a += sip->d;
    sip->b = rotate(sip->b, 17) ^ sip->c;
    sip->d = rotate(sip->d, 21) ^ sip->a;
    sip->c = rotate(sip->c, 32);
}

static inline void absorb(struct sip *sip, uint64_t word)
{
    sip->d ^= word;
    mix(sip);
    mix(sip);
    sip->a ^= word;
}

// Little-endian whatever the machine, because ids made from hashes travel.
static inline uint64_t eight_of(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

static inline uint64_t four_of(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return le32toh(word);
}

// One to seven bytes. Two reads that overlap say the same where they do.
static inline uint64_t rest_of(const char *bytes, size_t count)
{
    if (count >= 4) {
        return four_of(bytes) | four_of(bytes + count - 4) << (8 * (count - 4));
    }
    size_t middle = count / 2;
    return (uint64_t)(unsigned char)bytes[0] |
           (uint64_t)(unsigned char)bytes[middle] << (8 * middle) |
           (uint64_t)(unsigned char)bytes[count - 1] << (8 * (count - 1));
}

uint64_t weir_hash(struct weir_hash_key key, struct weir_span bytes)
{
    struct sip sip = {
        key.low ^ 0x736f6d6570736575u,
        key.high ^ 0x646f72616e646f6du,
        key.low ^ 0x6c7967656e657261u,
        key.high ^ 0x7465646279746573u,
    };
    size_t at = 0;
    for (; at + 8 <= bytes.length; at += 8) {
        absorb(&sip, eight_of(bytes.data + at));
    }
    uint64_t rest = at < bytes.length ? rest_of(bytes.data + at, bytes.length - at) : 0;
    absorb(&sip, rest | (uint64_t)bytes.length << 56);
    sip.c ^= 0xff;
    for (int i = 0; i < 4; i++) {
        mix(&sip);
    }
    return sip.a ^ sip.b ^ sip.c ^ sip.d;
}

void weir_hash_write(char out[16], uint64_t hash)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--) {
        out[i] = digits[hash & 15];
        hash >>= 4;
    }
}
