
function api.version()
    return VERSION
end

-- ---- the way in ----

-- While a library is loaded Redis lends no pairs() and no ipairs().
if redis.register_function then
    local function register(name, flags)
        local body = api[name]
        redis.register_function({
            function_name = 'weir_' .. name,
            callback = function(keys, args)
                return body(keys[1] or '', args, keys)
            end,
            flags = flags,
        })
    end
    local reading = {'show', 'list', 'ids', 'stats', 'metrics', 'people', 'moving', 'version', 'recall'}
    local writing = {
        'add', 'hasten', 'claim', 'extend', 'release', 'answer', 'resolve', 'undo', 'sweep', 'outgoing',
        'relayed', 'relay', 'actions', 'taken', 'own', 'disown', 'withdraw', 'remember', 'unreplicated',
        'expire', 'present', 'leave', 'head', 'note', 'move', 'arrive', 'moved', 'escalate', 'raise',
        'settings', 'satisfied', 'reopen', 'automatic', 'over',
    }
    for i = 1, #reading do
        register(reading[i], {'no-writes'})
    end
    for i = 1, #writing do
        register(writing[i], {})
    end
    return
end

-- A Redis without functions runs the same text by EVALSHA (without its first line), with the
-- function's name as the first argument.
local rest = {}
for i = 2, #ARGV do
    rest[i - 1] = ARGV[i]
end
local body = api[string.gsub(ARGV[1] or '', '^weir_', '')]
if not body then
    return fail('INVALID', 'no such function')
end
return body(KEYS[1] or '', rest, KEYS)
