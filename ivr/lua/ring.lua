-- ring: name the act that rings one agent's telephone for an offer, once for all.
--
-- MOVES leg none -> named
-- KEYS  legs          hash  group, call:<agent>, stands:<agent>, in:<CallSid>
--       outbox        hash  act id -> act
--       outbox_due    zset  act id by take-over time in ms
-- ARGV  agent         text
--       group         text, of queues
--       act_id        text
--       act           text, JSON
--       take_over_ms  integer, when another process may take the act over
--       ttl_s         integer, the legs' life from now
-- RETURNS {'named'}
--         {'there'}  it was named before
local legs, outbox, outbox_due = unpack(KEYS)
local agent, group, act_id, act, take_over_ms, ttl_s = unpack(ARGV)

if redis.call('HSETNX', legs, 'call:' .. agent, '') == 0 then return {'there'} end
redis.call('HSET', legs, 'group', group, 'stands:' .. agent, 'ringing')
redis.call('EXPIRE', legs, ttl_s)
redis.call('HSET', outbox, act_id, act)
redis.call('ZADD', outbox_due, take_over_ms, act_id)
return {'named'}
