-- promise: who waits is called back instead; or a callback that reached nobody is promised anew.
--
-- MOVES contact waiting -> waiting | waiting -> offered | waiting -> promised | offered -> waiting | offered ->
--       offered | offered -> promised | promised -> promised | promised -> waiting | promised -> offered
-- USES  records line bits idle match seek settle withdraw promise
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       how     text: keep_place, later_today or at_a_time
--       at_ms   integer, when it is to be served at the latest, or at all; 0 for no such time
-- RETURNS {'promised', state, offers}
--         {'unknown'}         no such contact
--         {'refused', state}  it is being connected or dialled, talks, or is over
local base = unpack(KEYS)
local now_ms, id, how, at_ms = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
local from = contact.state
if from ~= 'waiting' and from ~= 'offered' and from ~= 'promised' then return {'refused', from} end
local held_by = split(contact.agent)
if contact.where ~= '' then step_out(id, contact) end
forget_offer(id, contact)
-- Nobody waits on the line any more: nothing is to happen to them there.
redis.call('ZREM', base .. 'due', 'overflow|' .. id .. '|0')
withdraw(id, contact, held_by, now_ms)
promise(id, contact, how, at_ms, now_ms)
settle_all(held_by, now_ms)
return {'promised', contact.state, offers}
