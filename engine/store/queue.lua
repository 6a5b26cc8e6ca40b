#!lua name=weir
--
-- The queues of weir: one function library, the only way in which anything works with them.
--
-- Any client can call it. KEYS[1] is the queue, always written {q:NAME}; every key that is touched
-- begins with it, so a queue lives in one slot of a cluster. Times are milliseconds of Redis's own
-- clock. With redis-cli, on a queue named sales:
--
--   FCALL weir_add 1 {q:sales} c-1 ship-fp 0 90000 u1 kind question room r1 topic shipping text "when does it ship" message m-1
--   FCALL weir_stats 1 {q:sales}
--   FCALL weir_list 1 {q:sales} 10
--   FCALL weir_claim 1 {q:sales} kim 60000
--   FCALL weir_extend 1 {q:sales} c-1 TOKEN 60000
--   FCALL weir_note 1 {q:sales} c-1 kim "has asked before"
--   FCALL weir_release 1 {q:sales} c-1 TOKEN
--   FCALL weir_claim 1 {q:sales} kim 60000
--   FCALL weir_answer 1 {q:sales} c-1 TOKEN "Within 48 hours"
--   FCALL weir_show 1 {q:sales} c-1
--   FCALL weir_undo 1 {q:sales} d-c-1-TOKEN kim
--   FCALL weir_withdraw 1 {q:sales} c-1 m-1 u1
--   FCALL weir_present 1 {q:sales} kim 30000 capacity 3 skill refunds skill lang:zh
--   FCALL weir_claim 2 {q:sales} {q:review} kim 60000 fill
--   FCALL weir_leave 1 {q:sales} kim
--   FCALL weir_metrics 1 {q:sales}
--
-- and, for a card that a rule flagged: FCALL weir_resolve 1 {q:review} ID TOKEN delete+timeout seconds 600
--
-- A claim answers with the card and a TOKEN, which every later call about that claim needs. Once the
-- lease is over the card is anybody's again and the token is refused with STALE. A call that is
-- repeated because its answer got lost does nothing twice: adding knows the card's id, deciding knows
-- card and token, relaying knows the id of the action.
--
-- A flag with a `campaign` is many messages of many users, and what is decided on it is done to all of them. The
-- owner of the room is told, too, so that it goes on with those that come later, until the decision ends (`lasts`,
-- in seconds).
--
-- Errors begin with one word: STALE (not yours any more), GONE (no such card or decision), BUSY (for a
-- moment), FULL (who claims holds as many as he may), INVALID.
--
-- The parts: this one (cards, claims, decisions, relaying), queue_people.lua (skills, presence and
-- capacity of moderators), queue_moves.lua (notes, other queues, escalation), queue_metrics.lua, and
-- queue_way_in.lua, which registers the functions. `weir queue library` prints them as one.

local VERSION = '@VERSION@'

local SEEN_MS = 48 * 3600 * 1000 -- how long a repeated add is recognised after its card is gone
local MERGED_MS = 8 * 24 * 3600 * 1000 -- longer than any spool repeats a card that was merged
local MERGE_MS = 24 * 3600 * 1000 -- how long after its last question an open card takes more in
local HIST_LENGTH = '100000' -- as text: writing a number costs a call of Redis half a microsecond more
local ASKS_LENGTH = 1000
local TOLD_ASKERS = 100 -- of those whom an answer names
local LEAST_TENTHS = 5 -- of a target, however many ask
local CAMPAIGN_LENGTH = 1000 -- messages of a campaign that a decision reaches back to
local LATER_LENGTH = 5000 -- messages of it that come later, which an undo finds
local CAMPAIGN_MS = 3600 * 1000 -- how long a decision on a campaign holds unless it says
local EXPIRED_AT_ONCE = 100
local SWEPT_AT_ONCE = 200
local HIST_TRIMMED = 1000
local SEEN_FORGOTTEN = 5000
local GROUP_OUT = 'relay'
local GROUP_ACTIONS = 'owner'
local BELL = 'weir:bell'

local api = {}
local people, moves, metrics = {}, {}, {} -- what the other parts do for this one

local function now_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Lua writes large numbers with an exponent; Redis wants digits.
local function digits(number)
    return string.format('%.0f', number)
end

local function fail(word, text)
    return redis.error_reply(word .. ' ' .. text)
end

local function card_key(queue, id)
    return queue .. ':c:' .. id
end

local function read_card(queue, id)
    local flat = redis.call('HGETALL', card_key(queue, id))
    local card = {}
    for i = 1, #flat, 2 do
        card[flat[i]] = flat[i + 1]
    end
    return next(flat) and card or nil
end

local function is_open(card)
    return card and (card.state == 'ready' or card.state == 'claimed')
end

local function tell(queue, what, id, ...)
    redis.call('XADD', queue .. ':hist', 'MAXLEN', '~', HIST_LENGTH, '*', 'what', what, 'card', id, ...)
end

-- A hint only: who misses it looks by itself a little later.
local function ring(name)
    redis.pcall('PUBLISH', BELL, name)
end

