-- rings: an offer has reached an agent's telephone only now, and its time begins again; put off so often at most.
--
-- MOVES contact offered -> offered
-- USES  records
-- KEYS  base    the group's base
-- ARGV  now_ms    integer
--       id        text
--       agent_id  text
--       gen       integer, the offer's
-- RETURNS {'rings', until_ms}  it expires then
--         {'late', state}      this offer is over
local base = unpack(KEYS)
local now_ms, id, agent_id, gen = unpack(ARGV)

local MOST = 3 -- times as long as an offer that rings at once

local contact = contact_of(id)
if not contact then return {'late', 'none'} end
if contact.state ~= 'offered' or contact.gen ~= gen or not has(contact.agent, agent_id) then return {'late', contact.state} end
local offer_ms = tonumber(policy_of(contact.queue, 'offer_ms'))
local until_ms = string.format('%d', math.min(now_ms + offer_ms, contact.offered + MOST * offer_ms))
redis.call('ZADD', base .. 'due', 'GT', until_ms, 'offer|' .. id .. '|' .. gen)
return {'rings', until_ms}
