-- transfer: a contact is moved to another queue and keeps its place; an agent who hands it on is the last to get it back.
--
-- MOVES contact waiting -> waiting | waiting -> offered | offered -> waiting | offered -> offered | accepted ->
--       waiting | accepted -> offered | connected -> waiting | connected -> offered
-- USES  records plan line bits idle match seek settle withdraw wrap_up
-- KEYS  base        the group's base
-- ARGV  now_ms      integer
--       id          text
--       queue       text
--       requirement text, a registered one
--       prefer      text, agent id it is kept for; empty for none
--       prefer_ms   integer, how long
-- RETURNS {'transferred', state, offers}
--         {'unknown'}            no such contact
--         {'refused', state}     it is promised, being dialled, or over
--         {'no_queue', queue}
--         {'unregistered', requirement}
--         {'other_channel', channel}  a contact stays on its channel
local base = unpack(KEYS)
local now_ms, id, queue, requirement, prefer, prefer_ms = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
local from = contact.state
if from == 'promised' or from == 'claimed' or from == 'ended' then return {'refused', from} end
if redis.call('EXISTS', base .. 'queue:' .. queue) == 0 then return {'no_queue', queue} end
local req = redis.call('HGET', base .. 'numbers', requirement)
if not req then return {'unregistered', requirement} end
local channel = string.match(requirement, '^[^|]+')
if channel ~= (contact.channel == '' and 'voice' or contact.channel) then return {'other_channel', channel} end
if prefer ~= '' then
  local agent = agent_of(prefer)
  if not agent or agent.status ~= 'available' or not serves(agent.bits, tonumber(req)) then prefer = '' end
end

local held_by, old_queue = split(contact.agent), contact.queue
if contact.where ~= '' then step_out(id, contact) end
forget_offer(id, contact)
redis.call('ZREM', base .. 'due', 'relax|' .. id .. '|0', 'prefer|' .. id .. '|0')
trace(id, 'transferred', now_ms, contact.agent, old_queue .. '>' .. queue)
happened('transferred', now_ms, 'contact', id, 'queue', old_queue, 'to', queue, 'agent', contact.agent)
-- The agent's part of it first, which goes by the queue they served.
if from == 'connected' then
  wrap_up(id, contact, now_ms)
  contact.declined = contact.agent
else
  withdraw(id, contact, held_by, now_ms)
end
contact.queue, contact.prefer, contact.relax, contact.agent = queue, prefer, '', ''
ask_for(id, contact, req)
redis.call('HSET', base .. 'contact:' .. id, 'queue', queue, 'prefer', prefer, 'relax', '', 'agent', '', 'declined',
  contact.declined)
if prefer ~= '' then redis.call('ZADD', base .. 'due', now_ms + prefer_ms, 'prefer|' .. id .. '|0') end
seek_agents(id, contact, now_ms)
if from ~= 'connected' then settle_all(held_by, now_ms) end
return {'transferred', contact.state, offers}
