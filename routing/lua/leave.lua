-- leave: a contact is over before it was handled, whatever it was doing; an agent it was offered to keeps their turn.
--
-- MOVES contact promised -> ended | waiting -> ended | offered -> ended | accepted -> ended | claimed -> ended
-- USES  records line bits idle match settle withdraw finish
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       outcome  text, such as abandoned or overflowed
-- RETURNS {'left', place, offers}
--         {'unknown'}         no such contact
--         {'refused', state}  it is connected or over
local base = unpack(KEYS)
local now_ms, id, outcome = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state == 'connected' or contact.state == 'ended' then return {'refused', contact.state} end
local held_by = (contact.state == 'offered' or contact.state == 'accepted') and split(contact.agent) or {}
if contact.where ~= '' then step_out(id, contact) end
if contact.state == 'claimed' then redis.call('ZREM', base .. 'due', 'claim|' .. id .. '|' .. contact.gen) end
forget_offer(id, contact)
-- Cut off, perhaps: whoever calls again soon has the place back.
if outcome == 'abandoned' then
  local caller, return_ms = unpack(redis.call('HMGET', base .. 'contact:' .. id, 'caller', 'return_ms'))
  if caller and return_ms then
    redis.call('SET', base .. 'left:' .. contact.queue .. ':' .. caller,
      string.format('%d,%d', contact.since, now_ms + return_ms), 'PX', return_ms)
  end
end
withdraw(id, contact, held_by, now_ms)
finish(id, contact, outcome, now_ms)
settle_all(held_by, now_ms)
return {'left', contact.place, offers}
