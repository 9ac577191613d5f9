-- accept: an agent takes what was offered; the two are now being connected, for so long at most. Others are withdrawn.
--
-- MOVES contact offered -> accepted
-- USES  records line bits idle match settle withdraw
-- KEYS  base    the group's base
-- ARGV  now_ms    integer
--       id        text
--       agent_id  text
--       gen       integer, the offer's
-- RETURNS {'accepted', queue, others, offers}  others: agents it was offered to as well, separated by commas
--         {'late', state}  this offer is over: expired, declined, withdrawn, or accepted before
local base = unpack(KEYS)
local now_ms, id, agent_id, gen = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'late', 'none'} end
if contact.state ~= 'offered' or contact.gen ~= gen or not has(contact.agent, agent_id) then return {'late', contact.state} end
local others, agent = without(contact.agent, agent_id), agent_of(agent_id)
contact.state, contact.agent = 'accepted', agent_id
redis.call('HSET', base .. 'contact:' .. id, 'state', 'accepted', 'agent', agent_id)
redis.call('ZREM', base .. 'due', 'offer|' .. id .. '|' .. gen)
redis.call('ZADD', base .. 'due', now_ms + policy_of(contact.queue, 'connect_ms'), 'connect|' .. id .. '|' .. gen)
hold(agent, id, contact.channel == '' and 'voice' or contact.channel, 'accepted', gen)
agent.misses = 0
save_agent(agent_id, agent)
trace(id, 'accepted', now_ms, agent_id, contact.offered)
happened('accepted', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', gen)
withdraw(id, contact, split(others), now_ms)
settle_all(split(others), now_ms)
return {'accepted', contact.queue, others, offers}
