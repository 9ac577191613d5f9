-- settle: an agent looks for a contact.

-- Equal places are served by id, byte by byte as sorted sets do: Lua's own < goes by the server's locale.
local function is_before(place, id, other_place, other_id)
  if place ~= other_place then return place < other_place end
  for at = 1, math.min(#id, #other_id) do
    local one, other = string.byte(id, at), string.byte(other_id, at)
    if one ~= other then return one < other end
  end
  return #id < #other_id
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
  if tonumber(agent.many) == 1 then
    local req = requirements_of(bits)[1]
    if not req then return nil end
    local head = redis.call('ZRANGE', base .. 'line:' .. req, 0, 0, 'WITHSCORES')
    return head[1], tonumber(head[2])
  end
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
  -- Nearly always nobody stands beside the lines.
  if redis.call('EXISTS', base .. 'preferred:' .. id, base .. 'asides') == 0 then return best end
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

local function settle_all(agent_ids, now_ms)
  for _, agent_id in ipairs(agent_ids) do settle(agent_id, agent_of(agent_id), now_ms) end
end
