-- join: a contact begins to wait in a queue, and is offered at once if somebody is ready.
--
-- MOVES contact (none) -> waiting -> offered
-- USES  records line idle match
-- KEYS  base        the group's base
-- ARGV  now_ms      integer
--       id          text
--       queue       text
--       requirement text, a registered one
--       place       integer, ms; lower is sooner
--       priority    integer
--       caller      text, E.164; empty when unknown
--       prefer      text, agent id; empty for none
--       prefer_ms   integer, until when it is kept for that agent
--       relax       text, what is required later: at_ms=requirement, separated by ;
--       overflow_ms integer, when it leaves by itself; 0 never
-- RETURNS {'joined', place}    then what was offered: 'offer', contact, agent, generation
--         {'there', state}      it is known already
--         {'unregistered', requirement}
--         {'no_queue', queue}
local base = unpack(KEYS)
local now_ms, id, queue, requirement, place, priority, caller, prefer, prefer_ms, relax, overflow_ms = unpack(ARGV)

local known = redis.call('HGET', base .. 'contact:' .. id, 'state')
if known and known ~= 'ended' then return {'there', known} end
if redis.call('EXISTS', base .. 'queue:' .. queue) == 0 then return {'no_queue', queue} end
local req = redis.call('HGET', base .. 'numbers', requirement)
if not req then return {'unregistered', requirement} end

-- What is required later is written down by number; a text nobody registered would be found out too late.
local steps, first_ms = {}, nil
for at_ms, text in string.gmatch(relax, '(%d+)=([^;]+)') do
  local number = redis.call('HGET', base .. 'numbers', text)
  if not number then return {'unregistered', text} end
  steps[#steps + 1] = at_ms .. ':' .. number
  first_ms = first_ms or at_ms
end

-- Kept only for somebody who is signed in and able; for anybody else nobody would wait.
if prefer ~= '' then
  local agent = agent_of(prefer)
  if not agent or agent.status ~= 'available' or not serves(agent.bits, tonumber(req)) then prefer = '' end
end

local contact = {state = 'waiting', queue = queue, req = req, place = place, since = now_ms, priority = priority,
  agent = '', gen = '0', declined = '', prefer = prefer, caller = caller, relax = table.concat(steps, ',')}
redis.call('DEL', base .. 'contact:' .. id)
redis.call('HSET', base .. 'contact:' .. id, 'state', 'waiting', 'queue', queue, 'req', req, 'place', place,
  'since', now_ms, 'priority', priority, 'gen', 0, 'caller', caller, 'relax', contact.relax, 'prefer', prefer)
stand(id, contact)
if first_ms then redis.call('ZADD', base .. 'due', first_ms, 'relax|' .. id .. '|0') end
if prefer ~= '' then redis.call('ZADD', base .. 'due', prefer_ms, 'prefer|' .. id .. '|0') end
if tonumber(overflow_ms) > 0 then redis.call('ZADD', base .. 'due', overflow_ms, 'overflow|' .. id .. '|0') end
happened('joined', now_ms, 'contact', id, 'queue', queue, 'requirement', requirement, 'place', place)
seek_agent(id, contact, now_ms)
return answer('joined', place)
