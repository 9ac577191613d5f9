-- drop: a deadline that led to nothing is taken out of the list, unless it was put off meanwhile.
--
-- MOVES none
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       member  text
-- RETURNS {'dropped', count}
local base = unpack(KEYS)
local now_ms, member = unpack(ARGV)

local at_ms = redis.call('ZSCORE', base .. 'due', member)
if not at_ms or tonumber(at_ms) > tonumber(now_ms) then return {'dropped', 0} end
return {'dropped', redis.call('ZREM', base .. 'due', member)}
