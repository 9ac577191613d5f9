-- accept: an agent takes what was offered; the two are now being connected, for so long at most.
--
-- MOVES contact offered -> accepted
-- USES  records
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       agent   text
--       gen     integer, the offer's
-- RETURNS {'accepted', queue}
--         {'late', state}  this offer is over: expired, declined, withdrawn, or accepted before
local base = unpack(KEYS)
local now_ms, id, agent_id, gen = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'late', 'unknown'} end
if contact.state ~= 'offered' or contact.agent ~= agent_id or contact.gen ~= gen then return {'late', contact.state} end
local connect_ms = redis.call('HGET', base .. 'queue:' .. contact.queue, 'connect_ms')
redis.call('HSET', base .. 'contact:' .. id, 'state', 'accepted')
redis.call('HSET', base .. 'agent:' .. agent_id, 'misses', 0)
redis.call('ZREM', base .. 'due', 'offer|' .. id .. '|' .. gen)
redis.call('ZADD', base .. 'due', now_ms + connect_ms, 'connect|' .. id .. '|' .. gen)
happened('accepted', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', gen)
return {'accepted', contact.queue}
