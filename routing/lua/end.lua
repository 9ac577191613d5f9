-- end: the conversation is over; the agent writes it up, or is free at once.
--
-- MOVES contact connected -> ended
-- USES  records line idle match finish
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       outcome  text, handled or what else it came to
-- RETURNS {'ended', agent}    then what was offered: 'offer', contact, agent, generation
--         {'unknown'}          no such contact
--         {'refused', state}   it was not connected
local base = unpack(KEYS)
local now_ms, id, outcome = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state ~= 'connected' then return {'refused', contact.state} end
finish(id, contact, outcome, now_ms)
wrap_up(contact.agent, agent_of(contact.agent), contact.queue, now_ms)
return answer('ended', contact.agent)
