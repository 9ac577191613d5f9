-- attend: whoever waits is on the line still; what became of the contact meanwhile.
--
-- MOVES none
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
-- RETURNS {'attended', state, outcome, queue}  outcome is empty until it has ended
--         {'unknown'}  no such contact
local base = unpack(KEYS)
local now_ms, id = unpack(ARGV)

local key = base .. 'contact:' .. id
local found = redis.call('HMGET', key, 'state', 'outcome', 'queue')
if not found[1] then return {'unknown'} end
if found[1] ~= 'ended' then redis.call('HSET', key, 'seen', now_ms) end
return {'attended', found[1], found[2] or '', found[3]}
