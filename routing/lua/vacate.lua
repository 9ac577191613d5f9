-- vacate: nobody is left who serves a requirement; of those who wait for it, some at a time, those leave whose queue
-- says so.
--
-- MOVES contact waiting -> ended
-- USES  records line finish
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       req     integer
--       from    integer, how many were looked at and stayed
--       most    integer, how many to look at
-- RETURNS {'vacated', left}  how many left
--         {'not_due'}
local base = unpack(KEYS)
local now_ms, req, from, most = unpack(ARGV)

local due = 'empty|' .. req .. '|' .. from
local at_ms = redis.call('ZSCORE', base .. 'due', due)
if not at_ms or tonumber(at_ms) > tonumber(now_ms) then return {'not_due'} end
redis.call('ZREM', base .. 'due', due)
local signed = tonumber(redis.call('HGET', base .. 'signed', req) or 0)
local able = tonumber(redis.call('HGET', base .. 'able', req) or 0)
if able > 0 then return {'vacated', 0} end
local looked, left = 0, 0
for _, where in ipairs({'line', 'aside'}) do
  local first = math.max(0, from - (where == 'aside' and redis.call('ZCARD', base .. 'line:' .. req) + left or 0))
  for _, id in ipairs(redis.call('ZRANGE', base .. where .. ':' .. req, first, first + most - looked - 1)) do
    local contact = contact_of(id)
    local rule = redis.call('HGET', base .. 'queue:' .. contact.queue, 'leave_agents')
    looked = looked + 1
    if contact.callback == '' and (rule == 'none_available' or rule == 'none_signed_in' and signed == 0) then
      step_out(id, contact)
      finish(id, contact, 'nobody', now_ms)
      left = left + 1
    end
  end
  if looked >= tonumber(most) then break end
end
if looked >= tonumber(most) then
  redis.call('ZADD', base .. 'due', now_ms, 'empty|' .. req .. '|' .. (from + looked - left))
end
return {'vacated', left}
