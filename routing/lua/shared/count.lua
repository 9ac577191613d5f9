-- count: how many agents could serve what.

-- How many can serve each requirement: `signed` counts who is signed in, `able` who is available too. When the last
-- one goes, those who wait may have to leave, in batches of the sweep.
local function count(which, agent, by, now_ms)
  for _, req in ipairs(requirements_of(agent.bits)) do
    if redis.call('HINCRBY', base .. which, req, by) == 0 and by < 0 then
      redis.call('ZADD', base .. 'due', now_ms, 'empty|' .. req .. '|0')
    end
  end
end
