-- match: a contact and an agent, or several, are held for each other: both sides in one step, so that nobody is in two
-- offers. How a contact finds agents is in seek, how an agent finds a contact in settle.
local LOOK_BEHIND = 8 -- contacts looked at behind the head of an aside, or of those kept for an agent

-- Has everybody who could serve it now declined it? Then it may be offered to them again.
local function nobody_else(contact)
  local able = tonumber(redis.call('HGET', base .. 'able', contact.req) or 0)
  local declined = 0
  for _, id in ipairs(split(contact.declined)) do
    local agent = agent_of(id)
    if agent and agent.status == 'available' and serves(agent.bits, tonumber(contact.req)) then declined = declined + 1 end
  end
  return declined >= able
end

-- The contact is held for all of `chosen`: one agent, or several of whom the first to accept has it.
local function reserve(id, contact, chosen, now_ms)
  if contact.where ~= '' then step_out(id, contact) end
  local gen, channel = string.format('%d', contact.gen + 1), contact.channel == '' and 'voice' or contact.channel
  contact.state, contact.agent, contact.gen, contact.offered = 'offered', table.concat(chosen, ','), gen, now_ms
  redis.call('HSET', base .. 'contact:' .. id, 'state', 'offered', 'where', '', 'agent', contact.agent, 'gen', gen,
    'offered', now_ms)
  redis.call('ZADD', base .. 'due', now_ms + policy_of(contact.queue, 'offer_ms'), 'offer|' .. id .. '|' .. gen)
  happened('offered', now_ms, 'contact', id, 'queue', contact.queue, 'agent', contact.agent, 'gen', gen)
  for _, agent_id in ipairs(chosen) do
    local agent = agent_of(agent_id)
    hold(agent, id, channel, 'offered', gen)
    agent.offered = now_ms
    local count = #offers
    offers[count + 1], offers[count + 2], offers[count + 3] = id, agent_id, gen
  end
end