local function flat_card(id, card)
    local flat = {'id', id}
    for field, value in pairs(card) do
        flat[#flat + 1] = field
        flat[#flat + 1] = value
    end
    return flat
end

-- Cards that ask for skills wait in a line of their own, one for each set of skills, so that nobody has to walk
-- past them: {q:NAME}:ready:SKILLS; {q:NAME}:needs names these sets.
local function line_of(queue, needs)
    return (needs or '') == '' and queue .. ':ready' or queue .. ':ready:' .. needs
end

local function lines_of(queue)
    local lines = {queue .. ':ready'}
    for _, needs in ipairs(redis.call('SMEMBERS', queue .. ':needs')) do
        lines[#lines + 1] = line_of(queue, needs)
    end
    return lines
end

local function put_in_line(queue, id, due, needs)
    redis.call('ZADD', line_of(queue, needs), due, id)
    if (needs or '') ~= '' then
        redis.call('SADD', queue .. ':needs', needs)
    end
end

local function put_back(queue, id, card, what, by)
    redis.call('ZREM', queue .. ':lease', id)
    redis.call('SREM', queue .. ':held:' .. (card.owner or ''), id)
    put_in_line(queue, id, card.due, card.needs)
    redis.call('HSET', card_key(queue, id), 'state', 'ready', 'owner', '')
    tell(queue, what, id, 'by', by)
    metrics.returned(queue, what, by)
end

-- Gives back what nobody works on any more. How many cards that were.
local function expire_leases(queue, now)
    local returned = people.expire(queue, now)
    local ids = redis.call('ZRANGEBYSCORE', queue .. ':lease', '-inf', digits(now), 'LIMIT', 0, EXPIRED_AT_ONCE)
    for _, id in ipairs(ids) do
        local card = read_card(queue, id)
        if card then
            put_back(queue, id, card, 'expired', card.owner or '')
        else
            redis.call('ZREM', queue .. ':lease', id)
        end
    end
    return returned + #ids
end

-- Fields that callers may set on a card; all others are the library's own.
local given_fields = {
    kind = true, room = true, topic = true, text = true, message = true, seq = true, user = true, at = true,
    urgent = true, verdict = true, rules = true, suggestion = true, reason = true, sketch = true, name = true,
    roles = true, tier = true, identity = true, scene = true, before = true, complaint = true, needs = true,
    escalate = true, campaign = true, accounts = true, messages = true, first = true, last = true, earlier = true, decision = true,
    head = true,
}

-- ---- adding ----

local function push_ask(queue, id, asker, message)
    local length = redis.call('LPUSH', card_key(queue, id) .. ':asks', message .. ' ' .. asker)
    local is_new = asker ~= '' and redis.call('SADD', card_key(queue, id) .. ':users', asker) == 1
    return length, is_new
end

-- Most cards are asked once, and their fields tell by whom: only a second ask begins the lists of who asked. That
-- halves what adding costs, and the memory of a card.
local function begin_asks(queue, id)
    if redis.call('EXISTS', card_key(queue, id) .. ':asks') == 0 then
        local first = redis.call('HMGET', card_key(queue, id), 'message', 'asker', 'user')
        push_ask(queue, id, first[2] or first[3] or '', first[1] or '')
    end
end

-- Says whether somebody new asks.
local function note_asker(queue, id, asker, message)
    begin_asks(queue, id)
    local length, is_new = push_ask(queue, id, asker, message or '')
    if length > ASKS_LENGTH then
        redis.call('LTRIM', card_key(queue, id) .. ':asks', 0, ASKS_LENGTH - 1)
    end
    return is_new
end

local function bring_forward(queue, id, known_due, due, needs)
    if due >= tonumber(known_due) then
        return
    end
    redis.call('HSET', card_key(queue, id), 'due', digits(due))
    redis.call('ZADD', line_of(queue, needs), 'XX', digits(due), id)
    moves.brought_forward(queue, id, tonumber(known_due) - due)
end

-- ---- campaigns: many messages of many users, and one card ----

local function said_key(queue, id)
    return card_key(queue, id) .. ':said'
end

local function sent_key(queue, id)
    return card_key(queue, id) .. ':sent'
end

-- One of its messages, and who said it: [message, user, name].
local function member_of(given, asker)
    return cjson.encode({given.message or '', asker, given.name or ''})
end

local function list_earlier(text)
    local ok, list = pcall(cjson.decode, text)
    local members = {}
    for _, one in ipairs(ok and type(list) == 'table' and list or {}) do
        if type(one) == 'table' and type(one[1]) == 'string' and type(one[2]) == 'string' then
            members[#members + 1] = cjson.encode({one[1], one[2], type(one[3]) == 'string' and one[3] or ''})
        end
    end
    return members
end

-- The messages that a decision will reach back to, and how large it has become.
local function note_campaign(queue, id, asker, given, now)
    if not given.campaign then
        return
    end
    local said = said_key(queue, id)
    for _, member in ipairs(list_earlier(given.earlier or '[]')) do
        redis.call('ZADD', said, 'NX', digits(now), member)
    end
    redis.call('ZADD', said, 'NX', digits(now), member_of(given, asker))
    redis.call('ZREMRANGEBYRANK', said, 0, -CAMPAIGN_LENGTH - 1)
    for _, name in ipairs({'accounts', 'messages', 'last'}) do
        local known, new = tonumber(redis.call('HGET', card_key(queue, id), name) or '0'), tonumber(given[name] or '0')
        if known and new and new > known then
            redis.call('HSET', card_key(queue, id), name, digits(new))
        end
    end
end

local function mark_merged(queue, id, head)
    redis.call('HSET', card_key(queue, id), 'state', 'merged', 'into', head)
    redis.call('PEXPIRE', card_key(queue, id), MERGED_MS)
end

-- When a card is due that so many ask: each doubling of the askers takes a tenth of the target off, half of it at
-- most. So what a thousand ask never passes what is due before half of its target is over.
local function due_of_many(created, target, askers)
    local tenths = 10
    while askers >= 2 and tenths > LEAST_TENTHS do
        askers, tenths = askers / 2, tenths - 1
    end
    return created + math.floor(target * tenths / 10)
end

-- KNOWN: state, due, created, target and needs of the card that takes it in.
local function merge(queue, head, known, id, due, asker, given, now)
    local count = redis.call('HINCRBY', card_key(queue, head), 'count', 1)
    if note_asker(queue, head, asker, given.message) then
        local askers = redis.call('HINCRBY', card_key(queue, head), 'askers', 1)
        if (given.name or '') ~= '' then
            redis.call('HSET', card_key(queue, head) .. ':names', asker, given.name)
        end
        due = math.min(due, due_of_many(tonumber(known[3]), tonumber(known[4]), askers))
    end
    bring_forward(queue, head, known[2], due, known[5])
    if given.urgent == '1' then
        redis.call('HSET', card_key(queue, head), 'urgent', '1')
    end
    note_campaign(queue, head, asker, given, now)
    mark_merged(queue, id, head)
    metrics.count(queue, 'merged')
    tell(queue, 'merged', head, 'from', id, 'count', count)
    return {'merged', head, count}
end

local function repeated(queue, id)
    local card = read_card(queue, id)
    if card and card.into then
        local head = read_card(queue, card.into)
        return {'repeated', card.into, head and head.state or 'gone', head and head.to}
    end
    return {'repeated', id, card and card.state or 'gone', card and card.to}
end

local function take_fields(args, first)
    local given = {}
    if (#args - first) % 2 == 0 then
        return nil, args[#args] .. ' (without a value)'
    end
    for i = first, #args, 2 do
        if not given_fields[args[i]] then
            return nil, args[i]
        end
        if args[i] == 'needs' then
            args[i + 1] = people.needs_of(args[i + 1])
        end
        given[args[i]] = args[i + 1]
    end
    return given
end

local join_decided -- below: what was decided holds for what comes later, too

-- ID FP AGE_MS TARGET_MS ASKER [FIELD VALUE]... -> added ID DUE | merged INTO COUNT | repeated ID STATE [QUEUE]
-- FP: what asks the same, '' merges with nothing. AGE_MS: how long ago it was asked. A card that was added here
-- and moved is repeated with the state moving or moved, and the name of the queue.
function api.add(queue, args)
    local id, fp, age, target, asker = args[1], args[2], tonumber(args[3]), tonumber(args[4]), args[5]
    if not asker or id == '' or not age or not target then
        return fail('INVALID', 'add wants: ID FP AGE_MS TARGET_MS ASKER [FIELD VALUE]...')
    end
    local given, unknown = take_fields(args, 6)
    if not given then
        return fail('INVALID', 'unknown field of a card: ' .. unknown)
    end
    local now = now_ms()
    if redis.call('EXISTS', card_key(queue, id)) == 1 or redis.call('ZSCORE', queue .. ':seen', id) then
        return repeated(queue, id)
    end
    local due = now - age + target
    if fp ~= '' then
        local head = redis.call('GET', queue .. ':fp:' .. fp)
        if given.campaign and join_decided(queue, given.head or head, id, asker, given, now) then
            return {'repeated', given.head or head, 'done'}
        end
        local known = head and
            redis.call('HMGET', card_key(queue, head), 'state', 'due', 'created', 'target', 'needs')
        local merges = known and is_open({state = known[1]})
        redis.call('SET', queue .. ':fp:' .. fp, merges and head or id, 'PX', MERGE_MS)
        if merges then
            return merge(queue, head, known, id, due, asker, given, now)
        end
    end
    -- All fields in one command: each command costs a microsecond, and an entry in the append-only file.
    local created, due_text = digits(now - age), digits(due)
    if asker ~= given.user then
        args[#args + 1], args[#args + 2] = 'asker', asker
    end
    redis.call('HSET', card_key(queue, id), 'state', 'ready', 'created', created, 'added', digits(now), 'due', due_text,
        'target', digits(target), 'fp', fp, 'count', '1', 'askers', asker ~= '' and '1' or '0', 'owner', '',
        unpack(args, 6))
    note_campaign(queue, id, asker, given, now)
    put_in_line(queue, id, due_text, given.needs)
    redis.call('ZADD', queue .. ':open', created, id)
    moves.added(queue, id, due, given.escalate)
    metrics.count(queue, 'added')
    tell(queue, 'added', id, 'due', due_text)
    return {'added', id, due_text}
end

-- ID IN_MS -> the due of an open card, brought forward to IN_MS from now if it was later; '' = it is not open
function api.hasten(queue, args)
    local id, left = args[1] or '', tonumber(args[2])
    if not left or left < 0 then
        return fail('INVALID', 'hasten wants: ID IN_MS')
    end
    local known = redis.call('HMGET', card_key(queue, id), 'state', 'due', 'needs')
    local due = now_ms() + left
    if not is_open({state = known[1]}) or due >= tonumber(known[2]) then
        return is_open({state = known[1]}) and known[2] or ''
    end
    bring_forward(queue, id, known[2], due, known[3])
    tell(queue, 'hastened', id, 'due', digits(due))
    ring(queue)
    return digits(due)
end

-- ---- working ----

local function next_token(card, now)
    local last = tonumber(card.token or '0')
    return digits(now > last and now or last + 1)
end

-- The card at the head of a line, as a flat list; nil where the card is not there.
local function take_head(head, by, lease, now)
    local queue, id = head.queue, head.id
    local card = read_card(queue, id)
    redis.call('ZREM', head.line, id)
    if not card then
        return nil
    end
    metrics.claimed(queue, card, now)
    card.token, card.state, card.owner, card.claimed = next_token(card, now), 'claimed', by, digits(now)
    redis.call('ZADD', queue .. ':lease', digits(now + lease), id)
    redis.call('SADD', queue .. ':held:' .. by, id)
    redis.call('HSET', card_key(queue, id), 'state', 'claimed', 'owner', by, 'token', card.token,
        'claimed', card.claimed)
    tell(queue, 'claimed', id, 'by', by, 'token', card.token)
    card.lease, card.now, card.queue = digits(now + lease), digits(now), string.sub(queue, 4, -2)
    return flat_card(id, card)
end

-- BY LEASE_MS [MAX|fill] [skill WORD]... [until DUE_MS] -> the cards, earliest due first, each as a flat list of
-- fields, token and queue included. With several queues as KEYS (of one slot, in a cluster) the earliest of all.
-- `fill`: as many as BY may still hold. `skill`: only cards that need nothing else; unless any is given, those that
-- BY was present with; who has named none may take everything. `until`: only what is due then at the latest.
function api.claim(_, args, queues)
    local by, lease = args[1] or '', tonumber(args[2])
    local wish, wrong = people.wish_of(args, 3)
    if by == '' or not lease or lease <= 0 or not wish then
        return fail('INVALID', wrong or 'claim wants: BY LEASE_MS [MAX, 1 to 100, or fill] [skill WORD]... [until MS]')
    end
    local now = now_ms()
    for _, queue in ipairs(queues) do
        expire_leases(queue, now)
    end
    local room, why = people.room_left(queues, by, wish)
    if not room then
        return why
    end
    local claimed = {}
    for _, head in ipairs(room > 0 and people.heads(queues, by, wish, room) or {}) do
        claimed[#claimed + 1] = take_head(head, by, lease, now)
    end
    return claimed
end

-- It is open here no more: nobody waits for it, nobody holds it, and nothing joins it.
local function take_away(queue, id, card)
    redis.call('ZREM', line_of(queue, card.needs), id)
    redis.call('ZREM', queue .. ':lease', id)
    redis.call('SREM', queue .. ':held:' .. (card.owner or ''), id)
    redis.call('ZREM', queue .. ':open', id)
    redis.call('ZREM', queue .. ':escalate', id)
    if card.fp and card.fp ~= '' and redis.call('GET', queue .. ':fp:' .. card.fp) == id then
        redis.call('DEL', queue .. ':fp:' .. card.fp)
    end
end

local function close_card(queue, id, card, now)
    take_away(queue, id, card)
    redis.call('ZADD', queue .. ':done', digits(now), id)
end

-- Whoever asked has taken the question back: the asker is forgotten, and an answer goes to one who is left.
local function drop_ask(queue, id, card, message, asker)
    local asks = card_key(queue, id) .. ':asks'
    local asks_again = false
    begin_asks(queue, id)
    redis.call('LREM', asks, 1, message .. ' ' .. asker)
    local left = redis.call('LRANGE', asks, 0, -1)
    for _, ask in ipairs(left) do
        asks_again = asks_again or string.match(ask, ' (.*)$') == asker
    end
    if not asks_again and redis.call('SREM', card_key(queue, id) .. ':users', asker) == 1 then
        redis.call('HINCRBY', card_key(queue, id), 'askers', -1)
    end
    if card.message == message then
        local next_message, next_user = string.match(left[#left] or '', '^(%S+) (.*)$')
        redis.call('HDEL', card_key(queue, id), 'seq', 'name', 'roles', 'tier', 'identity')
        redis.call('HSET', card_key(queue, id), 'message', next_message or '', 'user', next_user or '')
    end
    return redis.call('HINCRBY', card_key(queue, id), 'count', -1)
end

-- Whether this message of the card is known to be gone. One that was moved here has come without the cards that
-- it took in: of those it is told itself.
local function is_known_gone(queue, id, card, message, now)
    if card.hops and not card.into then
        if redis.call('SADD', card_key(queue, id) .. ':gone', message) == 0 then
            return true
        end
    elseif card.gone then
        return true
    end
    if card.into or card.message == message or not card.hops then
        redis.call('HSET', card_key(queue, id), 'gone', digits(now))
    end
    return false
end

-- ID MESSAGE ASKER -> over | noted | left HEAD COUNT | withdrawn HEAD | moved HEAD QUEUE. The message that made
-- this card is gone from the room; tell it HEAD in QUEUE, where the card was moved. A question closes as `withdrawn` with its last message. A flag stays and only says `gone`: who
-- wrote it may need help, or a ban, all the more.
function api.withdraw(queue, args)
    local id, message, asker, now = args[1] or '', args[2] or '', args[3] or '', now_ms()
    if id == '' or message == '' then
        return fail('INVALID', 'withdraw wants: ID MESSAGE ASKER')
    end
    redis.call('ZADD', queue .. ':seen', 'NX', digits(now), id) -- an add that comes later changes nothing
    local card = read_card(queue, id)
    local head = card and card.into or id
    local open = card and card.into and read_card(queue, head) or card
    if open and open.state == 'moving' then
        return fail('BUSY', 'card ' .. head .. ' is on its way to queue ' .. open.to)
    end
    if open and open.state == 'moved' then
        return {'moved', head, open.to}
    end
    if not card or is_known_gone(queue, id, card, message, now) or not is_open(open) then
        return {'over'}
    end
    if open.kind ~= 'question' then
        tell(queue, 'gone', head)
        ring(queue)
        return {'noted'}
    end
    local count = drop_ask(queue, head, open, message, asker)
    if count > 0 then
        tell(queue, 'left', head, 'from', id, 'count', count)
        ring(queue)
        return {'left', head, count}
    end
    redis.call('HSET', card_key(queue, head), 'state', 'done', 'decided', 'withdrawn', 'finished', digits(now))
    metrics.count(queue, 'withdrawn')
    close_card(queue, head, open, now)
    tell(queue, 'withdrawn', head)
    ring(queue)
    return {'withdrawn', head}
end

-- The card, if it is claimed with this token and the lease is not over; else nil and the error.
local function held_card(queue, id, token, now)
    local card = read_card(queue, id or '')
    if not card then
        return nil, fail('GONE', 'no such card: ' .. (id or ''))
    end
    if card.decided == 'withdrawn' then
        return nil, fail('GONE', 'the messages of card ' .. id .. ' are gone from the room: it is withdrawn')
    end
    people.expire(queue, now)
    card.state = redis.call('HGET', card_key(queue, id), 'state')
    local lease_end = redis.call('ZSCORE', queue .. ':lease', id)
    if card.state ~= 'claimed' or card.token ~= token or not lease_end or tonumber(lease_end) <= now then
        expire_leases(queue, now)
        return nil, fail('STALE', 'the claim of card ' .. id .. ' is over')
    end
    return card
end

-- ID TOKEN LEASE_MS -> the end of the lease
function api.extend(queue, args)
    local lease, now = tonumber(args[3]), now_ms()
    if not lease or lease <= 0 then
        return fail('INVALID', 'extend wants: ID TOKEN LEASE_MS')
    end
    local card, err = held_card(queue, args[1], args[2], now)
    if not card then
        return err
    end
    redis.call('ZADD', queue .. ':lease', 'XX', digits(now + lease), args[1])
    tell(queue, 'extended', args[1], 'by', card.owner, 'lease', digits(now + lease))
    return digits(now + lease)
end

-- ID TOKEN -> the card is anybody's again, due when it was
function api.release(queue, args)
    local card, err = held_card(queue, args[1], args[2], now_ms())
    if not card then
        return err
    end
    put_back(queue, args[1], card, 'released', card.owner)
    return 'OK'
end

-- ---- deciding ----

local about_message = {delete = true, release = true, mask = true, hold = true}
local about_user = {warn = true, timeout = true, untimeout = true, ban = true, unban = true}
local needs_text = {reply = true, announce = true, warn = true, mask = true}
local opposites = {timeout = 'untimeout', ban = 'unban', hold = 'release'}
local closes_only = {dismiss = true, done = true, withdrawn = true}

local function json(text)
    return cjson.encode(text)
end

-- An action as weir.room.v1 writes it. Numbers stay the text they came as: a seq has 64 bits.
local function action_json(action)
    local parts = {'"type":"action"', '"id":' .. json(action.id), '"room":' .. json(action.room)}
    local function add(name, value)
        parts[#parts + 1] = '"' .. name .. '":' .. value
    end
    if action.seq and string.match(action.seq, '^%d+$') then
        add('seq', action.seq)
    end
    add('do', json(action.kind))
    for _, name in ipairs({'message', 'user', 'name', 'text', 'reason', 'card', 'queue', 'fp', 'asked', 'outcome'}) do
        if action[name] and action[name] ~= '' then
            add(name, json(action[name]))
        end
    end
    if action.seconds then
        add('seconds', action.seconds)
    end
    if action.askers and #action.askers > 0 then
        add('askers', json(action.askers))
    end
    add('by', '"human"')
    return '{' .. table.concat(parts, ',') .. '}'
end

local function make_action(card, kind, id, given)
    local action = {id = id, room = card.room or '', kind = kind, seq = card.seq, text = given.text,
        reason = given.reason, message = card.message, user = card.user, name = card.name}
    if kind == 'timeout' then
        action.seconds = given.seconds
    end
    if about_message[kind] and (card.message or '') == '' then
        return nil, 'the card names no message, which ' .. kind .. ' needs'
    end
    if about_user[kind] and (card.user or '') == '' then
        return nil, 'the card names no user, whom ' .. kind .. ' needs'
    end
    if needs_text[kind] and (given.text or '') == '' then
        return nil, kind .. ' needs a text'
    end
    if kind == 'timeout' and not string.match(given.seconds or '', '^[1-9]%d?%d?%d?%d?%d?%d?%d?$') then
        return nil, 'timeout needs seconds'
    end
    return action
end

-- All or nothing: the actions of a verdict like delete+timeout, or nil and what is wrong with it.
local function make_actions(card, verdict, decision, given)
    local actions = {}
    for kind in string.gmatch(verdict, '[^+]+') do
        if kind == 'dismiss' and card.verdict == 'hold' then
            kind = 'release' -- nothing wrong with it, so it must not stay held
        end
        if not closes_only[kind] then
            if not (about_message[kind] or about_user[kind] or needs_text[kind]) then
                return nil, 'unknown verdict: ' .. kind
            end
            local action, wrong = make_action(card, kind, 'a-' .. decision .. '-' .. (#actions + 1), given)
            if not action then
                return nil, wrong
            end
            actions[#actions + 1] = action
        end
    end
    return actions
end

local function send_one(queue, id, decision, action)
    return redis.call('XADD', queue .. ':out', '*', 'id', action.id, 'room', action.room, 'action',
        action.json or action_json(action), 'card', id, 'decision', decision)
end

local function send(queue, id, decision, actions)
    local sent = {}
    for _, action in ipairs(actions) do
        sent[#sent + 1] = send_one(queue, id, decision, action) .. ' ' .. action.kind
    end
    if #actions > 0 then
        ring(queue)
    end
    return table.concat(sent, ',')
end

-- What is decided on a campaign is done to each of its messages and accounts, and stands for those that come
-- later: the process that owns the room is told what they will look like, and until when. All of it is one
-- decision, so one undo takes all of it back.

local about_campaign = {delete = true, hold = true, release = true, warn = true, timeout = true, ban = true}
local spares = {dismiss = true, release = true}

local function kinds_of(verdict)
    local kinds = {}
    for kind in string.gmatch(verdict, '[^+]+') do
        kinds[#kinds + 1] = kind
    end
    return kinds
end

-- The message of a card, as one of its campaign's.
local function as_member(card, member)
    return {room = card.room, message = member[1], user = member[2], name = member[3]}
end

-- Actions for members: each message once, each user once. `done` knows those of before.
local function add_member_actions(list, card, members, kind, prefix, given, done)
    for i, member in ipairs(members) do
        local subject = about_message[kind] and member[1] or member[2]
        if subject ~= '' and not done[kind .. ' ' .. subject] then
            done[kind .. ' ' .. subject] = true
            local action, wrong = make_action(as_member(card, member), kind, prefix .. kind .. '-' .. i, given)
            if not action then
                return wrong
            end
            action.member = member
            list[#list + 1] = action
        end
    end
end

local function standing_action(queue, id, card, verdict, decision, given, holds_until)
    local parts = {'"type":"campaign"', '"by":"human"', '"until":' .. digits(holds_until)}
    local fields = {id = 'a-' .. decision .. '-campaign', room = card.room or '', campaign = card.campaign,
        sketch = card.sketch or '', decision = decision, card = id, queue = string.sub(queue, 4, -2), ['do'] = verdict,
        reason = given.reason or given.text}
    for name, value in pairs(fields) do
        parts[#parts + 1] = json(name) .. ':' .. json(value)
    end
    if given.seconds then
        parts[#parts + 1] = '"seconds":' .. given.seconds
    end
    return {id = fields.id, room = fields.room, kind = 'campaign', json = '{' .. table.concat(parts, ',') .. '}'}
end

local function standing_end(card, decision)
    local id = 'a-' .. decision .. '-campaign'
    return {id = id .. '-end', room = card.room or '', kind = 'campaign-end', json = '{"type":"campaign_end","id":' ..
        json(id .. '-end') .. ',"begin":' .. json(id) .. ',"room":' .. json(card.room or '') .. ',"decision":' ..
        json(decision) .. ',"by":"human"}'}
end

local function members_of(queue, id)
    local members = {}
    for _, member in ipairs(redis.call('ZRANGE', said_key(queue, id), 0, -1)) do
        members[#members + 1] = cjson.decode(member)
    end
    return members
end

local function lasts_of(given)
    local lasts = given.lasts and string.match(given.lasts, '^[1-9]%d?%d?%d?%d?%d?%d?$')
    if given.lasts and not lasts then
        return nil
    end
    return lasts and tonumber(lasts) * 1000 or CAMPAIGN_MS
end

-- All or nothing: the actions, or nil and what is wrong with the verdict; and until when it stands, 0 = not at all.
local function make_campaign_actions(queue, id, card, verdict, decision, given, now)
    local actions, members, lasts, stands = {}, members_of(queue, id), lasts_of(given), false
    if not lasts then
        return nil, 'lasts wants seconds'
    end
    for _, kind in ipairs(kinds_of(verdict)) do
        stands = stands or about_campaign[kind] or spares[kind]
        if kind == 'dismiss' and card.verdict == 'hold' then
            kind = 'release'
        end
        local wrong
        if kind == 'mask' then
            wrong = 'the messages of a campaign differ: delete them rather than mask them'
        elseif about_message[kind] or about_user[kind] then
            wrong = add_member_actions(actions, card, members, kind, 'a-' .. decision .. '-', given, {})
        elseif needs_text[kind] then
            local action
            action, wrong = make_action(card, kind, 'a-' .. decision .. '-' .. kind, given)
            actions[#actions + 1] = action
        elseif not closes_only[kind] then
            wrong = 'unknown verdict: ' .. kind
        end
        if wrong then
            return nil, wrong
        end
    end
    if stands then
        table.insert(actions, 1, standing_action(queue, id, card, verdict, decision, given, now + lasts))
    end
    return actions, stands and now + lasts or 0
end

-- Keeps what is sent where an undo finds it: [entry, kind, member].
local function send_campaign(queue, id, decision, actions)
    for _, action in ipairs(actions) do
        local entry = send_one(queue, id, decision, action)
        redis.call('RPUSH', sent_key(queue, id), cjson.encode({entry, action.kind, action.member or {'', '', ''}}))
    end
    if #actions > 0 then
        ring(queue)
    end
end

local function hold_campaign(queue, id, card, decision, holds_until, given, now)
    redis.call('HSET', card_key(queue, id), 'holds_until', digits(holds_until), 'lasts_seconds', given.seconds or '',
        'lasts_reason', given.reason or given.text or '')
    if holds_until > 0 and card.fp and card.fp ~= '' then
        redis.call('SET', queue .. ':fp:' .. card.fp, id, 'PX', digits(holds_until - now))
    end
end

local function counter_member(queue, id, card, decision, member, kinds, label, done)
    local counter = {}
    for _, kind in ipairs(kinds) do
        if opposites[kind] then
            add_member_actions(counter, card, {member}, opposites[kind], 'a-' .. decision .. '-' .. label .. '-', {},
                done)
        end
    end
    for _, action in ipairs(counter) do
        send_one(queue, id, decision, action)
    end
    return #counter
end

-- A message of a campaign that was decided on already. The owner of the room has done to it what was decided, or it
-- was on its way when that was decided: then it is done here. True: nothing is left to decide.
function join_decided(queue, head, id, asker, given, now)
    local card = head and read_card(queue, head)
    local decision = given.decision
    if not card or card.campaign == nil then
        return decision ~= nil -- forgotten since: nobody can undo it either
    end
    local member = cjson.decode(member_of(given, asker))
    if decision and card.undone == decision then
        counter_member(queue, head, card, decision, member, kinds_of(card.undone_verdict or ''), id, {})
        ring(queue)
        return false
    end
    if card.state ~= 'done' or (not decision and tonumber(card.holds_until or '0') <= now) then
        return false
    end
    note_campaign(queue, head, asker, given, now)
    mark_merged(queue, id, head)
    redis.call('HINCRBY', card_key(queue, head), 'count', 1)
    if decision then
        if redis.call('LLEN', sent_key(queue, head)) < CAMPAIGN_LENGTH + LATER_LENGTH then
            redis.call('RPUSH', sent_key(queue, head), cjson.encode({'', 'later', member}))
        end
        return true
    end
    local again = {seconds = card.lasts_seconds, reason = card.lasts_reason}
    local actions = {}
    for _, kind in ipairs(kinds_of(card.decided or '')) do
        kind = kind == 'dismiss' and given.verdict == 'hold' and 'release' or kind
        if about_message[kind] or (about_user[kind] and kind ~= 'warn') then
            add_member_actions(actions, card, {member}, kind, 'a-' .. card.decision .. '-' .. id .. '-', again, {})
        end
    end
    send_campaign(queue, head, card.decision, actions)
    return true
end

-- Who asked beside the first, newest first: user, name, user, name, ...
local function others_of(queue, id, card)
    local others, known = {}, {[card.user or ''] = true}
    for _, ask in ipairs(redis.call('LRANGE', card_key(queue, id) .. ':asks', 0, ASKS_LENGTH - 1)) do
        local user = string.match(ask, ' (.*)$') or ''
        if user ~= '' and not known[user] and #others < 2 * TOLD_ASKERS then
            known[user] = true
            others[#others + 1] = user
            others[#others + 1] = redis.call('HGET', card_key(queue, id) .. ':names', user) or ''
        end
    end
    return others
end

-- An answer says which card it answers and who asks, for whoever says it in the room.
local function address(queue, id, card, action)
    action.card, action.fp, action.asked = id, card.fp, card.text
    action.queue = string.match(queue, '^{q:(.*)}$')
    action.askers = others_of(queue, id, card)
end

-- Who complained is told the outcome, if nothing else is said to him: the words are the rules'.
local function send_outcome(queue, id, card, decision, verdict, actions)
    local outcome = #actions > 0 and 'acted' or verdict == 'dismiss' and 'dismissed' or 'done'
    for _, action in ipairs(actions) do
        outcome = action.kind ~= 'reply' and outcome or nil
    end
    if card.complaint ~= '1' or not outcome or verdict == 'withdrawn' then
        return ''
    end
    local action = {id = 'a-' .. decision .. '-o', room = card.room or '', kind = 'reply', seq = card.seq,
        message = card.message, user = card.user, name = card.name, outcome = outcome}
    address(queue, id, card, action)
    return redis.call('XADD', queue .. ':out', '*', 'id', action.id, 'room', action.room, 'action',
        action_json(action), 'card', id, 'decision', decision)
end

local function decide(queue, what, id, token, verdict, given)
    local now = now_ms()
    local decision = 'd-' .. (id or '') .. '-' .. (token or '')
    if redis.call('HGET', card_key(queue, id or ''), 'decision') == decision then
        return decision -- the same call again: its answer got lost
    end
    local card, err = held_card(queue, id, token, now)
    if not card then
        return err
    end
    local is_campaign = card.campaign ~= nil
    local actions, wrong, holds_until
    if is_campaign then
        actions, wrong = make_campaign_actions(queue, id, card, verdict, decision, given, now)
        holds_until = actions and wrong
    else
        actions, wrong = make_actions(card, verdict, decision, given)
    end
    if not actions then
        return fail('INVALID', wrong)
    end
    for _, action in ipairs(actions) do
        if action.kind == 'reply' and card.kind == 'question' then
            address(queue, id, card, action)
        end
    end
    local sent = is_campaign and '' or send(queue, id, decision, actions)
    local notice = is_campaign and '' or send_outcome(queue, id, card, decision, verdict, actions)
    redis.call('HSET', card_key(queue, id), 'state', 'done', 'decision', decision, 'decided', verdict,
        'answer', given.text or '', 'by', card.owner, 'finished', digits(now), 'sent', sent,
        'notice', notice)
    close_card(queue, id, card, now)
    if is_campaign then
        redis.call('DEL', sent_key(queue, id))
        send_campaign(queue, id, decision, actions)
        hold_campaign(queue, id, card, decision, holds_until, given, now)
    end
    metrics.decided(queue, id, what, card, now)
    tell(queue, what, id, 'by', card.owner, 'decision', decision, 'verdict', verdict)
    ring(queue)
    return decision
end

-- ID TOKEN TEXT -> the decision's id; TEXT is said to who asked, in the room
function api.answer(queue, args)
    if not args[3] or args[3] == '' then
        return fail('INVALID', 'answer wants: ID TOKEN TEXT')
    end
    return decide(queue, 'answered', args[1], args[2], 'reply', {text = args[3]})
end

-- ID TOKEN VERDICT [seconds N] [text TEXT] [reason TEXT] [lasts SECONDS] -> the decision's id
-- VERDICT: one or several of delete release mask warn timeout ban reply ..., joined by +; or dismiss, done.
-- On a campaign it is done to all of its messages, and lasts so long for those that come later; dismissed or
-- released, the campaign is left alone as long.
function api.resolve(queue, args)
    if not args[3] or args[3] == '' then
        return fail('INVALID', 'resolve wants: ID TOKEN VERDICT [seconds N] [text TEXT] [reason TEXT] [lasts SECONDS]')
    end
    local given = {}
    for i = 4, #args - 1, 2 do
        given[args[i]] = args[i + 1]
    end
    return decide(queue, 'resolved', args[1], args[2], args[3], given)
end

-- True where the entry is still in `out` and no process has begun to relay it.
local function take_back(queue, entry)
    if #redis.call('XRANGE', queue .. ':out', entry, entry) == 0 then
        return false
    end
    local pending = redis.pcall('XPENDING', queue .. ':out', GROUP_OUT, entry, entry, 1)
    if not pending.err and #pending > 0 then
        return false
    end
    redis.call('XDEL', queue .. ':out', entry)
    return true
end

-- What becomes of each action of a decision: taken back, countered, or neither.
local function undo_actions(queue, id, card, decision)
    local counter, removed, impossible = {}, 0, 0
    if (card.notice or '') ~= '' then
        take_back(queue, card.notice) -- an outcome that was told already hinders nothing
    end
    for entry, kind in string.gmatch(card.sent or '', '([^, ]+) ([^, ]+)') do
        if take_back(queue, entry) then
            removed = removed + 1
        elseif opposites[kind] then
            local action_id = 'a-' .. decision .. '-u' .. (#counter + 1)
            counter[#counter + 1] = make_action(card, opposites[kind], action_id, {})
        else
            impossible = impossible + 1
        end
    end
    send(queue, id, decision, counter)
    return removed, #counter, impossible
end

-- The same for all that a decision on a campaign has sent, and what its owner did to those that came later.
local function undo_campaign(queue, id, card, decision)
    local countered, removed, impossible, done = 0, 0, 0, {}
    local kinds = kinds_of(card.decided or '')
    for i, line in ipairs(redis.call('LRANGE', sent_key(queue, id), 0, -1)) do
        local sent = cjson.decode(line)
        local entry, kind, member = sent[1], sent[2], sent[3]
        if kind == 'later' then
            countered = countered + counter_member(queue, id, card, decision, member, kinds, 'u' .. i, done)
        elseif take_back(queue, entry) then
            removed = removed + 1
        elseif kind == 'campaign' then
            send_one(queue, id, decision, standing_end(card, decision))
            countered = countered + 1
        elseif opposites[kind] then
            countered = countered + counter_member(queue, id, card, decision, member, {kind}, 'u' .. i, done)
        else
            impossible = impossible + 1
        end
    end
    redis.call('DEL', sent_key(queue, id))
    redis.call('HSET', card_key(queue, id), 'undone_verdict', card.decided or '', 'holds_until', '0')
    return removed, countered, impossible
end

local function outcome_of(removed, countered, impossible)
    if impossible > 0 then
        return (removed + countered > 0) and 'partly' or 'impossible'
    end
    return countered > 0 and 'countered' or 'removed'
end

-- What was finished waits again, to be answered by DUE.
local function open_again(queue, id, card, due)
    redis.call('ZREM', queue .. ':done', id)
    put_in_line(queue, id, due, card.needs)
    redis.call('ZADD', queue .. ':open', card.created, id)
    redis.call('HSET', card_key(queue, id), 'state', 'ready', 'owner', '', 'due', due)
    redis.call('HDEL', card_key(queue, id), 'decision', 'decided', 'answer', 'by', 'finished', 'sent',
        'notice', 'satisfied')
    if (card.fp or '') ~= '' then
        redis.call('SET', queue .. ':fp:' .. card.fp, id, 'NX', 'PX', MERGE_MS)
    end
    moves.added(queue, id, tonumber(due), card.escalate, card.level, card.passed)
end

-- DECISION BY -> removed (nothing had left) | countered (the opposite is sent) | partly | impossible
-- Unless it is impossible the card is open again, due when it was.
function api.undo(queue, args)
    local decision, by = args[1] or '', args[2] or ''
    local id = string.match(decision, '^d%-(.+)%-%d+$')
    local card = id and read_card(queue, id)
    if not card or card.to then
        return fail('GONE', 'no such decision: ' .. decision)
    end
    if card.undone == decision then
        return card.undo_outcome -- the same call again
    end
    if card.decision ~= decision or card.state ~= 'done' then
        return fail('STALE', 'decision ' .. decision .. ' is not the last one of its card')
    end
    local outcome = outcome_of((card.campaign and undo_campaign or undo_actions)(queue, id, card, decision))
    redis.call('HSET', card_key(queue, id), 'undone', decision, 'undo_outcome', outcome)
    if outcome ~= 'impossible' then
        if card.campaign and card.fp ~= '' then
            redis.call('SET', queue .. ':fp:' .. card.fp, id, 'PX', MERGE_MS)
        end
        open_again(queue, id, card, card.due)
        metrics.count(queue, 'undone')
    end
    tell(queue, 'undone', id, 'by', by, 'decision', decision, 'outcome', outcome)
    ring(queue)
    return outcome
end

-- ID or DECISION -> 1. Whoever decided waited for a replica, and none had it: the card says so.
function api.unreplicated(queue, args)
    local given = args[1] or ''
    local id = string.match(given, '^d%-(.+)%-%d+$') or given
    local known = redis.call('HMGET', card_key(queue, id), 'decision', 'undone')
    local decision = known[1] or known[2]
    if not decision then
        return fail('GONE', 'no such decision: ' .. given)
    end
    redis.call('HSET', card_key(queue, id), 'unreplicated', decision)
    tell(queue, 'unreplicated', id, 'decision', decision)
    return 1
end

-- ---- looking ----

-- ID -> the card as a flat list of fields; a merged one shows the card that took it in
function api.show(queue, args)
    local id = args[1] or ''
    local card = read_card(queue, id)
    if card and card.into then
        id = card.into
        card = read_card(queue, id)
    end
    if not card then
        return fail('GONE', 'no such card: ' .. (args[1] or ''))
    end
    if card.state == 'moved' then
        return fail('GONE', 'card ' .. id .. ' is in queue ' .. card.to)
    end
    card.now = digits(now_ms())
    card.lease = redis.call('ZSCORE', queue .. ':lease', id) or nil
    card.asks = table.concat(redis.call('LRANGE', card_key(queue, id) .. ':asks', 0, 19), '\n')
    if card.asks == '' then
        card.asks = (card.message or '') .. ' ' .. (card.asker or card.user or '')
    end
    if card.campaign then
        card.earlier = '[' .. table.concat(redis.call('ZRANGE', said_key(queue, id), -200, -1), ',') .. ']'
    end
    card.notes = moves.notes_of(queue, id)
    return flat_card(id, card)
end

local function add_cards(queue, list, ids)
    for _, id in ipairs(ids) do
        local card = read_card(queue, id)
        if card then
            card.lease = redis.call('ZSCORE', queue .. ':lease', id) or nil
            list[#list + 1] = flat_card(id, card)
        end
    end
end

-- [PREFIX] -> the ids of all cards, finished ones too, that begin with it
function api.ids(queue, args)
    local prefix = args[1] or ''
    local found = {}
    local lines = lines_of(queue)
    for _, kind in ipairs({':lease', ':moving', ':done'}) do
        lines[#lines + 1] = queue .. kind
    end
    for _, line in ipairs(lines) do
        for _, id in ipairs(redis.call('ZRANGE', line, 0, -1)) do
            if string.sub(id, 1, #prefix) == prefix then
                found[#found + 1] = id
            end
        end
    end
    return found
end

-- [MAX] [done] -> now, then cards as flat lists: waiting by due, then claimed, then those that are on their way to
-- another queue; or what is done, newest first
function api.list(queue, args)
    local max = tonumber(args[1] or '100')
    if not max or max < 1 then
        return fail('INVALID', 'list wants: [MAX] [done]')
    end
    local list = {digits(now_ms())}
    if args[2] == 'done' then
        add_cards(queue, list, redis.call('ZREVRANGE', queue .. ':done', 0, max - 1))
        return list
    end
    local waiting = {}
    for _, head in ipairs(people.heads({queue}, '', {}, max)) do
        waiting[#waiting + 1] = head.id
    end
    add_cards(queue, list, waiting)
    add_cards(queue, list, redis.call('ZRANGE', queue .. ':lease', 0, max - 1))
    add_cards(queue, list, redis.call('ZRANGE', queue .. ':moving', 0, max - 1))
    return list
end

-- ---- housekeeping ----

-- All keys of a card.
local function forget(queue, id)
    local key = card_key(queue, id)
    redis.call('DEL', key, key .. ':asks', key .. ':users', key .. ':notes', key .. ':gone', key .. ':said',
        key .. ':sent', key .. ':names')
end

-- RETENTION_MS -> how many finished cards were forgotten; call again while it is not 0
function api.sweep(queue, args)
    local retention, now = tonumber(args[1]), now_ms()
    if not retention or retention <= 0 then
        return fail('INVALID', 'sweep wants: RETENTION_MS')
    end
    local ids = redis.call('ZRANGEBYSCORE', queue .. ':done', '-inf', digits(now - retention), 'LIMIT', 0, SWEPT_AT_ONCE)
    for _, id in ipairs(ids) do
        forget(queue, id)
        redis.call('ZREM', queue .. ':done', id)
        redis.call('ZADD', queue .. ':seen', digits(now), id) -- until now the card itself made a repeated add harmless
    end
    local old = redis.call('ZCOUNT', queue .. ':seen', '-inf', digits(now - SEEN_MS))
    if old > 0 then
        redis.call('ZREMRANGEBYRANK', queue .. ':seen', 0, math.min(old, SEEN_FORGOTTEN) - 1)
    end
    redis.call('XTRIM', queue .. ':hist', 'MINID', '~', digits(math.max(now - retention, 0)), 'LIMIT', HIST_TRIMMED)
    for _, needs in ipairs(redis.call('SMEMBERS', queue .. ':needs')) do
        if redis.call('EXISTS', line_of(queue, needs)) == 0 then
            redis.call('SREM', queue .. ':needs', needs)
        end
    end
    expire_leases(queue, now)
    return #ids
end

-- -> how many cards came back whose lease or moderator's presence is over, without waiting for a claim
function api.expire(queue)
    return expire_leases(queue, now_ms())
end

-- ---- relaying: what humans decided, to the process that owns the room ----

local function make_group(stream, group)
    redis.pcall('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
end

local function add_entries(list, entries)
    for _, entry in ipairs(entries or {}) do
        if entry and entry[2] then
            local flat = {entry[1]}
            for _, value in ipairs(entry[2]) do
                flat[#flat + 1] = value
            end
            list[#list + 1] = flat
        end
    end
end

-- Entries that nobody else works on any more (idle for so long), then new ones.
local function read_group(stream, group, consumer, max, idle_ms, start)
    local list = {}
    make_group(stream, group)
    if idle_ms >= 0 then
        local again = redis.call('XAUTOCLAIM', stream, group, consumer, digits(idle_ms), start, 'COUNT', max)
        add_entries(list, again[2])
    end
    if #list < max then
        local fresh = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', max - #list, 'STREAMS', stream, '>')
        add_entries(list, fresh and fresh[1] and fresh[1][2])
    end
    return list
end

-- CONSUMER MAX IDLE_MS -> entries of `out`: entry, then its fields. From now on they have left.
function api.outgoing(queue, args)
    if redis.call('EXISTS', queue .. ':out') == 0 then
        return {}
    end
    return read_group(queue .. ':out', GROUP_OUT, args[1], tonumber(args[2]), tonumber(args[3]), '0')
end

-- ENTRY... -> they stand in the streams of their rooms
function api.relayed(queue, args)
    redis.call('XACK', queue .. ':out', GROUP_OUT, unpack(args))
    return redis.call('XDEL', queue .. ':out', unpack(args))
end

-- KEYS[1] = {a:ROOM}. ID ACTION -> 1, or 0 where it was put there before
function api.relay(room, args)
    local now = now_ms()
    if redis.call('ZADD', room .. ':seen', 'NX', digits(now), args[1]) == 0 then
        return 0
    end
    redis.call('ZREMRANGEBYSCORE', room .. ':seen', '-inf', digits(now - SEEN_MS))
    redis.call('XADD', room .. ':actions', '*', 'id', args[1], 'action', args[2])
    ring(room)
    return 1
end

-- The id of an entry that would stand right behind another.
local function behind(entry)
    local time, number = string.match(entry or '', '^(%d+)%-(%d+)$')
    return time and time .. '-' .. digits(tonumber(number) + 1) or '0'
end

-- KEYS[1] = {a:ROOM}. CONSUMER MAX all|new [ENTRY] -> entries: entry, then its fields. `all` gives those again that
-- an owner before us, or we before a crash, were given and did not take, from behind ENTRY on.
function api.actions(room, args)
    if redis.call('EXISTS', room .. ':actions') == 0 then
        return {}
    end
    return read_group(room .. ':actions', GROUP_ACTIONS, args[1], tonumber(args[2]), args[3] == 'all' and 0 or -1,
        behind(args[4]))
end

-- KEYS[1] = {a:ROOM}. ENTRY... -> the owner has them in a log of its own
function api.taken(room, args)
    redis.call('XACK', room .. ':actions', GROUP_ACTIONS, unpack(args))
    return redis.call('XDEL', room .. ':actions', unpack(args))
end

-- KEYS[1] = weir:over. ROOM AGE_MS [OWNER] -> when the room ended: what was asked until then and is open still is to be
-- followed up by OWNER
function api.over(key, args)
    local age = tonumber(args[2] or '')
    if (args[1] or '') == '' or not age then
        return fail('INVALID', 'over wants: ROOM AGE_MS [OWNER]')
    end
    local ended = digits(now_ms() - age)
    redis.call('HSET', key, args[1], ended .. ' ' .. (args[3] or ''))
    return ended
end

-- ---- who owns what ----

-- KEYS[1] = weir:room:ROOM. PROCESS LEASE_MS -> 1 PROCESS | 0 OWNER
function api.own(key, args)
    local owner = redis.call('GET', key)
    if owner and owner ~= args[1] then
        return {0, owner}
    end
    redis.call('SET', key, args[1], 'PX', args[2])
    return {1, args[1]}
end

-- KEYS[1] = weir:room:ROOM. PROCESS -> 1 if it was the owner
function api.disown(key, args)
    if redis.call('GET', key) ~= args[1] then
        return 0
    end
    return redis.call('DEL', key)
end

-- ---- what is known of users: strikes and history, for the judge's memory ----

local function numbers_of(record)
    local list = {}
    for number in string.gmatch(record, '%-?%d+') do
        list[#list + 1] = tonumber(number)
    end
    return #list == 5 and list or nil
end

-- FIRST_MS STRIKES_MS STRIKES MESSAGES CLEAN: the later strikes, the longer history. Several
-- processes may know the same user of a platform.
local function merged(old, new)
    local a, b = numbers_of(old), numbers_of(new)
    if not a or not b then
        return new
    end
    local strikes = b[2] >= a[2] and b or a
    return table.concat({digits(math.min(a[1], b[1])), digits(strikes[2]), digits(strikes[3]),
        digits(math.max(a[4], b[4])), digits(math.max(a[5], b[5]))}, ' ')
end

local function drop_users(scope, list)
    if #list > 0 then
        redis.call('HDEL', scope .. ':users', unpack(list))
        redis.call('ZREM', scope .. ':times', unpack(list))
    end
end

-- KEYS[1] = {m:SCOPE}. KEEP_MS MOST (USER RECORD)... -> how many users are kept
function api.remember(scope, args)
    local users, times, now = scope .. ':users', scope .. ':times', now_ms()
    for i = 3, #args - 1, 2 do
        local old = redis.call('HGET', users, args[i])
        redis.call('HSET', users, args[i], old and merged(old, args[i + 1]) or args[i + 1])
        redis.call('ZADD', times, digits(now), args[i])
    end
    drop_users(scope, redis.call('ZRANGEBYSCORE', times, '-inf', digits(now - tonumber(args[1])), 'LIMIT', 0, 200))
    local over = math.min(redis.call('ZCARD', times) - tonumber(args[2]), 200)
    if over > 0 then
        drop_users(scope, redis.call('ZRANGE', times, 0, over - 1))
    end
    redis.call('PEXPIRE', users, args[1])
    redis.call('PEXPIRE', times, args[1])
    return redis.call('ZCARD', times)
end

-- KEYS[1] = {m:SCOPE}. CURSOR -> the next one, then users and their records
function api.recall(scope, args)
    local page = redis.call('HSCAN', scope .. ':users', args[1], 'COUNT', 500)
    local list = {page[1]}
    for i = 1, #page[2] do
        list[i + 1] = page[2][i]
    end
    return list
end
