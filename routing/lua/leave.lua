-- leave: a contact is over before it was handled, whatever it was doing; an agent it was offered to is free again.
--
-- MOVES contact waiting -> ended | offered -> ended | accepted -> ended
-- USES  records line idle match finish
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       outcome  text, such as abandoned or overflowed
-- RETURNS {'left', place}    then what was offered: 'offer', contact, agent, generation
--         {'unknown'}         no such contact
--         {'refused', state}  it is connected or over
local base = unpack(KEYS)
local now_ms, id, outcome = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state == 'waiting' then
  step_out(id, contact)
elseif contact.state ~= 'offered' and contact.state ~= 'accepted' then
  return {'refused', contact.state}
end
forget_offer(id, contact)
finish(id, contact, outcome, now_ms)
if contact.state ~= 'waiting' then free(contact.agent, agent_of(contact.agent), now_ms) end
return answer('left', contact.place)
