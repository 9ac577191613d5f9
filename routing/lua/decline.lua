-- decline: an offer came to nothing; the contact keeps its place and looks on, the agent is free or takes a break.
--
-- MOVES contact offered -> waiting -> offered | accepted -> waiting -> offered
-- USES  records line idle match
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       agent   text
--       gen     integer, the offer's
--       reason  text: declined, expired or failed; only expired counts as a miss
-- RETURNS {'waiting', misses}    then what was offered: 'offer', contact, agent, generation
--         {'late', state}         this offer is over
local base = unpack(KEYS)
local now_ms, id, agent_id, gen, reason = unpack(ARGV)

local contact, agent = contact_of(id), agent_of(agent_id)
if not contact then return {'late', 'unknown'} end
local is_open = contact.state == 'offered' or contact.state == 'accepted'
if not is_open or contact.agent ~= agent_id or contact.gen ~= gen then return {'late', contact.state} end
redis.call('ZREM', base .. 'due', 'offer|' .. id .. '|' .. gen)
redis.call('ZREM', base .. 'due', 'connect|' .. id .. '|' .. gen)
if not has_declined(contact, agent_id) then
  contact.declined = contact.declined == '' and agent_id or contact.declined .. ',' .. agent_id
end
contact.agent, contact.prefer = '', ''
redis.call('HSET', base .. 'contact:' .. id, 'agent', '', 'prefer', '', 'declined', contact.declined)
happened(reason, now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', gen)

local misses = tonumber(agent.misses ~= '' and agent.misses or 0) + (reason == 'expired' and 1 or 0)
local limit = tonumber(redis.call('HGET', base .. 'queue:' .. contact.queue, 'misses') or 0)
redis.call('HSET', base .. 'agent:' .. agent_id, 'misses', misses)
if limit > 0 and misses >= limit and agent.status == 'available' then
  agent.status = 'on_break'
  count_able(agent, -1)
  redis.call('HSET', base .. 'agent:' .. agent_id, 'status', 'on_break', 'reason', 'missed', 'misses', 0)
  happened('status', now_ms, 'agent', agent_id, 'status', 'on_break', 'reason', 'missed')
end
-- The contact first: it has waited longer than whatever the agent would be given next.
stand(id, contact)
seek_agent(id, contact, now_ms)
free(agent_id, agent, now_ms)
return answer('waiting', misses)
