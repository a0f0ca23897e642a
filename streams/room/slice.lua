-- Read events of a room's log.
-- KEYS meta log   ARGV first seq wanted, how many at most
-- returns epoch ("" when the log can not be trusted), top, first, archived, then the texts in order of seq
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local m = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'top', 'first', 'archived')
if not m[1] or m[2] ~= run then return { '', 0, 1, 0 } end
local top, first = tonumber(m[3]), tonumber(m[4])
local from = math.max(first, tonumber(ARGV[1]))
local till = math.min(top, from + tonumber(ARGV[2]) - 1)
local found = { m[1], top, first, tonumber(m[5] or '0') }
for seq = from, till do
  local text = redis.call('HGET', KEYS[2], string.format('%.0f', seq))
  if not text then break end
  found[#found + 1] = text
end
return found
