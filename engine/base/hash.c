#include "engine/base/hash.h"

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
static inline uint64_t word_of(const char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
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
        absorb(&sip, word_of(bytes.data + at, 8));
    }
    uint64_t rest = at < bytes.length ? word_of(bytes.data + at, bytes.length - at) : 0;
    absorb(&sip, rest | (uint64_t)bytes.length << 56);
    sip.c ^= 0xff;
    for (int i = 0; i < 4; i++) {
        mix(&sip);
    }
    return sip.a ^ sip.b ^ sip.c ^ sip.d;
}
