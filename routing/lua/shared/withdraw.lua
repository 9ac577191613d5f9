-- withdraw: an offer ends before it was answered.

-- An offer is taken back: whoever had it keeps their turn, and is told by the journal. They are settled when the
-- contact has gone wherever it goes.
local function withdraw(id, contact, agent_ids, now_ms)
  for _, agent_id in ipairs(agent_ids) do
    trace(id, 'withdrawn', now_ms, agent_id, contact.offered)
    happened('withdrawn', now_ms, 'contact', id, 'queue', contact.queue, 'agent', agent_id, 'gen', contact.gen)
    hold(agent_of(agent_id), id)
  end
end

local function forget_offer(id, contact)
  redis.call('ZREM', base .. 'due', 'offer|' .. id .. '|' .. contact.gen, 'connect|' .. id .. '|' .. contact.gen)
end
