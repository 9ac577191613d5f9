-- settle: forget journal entries that are stored elsewhere now; the only way out of a journal.
--
-- MOVES entry pending -> gone
-- KEYS  journal  stream  one entry a turn
-- ARGV  group    text, the consumer group
--       ids      text, JSON: a list of entries' ids
-- RETURNS {'settled', count}  how many were still there
local journal = unpack(KEYS)
local group, ids = unpack(ARGV)

ids = cjson.decode(ids)
redis.call('XACK', journal, group, unpack(ids))
return {'settled', redis.call('XDEL', journal, unpack(ids))}
