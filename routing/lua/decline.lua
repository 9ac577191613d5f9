-- decline: an offer came to nothing; the contact keeps its place and looks on, the agent is free or takes a break.
--
-- MOVES contact offered -> offered | offered -> waiting | accepted -> waiting | accepted -> offered
-- USES  records line bits idle count match seek settle gone withdraw
-- KEYS  base    the group's base
-- ARGV  now_ms    integer
--       id        text
--       agent_id  text; empty for all it is offered to
--       gen       integer, the offer's
--       reason    text: declined, expired or failed; only expired counts as a miss
-- RETURNS {'declined', state, offers}
--         {'late', state}  this offer is over
local base = unpack(KEYS)
local now_ms, id, agent_id, gen, reason = unpack(ARGV)

local MOST_DECLINED = 16 -- names a contact remembers

local contact = contact_of(id)
if not contact then return {'late', 'none'} end
local is_open = contact.state == 'offered' and reason ~= 'failed' or contact.state == 'accepted' and reason == 'failed'
if not is_open or contact.gen ~= gen or (agent_id ~= '' and not has(contact.agent, agent_id)) then
  return {'late', contact.state}
end
local who = agent_id == '' and split(contact.agent) or {agent_id}
local limit, gone = policy_of(contact.queue, 'misses'), {}
for _, one in ipairs(who) do
  local agent = agent_of(one)
  contact.agent = without(contact.agent, one)
  contact.declined = without(contact.declined, one)
  contact.declined = contact.declined == '' and one or contact.declined .. ',' .. one
  trace(id, reason, now_ms, one, contact.offered)
  happened(reason, now_ms, 'contact', id, 'queue', contact.queue, 'agent', one, 'gen', gen)
  hold(agent, id)
  agent.since = now_ms
  if reason == 'expired' then agent.misses = string.format('%d', agent.misses + 1) end
  if limit > 0 and tonumber(agent.misses) >= limit and agent.status == 'available' then
    agent.status, agent.misses = 'on_break', 0
    redis.call('HSET', base .. 'agent:' .. one, 'reason', 'missed')
    happened('status', now_ms, 'agent', one, 'status', 'on_break', 'reason', 'missed')
    count('able', agent, -1, now_ms)
    gone[#gone + 1] = one
  end
  leave_idle(one, agent)
  save_agent(one, agent)
end
local names = split(contact.declined)
contact.declined = table.concat(names, ',', math.max(1, #names - MOST_DECLINED + 1))
contact.prefer = ''
redis.call('HSET', base .. 'contact:' .. id, 'agent', contact.agent, 'declined', contact.declined, 'prefer', '')
for _, one in ipairs(gone) do
  reconsider(agent_of(one), now_ms)
  release_kept(one, now_ms)
end
-- The contact first: it has waited longer than whatever the agent would be given next.
if contact.agent == '' then
  forget_offer(id, contact)
  redis.call('ZREM', base .. 'due', 'prefer|' .. id .. '|0')
  seek_agents(id, contact, now_ms)
end
settle_all(who, now_ms)
return {'declined', contact.state, offers}
