-- join: a contact begins to wait in a queue and is offered at once if somebody is ready; or a callback is promised.
--
-- MOVES contact none -> waiting | none -> offered | none -> promised | ended -> waiting | ended -> offered | ended ->
--       promised
-- USES  records line bits idle match seek promise
-- KEYS  base        the group's base
-- ARGV  now_ms      integer
--       id          text
--       queue       text
--       requirement text, a registered one
--       since_ms    integer, when it began to wait; now, or earlier where it keeps its place
--       priority    integer
--       caller      text, E.164; empty when unknown
--       prefer      text, agent id; empty for none
--       prefer_ms   integer, how long it is kept for that agent
--       relax       text, what is required later: after_ms=requirement, each followed by ;
--       overflow_ms integer, after how long it leaves by itself; 0 never
--       overflow_to text, queue=requirement it goes on to then; empty when it leaves
--       return_ms   integer, how long the place of a caller who hangs up is kept; 0 not at all
--       callback    text, how it is promised: keep_place, later_today or at_a_time; empty for a live contact
--       callback_ms integer, when it is to be served at the latest, or at all; 0 for no such time
-- RETURNS {'joined', place, offers}
--         {'there', state}      it waits or talks already
--         {'no_queue', queue}
--         {'unregistered', requirement}
--         {'too_many_from_caller', most}  a minute
--         {'nobody', condition}           nobody is there to serve it, as the queue's rules count
--         {'full', most}                  too many wait in the queue
--         {'too_long', wait_ms}           whoever would be before it has waited longer than the queue's rules allow
local base = unpack(KEYS)
local now_ms, id, queue, requirement, since_ms, priority, caller, prefer, prefer_ms, relax, overflow_ms, overflow_to,
  return_ms, callback, callback_ms = unpack(ARGV)

local known = redis.call('HMGET', base .. 'contact:' .. id, 'state', 'gen')
if known[1] and known[1] ~= 'ended' then return {'there', known[1]} end
local policy = {}
local POLICY = {'head_start_ms', 'joins_per_caller', 'join_agents', 'join_waiting', 'join_wait_ms', 'leave_agents',
  'leave_wait_ms'}
for i, value in ipairs(redis.call('HMGET', base .. 'queue:' .. queue, unpack(POLICY))) do
  policy[POLICY[i]] = tonumber(value) or value
end
if not policy.head_start_ms then return {'no_queue', queue} end
local req = redis.call('HGET', base .. 'numbers', requirement)
if not req then return {'unregistered', requirement} end

