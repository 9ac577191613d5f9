-- mark: write down how far an act has come, unless it has been answered.
--
-- MOVES act named -> posted
-- KEYS  outbox        hash  act id -> act
--       outbox_due    zset  act id by take-over time in ms
-- ARGV  act_id        text
--       act           text, JSON
--       take_over_ms  integer
-- RETURNS {'marked'}
--         {'settled'}  somebody else answered for the act
local outbox, outbox_due = unpack(KEYS)
local act_id, act, take_over_ms = unpack(ARGV)

if redis.call('HEXISTS', outbox, act_id) == 0 then return {'settled'} end
redis.call('HSET', outbox, act_id, act)
redis.call('ZADD', outbox_due, take_over_ms, act_id)
return {'marked'}
