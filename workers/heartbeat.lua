-- Say that a worker lives and still holds its leases. One call for all of them.
-- KEYS 1 beats  2 workers  3 worker  then for each lease: lease, cancelled
-- ARGV 1 name of the worker  2 its declaration as JSON  3 life of the declaration in s
--      then for each lease: number, token, member of beats
-- Answers, for each lease: 1 held, 0 no longer held, -2 held, but its run is cancelled.
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[2], now_ms, ARGV[1])
for field, value in pairs(cjson.decode(ARGV[2])) do
  redis.call('HSET', KEYS[3], field, value)
end
redis.call('EXPIRE', KEYS[3], ARGV[3])
local answers = {}
for i = 1, (#KEYS - 3) / 2 do
  local lease, cancelled = KEYS[2 + 2 * i], KEYS[3 + 2 * i]
  local number, token, member = ARGV[1 + 3 * i], ARGV[2 + 3 * i], ARGV[3 + 3 * i]
  local held = redis.call('HMGET', lease, 'lease', 'token')
  if held[1] ~= number or held[2] ~= token then
    redis.call('ZREM', KEYS[1], member)
    answers[i] = 0
  else
    redis.call('ZADD', KEYS[1], now_ms, member)
    answers[i] = redis.call('EXISTS', cancelled) == 1 and -2 or 1
  end
end
return answers
