-- claim: take over one act that its process left behind, or change nothing.
--
-- MOVES act due -> claimed until next_ms
-- KEYS  outbox      hash  act id -> act
--       outbox_due  zset  act id by take-over time in ms
-- ARGV  act_id      text
--       now_ms      integer
--       next_ms     integer, when the next process may take it over
-- RETURNS {'claimed', act}
--         {'not_due'}  another process was first, or the act is answered
local outbox, outbox_due = unpack(KEYS)
local act_id, now_ms, next_ms = unpack(ARGV)

local due_ms = redis.call('ZSCORE', outbox_due, act_id)
if not due_ms or tonumber(due_ms) > tonumber(now_ms) then return {'not_due'} end
local act = redis.call('HGET', outbox, act_id)
if not act then
  redis.call('ZREM', outbox_due, act_id)
  return {'not_due'}
end
redis.call('ZADD', outbox_due, next_ms, act_id)
return {'claimed', act}
