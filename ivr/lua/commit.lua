-- commit: answer one turn of a call for good, or change nothing.
--
-- MOVES call turn n-1 -> n (or no call -> n)
-- KEYS  call          hash    turn, session, answer, act, unheard
--       journal       stream  one entry a turn
--       outbox        hash    act id -> act
--       outbox_due    zset    act id by take-over time in ms
-- ARGV  expected      integer, the turn the session was read at; empty when no session was found
--       turn          integer, the turn that is answered
--       session       text, JSON
--       answer        text, TwiML
--       ttl_s         integer, the session's life from now
--       entry         text, JSON for the journal; empty for a turn in which nothing happened
--       done          text, id of the act whose answer this turn is; empty for none
--       act_id        text, id of the act that stays or becomes under way; empty for none
--       act           text, JSON of an act named by this commit; empty when none is new
--       take_over_ms  integer, when another process may take the new act, or an errand, over
--       unheard       text, verbs that the act under way holds back
--       journal_cap   integer, about how many entries the journal keeps
--       errands       text, JSON: ids to errands named by this commit; empty for none
-- RETURNS {'done'}
--         {'answered', turn, answer}  the turn, or a later one, was answered before
--         {'behind', turn, answer}    the session is older than what was read: Redis lost its last writes
--         {'gone'}                    the session that was read is no longer there
local call, journal, outbox, outbox_due = unpack(KEYS)
local expected, turn, session, answer, ttl_s, entry, done, act_id, act, take_over_ms, unheard, journal_cap, errands = unpack(ARGV)

local stored = redis.call('HMGET', call, 'turn', 'answer')
local stored_turn = stored[1]
if not stored_turn and expected ~= '' then return {'gone'} end
if stored_turn and stored_turn ~= expected then
  if tonumber(stored_turn) >= tonumber(turn) then return {'answered', stored_turn, stored[2]} end
  return {'behind', stored_turn, stored[2]}
end

if done ~= '' then
  redis.call('HDEL', outbox, done)
  redis.call('ZREM', outbox_due, done)
end
redis.call('HSET', call, 'turn', turn, 'session', session, 'answer', answer)
if act_id == '' then
  if stored_turn then redis.call('HDEL', call, 'act', 'unheard') end
else
  redis.call('HSET', call, 'act', act_id, 'unheard', unheard)
end
redis.call('EXPIRE', call, ttl_s)
if act ~= '' then
  redis.call('HSET', outbox, act_id, act)
  redis.call('ZADD', outbox_due, take_over_ms, act_id)
end
if errands ~= '' then
  for id, errand in pairs(cjson.decode(errands)) do
    redis.call('HSET', outbox, id, errand)
    redis.call('ZADD', outbox_due, take_over_ms, id)
  end
end
if entry ~= '' then redis.call('XADD', journal, 'MAXLEN', '~', journal_cap, '*', 'turn', entry) end
return {'done'}
