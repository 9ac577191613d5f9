-- line: where contacts wait. The only writer of lines, asides and their heads, so that a head is repaired in one place.
local HEADS = {line = 'heads', aside = 'asides'}

local function repair(where, req)
  local head = redis.call('ZRANGE', base .. where .. ':' .. req, 0, 0, 'WITHSCORES')
  if head[1] then
    redis.call('ZADD', base .. HEADS[where], head[2], req)
  else
    redis.call('ZREM', base .. HEADS[where], req)
  end
end

-- A contact begins to wait: kept for one agent, aside (somebody able has declined it), or in line.
local function stand(id, contact)
  local where = contact.prefer ~= '' and 'preferred' or contact.declined ~= '' and 'aside' or 'line'
  if where == 'preferred' then
    redis.call('ZADD', base .. 'preferred:' .. contact.prefer, contact.place, id)
  else
    redis.call('ZADD', base .. where .. ':' .. contact.req, contact.place, id)
    redis.call('ZADD', base .. HEADS[where], 'LT', contact.place, contact.req)
  end
  contact.where, contact.state = where, 'waiting'
  redis.call('HSET', base .. 'contact:' .. id, 'state', 'waiting', 'where', where)
  redis.call('HINCRBY', base .. 'waiting', contact.queue, 1)
end

-- It waits no longer there; whoever calls this says what it does instead.
local function step_out(id, contact)
  if contact.where == 'preferred' then
    redis.call('ZREM', base .. 'preferred:' .. contact.prefer, id)
  else
    redis.call('ZREM', base .. contact.where .. ':' .. contact.req, id)
    repair(contact.where, contact.req)
  end
  contact.where = ''
  redis.call('HINCRBY', base .. 'waiting', contact.queue, -1)
end
