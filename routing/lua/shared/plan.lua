-- plan: what is to happen to a contact, or an agent, when its time comes.

local function is_due(kind, id, now_ms)
  local at_ms = redis.call('ZSCORE', base .. 'due', kind .. '|' .. id .. '|0')
  return at_ms and tonumber(at_ms) <= tonumber(now_ms)
end

-- A contact that stands nowhere requires something else from now on.
local function ask_for(id, contact, req)
  local text = redis.call('HGET', base .. 'requirements', req)
  contact.req, contact.ring = req, string.find(text, '|ring_all|', 1, true) and '1' or ''
  redis.call('HSET', base .. 'contact:' .. id, 'req', req, 'ring', contact.ring)
end
