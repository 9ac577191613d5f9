-- set_status: a person is available, takes a break, or signs out. Who takes a break finishes what they have; who signs
-- out is rung no more.
--
-- MOVES agent away -> away | away -> ready | away -> reserved | away -> offline | ready -> ready | ready -> away |
--       ready -> offline | reserved -> reserved | reserved -> offline | on_contact -> on_contact |
--       on_contact -> offline | wrap_up -> wrap_up | wrap_up -> offline
-- USES  records plan line bits idle count match seek settle gone withdraw
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       status  available, on_break or offline
--       reason  text
--       due     integer, 1 to do it only when the agent's presence is overdue
-- RETURNS {'set', state, offers}
--         {'unknown'}  not signed in
--         {'not_due'}
local base = unpack(KEYS)
local now_ms, id, status, reason, due = unpack(ARGV)

local agent = agent_of(id)
if not agent or agent.status == 'offline' then return {'unknown'} end
if due == '1' and not is_due('presence', id, now_ms) then return {'not_due'} end
local was_able, is_able, was_ready = agent.status == 'available', status == 'available', agent.state == 'ready'
agent.status = status
redis.call('HSET', base .. 'agent:' .. id, 'reason', reason)
happened('status', now_ms, 'agent', id, 'status', status, 'reason', reason)
-- Somebody who says "available" while ready already keeps their turn.
if is_able and not was_able and agent.holds == '' or was_ready and not is_able then agent.since = now_ms end
leave_idle(id, agent)
local withdrawn = {}
if status == 'offline' then
  redis.call('SREM', base .. 'agents', id)
  redis.call('ZREM', base .. 'due', 'presence|' .. id .. '|0')
  redis.call('EXPIRE', base .. 'agent:' .. id, 2592000)
  for _, one in ipairs(holds_of(agent)) do
    if one.stage == 'wrap_up' then
      redis.call('ZREM', base .. 'due', 'wrap_up|' .. id .. '|' .. one.id .. '.' .. one.gen)
      hold(agent, one.id)
    elseif one.stage == 'offered' then
      local contact = contact_of(one.id)
      withdraw(one.id, contact, {id}, now_ms)
      contact.agent, contact.prefer = without(contact.agent, id), ''
      redis.call('HSET', base .. 'contact:' .. one.id, 'agent', contact.agent, 'prefer', '')
      if contact.agent == '' then withdrawn[#withdrawn + 1] = one.id end
    end
  end
end
save_agent(id, agent)
if status == 'offline' then count('signed', agent, -1, now_ms) end
if was_able ~= is_able then count('able', agent, is_able and 1 or -1, now_ms) end
for _, contact_id in ipairs(withdrawn) do
  local contact = contact_of(contact_id)
  forget_offer(contact_id, contact)
  redis.call('ZREM', base .. 'due', 'prefer|' .. contact_id .. '|0')
  seek_agents(contact_id, contact, now_ms)
end
if was_able and not is_able then
  reconsider(agent, now_ms)
  release_kept(id, now_ms)
end
if is_able then settle(id, agent, now_ms) end
return {'set', agent.state, offers}
