/**
 * Sixteen bytes that are looked at together: one register where the machine has such, two words
 * where it has not, with the same answers.
 *
 * A question about bytes is answered by a byte of 0xff (yes) or 0 in the same place;
 * weir_lanes_bits() makes a mask of 16 bits of it, the first byte lowest. Loads and stores take
 * any address, and always all sixteen.
 */
#ifndef WEIR_BASE_LANES_H
#define WEIR_BASE_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define WEIR_LANES 16

// The one type with a name of its own: compilers know vectors only that way.
typedef uint8_t weir_lanes __attribute__((vector_size(WEIR_LANES)));

static inline weir_lanes weir_lanes_load(const char *bytes)
{
    weir_lanes lanes;
    memcpy(&lanes, bytes, sizeof(lanes));
    return lanes;
}

static inline void weir_lanes_store(char *bytes, weir_lanes lanes)
{
    memcpy(bytes, &lanes, sizeof(lanes));
}

static inline weir_lanes weir_lanes_of(uint8_t byte)
{
    return (weir_lanes){byte, byte, byte, byte, byte, byte, byte, byte,
                        byte, byte, byte, byte, byte, byte, byte, byte};
}

static inline weir_lanes weir_lanes_are(weir_lanes lanes, uint8_t byte)
{
    return (weir_lanes)(lanes == weir_lanes_of(byte));
}

/** Which are `first`, `last` or between them. */
static inline weir_lanes weir_lanes_between(weir_lanes lanes, uint8_t first, uint8_t last)
{
    return (weir_lanes)(lanes - weir_lanes_of(first) <= weir_lanes_of((uint8_t)(last - first)));
}

/** The sum of all sixteen. */
static inline uint32_t weir_lanes_sum(weir_lanes lanes)
{
    const uint64_t evens = 0x00ff00ff00ff00ffu;
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof(halves));
    uint64_t pairs = (halves[0] & evens) + (halves[0] >> 8 & evens) + (halves[1] & evens) +
                     (halves[1] >> 8 & evens);
    return (uint32_t)(pairs * 0x0001000100010001u >> 48);
}

/** weir_lanes_bits() where no instruction does it: eight bits gathered by one multiplication. */
static inline uint32_t weir_lanes_bits_in_words(weir_lanes lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof(halves));
    uint32_t bits = 0;
    for (int i = 0; i < 2; i++) {
        uint64_t highest = halves[i] >> 7 & 0x0101010101010101u;
        bits |= (uint32_t)(highest * 0x0102040810204080u >> 56) << 8 * i;
    }
    return bits;
}

/** The highest bit of each byte. */
static inline uint32_t weir_lanes_bits(weir_lanes lanes)
{
#ifdef __SSE2__
    return (uint32_t)_mm_movemask_epi8((__m128i)lanes);
#else
    return weir_lanes_bits_in_words(lanes);
#endif
}

#endif
