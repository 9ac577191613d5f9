-- finish: a contact is over, with its one outcome; kept for a day, so that it can still be explained.
local KEPT_S = 86400

local function forget_waits(id)
  redis.call('ZREM', base .. 'due', 'relax|' .. id .. '|0', 'prefer|' .. id .. '|0', 'overflow|' .. id .. '|0',
    'callback|' .. id .. '|0')
end

local function finish(id, contact, outcome, now_ms)
  forget_waits(id)
  redis.call('HSET', base .. 'contact:' .. id, 'state', 'ended', 'where', '', 'outcome', outcome, 'ended', now_ms)
  redis.call('EXPIRE', base .. 'contact:' .. id, KEPT_S)
  trace(id, 'ended', now_ms, contact.agent, outcome)
  redis.call('EXPIRE', base .. 'trace:' .. id, KEPT_S)
  happened('ended', now_ms, 'contact', id, 'queue', contact.queue, 'outcome', outcome, 'agent', contact.agent)
  contact.state = 'ended'
end

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
