-- Append events to a room's log and publish them, in one step; without events: look at the log.
--
-- KEYS  meta log seen latest chat tail requests reactions lost news rooms
-- ARGV  slug, epoch to use if a new one is needed, how many outbox ids to remember, length of the chat tail,
--       then five for each event: kind, outbox ids or "", key, extra, text (JSON without its closing brace)
-- kinds log     takes a seq
--       chat    takes a seq, kept in the chat tail
--       dead    takes a seq; replaces the message with seq `key` by the tombstone in `extra`
--       count   takes a seq; one more request for the number `key`, its total goes where \1 stands
--       pin     takes a seq; the requests for the number `key` begin anew
--       latest  newest value of `key`; `extra` is "rev urgent"
--       sum     newest value of `key`; `extra` is "name=n name=n", the new totals go where \1name\1 stands
-- returns epoch, top, first, version, 1 if the epoch is new, then the seq of each event (0: has none)
local meta, log, seen, latest, chat = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local tail, requests, reactions, lost = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local news, rooms = KEYS[10], KEYS[11]

local function whole(number) return string.format('%.0f', number) end

-- Can this log go on? Not if it is gone, and not in another life of the server: its last second may be lost.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local m = redis.call('HMGET', meta, 'epoch', 'run', 'top', 'first', 'version')
local epoch, top, first = m[1], tonumber(m[3] or '0'), tonumber(m[4] or '1')
local version = tonumber(m[5] or '0')
local fresh = 0
if not epoch or m[2] ~= run or (top >= first and redis.call('EXISTS', log) == 0) then
  if epoch and redis.call('EXISTS', log) == 1 then
    -- It does not go on, but what it holds was said: the archive takes it from here.
    redis.call('RENAME', log, log .. ':' .. epoch)
    redis.call('RPUSH', lost, epoch)
    redis.call('SADD', rooms, ARGV[1])
  end
  epoch, top, first, fresh = ARGV[2], 0, 1, 1
  redis.call('DEL', meta, log, seen, latest, chat, tail, requests)
  redis.call('HSET', meta, 'epoch', epoch, 'run', run, 'top', '0', 'first', '1', 'version', whole(version))
end

local lines, seqs, admitted, logged = {}, {}, {}, 0
for i = 5, #ARGV, 5 do
  local kind, id, key, extra, text = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local seq = 0
  if kind == 'latest' or kind == 'sum' then
    local rev, urgent = string.match(extra, '^(%-?%d+) (%d)$')
    if kind == 'sum' then
      rev, urgent = '-1', '0'
      for name, count in string.gmatch(extra, '(%a+)=(%d+)') do
        redis.call('HINCRBY', reactions, name, count)
      end
      text = string.gsub(text, '\1(%a+)\1', function(name)
        return redis.call('HGET', reactions, name) or '0'
      end)
    end
    local old = redis.call('HGET', latest, key)
    local known = old and tonumber(string.match(old, '^%d+ (%-?%d+) ')) or -1
    if tonumber(rev) == -1 or tonumber(rev) >= known then
      version = version + 1
      redis.call('HSET', latest, key, whole(version) .. ' ' .. rev .. ' ' .. urgent .. ' ' .. text .. '}')
      lines[#lines + 1] = 'V ' .. whole(version) .. ' ' .. urgent .. ' ' .. key .. ' ' .. text .. '}'
    end
  else
    if id ~= '' and admitted[id] == nil then
      -- A fact may have several events; all of one call are new or none is. An event about several facts is
      -- new if one of them is.
      admitted[id] = false
      for each in string.gmatch(id, '%d+') do
        if not redis.call('ZSCORE', seen, each) then
          admitted[id] = true
          redis.call('ZADD', seen, redis.call('HINCRBY', meta, 'admitted', 1), each)
        end
      end
    end
    if id == '' or admitted[id] then
      top = top + 1
      seq = top
      if kind == 'count' then
        text = string.gsub(text, '\1', whole(redis.call('HINCRBY', requests, key, 1)), 1)
      elseif kind == 'pin' then
        redis.call('HDEL', requests, key)
      elseif kind == 'dead' then
        if redis.call('HEXISTS', log, key) == 1 then redis.call('HSET', log, key, extra) end
        if redis.call('HEXISTS', chat, key) == 1 then redis.call('HSET', chat, key, extra) end
      end
      text = text .. ',"seq":' .. whole(seq) .. '}'
      redis.call('HSET', log, whole(seq), text)
      if kind == 'chat' then
        redis.call('HSET', chat, whole(seq), text)
        redis.call('RPUSH', tail, whole(seq))
        while redis.call('LLEN', tail) > tonumber(ARGV[4]) do
          redis.call('HDEL', chat, redis.call('LPOP', tail))
        end
      end
      lines[#lines + 1] = 'L ' .. whole(seq) .. ' ' .. text
      logged = logged + 1
    end
  end
  seqs[#seqs + 1] = seq
end

if #lines > 0 then
  redis.call('HSET', meta, 'top', whole(top), 'version', whole(version))
  if logged > 0 then
    redis.call('ZREMRANGEBYRANK', seen, 0, -1 - tonumber(ARGV[3]))
    redis.call('SADD', rooms, ARGV[1])
  end
end
if #lines > 0 or fresh == 1 then
  redis.call('PUBLISH', news, 'E ' .. epoch .. '\n' .. table.concat(lines, '\n'))
end
return { epoch, top, first, version, fresh, unpack(seqs) }
