-- seen: an agent's desk is open; they are signed out when it has not been for so long.
--
-- MOVES none
-- USES  records
-- KEYS  base        the group's base
-- ARGV  now_ms      integer
--       id          text
--       absent_ms   integer, after how long without a further sign they are gone
-- RETURNS {'seen', state}
--         {'unknown'}  not signed in
local base = unpack(KEYS)
local now_ms, id, absent_ms = unpack(ARGV)

local agent = agent_of(id)
if not agent or agent.status == 'offline' then return {'unknown'} end
redis.call('ZADD', base .. 'due', now_ms + absent_ms, 'presence|' .. id .. '|0')
return {'seen', agent.state}
