-- refit: an agent who is signed in serves other requirements: their skills changed, or the program's requirements did.
--
-- MOVES agent away -> away | ready -> ready | ready -> reserved | reserved -> reserved | on_contact -> on_contact |
--       wrap_up -> wrap_up
-- USES  records line bits idle count match seek settle gone
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       skills   text, canonical
--       bits     bytes, the requirements that the skills meet
--       ranks    text, req:rank,… of requirements whose strategy is not longest idle
--       version  integer, of the requirements they were matched with
-- RETURNS {'refitted', state, offers}
--         {'stale', version}  requirements were registered meanwhile: match again
--         {'unknown'}         not signed in
local base = unpack(KEYS)
local now_ms, id, skills, bits, ranks, version = unpack(ARGV)

local agent = agent_of(id)
if not agent or agent.status == 'offline' then return {'unknown'} end
local current = redis.call('HGET', base .. 'requirements', 'version') or '0'
if current ~= version then return {'stale', current} end
local before = {bits = agent.bits}
leave_idle(id, agent)
agent.bits, agent.ranks, agent.many = bits, ranks, #requirements_of(bits)
redis.call('HSET', base .. 'agent:' .. id, 'skills', skills, 'bits', bits, 'ranks', ranks, 'version', version, 'many',
  agent.many)
-- Counted up before down, so that a requirement served before and after is never without anybody.
count('signed', agent, 1, now_ms)
count('signed', before, -1, now_ms)
if agent.status == 'available' then
  count('able', agent, 1, now_ms)
  count('able', before, -1, now_ms)
  reconsider(before, now_ms)
  release_kept(id, now_ms)
end
happened('refitted', now_ms, 'agent', id, 'skills', skills)
settle(id, agent, now_ms)
return {'refitted', agent.state, offers}
