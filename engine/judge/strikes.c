#include "engine/judge/strikes.h"

#define MOST_MILLI     100000000u // a hundred thousand strikes: as many as a check can ask for
#define ALMOST_MILLI   50u
#define HISTORY_COUNTS 16u // clean messages that make a history worth keeping

// 2^-(i/64) in units of 2^-31.
static const uint32_t halves[65] = {
    0x80000000u, 0x7e9f0606u, 0x7d41d96eu, 0x7be86fbau, 0x7a92be8bu, 0x7940bb9eu, 0x77f25cceu,
    0x76a7980fu, 0x75606374u, 0x741cb528u, 0x72dc8374u, 0x719fc4b9u, 0x70666f76u, 0x6f307a41u,
    0x6dfddbccu, 0x6cce8ae1u, 0x6ba27e65u, 0x6a79ad56u, 0x69540ec9u, 0x683199edu, 0x6712460bu,
    0x65f60a7fu, 0x64dcdec3u, 0x63c6ba64u, 0x62b39509u, 0x61a3666du, 0x60962665u, 0x5f8bccdbu,
    0x5e8451d0u, 0x5d7fad59u, 0x5c7dd7a4u, 0x5b7ec8f2u, 0x5a82799au, 0x5988e209u, 0x5891fac1u,
    0x579dbc57u, 0x56ac1f75u, 0x55bd1cdbu, 0x54d0ad5au, 0x53e6c9dau, 0x52ff6b55u, 0x521a8ad7u,
    0x51382182u, 0x50582888u, 0x4f7a9930u, 0x4e9f6cd4u, 0x4dc69cddu, 0x4cf022cau, 0x4c1bf829u,
    0x4b4a169cu, 0x4a7a77d4u, 0x49ad1598u, 0x48e1e9bau, 0x4818ee22u, 0x47521cc6u, 0x468d6faeu,
    0x45cae0f2u, 0x450a6abbu, 0x444c0740u, 0x438fb0cbu, 0x42d561b4u, 0x421d1462u, 0x4166c34cu,
    0x40b268fau, 0x40000000u,
};

uint32_t weir_strikes_decay(uint32_t milli, int64_t elapsed_ms, int64_t half_life_ms)
{
    if (elapsed_ms <= 0 || milli == 0) {
        return milli;
    }
    uint64_t half_life = (uint64_t)half_life_ms;
    uint64_t whole = (uint64_t)elapsed_ms / half_life;
    if (whole >= 32) {
        return 0;
    }
    uint64_t rest = (uint64_t)elapsed_ms % half_life * 64;
    uint64_t step = rest / half_life;
    uint64_t from = halves[step];
    uint64_t part = from - (from - halves[step + 1]) * (rest % half_life) / half_life;
    return (uint32_t)((milli * part >> 31) >> whole);
}

uint32_t weir_user_strikes(const struct weir_known_user *user,
                           const struct weir_strike_policy *policy, int64_t now_ms)
{
    return weir_strikes_decay(user->strikes_milli, now_ms - user->strikes_ms, policy->half_life_ms);
}

uint32_t weir_user_strike(struct weir_known_user *user, const struct weir_strike_policy *policy,
                          uint32_t points, int64_t now_ms)
{
    uint64_t milli = weir_user_strikes(user, policy, now_ms) + (uint64_t)points * 1000;
    user->strikes_milli = milli > MOST_MILLI ? MOST_MILLI : (uint32_t)milli;
    user->strikes_ms = now_ms;
    return user->strikes_milli;
}

void weir_user_heard(struct weir_known_user *user, const struct weir_strike_policy *policy,
                     enum weir_conduct conduct)
{
    user->messages += user->messages < UINT32_MAX;
    if (conduct == WEIR_CONDUCT_BAD) {
        user->clean = 0;
    } else if (conduct == WEIR_CONDUCT_CLEAN) {
        user->clean += user->clean < UINT32_MAX;
    }
    if (policy->forgive_clean > 0 && user->clean >= policy->forgive_clean) {
        user->strikes_milli = 0;
    }
}

bool weir_user_is_worth_keeping(const struct weir_known_user *user)
{
    return user->strikes_milli > 0 || user->clean >= HISTORY_COUNTS;
}

const struct weir_threshold *weir_strikes_step(const struct weir_strike_policy *policy,
                                               uint32_t milli)
{
    const struct weir_threshold *reached = NULL;
    // Three strikes within the hour are three, although the first has begun to decay.
    milli += ALMOST_MILLI;
    for (size_t i = 0; i < policy->ladder_count; i++) {
        if ((uint64_t)policy->ladder[i].score * 1000 <= milli) {
            reached = &policy->ladder[i];
        }
    }
    return reached;
}
