-- dialled: what came of a callback's call: the customer answered and waits live, is rung again later, or nobody told.
--
-- MOVES contact claimed -> waiting | claimed -> offered | claimed -> promised | accepted -> promised
-- USES  records line bits idle match seek settle withdraw promise
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       gen     integer, the claim's or the accepted offer's
--       result  text: answered, again or expired
--       at_ms   integer, when it is dialled again
-- RETURNS {'dialled', state, offers}
--         {'late', state}  this claim is over
local base = unpack(KEYS)
local now_ms, id, gen, result, at_ms = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'late', 'none'} end
local from = contact.state
local is_open = from == 'claimed' or from == 'accepted' and result == 'again' and contact.callback ~= ''
if not is_open or contact.gen ~= gen then return {'late', from} end
local held_by = from == 'accepted' and split(contact.agent) or {}
redis.call('ZREM', base .. 'due', 'claim|' .. id .. '|' .. gen)
forget_offer(id, contact)
trace(id, 'dialled', now_ms, '', result)
happened('dialled', now_ms, 'contact', id, 'queue', contact.queue, 'result', result)
withdraw(id, contact, held_by, now_ms)
if result == 'again' then
  promise(id, contact, 'at_a_time', at_ms, now_ms)
else
  if result == 'answered' then
    contact.callback, contact.place = '', live_place(contact)
    redis.call('HSET', base .. 'contact:' .. id, 'callback', '', 'place', contact.place)
    redis.call('ZREM', base .. 'due', 'callback|' .. id .. '|0')
  end
  seek_agents(id, contact, now_ms)
end
settle_all(held_by, now_ms)
return {'dialled', contact.state, offers}
