-- Give a lease back unused: its message returns to the queue, and whoever gets it may take the lease.
-- KEYS 1 lease  2 beats
-- ARGV 1 number of the lease  2 token  3 member of beats
-- Answers 1 given back, 0 it was not (or no longer) held.
local held = redis.call('HMGET', KEYS[1], 'lease', 'token')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'worker', 'token', 'taken_ms')
redis.call('ZREM', KEYS[2], ARGV[3])
return 1
