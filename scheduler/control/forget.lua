-- End a lease that is over, unless the test has another one by now.
-- KEYS 1 lease  2 beats
-- ARGV 1 number of the lease  2 member of beats
-- Answers 1 ended, 0 not.
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('HGET', KEYS[1], 'lease') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
