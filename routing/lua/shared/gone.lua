-- gone: an agent can serve less than before, or nothing; whoever waited for them looks again.
local MOST_RELEASED = 16 -- contacts released at once when the agent they were kept for goes

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
