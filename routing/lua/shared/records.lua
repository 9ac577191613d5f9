-- records: contacts and agents as tables, each read once a script, so that all of its parts see the same one.
local CONTACT = {'state', 'queue', 'req', 'place', 'since', 'priority', 'agent', 'gen', 'declined', 'prefer', 'where',
  'caller', 'relax', 'channel', 'ring', 'exit', 'return_ms', 'offered', 'callback'}
local AGENT = {'state', 'status', 'bits', 'many', 'ranks', 'since', 'capacity', 'over', 'holds', 'idle', 'misses',
  'taken', 'offered'}
local MOST_TRACED = 200 -- entries a contact's trace keeps
local known = {}

local function record(key, fields)
  if known[key] == nil then
    local values = redis.call('HMGET', key, unpack(fields))
    local found = values[1] and {}
    if found then
      for i = 1, #fields do found[fields[i]] = values[i] or '' end
    end
    known[key] = found
  end
  return known[key] or nil
end

local function contact_of(id) return record(base .. 'contact:' .. id, CONTACT) end
local function agent_of(id) return record(base .. 'agent:' .. id, AGENT) end

local function policy_of(queue, field) return tonumber(redis.call('HGET', base .. 'queue:' .. queue, field) or 0) end

-- One entry of the journal; `...` are names and values.
local function happened(event, now_ms, ...)
  redis.call('XADD', base .. 'journal', 'MAXLEN', '~', 100000, '*', 'event', event, 'at', now_ms, ...)
end

-- What a contact remembers of itself, to explain it by: at|event|agent|detail.
local function trace(id, event, now_ms, agent_id, detail)
  local key = base .. 'trace:' .. id
  local length = redis.call('RPUSH', key, now_ms .. '|' .. event .. '|' .. agent_id .. '|' .. detail)
  if length > MOST_TRACED then redis.call('LTRIM', key, -MOST_TRACED, -1) end
end

-- Names in a text, separated by commas.
local function split(text)
  local names = {}
  for name in string.gmatch(text, '[^,]+') do names[#names + 1] = name end
  return names
end

local function without(text, name)
  local rest = {}
  for _, one in ipairs(split(text)) do
    if one ~= name then rest[#rest + 1] = one end
  end
  return table.concat(rest, ',')
end

local function has(text, name) return string.find(',' .. text .. ',', ',' .. name .. ',', 1, true) ~= nil end

-- Offers made by this script: contact, agent, generation, channel, and so on.
local offers = {}

local function is_due(kind, id, now_ms)
  local at_ms = redis.call('ZSCORE', base .. 'due', kind .. '|' .. id .. '|0')
  return at_ms and tonumber(at_ms) <= tonumber(now_ms)
end
