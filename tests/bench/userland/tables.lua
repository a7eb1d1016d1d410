-- SPDX-License-Identifier: MIT
-- Recursion, a sort, strings.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local t, s = {}, {}
for i = 1, 60000 do t[i] = i * 7919 % 100003 end
table.sort(t)
for i = 1, 20000 do s[#s + 1] = tostring(t[i] * 1.5) end
print(fib(24), t[100], #table.concat(s))
