-- mark: write down how far an act has come, unless it has been answered or somebody else has taken it further.
--
-- MOVES act read at read_posts -> posted, or put off
-- KEYS  outbox        hash  act id -> act
--       outbox_due    zset  act id by take-over time in ms
-- ARGV  act_id        text
--       act           text, JSON
--       read_posts    integer, the requests begun for it when it was read
--       take_over_ms  integer
-- RETURNS {'marked'}
--         {'settled'}    somebody else answered for the act
--         {'overtaken'}  somebody else began another request for it
local outbox, outbox_due = unpack(KEYS)
local act_id, act, read_posts, take_over_ms = unpack(ARGV)

local stored = redis.call('HGET', outbox, act_id)
if not stored then return {'settled'} end
-- A slow owner and who took over from it, or two who looked it up at once: only one of them may send the request.
if cjson.decode(stored).posts ~= tonumber(read_posts) then return {'overtaken'} end
redis.call('HSET', outbox, act_id, act)
redis.call('ZADD', outbox_due, take_over_ms, act_id)
return {'marked'}