-- What is required later is written down by number; a text nobody registered would be found out too late.
local steps, first_after_ms = {}, nil
for after_ms, text in string.gmatch(relax, '(%d+)=([^;]+)') do
  local number = redis.call('HGET', base .. 'numbers', text)
  if not number then return {'unregistered', text} end
  steps[#steps + 1] = after_ms .. ':' .. number
  first_after_ms = first_after_ms or after_ms
end
local exit = ''
if overflow_to ~= '' then
  local to_queue, to_requirement = string.match(overflow_to, '^([^=]+)=(.+)$')
  if redis.call('EXISTS', base .. 'queue:' .. to_queue) == 0 then return {'no_queue', to_queue} end
  local number = redis.call('HGET', base .. 'numbers', to_requirement)
  if not number then return {'unregistered', to_requirement} end
  exit = to_queue .. '=' .. number
end

-- One number that calls in a loop must not fill the line for everybody.
local counted = base .. 'callers:' .. caller .. ':' .. math.floor(now_ms / 60000)
if caller ~= '' and policy.joins_per_caller > 0 then
  if tonumber(redis.call('GET', counted) or 0) >= policy.joins_per_caller then
    return {'too_many_from_caller', policy.joins_per_caller}
  end
end

-- Is somebody there, by the rule that is asked for?
local function is_served(rule)
  if rule == 'any' then return true end
  if tonumber(redis.call('HGET', base .. (rule == 'signed_in' and 'signed' or 'able'), req) or 0) == 0 then return false end
  if rule ~= 'available_not_in_wrap_up' then return true end
  local writing = 0
  for _, agent_id in ipairs(redis.call('SRANDMEMBER', base .. 'wrap_ups', 100)) do
    local agent = agent_of(agent_id)
    if agent.status == 'available' and serves(agent.bits, tonumber(req)) then writing = writing + 1 end
  end
  return tonumber(redis.call('HGET', base .. 'able', req)) > writing
end
local LEAVES = {never = 'any', none_signed_in = 'signed_in', none_available = 'available'}
if callback == '' then
  if not is_served(policy.join_agents) then return {'nobody', policy.join_agents} end
  if not is_served(LEAVES[policy.leave_agents]) then return {'nobody', policy.leave_agents} end
  if policy.join_waiting > 0 and tonumber(redis.call('HGET', base .. 'waiting', queue) or 0) >= policy.join_waiting then
    return {'full', policy.join_waiting}
  end
  local head = policy.join_wait_ms > 0 and redis.call('ZRANGE', base .. 'line:' .. req, 0, 0)[1]
  local waited_ms = head and now_ms - contact_of(head).since or 0
  if waited_ms > policy.join_wait_ms then return {'too_long', waited_ms} end
end

-- Nothing is refused from here on.
if caller ~= '' and policy.joins_per_caller > 0 then
  redis.call('INCR', counted)
  redis.call('EXPIRE', counted, 120)
end
local left = caller ~= '' and redis.call('GET', base .. 'left:' .. queue .. ':' .. caller)
if left and callback == '' then
  local left_since, until_ms = string.match(left, '(%d+),(%d+)')
  if tonumber(until_ms) >= tonumber(now_ms) and tonumber(left_since) < tonumber(since_ms) then since_ms = left_since end
  redis.call('DEL', base .. 'left:' .. queue .. ':' .. caller)
end
-- Kept only for somebody who is available and able; for anybody else it would wait in vain.
if prefer ~= '' then
  local agent = agent_of(prefer)
  if not agent or agent.status ~= 'available' or not serves(agent.bits, tonumber(req)) then prefer = '' end
end
local leaves_ms = tonumber(overflow_ms)
if callback == '' and policy.leave_wait_ms > 0 and (leaves_ms == 0 or policy.leave_wait_ms < leaves_ms) then
  leaves_ms, exit = policy.leave_wait_ms, 'too_long'
end

local channel = string.match(requirement, '^[^|]+')
local contact = {
  state = 'none', queue = queue, req = req, place = string.format('%d', since_ms - priority * policy.head_start_ms),
  since = since_ms, priority = priority, agent = '', gen = known[2] or '0', declined = '', prefer = prefer, where = '',
  caller = caller, relax = table.concat(steps, ','), channel = channel ~= 'voice' and channel or '',
  ring = string.find(requirement, '|ring_all|', 1, true) and '1' or '', exit = exit,
  return_ms = return_ms ~= '0' and return_ms or '', offered = '', callback = '',
}
if known[1] then
  redis.call('DEL', base .. 'contact:' .. id)
  redis.call('PERSIST', base .. 'trace:' .. id)
end
-- Written down without what is empty.
local parts = {}
for field, value in pairs(contact) do
  if value ~= '' then
    parts[#parts + 1] = field
    parts[#parts + 1] = value
  end
end
redis.call('HSET', base .. 'contact:' .. id, unpack(parts))
contacts[id] = contact
if tonumber(leaves_ms) > 0 then redis.call('ZADD', base .. 'due', since_ms + leaves_ms, 'overflow|' .. id .. '|0') end
if prefer ~= '' then redis.call('ZADD', base .. 'due', now_ms + prefer_ms, 'prefer|' .. id .. '|0') end
if first_after_ms then redis.call('ZADD', base .. 'due', since_ms + first_after_ms, 'relax|' .. id .. '|0') end
happened('joined', now_ms, 'contact', id, 'queue', queue, 'requirement', requirement, 'place', contact.place)
if callback == '' then
  seek_agents(id, contact, now_ms)
else
  promise(id, contact, callback, callback_ms, now_ms)
end
return {'joined', contact.place, offers}
