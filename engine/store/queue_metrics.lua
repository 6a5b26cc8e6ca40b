
-- ==== metrics: how a queue does, and who works it ====
--
-- Counted where the change is made, in the same atomic call, and kept in Redis: the same for every process, and still
-- there after a restart. All times are Redis's. What is not known is left out, never told as 0.
--
-- What weir_stats and weir_metrics tell, and what it means:
--
--   waiting      cards that anybody may claim now            claimed   cards that somebody works on
--   expired      of the claimed, those whose lease is over: they wait again with the next call that looks
--   overdue      of the waiting, those whose due time is over
--   oldest       when the question behind the oldest waiting card was asked (its age is now - oldest); not the card
--                that is due first, and not when it came here
--   next_due     when the first of the waiting is due        moving    on their way to another queue
--   done         finished cards that are still remembered    present   moderators
--   since        since when is counted what follows
--   added        cards made here                             merged    messages that joined an open card
--   merged_ratio merged / (added + merged)
--   automatic    questions answered at once, without a card or a human
--   answered     decisions that said something to who asked  resolved  all other decisions of moderators
--   late         decisions after the due time                withdrawn cards whose messages all went
--   reopened     cards whose answer did not help             satisfied cards whose asker was content, once each
--   undone       decisions that were taken back. The decision stays counted, and the card's next one adds nothing to
--                the times from the arrival
--   escalated    cards passed on because they were overdue   moved_in, moved_out: from and to other queues
--
--   arrival_to_claim   from the asking to the first claim; a card that comes back and is claimed again adds nothing
--   claim_to_answer    from the claim that led to a decision, to that decision
--   arrival_to_answer  from the asking to the first decision; withdrawn cards add nothing
--                After reopening a card counts anew, from the reopening on. A card that was moved counts from its
--                asking, where it is claimed and decided.
--
-- A histogram counts each time in the first of BOUNDS that it does not exceed, else in `more`; `sum` is exact. Of
-- each moderator: `handled` decisions, `time` from claim to decision in all, `returned_by_lease` cards he kept too
-- long, `returned_by_absence` those he held when he left or was not heard of, `released` those he gave back.
--
--   {q:NAME}:metrics   HASH  counters; HISTOGRAM:BOUND, HISTOGRAM:more, HISTOGRAM:sum
--   {q:NAME}:workers   HASH  `COUNTER WHO` -> number
--   {q:NAME}:open      ZSET  card -> when it was asked

local BOUNDS = {1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 1800000, 3600000, 7200000,
    21600000, 86400000}
local COUNTERS = {'added', 'merged', 'automatic', 'answered', 'resolved', 'late', 'withdrawn', 'reopened', 'satisfied',
    'undone', 'escalated', 'moved_in', 'moved_out'}
local HISTOGRAMS = {'arrival_to_claim', 'claim_to_answer', 'arrival_to_answer'}
local CLAIMED_AT_MOST = 1000 -- looked past on the way to the oldest card that waits

function metrics.count(queue, name)
    if redis.call('HINCRBY', queue .. ':metrics', name, 1) == 1 then
        redis.call('HSETNX', queue .. ':metrics', 'since', digits(now_ms()))
    end
end

local function count_worker(queue, name, who, number)
    if who ~= '' then
        redis.call('HINCRBY', queue .. ':workers', name .. ' ' .. who, digits(number))
    end
end

local function observe(queue, name, ms)
    local bound = 'more'
    ms = math.max(ms, 0)
    for i = 1, #BOUNDS do
        if ms <= BOUNDS[i] then
            bound = digits(BOUNDS[i])
            break
        end
    end
    redis.call('HINCRBY', queue .. ':metrics', name .. ':' .. bound, 1)
    redis.call('HINCRBY', queue .. ':metrics', name .. ':sum', digits(ms))
end

function metrics.claimed(queue, card, now)
    if not card.claimed then
        observe(queue, 'arrival_to_claim', now - tonumber(card.since or card.created))
    end
end

local returns = {expired = 'returned_by_lease', returned = 'returned_by_absence', released = 'released'}

function metrics.returned(queue, what, who)
    count_worker(queue, returns[what], who, 1)
end

