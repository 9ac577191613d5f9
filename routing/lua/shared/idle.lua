-- idle: which contacts an agent holds, and who is ready for which requirement. Whenever what an agent holds changes they
-- are taken out of all their lists and put back into those that are still open: entries never grow stale.
local RANK = 2199023255552 -- 2^41 ms: later than any time of ours, and 4,095 of it are exact in a double

-- A hold is contact=channel=stage=generation; stages are offered, accepted, connected and wrap_up.
local function holds_of(agent)
  local holds = {}
  for id, channel, stage, gen in string.gmatch(agent.holds, '([^=,]+)=([^=,]+)=([^=,]+)=([^=,]+)') do
    holds[#holds + 1] = {id = id, channel = channel, stage = stage, gen = gen}
  end
  return holds
end

local function written(id, channel, stage, gen) return id .. '=' .. channel .. '=' .. stage .. '=' .. gen end

-- The hold of a contact goes to another stage, begins (when there was none), or ends (when stage is nil).
local function hold(agent, id, channel, stage, gen)
  local new, holds = stage and written(id, channel, stage, gen), agent.holds
  local is_only = not string.find(holds, ',', 1, true) and string.sub(holds, 1, #id + 1) == id .. '='
  if holds == '' or is_only then
    agent.holds = new or ''
    return
  end
  local held = {}
  for _, one in ipairs(holds_of(agent)) do
    if one.id ~= id then
      held[#held + 1] = written(one.id, one.channel, one.stage, one.gen)
    elseif new then
      held[#held + 1], new = new, nil
    end
  end
  held[#held + 1] = new
  agent.holds = table.concat(held, ',')
end

-- What a person sees of it all: the most pressing of their holds.
local function state_of(agent)
  local holds = agent.holds
  if holds == '' then return agent.status == 'available' and 'ready' or 'away' end
  if string.find(holds, '=offered=%d') or string.find(holds, '=accepted=%d') then return 'reserved' end
  return string.find(holds, '=connected=%d') and 'on_contact' or 'wrap_up'
end

local function open_channels(agent)
  local held, open = {}, {}
  for _, one in ipairs(holds_of(agent)) do held[one.channel] = (held[one.channel] or 0) + 1 end
  for channel, most in string.gmatch(agent.capacity, '([%w_]+)=(%d+)') do
    local is_open = (held[channel] or 0) < tonumber(most)
    for other in pairs(held) do
      if other ~= channel and not has(agent.over, channel .. '>' .. other) then is_open = false end
    end
    if is_open then open[#open + 1] = channel end
  end
  return open
end

local function bits_of(agent, channels)
  local mask = ''
  for _, one in ipairs(redis.call('HMGET', base .. 'channels', unpack(channels))) do
    mask = combined(mask, one or '', bit.bor)
  end
  return combined(agent.bits, mask, bit.band)
end

-- The requirements an agent may be given now, and how that is written down: all of them, or by channels.
local function open_bits(agent)
  if agent.status ~= 'available' then return '', '' end
  if agent.holds == '' then return agent.bits, '*' end
  if agent.capacity == 'voice=1' then return '', '' end -- nearly everybody, and nothing is open beside a call
  local channels = open_channels(agent)
  if #channels == 0 then return '', '' end
  return bits_of(agent, channels), table.concat(channels, ',')
end

-- The strategy's score in each requirement, lowest first; `ranks` names those whose strategy is not longest idle.
local function ranks_of(agent)
  local ranks = {}
  for req, rank in string.gmatch(agent.ranks, '(%d+):(%w+)') do ranks[tonumber(req)] = rank end
  return ranks
end

local function score(agent, rank)
  if not rank then return agent.since end
  if rank == 'turn' then return agent.offered ~= '' and agent.offered or 0 end
  local places = rank == 'fewest' and tonumber(agent.taken) or tonumber(rank)
  return string.format('%.0f', math.min(places, 4095) * RANK + tonumber(agent.since))
end

local function enter_idle(id, agent)
  local bits, name = open_bits(agent)
  agent.idle = name
  if bits == '' then return end
  local ranks = agent.ranks ~= '' and ranks_of(agent) or {}
  for _, req in ipairs(requirements_of(bits)) do
    redis.call('ZADD', base .. 'idle:' .. req, score(agent, ranks[req]), id)
  end
end

local function leave_idle(id, agent)
  if agent.idle == '' then return end
  local bits = agent.idle == '*' and agent.bits or bits_of(agent, split(agent.idle))
  for _, req in ipairs(requirements_of(bits)) do redis.call('ZREM', base .. 'idle:' .. req, id) end
  agent.idle = ''
end

local function save_agent(id, agent)
  local state = state_of(agent)
  if (state == 'wrap_up') ~= (agent.state == 'wrap_up') then
    redis.call(state == 'wrap_up' and 'SADD' or 'SREM', base .. 'wrap_ups', id)
  end
  agent.state = state
  redis.call('HSET', base .. 'agent:' .. id, 'state', state, 'status', agent.status, 'since', agent.since,
    'holds', agent.holds, 'idle', agent.idle, 'misses', agent.misses, 'taken', agent.taken, 'offered', agent.offered)
end
