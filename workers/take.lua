-- Take a lease: the right to run one test and to record it.
-- KEYS 1 lease  2 beats  3 cancelled
-- ARGV 1 number of the lease  2 worker  3 token of the taking  4 member of beats
-- Answers 1 granted, 0 not the current lease, -1 taken by somebody else, -2 the run is cancelled.
-- The token makes it repeatable: a worker that lost the answer asks again, and a group's worker takes the next member.
if redis.call('EXISTS', KEYS[3]) == 1 then return -2 end
local held = redis.call('HMGET', KEYS[1], 'lease', 'token')
if held[1] ~= ARGV[1] then return 0 end
if held[2] and held[2] ~= ARGV[3] then return -1 end
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HSET', KEYS[1], 'worker', ARGV[2], 'token', ARGV[3], 'taken_ms', now_ms)
redis.call('ZADD', KEYS[2], now_ms, ARGV[4])
return 1
