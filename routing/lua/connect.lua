-- connect: the two hear each other.
--
-- MOVES contact accepted -> connected
-- USES  records
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       agent   text
--       gen     integer, the offer's
-- RETURNS {'connected', waited_ms}
--         {'late', state}  this offer is over
local base = unpack(KEYS)
local now_ms, id, agent_id, gen = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'late', 'unknown'} end
if contact.state ~= 'accepted' or contact.agent ~= agent_id or contact.gen ~= gen then return {'late', contact.state} end
for _, kind in ipairs({'relax', 'prefer', 'overflow'}) do redis.call('ZREM', base .. 'due', kind .. '|' .. id .. '|0') end
redis.call('ZREM', base .. 'due', 'connect|' .. id .. '|' .. gen)
redis.call('HSET', base .. 'contact:' .. id, 'state', 'connected', 'connected', now_ms)
redis.call('HSET', base .. 'agent:' .. agent_id, 'state', 'on_contact', 'since', now_ms)
happened('connected', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', gen)
return {'connected', now_ms - contact.since}
