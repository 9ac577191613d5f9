-- set_status: a person is available, on break, or goes; what is offered or on the line is not touched by it.
--
-- MOVES agent away -> ready -> reserved | ready -> away | wrap_up -> ready | wrap_up -> away
-- USES  records line idle match
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       status  available, on_break or offline
--       reason  text
-- RETURNS {'set', state}    then what was offered: 'offer', contact, agent, generation
--         {'unknown'}        not signed in
local base = unpack(KEYS)
local now_ms, id, status, reason = unpack(ARGV)

local agent = agent_of(id)
if not agent or agent.status == 'offline' then return {'unknown'} end
local was_able, is_able = agent.status == 'available', status == 'available'
local is_engaged = agent.state == 'reserved' or agent.state == 'on_contact'
agent.status = status
redis.call('HSET', base .. 'agent:' .. id, 'status', status, 'reason', reason)
happened('status', now_ms, 'agent', id, 'status', status, 'reason', reason)
if is_able and not was_able then count_able(agent, 1) end
if was_able and not is_able then count_able(agent, -1) end
if status == 'offline' then
  redis.call('SREM', base .. 'agents', id)
  redis.call('EXPIRE', base .. 'agent:' .. id, 2592000)
end
-- Somebody who says "available" while ready already keeps their turn.
if not is_engaged and not (is_able and agent.state == 'ready') then
  if agent.state == 'ready' then leave_idle(id, agent) end
  if agent.state == 'wrap_up' then redis.call('ZREM', base .. 'due', 'wrap_up|' .. id .. '|' .. agent.gen) end
  free(id, agent, now_ms)
end
return answer('set', agent.state)
