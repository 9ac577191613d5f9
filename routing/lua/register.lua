-- register: what contacts may require from now on, and how queues are run; numbers that are known stay.
--
-- MOVES registry version -> version + 1 when something is new
-- USES  records
-- KEYS  base         the group's base
-- ARGV  now_ms       integer
--       requirements text, JSON: a list of texts
--       queues       text, JSON: names to maps of policy
-- RETURNS {'registered', version, added}
local base = unpack(KEYS)
local now_ms, requirements, queues = unpack(ARGV)

local added = 0
for _, text in ipairs(cjson.decode(requirements)) do
  if redis.call('HEXISTS', base .. 'numbers', text) == 0 then
    local number = redis.call('HLEN', base .. 'numbers')
    redis.call('HSET', base .. 'numbers', text, number)
    redis.call('HSET', base .. 'requirements', number, text)
    added = added + 1
  end
end
if added > 0 then redis.call('HINCRBY', base .. 'requirements', 'version', 1) end
for name, policy in pairs(cjson.decode(queues)) do
  for field, value in pairs(policy) do redis.call('HSET', base .. 'queue:' .. name, field, value) end
end
happened('registered', now_ms, 'added', added)
return {'registered', redis.call('HGET', base .. 'requirements', 'version') or '0', added}
