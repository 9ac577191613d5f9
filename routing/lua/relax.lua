-- relax: a contact that has waited long enough asks for less, and keeps its place.
--
-- MOVES contact waiting -> waiting | waiting -> offered | promised -> promised | offered -> offered | accepted ->
--       accepted | claimed -> claimed
-- USES  records plan line bits idle match seek
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
-- RETURNS {'relaxed', requirement, offers}  its number
--         {'not_due', state}
local base = unpack(KEYS)
local now_ms, id = unpack(ARGV)

local contact = contact_of(id)
if not contact or not is_due('relax', id, now_ms) then return {'not_due', contact and contact.state or 'none'} end
local was_standing = contact.where ~= ''
if was_standing then step_out(id, contact) end
-- All that is due by now, if nobody looked for a while.
local rest, next_ms = {}, nil
for after_ms, req in string.gmatch(contact.relax, '(%d+):(%d+)') do
  if contact.since + after_ms <= tonumber(now_ms) then
    trace(id, 'relaxed', now_ms, '', contact.req .. '>' .. req)
    ask_for(id, contact, req)
  else
    rest[#rest + 1] = after_ms .. ':' .. req
    next_ms = next_ms or contact.since + after_ms
  end
end
contact.relax = table.concat(rest, ',')
redis.call('HSET', base .. 'contact:' .. id, 'relax', contact.relax)
redis.call('ZREM', base .. 'due', 'relax|' .. id .. '|0')
if next_ms then redis.call('ZADD', base .. 'due', next_ms, 'relax|' .. id .. '|0') end
happened('relaxed', now_ms, 'contact', id, 'queue', contact.queue, 'req', contact.req)
if was_standing then seek_agents(id, contact, now_ms) end
return {'relaxed', contact.req, offers}
