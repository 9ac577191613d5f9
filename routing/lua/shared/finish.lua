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
