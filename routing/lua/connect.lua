-- connect: the two hear each other.
--
-- MOVES contact accepted -> connected
-- USES  records bits idle withdraw finish
-- KEYS  base    the group's base
-- ARGV  now_ms    integer
--       id        text
--       agent_id  text
--       gen       integer, the offer's
-- RETURNS {'connected', waited_ms}
--         {'late', state}  this offer is over
local base = unpack(KEYS)
local now_ms, id, agent_id, gen = unpack(ARGV)

local contact = contact_of(id)
if not contact then return {'late', 'none'} end
if contact.state ~= 'accepted' or contact.agent ~= agent_id or contact.gen ~= gen then return {'late', contact.state} end
local agent = agent_of(agent_id)
forget_waits(id)
forget_offer(id, contact)
redis.call('HSET', base .. 'contact:' .. id, 'state', 'connected', 'connected', now_ms)
hold(agent, id, contact.channel == '' and 'voice' or contact.channel, 'connected', gen)
agent.since, agent.taken = now_ms, string.format('%d', agent.taken + 1)
-- Those who have room for more are ranked by what they have taken.
leave_idle(agent_id, agent)
enter_idle(agent_id, agent)
save_agent(agent_id, agent)
trace(id, 'connected', now_ms, agent_id, '')
happened('connected', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', gen)
return {'connected', now_ms - contact.since}
