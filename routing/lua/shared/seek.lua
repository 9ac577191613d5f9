-- seek: a contact looks for agents.
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
