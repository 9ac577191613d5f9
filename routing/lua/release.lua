-- release: a contact has been kept for one agent long enough, and is anybody's.
--
-- MOVES contact waiting -> waiting | waiting -> offered | promised -> promised | offered -> offered | accepted ->
--       accepted | claimed -> claimed
-- USES  records plan line bits idle match seek
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
-- RETURNS {'released', state, offers}
--         {'not_due', state}
local base = unpack(KEYS)
local now_ms, id = unpack(ARGV)

local contact = contact_of(id)
if not contact or not is_due('prefer', id, now_ms) then return {'not_due', contact and contact.state or 'none'} end
local was_standing = contact.where ~= ''
if was_standing then step_out(id, contact) end
trace(id, 'released', now_ms, contact.prefer, '')
happened('released', now_ms, 'contact', id, 'queue', contact.queue, 'agent', contact.prefer)
contact.prefer = ''
redis.call('HSET', base .. 'contact:' .. id, 'prefer', '')
redis.call('ZREM', base .. 'due', 'prefer|' .. id .. '|0')
if was_standing then seek_agents(id, contact, now_ms) end
return {'released', contact.state, offers}
