-- Record one attempt and end its lease; wake `aggregate`; in a group, hand the next member to the same worker.
-- KEYS 1 lease  2 beats  3 records  4 wake  5 queue of control  and in a group  6 worker's own queue  7 next lease
-- ARGV 1 number of the lease  2 token  3 member of beats  4 record as JSON  5 life of the wake-up in ms
--      6 message to control, or ''  and in a group  7 worker  8 next member of beats  9 message of the next test
-- Answers 1 recorded under the current lease, and the next member, if any, handed on; -1 recorded, but the next member
-- has another lease by now; 0 recorded, but the lease was not (or no longer) held.
-- Asked again after its answer was lost, it finds the next member under the token of the group, and answers 1 again.
-- The record is always kept: `aggregate` decides in the database; after a flush of Redis nothing else would know.
redis.call('XADD', KEYS[3], '*', 'r', ARGV[4])
redis.call('ZREM', KEYS[2], ARGV[3])
if redis.call('SET', KEYS[4], '1', 'NX', 'PX', ARGV[5]) and ARGV[6] ~= '' then
  redis.call('LPUSH', KEYS[5], ARGV[6])
end
local held = redis.call('HMGET', KEYS[1], 'lease', 'token')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then
  if not KEYS[7] then return 0 end
  local next = redis.call('HMGET', KEYS[7], 'lease', 'token')
  return (next[1] == ARGV[1] and next[2] == ARGV[2]) and 1 or 0
end
redis.call('DEL', KEYS[1])
if not KEYS[6] then return 1 end
if redis.call('HGET', KEYS[7], 'lease') ~= ARGV[1] then return -1 end
local now = redis.call('TIME')
redis.call('HSET', KEYS[7], 'worker', ARGV[7], 'token', ARGV[2])
redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[8])
redis.call('LPUSH', KEYS[6], ARGV[9])
redis.call('EXPIRE', KEYS[6], 86400)
return 1
