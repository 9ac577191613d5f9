-- match: who answers whom. Choosing and reserving both sides are one step, so that nobody is in two offers.
local LOOK_BEHIND = 8 -- contacts looked at behind the head of an aside, or of those kept for an agent
local MOST_DECLINED = 16 -- names a contact remembers
local MOST_RELEASED = 16 -- contacts released at once when the agent they were kept for goes

-- Equal places are served by id, byte by byte as sorted sets do: Lua's own < goes by the server's locale.
local function is_before(place, id, other_place, other_id)
  if place ~= other_place then return place < other_place end
  for at = 1, math.min(#id, #other_id) do
    local one, other = string.byte(id, at), string.byte(other_id, at)
    if one ~= other then return one < other end
  end
  return #id < #other_id
end

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
    for _, part in ipairs({id, agent_id, gen}) do offers[#offers + 1] = part end
  end
end

-- The agents a contact would be offered to now; several only where all are rung.
local function find_agents(contact)
  local idle = base .. 'idle:' .. contact.req
  if contact.prefer ~= '' then return redis.call('ZSCORE', idle, contact.prefer) and {contact.prefer} or {} end
  local most = contact.ring == '1' and policy_of(contact.queue, 'ring_most') or 1
  if contact.declined == '' then return redis.call('ZRANGE', idle, 0, most - 1) end
  local found = {}
  for _, id in ipairs(redis.call('ZRANGE', idle, 0, most - 1 + #split(contact.declined))) do
    if #found < most and not has(contact.declined, id) then found[#found + 1] = id end
  end
  if #found == 0 and nobody_else(contact) then return redis.call('ZRANGE', idle, 0, most - 1) end
  return found
end

-- A contact that stands nowhere is offered to somebody who is ready, or begins to wait.
local function seek_agents(id, contact, now_ms)
  local chosen = find_agents(contact)
  if #chosen == 0 then return stand(id, contact) end
  reserve(id, contact, chosen, now_ms)
  for _, agent_id in ipairs(chosen) do
    local agent = agent_of(agent_id)
    leave_idle(agent_id, agent)
    enter_idle(agent_id, agent)
    save_agent(agent_id, agent)
  end
end

-- The lines with the best head among those an agent serves: more than one when their places are equal. Few
-- requirements are asked for directly; many are met soon when all heads are looked at in order.
local function best_lines(agent, bits, count)
  local lines, best = {}, nil
  local function look(req, place)
    if not best or place < best then lines, best = {}, place end
    if place == best then lines[#lines + 1] = req end
  end
  local heads = base .. 'heads'
  if agent.many * agent.many <= count then
    local wanted = requirements_of(bits)
    if #wanted == 0 then return lines end
    for i, place in ipairs(redis.call('ZMSCORE', heads, unpack(wanted))) do
      if place then look(wanted[i], tonumber(place)) end
    end
    return lines, best
  end
  local from, size = 0, 8
  while from < count do
    local found = redis.call('ZRANGE', heads, from, from + size - 1, 'WITHSCORES')
    for i = 1, #found, 2 do
      local place = tonumber(found[i + 1])
      if best and place > best then return lines, best end
      if serves(bits, tonumber(found[i])) then look(found[i], place) end
    end
    from, size = from + size, size * 2
  end
  return lines, best
end

local function oldest_in_line(agent, bits)
  local count = redis.call('ZCARD', base .. 'heads')
  if count == 0 then return nil end
  local lines, place = best_lines(agent, bits, count)
  local best
  for _, req in ipairs(lines) do
    local id = redis.call('ZRANGE', base .. 'line:' .. req, 0, 0)[1]
    if not best or is_before(place, id, place, best) then best = id end
  end
  return best, place
end

-- The first of those that stand together which this agent may take, if it is before the best so far.
local function look_through(key, best, place, may_take)
  local standing = redis.call('ZRANGE', key, 0, LOOK_BEHIND, 'WITHSCORES')
  for i = 1, #standing, 2 do
    local id, at = standing[i], tonumber(standing[i + 1])
    if best and not is_before(at, id, place, best) then break end
    if may_take(contact_of(id)) then return id, at end
  end
  return best, place
end

-- The contact with the best place among all that this agent may take now.
local function find_contact(id, agent, bits)
  local best, place = oldest_in_line(agent, bits)
  best, place = look_through(base .. 'preferred:' .. id, best, place, function(contact)
    return serves(bits, tonumber(contact.req))
  end)
  local function may_take(contact) return not has(contact.declined, id) or nobody_else(contact) end
  local from, asides = 0, redis.call('ZRANGE', base .. 'asides', 0, 31, 'WITHSCORES')
  while #asides > 0 do
    for i = 1, #asides, 2 do
      if best and tonumber(asides[i + 1]) > place then return best end
      if serves(bits, tonumber(asides[i])) then
        best, place = look_through(base .. 'aside:' .. asides[i], best, place, may_take)
      end
    end
    from = from + 32
    asides = #asides == 64 and redis.call('ZRANGE', base .. 'asides', from, from + 31, 'WITHSCORES') or {}
  end
  return best
end

-- What an agent holds, or chose, has changed: they get what they may take, and are ready for whatever else is open.
local function settle(id, agent, now_ms)
  leave_idle(id, agent)
  local bits = open_bits(agent)
  while bits ~= '' do
    local found = find_contact(id, agent, bits)
    if not found then break end
    reserve(found, contact_of(found), {id}, now_ms)
    bits = open_bits(agent)
  end
  enter_idle(id, agent)
  save_agent(id, agent)
end

-- Fewer can serve what stands aside: where only those who declined are left, it is offered to them again.
local function reconsider(agent, now_ms)
  for _, req in ipairs(redis.call('ZRANGE', base .. 'asides', 0, -1)) do
    if serves(agent.bits, tonumber(req)) then
      for _, id in ipairs(redis.call('ZRANGE', base .. 'aside:' .. req, 0, LOOK_BEHIND)) do
        local contact = contact_of(id)
        if #find_agents(contact) > 0 then
          step_out(id, contact)
          seek_agents(id, contact, now_ms)
        end
      end
    end
  end
end

-- What was kept for an agent who went is anybody's; a great many in batches of the sweep.
local function release_kept(agent_id, now_ms)
  local kept = redis.call('ZRANGE', base .. 'preferred:' .. agent_id, 0, MOST_RELEASED)
  for i = 1, math.min(#kept, MOST_RELEASED) do
    local contact = contact_of(kept[i])
    step_out(kept[i], contact)
    contact.prefer = ''
    redis.call('HSET', base .. 'contact:' .. kept[i], 'prefer', '')
    redis.call('ZREM', base .. 'due', 'prefer|' .. kept[i] .. '|0')
    seek_agents(kept[i], contact, now_ms)
  end
  local due = 'release|' .. agent_id .. '|0'
  if #kept > MOST_RELEASED then redis.call('ZADD', base .. 'due', now_ms, due) else redis.call('ZREM', base .. 'due', due) end
end

-- An agent is no longer available, for whatever reason.
local function become_unable(id, agent, now_ms)
  count('able', agent, -1, now_ms)
  reconsider(agent, now_ms)
  release_kept(id, now_ms)
end

-- A contact looks for somebody no longer: whoever it was offered to keeps their turn, and is told by the journal.
local function withdraw(id, contact, agent_ids, now_ms)
  for _, agent_id in ipairs(agent_ids) do
    trace(id, 'withdrawn', now_ms, agent_id, contact.offered)
    happened('withdrawn', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', contact.gen)
    hold(agent_of(agent_id), id)
  end
  for _, agent_id in ipairs(agent_ids) do settle(agent_id, agent_of(agent_id), now_ms) end
end

local function forget_offer(id, contact)
  redis.call('ZREM', base .. 'due', 'offer|' .. id .. '|' .. contact.gen, 'connect|' .. id .. '|' .. contact.gen)
end
