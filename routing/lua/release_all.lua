-- release_all: the rest of what was kept for an agent who has gone is anybody's, a batch at a time.
--
-- MOVES contact waiting -> waiting | waiting -> offered
-- USES  records plan line bits idle match seek gone
-- KEYS  base    the group's base
-- ARGV  now_ms    integer
--       agent_id  text
-- RETURNS {'released', agent, offers}
--         {'not_due'}
local base = unpack(KEYS)
local now_ms, agent_id = unpack(ARGV)

if not is_due('release', agent_id, now_ms) then return {'not_due'} end
local agent = agent_of(agent_id)
if agent and agent.status == 'available' then
  redis.call('ZREM', base .. 'due', 'release|' .. agent_id .. '|0')
else
  release_kept(agent_id, now_ms)
end
return {'released', agent_id, offers}
