-- finish_wrap_up: the time to write up is over, or the agent says so.
--
-- MOVES agent wrap_up -> ready | wrap_up -> reserved | wrap_up -> away
-- USES  records line bits idle match settle
-- KEYS  base    the group's base
-- ARGV  now_ms  integer
--       id      text
--       offer   text, the id of the offer that is written up; empty for all
-- RETURNS {'freed', state, offers}
--         {'refused', state}  not in this wrap-up
local base = unpack(KEYS)
local now_ms, id, offer = unpack(ARGV)

local agent = agent_of(id)
if not agent then return {'refused', 'none'} end
local over = {}
for _, one in ipairs(holds_of(agent)) do
  local name = one.id .. '.' .. one.gen
  if one.stage == 'wrap_up' and (offer == '' or offer == name) then over[#over + 1] = {one.id, name} end
end
if #over == 0 then return {'refused', agent.state} end
for _, one in ipairs(over) do
  hold(agent, one[1])
  redis.call('ZREM', base .. 'due', 'wrap_up|' .. id .. '|' .. one[2])
end
agent.since = now_ms
settle(id, agent, now_ms)
return {'freed', agent.state, offers}
