-- Who is here: refresh members, let others fade, forget the silent ones, count, and watch for the host.
-- KEYS people simulated counted host
-- ARGV now (s), seconds a member stays, seconds a leaver stays, "here" | "away" | "" (host, "" = do not watch),
--      then four texts of members, divided by spaces: joined, joined simulated, left, left simulated
-- returns people, simulated, 1 if the counts are news, seconds since the host was here
local now, stay, fade = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, 2 do
  for member in string.gmatch(ARGV[4 + i], '%S+') do
    redis.call('ZADD', KEYS[i], now, member)
  end
  for member in string.gmatch(ARGV[6 + i], '%S+') do
    -- Somebody with a second tab elsewhere is refreshed from there before this runs out.
    redis.call('ZADD', KEYS[i], 'XX', now - stay + fade, member)
  end
end
for i = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. (now - stay))
  redis.call('EXPIRE', KEYS[i], 86400)
end
local people, simulated = redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2])
local counts, news = people .. ':' .. simulated, 0
if redis.call('GET', KEYS[3]) ~= counts then
  redis.call('SET', KEYS[3], counts, 'EX', 86400)
  news = 1
end
local away = 0
if ARGV[4] == 'here' then
  redis.call('SET', KEYS[4], ARGV[1], 'EX', 86400)
elseif ARGV[4] == 'away' then
  local last = redis.call('GET', KEYS[4])
  if last then
    away = now - tonumber(last)
  else
    redis.call('SET', KEYS[4], ARGV[1], 'EX', 86400)
  end
end
return { people, simulated, news, math.floor(away) }
