-- Take a published test back: only while its lease is the one we know and nobody has taken it.
-- KEYS 1 lease
-- ARGV 1 number of the lease
-- Answers 1 taken back, 0 not: a worker has it, or has recorded it already (a record ends its lease).
local held = redis.call('HMGET', KEYS[1], 'lease', 'token')
if held[1] ~= ARGV[1] or held[2] then return 0 end
redis.call('DEL', KEYS[1])
return 1
