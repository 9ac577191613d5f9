-- promise: a contact is called back. It keeps its place, or stands behind all who wait live, or begins to wait again
-- at a time.
local LATER_MS = 10000000000000 -- added to a place: behind any time of ours

local function live_place(contact)
  local place = tonumber(contact.place)
  return string.format('%d', place > LATER_MS / 2 and place - LATER_MS or place)
end

local function promise(id, contact, kind, at_ms, now_ms)
  local place = live_place(contact)
  contact.callback, contact.agent = kind, ''
  contact.place = kind == 'later_today' and string.format('%d', place + LATER_MS) or place
  contact.state = kind == 'at_a_time' and 'promised' or contact.state
  redis.call('HSET', base .. 'contact:' .. id, 'callback', kind, 'place', contact.place, 'state', contact.state, 'where',
    '', 'agent', '')
  local due = 'callback|' .. id .. '|0'
  if kind ~= 'keep_place' and tonumber(at_ms) > 0 then
    redis.call('ZADD', base .. 'due', at_ms, due)
  else
    redis.call('ZREM', base .. 'due', due)
  end
  trace(id, 'promised', now_ms, '', kind)
  happened('promised', now_ms, 'contact', id, 'queue', contact.queue, 'how', kind, 'due', at_ms)
  if kind ~= 'at_a_time' then seek_agents(id, contact, now_ms) end
end
