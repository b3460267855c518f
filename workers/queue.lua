-- Make a lease the test's current one, not yet taken; the message follows.
-- KEYS 1 lease
-- ARGV 1 number of the lease  2 life in s
-- Answers 1 done, 0 not: a later one is current already, and who asks is late.
local current = tonumber(redis.call('HGET', KEYS[1], 'lease') or '0')
if current and current > tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'lease', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
