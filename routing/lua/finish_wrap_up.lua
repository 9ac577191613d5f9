-- finish_wrap_up: the time to write up is over, or the agent says so.
--
-- MOVES agent wrap_up -> ready -> reserved | wrap_up -> away
-- USES  records line idle match
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       gen     integer, of this wrap-up; empty for whichever it is
-- RETURNS {'freed', state}    then what was offered: 'offer', contact, agent, generation
--         {'refused', state}   not in this wrap-up
local base = unpack(KEYS)
local now_ms, id, gen = unpack(ARGV)

local agent = agent_of(id)
if not agent then return {'refused', 'unknown'} end
if agent.state ~= 'wrap_up' or (gen ~= '' and agent.gen ~= gen) then return {'refused', agent.state} end
redis.call('ZREM', base .. 'due', 'wrap_up|' .. id .. '|' .. agent.gen)
free(id, agent, now_ms)
return answer('freed', agent.state)
