-- bits: sets of requirements as byte strings. Requirement r is bit r % 8 of byte r / 8.
local listed = {}

local function requirements_of(bits)
  local found = listed[bits]
  if found then return found end
  found = {}
  for at = 1, #bits do
    local byte = string.byte(bits, at)
    for place = 0, byte > 0 and 7 or -1 do
      if bit.band(byte, bit.lshift(1, place)) ~= 0 then found[#found + 1] = (at - 1) * 8 + place end
    end
  end
  listed[bits] = found
  return found
end

local function serves(bits, req)
  local byte = string.byte(bits, math.floor(req / 8) + 1)
  return byte ~= nil and bit.band(byte, bit.lshift(1, req % 8)) ~= 0
end

local function combined(one, other, combine)
  local bytes = {}
  for at = 1, math.max(#one, #other) do
    bytes[at] = string.char(combine(string.byte(one, at) or 0, string.byte(other, at) or 0))
  end
  return table.concat(bytes)
end

local function only(req)
  return string.rep('\0', math.floor(req / 8)) .. string.char(bit.lshift(1, req % 8))
end
