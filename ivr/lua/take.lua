-- take: hand journal entries to one reader of a group, new ones or those that another left behind.
--
-- MOVES entry waiting -> pending with the reader
-- KEYS  journal   stream  one entry a turn
-- ARGV  group     text, the consumer group; made when the stream has none yet
--       reader    text, the consumer
--       count     integer, the most entries
--       idle_ms   integer, take what nobody has settled for so long; empty for new entries
--       gone_ms   integer, a reader that has not asked for so long is forgotten when nothing is pending with it
-- RETURNS {'taken', entries}  as XRANGE gives them
--         {'nothing'}
local journal = unpack(KEYS)
local group, reader, count, idle_ms, gone_ms = unpack(ARGV)

if redis.call('EXISTS', journal) == 0 then return {'nothing'} end
-- Redis that lost its last writes may have lost the group: what it gives again is stored once all the same.
redis.pcall('XGROUP', 'CREATE', journal, group, '0')
local entries
if idle_ms == '' then
  local streams = redis.call('XREADGROUP', 'GROUP', group, reader, 'COUNT', count, 'STREAMS', journal, '>')
  entries = streams and streams[1] and streams[1][2] or {}
else
  entries = redis.call('XAUTOCLAIM', journal, group, reader, idle_ms, '0-0', 'COUNT', count)[2]
  for _, about in ipairs(redis.call('XINFO', 'CONSUMERS', journal, group)) do
    local fact = {}
    for number = 1, #about, 2 do fact[about[number]] = about[number + 1] end
    if fact.pending == 0 and fact.idle > tonumber(gone_ms) then
      redis.call('XGROUP', 'DELCONSUMER', journal, group, fact.name)
    end
  end
end
if #entries == 0 then return {'nothing'} end
return {'taken', entries}
