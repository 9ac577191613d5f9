-- publish: make a program live, number it when it is new, write down who did it, and drop what nobody can need.
--
-- A program that is there already is never changed: its name is the hash of its content.
--
-- MOVES live program, or none -> this one
-- KEYS  live      string  id of the live program
--       versions  zset    id by number
--       audit     stream  who made what live
--       programs  text    what the key of a program begins with; its id follows
-- ARGV  program_id  text
--       files       text, JSON; empty when the program has to be there
--       audio       text, JSON
--       by          text
--       message     text
--       did         text
--       expected    text, the id that has to be live, none for nothing, empty for whatever it is
--       now_ms      integer
--       most_kept   integer, how many versions are kept at least
--       kept_ms     integer, how long any other is kept after it was live
--       audit_cap   integer, how many entries are kept, about
-- RETURNS {'live', number, replaced}
--         {'already', number}
--         {'overtaken', live_id}
--         {'gone'}
local live, versions, audit, programs = unpack(KEYS)
local program_id, files, audio, by, message, did, expected, now_ms, most_kept, kept_ms, audit_cap = unpack(ARGV)

local current = redis.call('GET', live) or 'none'
if expected ~= '' and expected ~= current then return {'overtaken', current} end

local program = programs .. program_id
if redis.call('EXISTS', program) == 0 then
  if files == '' then return {'gone'} end
  redis.call('HSET', program, 'files', files, 'audio', audio, 'author', by, 'message', message, 'published_ms', now_ms)
end

local number = redis.call('ZSCORE', versions, program_id)
if not number then
  local newest = redis.call('ZREVRANGE', versions, 0, 0, 'WITHSCORES')
  number = string.format('%d', (tonumber(newest[2]) or 0) + 1)
  redis.call('ZADD', versions, number, program_id)
end
if current == program_id then return {'already', number} end

redis.call('SET', live, program_id)
redis.call('HDEL', program, 'left_ms')
if redis.call('EXISTS', programs .. current) == 1 then redis.call('HSET', programs .. current, 'left_ms', now_ms) end
redis.call('XADD', audit, 'MAXLEN', '~', audit_cap, '*', 'at_ms', now_ms, 'by', by, 'did', did, 'program', program_id,
  'number', number, 'message', message, 'replaced', current)

-- Calls go on with the program they began with, so one that was live lately stays whatever its number.
for _, old in ipairs(redis.call('ZRANGE', versions, 0, -(most_kept + 1))) do
  local left_ms = tonumber(redis.call('HGET', programs .. old, 'left_ms') or 0)
  if old ~= program_id and now_ms - left_ms > tonumber(kept_ms) then
    redis.call('DEL', programs .. old)
    redis.call('ZREM', versions, old)
  end
end
return {'live', number, current}
