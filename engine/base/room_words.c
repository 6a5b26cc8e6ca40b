// The words of weir.room.v1, in the order of their enums.

#include "engine/base/room_protocol.h"

static const char *const do_names[] = {
    "delete",    "hold", "release", "mask",  "warn",     "timeout",
    "untimeout", "ban",  "unban",   "reply", "announce", "room_mode",
};
static const char *const gate_names[] = {"pass", "hold", "delete", "mask"};
static const char *const refused_names[] = {
    "ok", "unsupported", "not_found", "forbidden", "rate_limited", "invalid", "internal",
};
static const char *const role_names[] = {
    "streamer", "moderator", "vip", "subscriber", "member", "bot",
};
static const char *const identity_names[] = {"stable", "session", "masked", "none"};

_Static_assert(ARRAY_LEN(do_names) == WEIR_DO_COUNT, "a word for each action");

static const char *name_at(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "unknown";
}

static bool find_name(const char *const *names, size_t count, struct weir_span name,
                      size_t *index_out)
{
    for (size_t i = 0; i < count; i++) {
        if (weir_span_is(name, names[i])) {
            *index_out = i;
            return true;
        }
    }
    return false;
}

const char *weir_do_name(enum weir_do kind)
{
    return name_at(do_names, ARRAY_LEN(do_names), kind);
}

bool weir_do_find(struct weir_span name, enum weir_do *kind_out)
{
    size_t index;
    bool found = find_name(do_names, ARRAY_LEN(do_names), name, &index);
    *kind_out = found ? (enum weir_do)index : *kind_out;
    return found;
}

const char *weir_gate_name(enum weir_gate gate)
{
    return name_at(gate_names, ARRAY_LEN(gate_names), gate);
}

bool weir_gate_find(struct weir_span name, enum weir_gate *gate_out)
{
    size_t index;
    bool found = find_name(gate_names, ARRAY_LEN(gate_names), name, &index);
    *gate_out = found ? (enum weir_gate)index : *gate_out;
    return found;
}

const char *weir_refused_name(enum weir_refused refused)
{
    return name_at(refused_names, ARRAY_LEN(refused_names), refused);
}

bool weir_refused_find(struct weir_span name, enum weir_refused *refused_out)
{
    size_t index;
    bool found = find_name(refused_names, ARRAY_LEN(refused_names), name, &index);
    *refused_out = found ? (enum weir_refused)index : *refused_out;
    return found;
}

const char *weir_role_name(uint32_t role_bit)
{
    size_t index = role_bit ? (size_t)__builtin_ctz(role_bit) : ARRAY_LEN(role_names);
    return name_at(role_names, ARRAY_LEN(role_names), index);
}

bool weir_role_find(struct weir_span name, uint32_t *role_bit_out)
{
    size_t index;
    bool found = find_name(role_names, ARRAY_LEN(role_names), name, &index);
    *role_bit_out = found ? 1u << index : *role_bit_out;
    return found;
}

const char *weir_identity_name(enum weir_identity identity)
{
    return name_at(identity_names, ARRAY_LEN(identity_names), identity);
}

bool weir_identity_find(struct weir_span name, enum weir_identity *identity_out)
{
    size_t index;
    bool found = find_name(identity_names, ARRAY_LEN(identity_names), name, &index);
    *identity_out = found ? (enum weir_identity)index : *identity_out;
    return found;
}
