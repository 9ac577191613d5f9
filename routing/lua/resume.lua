-- resume: the time has come at which a callback was promised: it stands where it would have, had it waited.
--
-- MOVES contact promised -> waiting | promised -> offered | waiting -> waiting | waiting -> offered | offered ->
--       offered | accepted -> accepted | claimed -> claimed
-- USES  records plan line bits idle match seek promise
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
-- RETURNS {'resumed', state, offers}
--         {'not_due', state}
local base = unpack(KEYS)
local now_ms, id = unpack(ARGV)

local contact = contact_of(id)
if not contact or not is_due('callback', id, now_ms) then return {'not_due', contact and contact.state or 'none'} end
local is_waiting = contact.where ~= '' or contact.state == 'promised'
if contact.where ~= '' then step_out(id, contact) end
redis.call('ZREM', base .. 'due', 'callback|' .. id .. '|0')
contact.place = live_place(contact)
redis.call('HSET', base .. 'contact:' .. id, 'place', contact.place)
trace(id, 'resumed', now_ms, '', '')
happened('resumed', now_ms, 'contact', id, 'queue', contact.queue)
if is_waiting then seek_agents(id, contact, now_ms) end
return {'resumed', contact.state, offers}
