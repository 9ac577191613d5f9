-- sign_in: a person begins to work, or goes on with other skills; the requirements they serve were matched outside.
--
-- MOVES agent (none) -> away | offline -> away
-- USES  records line idle match
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       skills   text, canonical
--       bits     bytes, the requirements that the skills meet
--       ranks    text, req:rank,… of requirements whose strategy is not longest idle
--       version  integer, of the requirements they were matched with
-- RETURNS {'signed_in', state}
--         {'stale', version}  requirements were registered meanwhile: match again
--         {'refused', state}  skills change only while no contact is offered or on the line
local base = unpack(KEYS)
local now_ms, id, skills, bits, ranks, version = unpack(ARGV)

local current = redis.call('HGET', base .. 'requirements', 'version') or '0'
if current ~= version then return {'stale', current} end
local agent = agent_of(id)
if agent and (agent.state == 'reserved' or agent.state == 'on_contact') then return {'refused', agent.state} end
if agent and agent.status == 'available' then
  count_able(agent, -1)
  leave_idle(id, agent)
end
redis.call('HSET', base .. 'agent:' .. id, 'state', 'away', 'status', 'on_break', 'reason', '', 'skills', skills,
  'bits', bits, 'ranks', ranks, 'since', now_ms, 'contact', '', 'misses', 0)
redis.call('HSETNX', base .. 'agent:' .. id, 'gen', 0)
redis.call('PERSIST', base .. 'agent:' .. id)
redis.call('SADD', base .. 'agents', id)
happened('signed_in', now_ms, 'agent', id, 'skills', skills)
return {'signed_in', 'away'}
