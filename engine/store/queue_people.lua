
-- ==== people: skills, presence and capacity of moderators ====
--
-- A card may need skills: words like `refunds` or `lang:zh`, in its field `needs`. A moderator who names skills gets
-- only cards all of whose needs are among them (cards that need nothing go to everybody); one who names none may take
-- everything. So nothing waits for a skill that nobody was given, unless everybody present named others: `weir_stats`
-- and `weir_list` show it like all that waits.
--
-- Presence is told again and again, by `weir_present` with a time to live. Who leaves, or is not heard of in time,
-- gives back at once what he holds: the first call about the queue after that moment does it, whichever it is.
-- Presence, skills and capacity are the queue's: who works several queues is present in each. A claim over several
-- queues in one call counts what he holds in all of them against the largest capacity that he named.
--
--   {q:NAME}:present   ZSET  moderator -> when his presence ends
--   {q:NAME}:mod:WHO   HASH  capacity, skills, since
--   {q:NAME}:held:WHO  SET   the cards that he holds

local ABSENT_AT_ONCE = 20
local MOST_NEEDS = 16

-- Words, sorted and once each; a JSON list will do as well.
function people.needs_of(text)
    local words, known = {}, {}
    for word in string.gmatch(string.lower(text), '[^%s,"%[%]{}]+') do
        if not known[word] and #words < MOST_NEEDS then
            known[word] = true
            words[#words + 1] = word
        end
    end
    table.sort(words)
    return table.concat(words, ' ')
end

-- The words as keys; nil where there are none.
local function set_of(words)
    local set = {}
    for word in string.gmatch(words or '', '%S+') do
        set[word] = true
    end
    return next(set) and set or nil
end

local function is_able(skills, needs)
    for word in string.gmatch(needs, '%S+') do
        if skills and not skills[word] then
            return false
        end
    end
    return true
end

local function mod_key(queue, who)
    return queue .. ':mod:' .. who
end

-- What is behind BY and LEASE_MS of a claim: max, or fills; skills; the latest due. Nil and what is wrong.
function people.wish_of(args, first)
    local wish, words = {max = 1}, {}
    local at = first
    if args[at] and args[at] ~= 'skill' and args[at] ~= 'until' then
        wish.fills = args[at] == 'fill'
        wish.max = wish.fills and 100 or tonumber(args[at])
        at = at + 1
    end
    while args[at] do
        if args[at] == 'skill' and args[at + 1] then
            words[#words + 1] = people.needs_of(args[at + 1])
        elseif args[at] == 'until' and tonumber(args[at + 1]) then
            wish.latest = args[at + 1]
        else
            return nil, 'unknown wish of a claim: ' .. args[at]
        end
        at = at + 2
    end
    if not wish.max or wish.max < 1 or wish.max > 100 then
        return nil
    end
    wish.skills = set_of(table.concat(words, ' '))
    return wish
end

-- How many cards BY may claim now; nil and an error where he is full.
function people.room_left(queues, by, wish)
    local capacity, held = 0, 0
    for _, queue in ipairs(queues) do
        capacity = math.max(capacity, tonumber(redis.call('HGET', mod_key(queue, by), 'capacity') or '0'))
        held = held + redis.call('SCARD', queue .. ':held:' .. by)
    end
    if capacity == 0 then
        if wish.fills then
            return nil, fail('INVALID', 'fill wants a capacity: weir_present WHO TTL_MS capacity N')
        end
        return wish.max
    end
    if held >= capacity and not wish.fills then
        return nil, fail('FULL', by .. ' holds ' .. held .. ' of ' .. capacity .. ' cards')
    end
    return math.max(math.min(wish.max, capacity - held), 0)
end

-- By due; those due at the same moment by id, as Redis has them.
local function is_earlier(a, b)
    if a.due ~= b.due then
        return a.due < b.due
    end
    return a.id < b.id
end

local function add_heads(heads, queue, line, latest, max)
    local found = redis.call('ZRANGEBYSCORE', line, '-inf', latest or '+inf', 'WITHSCORES', 'LIMIT', 0, max)
    for i = 1, #found, 2 do
        heads[#heads + 1] = {id = found[i], due = tonumber(found[i + 1]), queue = queue, line = line}
    end
end

-- The first `max` of all that wait in these queues and that BY can do.
function people.heads(queues, by, wish, max)
    local heads, lines = {}, 0
    for _, queue in ipairs(queues) do
        local skills = wish.skills or set_of(redis.call('HGET', mod_key(queue, by), 'skills') or '')
        for _, line in ipairs(lines_of(queue)) do
            if is_able(skills, string.sub(line, #queue + #':ready:' + 1)) then
                add_heads(heads, queue, line, wish.latest, max)
                lines = lines + 1
            end
        end
    end
    if lines > 1 then
        table.sort(heads, is_earlier)
        for i = #heads, max + 1, -1 do
            heads[i] = nil
        end
    end
    return heads
end

local function give_back(queue, who, why)
    local ids = redis.call('SMEMBERS', queue .. ':held:' .. who)
    for _, id in ipairs(ids) do
        local card = read_card(queue, id)
        if card and card.state == 'claimed' and card.owner == who then
            put_back(queue, id, card, 'returned', who)
        else
            redis.call('SREM', queue .. ':held:' .. who, id)
        end
    end
    redis.call('ZREM', queue .. ':present', who)
    redis.call('DEL', mod_key(queue, who))
    tell(queue, why, '', 'by', who, 'returned', #ids)
    ring(queue)
    return #ids
end

-- Ends the presence of those who were not heard of in time. How many cards came back.
function people.expire(queue, now)
    local returned = 0
    local absent = redis.call('ZRANGEBYSCORE', queue .. ':present', '-inf', digits(now), 'LIMIT', 0, ABSENT_AT_ONCE)
    for _, who in ipairs(absent) do
        returned = returned + give_back(queue, who, 'absent')
    end
    return returned
end

-- WHO TTL_MS [capacity N] [skill WORD]... -> until MS held N capacity N (0 = as many as he likes)
-- Call it again before TTL_MS are over. Each call says all: what is left out is no more.
function api.present(queue, args)
    local who, ttl, now = args[1] or '', tonumber(args[2]), now_ms()
    local capacity, words = 0, {}
    for i = 3, #args, 2 do
        if args[i] == 'capacity' and string.match(args[i + 1] or '', '^%d%d?%d?$') then
            capacity = tonumber(args[i + 1])
        elseif args[i] == 'skill' and args[i + 1] then
            words[#words + 1] = args[i + 1]
        else
            ttl = nil
        end
    end
    if who == '' or not ttl or ttl <= 0 then
        return fail('INVALID', 'present wants: WHO TTL_MS [capacity N] [skill WORD]...')
    end
    expire_leases(queue, now)
    if redis.call('ZADD', queue .. ':present', digits(now + ttl), who) == 1 then
        redis.call('HSET', mod_key(queue, who), 'since', digits(now))
        tell(queue, 'present', '', 'by', who)
    end
    redis.call('HSET', mod_key(queue, who), 'capacity', capacity, 'skills', people.needs_of(table.concat(words, ' ')))
    return {'until', digits(now + ttl), 'held', redis.call('SCARD', queue .. ':held:' .. who), 'capacity', capacity}
end

-- WHO -> how many cards he gave back
function api.leave(queue, args)
    if (args[1] or '') == '' then
        return fail('INVALID', 'leave wants: WHO')
    end
    return give_back(queue, args[1], 'left_queue')
end

-- [BY] [skill WORD]... -> the card that a claim would take: id, due, needs, now; empty where it would find nothing
-- For who asks queues one by one which is due first, since a cluster has them in different slots.
function api.head(queue, args)
    local wish, wrong = people.wish_of(args, 2)
    if not wish then
        return fail('INVALID', wrong or 'head wants: [BY] [skill WORD]...')
    end
    local now = now_ms()
    expire_leases(queue, now)
    local head = people.heads({queue}, args[1] or '', wish, 1)[1]
    if not head then
        return {}
    end
    return {'id', head.id, 'due', digits(head.due), 'needs', string.sub(head.line, #queue + #':ready:' + 1), 'now',
        digits(now)}
end

-- -> who is present: lists of name, until, since, capacity, held, skills
function api.people(queue)
    local list = {}
    local found = redis.call('ZRANGE', queue .. ':present', 0, -1, 'WITHSCORES')
    for i = 1, #found, 2 do
        local mod = redis.call('HMGET', mod_key(queue, found[i]), 'since', 'capacity', 'skills')
        list[#list + 1] = {'name', found[i], 'until', digits(tonumber(found[i + 1])), 'since', mod[1] or '', 'capacity',
            mod[2] or '0', 'held', redis.call('SCARD', queue .. ':held:' .. found[i]), 'skills', mod[3] or ''}
    end
    return list
end
