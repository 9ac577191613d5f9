-- claim: one process dials a callback, and nobody else does until it tells what came of it, or its time is up.
--
-- MOVES contact waiting -> claimed
-- USES  records line
-- KEYS  base      the group's base
-- ARGV  now_ms    integer
--       id        text
--       claim_ms  integer, how long it may take
-- RETURNS {'claimed', generation}
--         {'unknown'}         no such contact
--         {'refused', state}  somebody else has it, or it is no callback
local base = unpack(KEYS)
local now_ms, id, claim_ms = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'unknown'} end
if contact.state ~= 'waiting' or contact.callback == '' then return {'refused', contact.state} end
step_out(id, contact)
local gen = string.format('%d', contact.gen + 1)
redis.call('HSET', base .. 'contact:' .. id, 'state', 'claimed', 'where', '', 'gen', gen)
redis.call('ZADD', base .. 'due', now_ms + claim_ms, 'claim|' .. id .. '|' .. gen)
trace(id, 'claimed', now_ms, '', '')
happened('claimed', now_ms, 'contact', id, 'queue', contact.queue, 'gen', gen)
return {'claimed', gen}
