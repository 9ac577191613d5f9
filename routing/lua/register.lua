-- register: what contacts may require from now on, and how queues are run; numbers that are known stay.
--
-- MOVES none
-- USES  records bits
-- KEYS  base         the group's base
-- ARGV  now_ms       integer
--       requirements text, JSON: a list of texts
--       queues       text, JSON: names to maps of policy
--       skills       text, JSON: a list of names that agents may have
--       most         integer, of requirements
-- RETURNS {'registered', version, added}
--         {'too_many_requirements', most}
local base = unpack(KEYS)
local now_ms, requirements, queues, skills, most = unpack(ARGV)

local number, new = redis.call('HLEN', base .. 'numbers'), {}
for _, text in ipairs(cjson.decode(requirements)) do
  if redis.call('HEXISTS', base .. 'numbers', text) == 0 then new[#new + 1] = text end
end
if number + #new > tonumber(most) then return {'too_many_requirements', most} end
for i, text in ipairs(new) do
  local channel, req = string.match(text, '^[^|]+'), number + i - 1
  redis.call('HSET', base .. 'numbers', text, req)
  redis.call('HSET', base .. 'requirements', req, text)
  local mask = redis.call('HGET', base .. 'channels', channel) or ''
  redis.call('HSET', base .. 'channels', channel, combined(mask, only(req), bit.bor))
end
for _, name in ipairs(cjson.decode(skills)) do redis.call('SADD', base .. 'skills', name) end
for name, policy in pairs(cjson.decode(queues)) do
  for field, value in pairs(policy) do redis.call('HSET', base .. 'queue:' .. name, field, value) end
end
local version = redis.call('HINCRBY', base .. 'requirements', 'version', #new > 0 and 1 or 0)
-- Whoever registers refits the agents who are signed in; should that process die, the sweep does.
if #new > 0 then redis.call('ZADD', base .. 'due', now_ms + 1000, 'refit|' .. version .. '|0') end
happened('registered', now_ms, 'added', #new)
return {'registered', version, #new}