function metrics.decided(queue, id, what, card, now)
    local worked = now - tonumber(card.claimed)
    metrics.count(queue, what)
    if now > tonumber(card.due) then
        metrics.count(queue, 'late')
    end
    observe(queue, 'claim_to_answer', worked)
    if not card.counted then
        observe(queue, 'arrival_to_answer', now - tonumber(card.since or card.created))
        redis.call('HSET', card_key(queue, id), 'counted', '1')
    end
    count_worker(queue, 'handled', card.owner, 1)
    count_worker(queue, 'time', card.owner, math.max(worked, 0))
end

-- CAUSE -> 1, or 0 where that was counted: a question was answered at once, without a card
function api.automatic(queue, args)
    if (args[1] or '') == '' then
        return fail('INVALID', 'automatic wants: CAUSE')
    end
    if redis.call('ZADD', queue .. ':seen', 'NX', digits(now_ms()), 'automatic ' .. args[1]) == 0 then
        return 0
    end
    metrics.count(queue, 'automatic')
    return 1
end

-- When the oldest waiting card was asked.
local function oldest_waiting(queue)
    local ids = redis.call('ZRANGE', queue .. ':open', 0, CLAIMED_AT_MOST - 1, 'WITHSCORES')
    for i = 1, #ids, 2 do
        if not redis.call('ZSCORE', queue .. ':lease', ids[i]) then
            return digits(tonumber(ids[i + 1]))
        end
    end
    return ''
end

-- -> a flat list of how it stands now, as described above; '' = there is none
function api.stats(queue)
    local now = now_ms()
    local waiting, overdue, next_due = 0, 0, nil
    for _, line in ipairs(lines_of(queue)) do
        local head = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
        waiting = waiting + redis.call('ZCARD', line)
        overdue = overdue + redis.call('ZCOUNT', line, '-inf', '(' .. digits(now))
        if head[2] then
            next_due = math.min(next_due or tonumber(head[2]), tonumber(head[2]))
        end
    end
    return {
        'now', digits(now),
        'waiting', waiting,
        'claimed', redis.call('ZCARD', queue .. ':lease'),
        'expired', redis.call('ZCOUNT', queue .. ':lease', '-inf', digits(now)),
        'overdue', overdue,
        'next_due', next_due and digits(next_due) or '',
        'done', redis.call('ZCARD', queue .. ':done'),
        'oldest', waiting > 0 and oldest_waiting(queue) or '',
        'moving', redis.call('ZCARD', queue .. ':moving'),
        'present', redis.call('ZCOUNT', queue .. ':present', '(' .. digits(now), '+inf'),
    }
end

-- A flat list: each bound, more, sum.
local function histogram(known, name)
    local flat = {}
    for i = 1, #BOUNDS do
        flat[#flat + 1] = digits(BOUNDS[i])
        flat[#flat + 1] = known[name .. ':' .. digits(BOUNDS[i])] or '0'
    end
    for _, last in ipairs({'more', 'sum'}) do
        flat[#flat + 1] = last
        flat[#flat + 1] = known[name .. ':' .. last] or '0'
    end
    return flat
end

local function read_hash(key)
    local flat, known = redis.call('HGETALL', key), {}
    for i = 1, #flat, 2 do
        known[flat[i]] = flat[i + 1]
    end
    return known
end

local function workers_of(queue)
    local workers, names = {}, {}
    for field, number in pairs(read_hash(queue .. ':workers')) do
        local counter, who = string.match(field, '^(%S+) (.*)$')
        if counter then
            if not workers[who] then
                workers[who] = {'name', who}
                names[#names + 1] = who
            end
            table.insert(workers[who], counter)
            table.insert(workers[who], number)
        end
    end
    table.sort(names)
    for i, who in ipairs(names) do
        names[i] = workers[who]
    end
    return names
end

-- -> four lists: counters, each with its number; histograms, each with a list of bounds and counts, `more` and `sum`;
-- moderators, a list for each; since, the time
function api.metrics(queue)
    local known, counters, histograms = read_hash(queue .. ':metrics'), {}, {}
    for _, name in ipairs(COUNTERS) do
        counters[#counters + 1] = name
        counters[#counters + 1] = known[name] or '0'
    end
    local joined, added = tonumber(known.merged or '0'), tonumber(known.added or '0')
    counters[#counters + 1] = 'merged_ratio'
    counters[#counters + 1] = joined + added > 0 and string.format('%.3f', joined / (joined + added)) or ''
    for _, name in ipairs(HISTOGRAMS) do
        histograms[#histograms + 1] = name
        histograms[#histograms + 1] = histogram(known, name)
    end
    return {counters, histograms, workers_of(queue), known.since or ''}
end
