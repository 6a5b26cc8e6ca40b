
-- ==== moves: notes, other queues, escalation, what became of an answer ====
--
-- Each queue lives in one slot, so a card can't go from one to another in one call. It goes in three, each of which may
-- be repeated by anybody, and none of which loses or doubles it:
--
--   weir_move    in the queue where it is: it is `moving`, nobody's to claim, and the answer holds all of it
--   weir_arrive  in the other: it waits there, due when it was; a second time is `repeated`
--   weir_moved   in the first again: what is left is a stone that says where it went, for as long as anybody may ask
--
-- Whoever dies in between leaves it in `weir_moving`, which every process of weir looks through and brings to its end.
-- `hops` counts the moves of a card, which tells a move from its repetition.
--
--   {q:NAME}:moving     ZSET  card -> since when it is on its way
--   {q:NAME}:escalate   ZSET  card -> when it is passed on if it still waits then
--   {q:NAME}:settings   HASH  escalate

local NOTES_LENGTH = 100
local NOTE_BYTES = 4000
local BUSY_MS = 30000 -- a card that somebody works on is looked at again so much later
local BATCH = 500 -- values of one command

local function push_all(command, key, values)
    for i = 1, #values, BATCH do
        redis.call(command, key, unpack(values, i, math.min(i + BATCH - 1, #values)))
    end
end

local function is_queue_name(name)
    return #name > 0 and #name <= 64 and not string.find(name, '[%c%s{}]')
end

-- ---- notes ----

-- ID BY TEXT [CAUSE] -> how many notes it has. Moderators see them, viewers never. The same CAUSE is noted once.
function api.note(queue, args)
    local id, by, text, now = args[1] or '', args[2] or '', args[3] or '', now_ms()
    if by == '' or text == '' or #text > NOTE_BYTES then
        return fail('INVALID', 'note wants: ID BY TEXT [CAUSE], at most ' .. NOTE_BYTES .. ' bytes')
    end
    local card = read_card(queue, id)
    if not card or card.into or card.to then
        return fail('GONE', 'no such card: ' .. id)
    end
    local notes = card_key(queue, id) .. ':notes'
    if args[4] and redis.call('ZADD', queue .. ':seen', 'NX', digits(now), 'note ' .. id .. ' ' .. args[4]) == 0 then
        return redis.call('LLEN', notes)
    end
    local length = redis.call('RPUSH', notes, cjson.encode({at = digits(now), by = by, text = text}))
    if length > NOTES_LENGTH then
        redis.call('LTRIM', notes, -NOTES_LENGTH, -1)
    end
    tell(queue, 'noted', id, 'by', by)
    ring(queue)
    return math.min(length, NOTES_LENGTH)
end

-- A JSON list; nil where there are none.
function moves.notes_of(queue, id)
    local notes = redis.call('LRANGE', card_key(queue, id) .. ':notes', 0, -1)
    return #notes > 0 and '[' .. table.concat(notes, ',') .. ']' or nil
end

-- ---- to another queue ----

local function pack_card(queue, id, card)
    local key = card_key(queue, id)
    return cjson.encode({
        card = card,
        asks = redis.call('LRANGE', key .. ':asks', 0, -1),
        users = redis.call('SMEMBERS', key .. ':users'),
        names = redis.call('HGETALL', key .. ':names'),
        notes = redis.call('LRANGE', key .. ':notes', 0, -1),
        gone = redis.call('SMEMBERS', key .. ':gone'),
        said = redis.call('ZRANGE', key .. ':said', 0, -1),
    })
end

local function depart(queue, id, card, to, by, now)
    take_away(queue, id, card)
    card.state, card.to, card.moved_by, card.owner = 'moving', to, by, ''
    card.hops = digits(tonumber(card.hops or '0') + 1)
    redis.call('HSET', card_key(queue, id), 'state', 'moving', 'to', to, 'moved_by', by, 'owner', '', 'hops', card.hops)
    redis.call('ZADD', queue .. ':moving', digits(now), id)
    tell(queue, 'moving', id, 'by', by, 'to', to)
    ring(queue)
end

-- ID TOKEN TO BY -> moving HOPS CARD | moved HOPS. TOKEN: of the claim; '' for a card that waits. TO: the name of the
-- other queue. CARD goes to weir_arrive there, as it is.
function api.move(queue, args)
    local id, token, to, by, now = args[1] or '', args[2] or '', args[3] or '', args[4] or '', now_ms()
    if by == '' or not is_queue_name(to) or queue == '{q:' .. to .. '}' then
        return fail('INVALID', 'move wants: ID TOKEN TO BY, TO another queue')
    end
    expire_leases(queue, now)
    local card = read_card(queue, id)
    if not card or card.into then
        return fail('GONE', 'no such card: ' .. id)
    end
    if card.to then
        if card.to ~= to then
            return fail('GONE', 'card ' .. id .. ' went to queue ' .. card.to)
        end
        return {card.state, card.hops, card.state == 'moving' and pack_card(queue, id, card) or nil}
    end
    if not is_open(card) then
        return fail('STALE', 'card ' .. id .. ' is decided')
    end
    if card.state == 'claimed' and card.token ~= token then
        return fail('STALE', 'card ' .. id .. ' is claimed by ' .. card.owner)
    end
    if card.state == 'ready' and token ~= '' then
        return fail('STALE', 'the claim of card ' .. id .. ' is over')
    end
    depart(queue, id, card, to, by, now)
    return {'moving', card.hops, pack_card(queue, id, card)}
end

local function unpack_card(text)
    local ok, packed = pcall(cjson.decode, text)
    local is_sound = ok and type(packed) == 'table' and type(packed.card) == 'table' and tonumber(packed.card.due) and
        tonumber(packed.card.hops) and tonumber(packed.card.created) and tonumber(packed.card.target)
    for _, name in ipairs({'asks', 'users', 'names', 'notes', 'gone', 'said'}) do
        is_sound = is_sound and type(packed[name]) == 'table'
        for _, value in ipairs(is_sound and packed[name] or {}) do
            is_sound = is_sound and type(value) == 'string'
        end
    end
    for name, value in pairs(is_sound and packed.card or {}) do
        is_sound = is_sound and type(name) == 'string' and type(value) == 'string'
    end
    return is_sound and #packed.names % 2 == 0 and packed or nil
end

local left_behind = {to = true, owner = true, state = true, moved_by = true}

local function unfold(queue, id, packed, now)
    local key, flat = card_key(queue, id), {'state', 'ready', 'owner', ''}
    for name, value in pairs(packed.card) do
        if not left_behind[name] then
            flat[#flat + 1] = name
            flat[#flat + 1] = value
        end
    end
    forget(queue, id)
    redis.call('HSET', key, unpack(flat))
    push_all('RPUSH', key .. ':asks', packed.asks)
    push_all('SADD', key .. ':users', packed.users)
    push_all('HSET', key .. ':names', packed.names)
    push_all('RPUSH', key .. ':notes', packed.notes)
    push_all('SADD', key .. ':gone', packed.gone)
    for i, member in ipairs(packed.said) do -- of a campaign, in their order
        redis.call('ZADD', key .. ':said', digits(now + i), member)
    end
end

-- ID FROM CARD -> arrived | repeated ID STATE. FROM: the name of the queue that it comes from.
function api.arrive(queue, args)
    local id, from, packed, now = args[1] or '', args[2] or '', unpack_card(args[3] or ''), now_ms()
    if id == '' or not is_queue_name(from) or not packed then
        return fail('INVALID', 'arrive wants: ID FROM CARD, as weir_move gave it')
    end
    local card, known = packed.card, read_card(queue, id)
    if known and (known.state ~= 'moved' or tonumber(known.hops) >= tonumber(card.hops)) then
        return {'repeated', id, known.state}
    end
    card.from = from
    unfold(queue, id, packed, now)
    put_in_line(queue, id, card.due, card.needs)
    redis.call('ZADD', queue .. ':open', card.created, id)
    redis.call('ZADD', queue .. ':seen', digits(now), id)
    if (card.fp or '') ~= '' then
        redis.call('SET', queue .. ':fp:' .. card.fp, id, 'NX', 'PX', MERGE_MS)
    end
    moves.added(queue, id, tonumber(card.due), card.escalate, card.level, card.passed)
    metrics.count(queue, 'moved_in')
    tell(queue, 'arrived', id, 'from', from, 'by', card.moved_by or '')
    ring(queue)
    return {'arrived', id, 'ready'}
end

-- ID HOPS -> OK: it has arrived, and is nothing here but a stone
function api.moved(queue, args)
    local id = args[1] or ''
    local card = read_card(queue, id)
    if not card or card.state ~= 'moving' or card.hops ~= args[2] then
        return 'OK' -- done before, or it has come back since
    end
    forget(queue, id)
    redis.call('HSET', card_key(queue, id), 'state', 'moved', 'to', card.to, 'hops', card.hops)
    redis.call('PEXPIRE', card_key(queue, id), MERGED_MS)
    redis.call('ZREM', queue .. ':moving', id)
    metrics.count(queue, 'moved_out')
    tell(queue, 'moved', id, 'to', card.to)
    ring(queue)
    return 'OK'
end

-- MAX -> cards that are on their way, longest first: lists of ID TO HOPS CARD
function api.moving(queue, args)
    local list = {}
    for _, id in ipairs(redis.call('ZRANGE', queue .. ':moving', 0, tonumber(args[1] or '20') - 1)) do
        local card = read_card(queue, id)
        if card and card.state == 'moving' then
            list[#list + 1] = {id, card.to, card.hops, pack_card(queue, id, card)}
        end
    end
    return list
end

-- ---- escalation ----

-- Step N of `AFTER_MS QUEUE, AFTER_MS QUEUE...`: how long after it was due, and to which queue; without a queue it only
-- rises a level where it is.
local function step_of(steps, number)
    for after, to in string.gmatch(steps or '', '(%d+) *([^,]*)') do
        number = number - 1
        if number == 0 then
            return tonumber(after), string.match(to, '^(.-)%s*$')
        end
    end
end

-- When, and whereto, a card is passed on next: by its own steps, else once by what the queue says.
local function next_step(queue, steps, level, passed)
    local after, to = step_of(steps, tonumber(level or '0') + 1)
    if not after and not string.find(passed or '', queue, 1, true) then
        after, to = step_of(redis.call('HGET', queue .. ':settings', 'escalate') or '', 1)
    end
    return after, to
end

function moves.added(queue, id, due, steps, level, passed)
    local after = next_step(queue, steps, level, passed)
    if after then
        redis.call('ZADD', queue .. ':escalate', digits(due + after), id)
    end
end

function moves.brought_forward(queue, id, by_ms)
    local at = redis.call('ZSCORE', queue .. ':escalate', id)
    if at then
        redis.call('ZADD', queue .. ':escalate', digits(tonumber(at) - by_ms), id)
    end
end

local function escalate_card(queue, id, card, to, by, now)
    card.level = digits(tonumber(card.level or '0') + 1)
    card.passed = (card.passed or '') .. queue
    redis.call('HSET', card_key(queue, id), 'level', card.level, 'passed', card.passed, 'escalated', digits(now))
    redis.call('ZREM', queue .. ':escalate', id)
    metrics.count(queue, 'escalated')
    tell(queue, 'escalated', id, 'level', card.level, 'to', to, 'by', by)
    if to ~= '' and is_queue_name(to) and queue ~= '{q:' .. to .. '}' then
        depart(queue, id, card, to, by, now)
    else
        moves.added(queue, id, tonumber(card.due), card.escalate, card.level, card.passed)
        ring(queue)
    end
end

-- ID BY -> LEVEL QUEUE: a moderator passes on what nobody works on, as if it had waited too long. QUEUE: where it is on
-- its way to, to be completed as a move is; '' = it stays here, a level higher.
function api.raise(queue, args)
    local id, by, now = args[1] or '', args[2] or '', now_ms()
    if by == '' then
        return fail('INVALID', 'raise wants: ID BY')
    end
    expire_leases(queue, now)
    local card = read_card(queue, id)
    if not card or card.into or card.to then
        return fail('GONE', 'no such card: ' .. id)
    end
    if card.state ~= 'ready' then
        return fail('STALE', 'card ' .. id .. ' is ' .. (card.state == 'done' and 'decided' or 'claimed by ' .. card.owner))
    end
    local _, to = next_step(queue, card.escalate, card.level, card.passed)
    escalate_card(queue, id, card, to or '', by, now)
    return {card.level, card.to or ''}
end

-- MAX -> how many cards were passed on because they were overdue; those that go to another queue are in weir_moving now.
-- What somebody works on stays with him.
function api.escalate(queue, args)
    local max, now, count = tonumber(args[1]), now_ms(), 0
    if not max or max < 1 then
        return fail('INVALID', 'escalate wants: MAX')
    end
    expire_leases(queue, now)
    local ids = redis.call('ZRANGEBYSCORE', queue .. ':escalate', '-inf', digits(now), 'LIMIT', 0, max)
    for _, id in ipairs(ids) do
        local card = read_card(queue, id)
        if not is_open(card) then
            redis.call('ZREM', queue .. ':escalate', id)
        elseif card.state == 'claimed' then
            redis.call('ZADD', queue .. ':escalate', digits(now + BUSY_MS), id)
        else
            local _, to = next_step(queue, card.escalate, card.level, card.passed)
            escalate_card(queue, id, card, to or '', 'escalation', now)
            count = count + 1
        end
    end
    return count
end

-- [NAME VALUE] -> the settings of the queue as a flat list. `escalate`: `AFTER_MS QUEUE` for cards that bring no steps
-- of their own, from now on; '' = they stay.
function api.settings(queue, args)
    if args[1] then
        local value = args[2]
        if args[1] ~= 'escalate' or not value or (value ~= '' and not step_of(value, 1)) then
            return fail('INVALID', "settings wants: [escalate 'AFTER_MS QUEUE']")
        end
        redis.call('HSET', queue .. ':settings', args[1], value)
    end
    return redis.call('HGETALL', queue .. ':settings')
end

-- ---- what became of an answer ----

-- ID CAUSE -> 1, or 0 where that was known: who asked is content with the answer
function api.satisfied(queue, args)
    local id = args[1] or ''
    local card = read_card(queue, id)
    if not card or card.state ~= 'done' then
        return fail(card and 'STALE' or 'GONE', 'card ' .. id .. ' is not answered')
    end
    if card.satisfied then
        return 0
    end
    redis.call('HSET', card_key(queue, id), 'satisfied', args[2] or '')
    metrics.count(queue, 'satisfied')
    tell(queue, 'satisfied', id, 'cause', args[2] or '')
    ring(queue)
    return 1
end

-- ID CAUSE [TARGET_MS] [TEXT] -> reopened DUE | repeated DUE: the answer did not help. The card waits again, to be
-- answered within TARGET_MS (its own, unless given); TEXT is noted. CAUSE: what was written, so that a repetition is
-- known.
function api.reopen(queue, args)
    local id, cause, now = args[1] or '', args[2] or '', now_ms()
    local card = read_card(queue, id)
    if not card or card.to or card.into then
        return fail('GONE', 'no such card: ' .. id)
    end
    if cause == '' or (args[3] and args[3] ~= '' and not tonumber(args[3])) then
        return fail('INVALID', 'reopen wants: ID CAUSE [TARGET_MS] [TEXT]')
    end
    local known = 'reopen ' .. id .. ' ' .. cause
    if redis.call('ZSCORE', queue .. ':seen', known) then
        return {'repeated', card.due}
    end
    if card.state ~= 'done' then
        return fail('STALE', 'card ' .. id .. ' is open')
    end
    if card.decided == 'withdrawn' then
        return fail('GONE', 'the messages of card ' .. id .. ' are gone from the room: it is withdrawn')
    end
    redis.call('ZADD', queue .. ':seen', digits(now), known)
    local due = digits(now + (tonumber(args[3] or '') or tonumber(card.target)))
    open_again(queue, id, card, due)
    redis.call('HSET', card_key(queue, id), 'since', digits(now))
    redis.call('HDEL', card_key(queue, id), 'claimed', 'counted')
    redis.call('HINCRBY', card_key(queue, id), 'reopened', 1)
    if (args[4] or '') ~= '' then
        redis.call('RPUSH', card_key(queue, id) .. ':notes', cjson.encode({at = digits(now), by = '', text = args[4]}))
    end
    metrics.count(queue, 'reopened')
    tell(queue, 'reopened', id, 'cause', cause)
    ring(queue)
    return {'reopened', due}
end
