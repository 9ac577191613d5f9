-- records: contacts and agents as tables, each read once a script, so that all of its parts see the same one.
local MOST_TRACED = 200 -- entries a contact's trace keeps
local contacts, agents = {}, {}

-- Each is made in one go, with '' for what is not there: a third of what a decision costs is making and dropping tables,
-- and a seventeenth field would double a contact's. What only one transition needs, it reads itself.
local function contact_of(id)
  local found = contacts[id]
  if found then return found end
  local v = redis.call('HMGET', base .. 'contact:' .. id, 'state', 'queue', 'req', 'place', 'since', 'priority', 'agent',
    'gen', 'declined', 'prefer', 'where', 'relax', 'channel', 'ring', 'offered', 'callback')
  if not v[1] then return nil end
  found = {
    state = v[1], queue = v[2], req = v[3], place = v[4], since = v[5], priority = v[6], agent = v[7] or '', gen = v[8],
    declined = v[9] or '', prefer = v[10] or '', where = v[11] or '', relax = v[12] or '', channel = v[13] or '',
    ring = v[14] or '', offered = v[15] or '', callback = v[16] or '',
  }
  contacts[id] = found
  return found
end

local function agent_of(id)
  local found = agents[id]
  if found then return found end
  local v = redis.call('HMGET', base .. 'agent:' .. id, 'state', 'status', 'bits', 'many', 'ranks', 'since', 'capacity',
    'over', 'holds', 'idle', 'misses', 'taken', 'offered')
  if not v[1] then return nil end
  found = {
    state = v[1], status = v[2], bits = v[3], many = v[4], ranks = v[5], since = v[6], capacity = v[7], over = v[8],
    holds = v[9], idle = v[10], misses = v[11], taken = v[12], offered = v[13],
  }
  agents[id] = found
  return found
end

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
