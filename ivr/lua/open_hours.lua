-- open_hours: let a closed calendar go by its own hours again, and write down who did it.
--
-- MOVES a calendar closed -> by its own hours
-- KEYS  closure    string  JSON of the closure
--       audit      stream  who closed and opened what
-- ARGV  entry      text, JSON
--       audit_cap  integer, how many entries are kept, about
-- RETURNS {'opened'}
--         {'not_closed'}  somebody else was first
local closure, audit = unpack(KEYS)
local entry, audit_cap = unpack(ARGV)

if redis.call('DEL', closure) == 0 then return {'not_closed'} end
redis.call('XADD', audit, 'MAXLEN', '~', audit_cap, '*', 'entry', entry)
return {'opened'}
