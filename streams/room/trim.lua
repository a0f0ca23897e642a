-- Note what is archived and forget old events, never one that is not archived.
-- KEYS meta log   ARGV epoch, archived up to this seq, how many of the newest events to keep
-- returns how many were forgotten, or -1 when the epoch is another one meanwhile
local m = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'first', 'archived')
if m[1] ~= ARGV[1] then return -1 end
local archived = math.max(tonumber(m[4] or '0'), tonumber(ARGV[2]))
local first, gone = tonumber(m[3]), 0
local till = math.min(archived, tonumber(m[2]) - tonumber(ARGV[3]))
for seq = first, till do
  redis.call('HDEL', KEYS[2], string.format('%.0f', seq))
  gone = gone + 1
end
redis.call('HSET', KEYS[1], 'archived', string.format('%.0f', archived), 'first',
  string.format('%.0f', first + gone))
return gone
