-- overflow: a contact has waited as long as it may: it goes on to another queue with its place, or leaves by itself.
--
-- MOVES contact waiting -> ended | waiting -> waiting | waiting -> offered | promised -> promised | offered ->
--       offered | accepted -> accepted | claimed -> claimed
-- USES  records plan line bits idle match seek finish
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
-- RETURNS {'overflowed', outcome, offers}  the outcome, or the queue it went on to
--         {'later', state}  being offered; looked at again in a second
--         {'not_due', state}
local base = unpack(KEYS)
local now_ms, id = unpack(ARGV)

local contact = contact_of(id)
if not contact or not is_due('overflow', id, now_ms) then return {'not_due', contact and contact.state or 'none'} end
if contact.state ~= 'waiting' then
  redis.call('ZADD', base .. 'due', now_ms + 1000, 'overflow|' .. id .. '|0')
  return {'later', contact.state}
end
local exit = redis.call('HGET', base .. 'contact:' .. id, 'exit') or ''
local queue, req = string.match(exit, '^([^=]+)=(%d+)$')
step_out(id, contact)
if not queue then
  local outcome = exit ~= '' and exit or 'overflowed'
  finish(id, contact, outcome, now_ms)
  return {'overflowed', outcome, offers}
end
redis.call('ZREM', base .. 'due', 'overflow|' .. id .. '|0', 'prefer|' .. id .. '|0', 'relax|' .. id .. '|0')
trace(id, 'overflowed', now_ms, '', contact.queue .. '>' .. queue)
happened('overflowed', now_ms, 'contact', id, 'queue', contact.queue, 'to', queue)
contact.queue, contact.prefer, contact.relax = queue, '', ''
ask_for(id, contact, req)
redis.call('HSET', base .. 'contact:' .. id, 'queue', queue, 'prefer', '', 'relax', '', 'exit', '')
seek_agents(id, contact, now_ms)
return {'overflowed', queue, offers}
