-- wrap_up: what comes after a conversation.

-- After a contact the agent has time to write it up, by the queue's policy; somebody who signed out has gone.
local function wrap_up(id, contact, now_ms)
  local agent_id = contact.agent
  local agent = agent_of(agent_id)
  local wrap_ms = agent.status ~= 'offline' and policy_of(contact.queue, 'wrap_up_ms') or 0
  agent.since = now_ms
  if wrap_ms == 0 then
    hold(agent, id)
  else
    hold(agent, id, contact.channel == '' and 'voice' or contact.channel, 'wrap_up', contact.gen)
    redis.call('ZADD', base .. 'due', now_ms + wrap_ms, 'wrap_up|' .. agent_id .. '|' .. id .. '.' .. contact.gen)
    happened('wrap_up', now_ms, 'agent', agent_id, 'contact', id, 'queue', contact.queue)
  end
  settle(agent_id, agent, now_ms)
end
