-- reprioritise: a contact gets another head start, and with it another place.
--
-- MOVES contact waiting -> waiting | promised -> promised | offered -> offered | accepted -> accepted | claimed ->
--       claimed
-- USES  records line
-- KEYS  base      the group's base
-- ARGV  now_ms    integer
--       id        text
--       priority  integer
-- RETURNS {'moved', place}
--         {'unknown'}         no such contact
--         {'refused', state}  it is connected or over
local base = unpack(KEYS)
local now_ms, id, priority = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state == 'connected' or contact.state == 'ended' then return {'refused', contact.state} end
local was_standing = contact.where ~= ''
if was_standing then step_out(id, contact) end
local head_start_ms = policy_of(contact.queue, 'head_start_ms')
contact.place = string.format('%d', contact.place + (contact.priority - priority) * head_start_ms)
redis.call('HSET', base .. 'contact:' .. id, 'place', contact.place, 'priority', priority)
if was_standing then stand(id, contact) end
trace(id, 'reprioritised', now_ms, '', contact.priority .. '>' .. priority)
happened('reprioritised', now_ms, 'contact', id, 'queue', contact.queue, 'priority', priority)
return {'moved', contact.place}
