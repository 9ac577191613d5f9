-- end: the conversation is over; the agent writes it up, or is free at once.
--
-- MOVES contact connected -> ended
-- USES  records line bits idle match settle finish wrap_up
-- KEYS  base     the group's base
-- ARGV  now_ms   integer
--       id       text
--       outcome  text, handled or what else it came to
-- RETURNS {'ended', agent, offers}
--         {'unknown'}         no such contact
--         {'refused', state}  it was not connected
local base = unpack(KEYS)
local now_ms, id, outcome = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state ~= 'connected' then return {'refused', contact.state} end
finish(id, contact, outcome, now_ms)
wrap_up(id, contact, now_ms)
return {'ended', contact.agent, offers}
