--- text as a number, floor
local s = '0.' .. ('1'):rep(60000) while true do local x = math.floor(s) end
--- text as a number, max
local s = '0.' .. ('1'):rep(60000) while true do local x = math.max(s, s, s, s, s, s, s, s) end
--- text as a number, denormal
local s = '4.9' .. ('3'):rep(1100) .. 'e-324' while true do local x = math.floor(s) end
--- text as a number, as long as it may be
local s = '4.9' .. ('3'):rep(190) .. 'e-324' while true do local x = math.max(s, s, s, s, s, s) end
--- text as an index
local s = ('0'):rep(60000) while true do local x = ('x'):sub(s) end
--- text as a count
local s = (' '):rep(60000) .. '1' while true do local x = ('x'):rep(s) end
--- text as a divisor
local s = '0.' .. ('1'):rep(60000) while true do local x = math.fmod(s, 3) end
--- text in arithmetic
local s = '0.' .. ('1'):rep(60000) while true do local x = s + 1 end
--- text in bit arithmetic
local s = '0x' .. ('f'):rep(60000) while true do local x = s | 0 end
--- text in a format
local s = ('1'):rep(60000) while true do local x = string.format('%d', s) end
--- text as a level
error('x', ('9'):rep(60000))
--- text as a limit of a loop
for i = 1, ('9'):rep(60000) do end
--- text as a base
while true do tonumber('zz', ('3'):rep(60000)) end
--- text as a code point
local s = ('0'):rep(60000) .. '65' while true do utf8.char(s) end
--- text as a selector
local s = ('0'):rep(60000) .. '2' while true do local x = select(s, 1, 2, 3) end
--- integer loop past its end
for i = math.maxinteger - 1, math.maxinteger do end for i = math.mininteger + 1, math.mininteger, -1 do end while true do end
--- integer loop over everything
for i = math.mininteger, math.maxinteger do end
--- integer loop by the smallest
for i = math.maxinteger, math.mininteger, math.mininteger do end while true do for i = 1, 2, math.maxinteger do end end
--- loop by zero
for i = 1, 2, 0 do end
--- loop to not a number
for i = 1, 0/0 do end for i = 0/0, 1 do end for i = -math.huge, math.huge do end
--- loop from infinity
for i = math.huge, math.huge, 0.0 do end
--- float loop that stands still
for i = 2.0 << 0 | 0, 1e308, 1e-300 do end
--- float loop that stands still, plainly
for i = 9007199254740992.0, 9007199254740994.0, 0.5 do end
--- the smallest divided
local a = math.mininteger while true do local x = a // -1 x = a % -1 x = a * a x = -a x = a - 1 end
--- division by zero
return 1 // 0
--- remainder by zero
return 1 % 0
--- shifts beyond
while true do local x = 1 << 64 x = 1 << -64 x = 1 << math.maxinteger x = 1 >> math.mininteger end
--- not a number as a key
local t = {} t[0/0] = 1
--- float keys that are whole
local t = {} for i = 1, 1e9 do t[i + 0.0] = i end
--- keys beyond the integers
local t = {} for i = 1, 1e9 do t[9223372036854775807.0 + i] = i end
--- numbers joined in a row
while true do local x = 1e308 .. 1e-308 .. 1e308 .. 1e-308 .. 1e308 .. 1e-308 .. 1e308 .. 1e-308 end
--- integers joined in a row
while true do local x = 1 .. 2 .. 3 .. 4 .. 5 .. 6 .. 7 .. 8 .. 9 .. 10 .. 11 .. 12 .. 13 .. 14 .. 15 .. 16 end
--- floor division of floats
local a, b = 1.7e308, 5e-324 while true do local x = a // b x = a // b x = a // b x = a // b end
--- comparison of integers and floats
local a, b = math.maxinteger, 9.3e18 while true do if a < b then end if a <= b then end if a == b then end end
--- random of nothing
math.random(0)
--- random backwards
math.random(2, 1)
