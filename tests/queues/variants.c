#include "tests/queues/variants.h"

#include <stdio.h>

const struct variant variants[] = {
    {"unfenced",
     "a token is not looked at",
     FOUND_TWO_OWNERS,
     {"card.state ~= 'claimed' or card.token ~= token or not", "card.state ~= 'claimed' or not"}},
    {"endless",
     "a claim is good after its lease",
     FOUND_TWO_OWNERS,
     {" or not lease_end or tonumber(lease_end) <= now then", " then"}},
    {"shared",
     "a claim leaves the card to others",
     FOUND_TWO_OWNERS,
     {"    redis.call('ZREM', head.line, id)\n", ""}},
    {"readded",
     "a repeated add adds again",
     FOUND_COUNTED_TWICE,
     {"    if redis.call('EXISTS', card_key(queue, id)) == 1 or redis.call('ZSCORE', queue .. "
      "':seen', id) then",
      "    if false then"}},
    {"remerged",
     "a repeated merge counts again",
     FOUND_COUNTED_TWICE,
     {"    redis.call('HSET', card_key(queue, id), 'state', 'merged', 'into', head)\n", ""}},
    {"doubled",
     "a merge counts two",
     FOUND_COUNTED_TWICE,
     {"local count = redis.call('HINCRBY', card_key(queue, head), 'count', 1)",
      "local count = redis.call('HINCRBY', card_key(queue, head), 'count', 2)"}},
    {"latest",
     "a claim takes what is due last",
     FOUND_OUT_OF_ORDER,
     {"redis.call('ZRANGEBYSCORE', line, '-inf', latest or '+inf', ",
      "redis.call('ZREVRANGEBYSCORE', line, latest or '+inf', '-inf', "}},
    {"dropped",
     "a lease that ends loses its card",
     FOUND_LOST,
     {"            put_back(queue, id, card, 'expired', card.owner or '')\n",
      "            redis.call('ZREM', queue .. ':lease', id)\n"}},
    {"reanswered",
     "a repeated answer is sent again",
     FOUND_ANSWERED_TWICE,
     {"    if redis.call('ZADD', room .. ':seen', 'NX', digits(now), args[1]) == 0 then\n        "
      "return 0",
      "    if false then\n        return 0"}},
    {"unsent",
     "an answer is written down and not sent",
     FOUND_LOST,
     {"is_campaign and '' or send(queue, id, decision, actions)\n",
      "send(queue, id, decision, string.find(token, '7$') and {} or actions)\n    sent = '0-1 "
      "reply'\n"}},
    {"takenback",
     "an answer that was taken back is said",
     FOUND_ANSWERED_TWICE,
     {"    redis.call('XDEL', queue .. ':out', entry)\n    return true", "    return true"}},
    {"kept",
     "who leaves keeps what he holds",
     FOUND_TWO_OWNERS,
     {"            put_back(queue, id, card, 'returned', who)\n", ""}},
    {"closed",
     "a question joins a card that is answered",
     FOUND_LOST,
     {"and is_open({state = known[1]})", "and known[1]",
      "redis.call('GET', queue .. ':fp:' .. card.fp) == id", "false"}},
};

const size_t variant_count = ARRAY_LEN(variants);

const struct variant *variant_find(const char *name)
{
    for (size_t i = 0; i < variant_count; i++) {
        if (strcmp(variants[i].name, name) == 0) {
            return &variants[i];
        }
    }
    return NULL;
}

static bool patch(struct weir_buffer *library, const char *what, const char *instead)
{
    const char *text = weir_buffer_text(library);
    const char *place = strstr(text, what);
    if (!place || strstr(place + 1, what)) {
        fprintf(stderr, "check_queues: queue.lua %s:\n%s\n",
                place ? "holds this twice" : "has changed; it lacks", what);
        return false;
    }
    struct weir_buffer patched = {0};
    weir_buffer_add(&patched, (struct weir_span){text, (size_t)(place - text)});
    weir_buffer_add_text(&patched, instead);
    weir_buffer_add_text(&patched, place + strlen(what));
    weir_buffer_fini(library);
    *library = patched;
    return true;
}

bool variant_apply(const struct variant *variant, struct weir_buffer *library)
{
    bool is_applied = true;
    for (size_t i = 0; i + 1 < ARRAY_LEN(variant->patches) && variant->patches[i]; i += 2) {
        is_applied = patch(library, variant->patches[i], variant->patches[i + 1]) && is_applied;
    }
    return is_applied;
}
