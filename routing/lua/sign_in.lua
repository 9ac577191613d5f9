-- sign_in: a person begins to work, on break until they say otherwise; what they serve was matched outside.
--
-- MOVES agent none -> away | offline -> away
-- USES  records bits idle count
-- KEYS  base      the group's base
-- ARGV  now_ms    integer
--       id        text
--       skills    text, canonical
--       bits      bytes, the requirements that the skills meet
--       ranks     text, req:rank,… of requirements whose strategy is not longest idle
--       version   integer, of the requirements they were matched with
--       capacity  text, channel=most,… of the channels they serve
--       over      text, channel>other,… where one may come while the other is held
-- RETURNS {'signed_in', state}
--         {'stale', version}  requirements were registered meanwhile: match again
--         {'there', state}    they are signed in, or not done with a contact
local base = unpack(KEYS)
local now_ms, id, skills, bits, ranks, version, capacity, over = unpack(ARGV)

local agent = agent_of(id)
if agent and (agent.status ~= 'offline' or agent.holds ~= '') then return {'there', agent.state} end
local current = redis.call('HGET', base .. 'requirements', 'version') or '0'
if current ~= version then return {'stale', current} end
redis.call('HSET', base .. 'agent:' .. id, 'state', 'away', 'status', 'on_break', 'reason', '', 'skills', skills,
  'bits', bits, 'many', #requirements_of(bits), 'ranks', ranks, 'version', version, 'since', now_ms, 'capacity', capacity,
  'over', over, 'holds', '', 'idle', '', 'misses', 0, 'taken', 0, 'offered', '')
redis.call('PERSIST', base .. 'agent:' .. id)
redis.call('SADD', base .. 'agents', id)
count('signed', {bits = bits}, 1, now_ms)
happened('signed_in', now_ms, 'agent', id, 'skills', skills)
return {'signed_in', 'away'}
