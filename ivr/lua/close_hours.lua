-- close_hours: close a calendar until a moment, and write down who did it.
--
-- MOVES a calendar by its own hours, or closed otherwise -> closed
-- KEYS  closure    string  JSON of the closure
--       audit      stream  who closed and opened what
-- ARGV  closing    text, JSON
--       life_ms    integer, how long the key is kept
--       entry      text, JSON
--       audit_cap  integer, how many entries are kept, about
-- RETURNS {'closed'}
local closure, audit = unpack(KEYS)
local closing, life_ms, entry, audit_cap = unpack(ARGV)

redis.call('SET', closure, closing, 'PX', life_ms)
redis.call('XADD', audit, 'MAXLEN', '~', audit_cap, '*', 'entry', entry)
return {'closed'}
