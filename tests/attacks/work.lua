--- rep of nothing
return string.rep('', 1 << 62)
--- rep with separator
return string.rep('', 1 << 62, '')
--- rep overflow
return string.rep('xx', math.maxinteger)
--- find quadratic
local s = ('a'):rep(60000) local n = ('a'):rep(30000) .. 'b' while true do s:find(n) end
--- find single
local s = ('a'):rep(60000) while true do s:find('b') end
--- find near misses
local s = ('a'):rep(60000) while true do s:find('ab') end
--- find init
local s = ('a'):rep(60000) for i = 1, 1e9 do s:find('b', i) end
--- split everywhere
local s = ('a'):rep(60000) while true do s:split('a') end
--- string ==
local a = ('a'):rep(60000) .. 'x' local b = ('a'):rep(60000) .. 'x' while true do if a == b then end end
--- string == unrolled
local a = ('a'):rep(60000) .. 'x' local b = ('a'):rep(60000) .. 'x' while true do if a == b then end if a == b then end if a == b then end if a == b then end if a == b then end end
--- string == 8k
local a = ('a'):rep(8100) .. 'x' local b = ('a'):rep(8100) .. 'x' while true do if a == b then end if a == b then end if a == b then end if a == b then end if a == b then end end
--- string <
local a = ('a'):rep(60000) .. 'x' local b = ('a'):rep(60000) .. 'y' while true do if a < b then end if a < b then end end
--- string < 100k
local h = ('a'):rep(50000) local a = h .. h .. 'x' local b = h .. h .. 'y' while true do if a < b then end if a < b then end end
--- string < of NUL escapes
local a, b = ('\0'):rep(9999), ('\x00'):rep(9999) while true do if a < b then end end
--- string < of made NULs
local a = string.char(0):rep(9999) while true do if a < a .. 'x' then end end
--- string < of utf8 NULs
local a = utf8.char(0):rep(9999) while true do if a < a .. 'x' then end end
--- concat numbers
local a = 1.7976931348623157e308 while true do local s = a .. a s = a .. a s = a .. a s = a .. a end
--- concat integers
local a = math.mininteger while true do local s = a .. a s = a .. a s = a .. a s = a .. a end
--- fmod operator
local a, b, x = 1.7e308, 1.5e-323 while true do x = a % b x = a % b x = a % b x = a % b x = a % b end
--- fmod operator, normal
local a, b, x = 7.5852e307, 4.83e-308 while true do x = a % b x = a % b x = a % b x = a % b x = a % b end
--- fmod operator, floats hidden
local a, b, x = _ENV['ma' .. 'th'].huge, 3 while true do x = 5 % a x = 5 % a x = 5 % a end
--- fmod function, normal
local f = math.fmod while true do local x = f(7.5852e307, 4.83e-308) end
--- fmod function
while true do local x = math.fmod(1.7e308, 1.5e-323) end
--- format float
while true do local s = string.format('%99.99f', -1.7e308) end
--- format many floats
while true do local s = string.format('%.99f%.99f%.99f%.99f%.99f', 1e308, 1e308, 1e308, 1e308, 1e308) end
--- format denormal
while true do local s = string.format('%.99f', 5e-324) end
--- format long
local f = ('%99d'):rep(600) while true do string.format(f, 1) end
--- tostring float
local x = 1.7976931348623157e308 while true do local s = tostring(x) s = tostring(x) s = tostring(x) end
--- tonumber long
local s = '0.' .. ('1'):rep(60000) while true do tonumber(s) end
--- tonumber short
local s = ('9'):rep(190) .. 'e-200' while true do tonumber(s) end
--- tonumber base
local s = ('z'):rep(60000) while true do tonumber(s, 36) end
--- upper lower reverse
local s = ('a'):rep(60000) while true do s = s:upper() s = s:reverse() s = s:lower() end
--- trim
local s = (' '):rep(60000) while true do s:trim() end
--- trim wide
local s = ('\u{3000}'):rep(20000) while true do s:trim() end
--- sub
local s = ('a'):rep(60000) while true do local x = s:sub(2) end
--- starts
local a, b = ('a'):rep(60000), ('a'):rep(59999) while true do local x = a:starts(b) end
--- byte
local s = ('a'):rep(250) while true do local n = select('#', s:byte(1, -1)) end
--- utf8.len
local s = ('\u{10FFFF}'):rep(15000) while true do utf8.len(s) end
--- utf8.codepoint
local s = ('\u{10FFFF}'):rep(250) while true do local x = utf8.codepoint(s, 1, 1000) end
--- long keys
local s = ('a'):rep(60000) local t = {} while true do local k = s:reverse() t[k] = 1 t[k] = nil end
--- concat keys
local s = ('a'):rep(50000) local t = {} while true do local x = t[s .. 'b'] end
--- integer chain
local M = 1023 * 511 * 2047 local t = {} for i = 1, 1500 do t[i * M] = i end local k, x = M * 100003 while true do x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] end
--- integer chain of 1000
local M = 1023 * 511 * 2047 local t = {} for i = 1, 1000 do t[i * M] = i end local k, x = M * 100003 while true do x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] end
--- integer chain of 500
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end local k, x = M * 100003 while true do x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] end
--- integer chain of 120
local M = 127 * 63 * 255 local t = {} for i = 1, 120 do t[i * M] = i end local k, x = M * 100003 while true do x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] x = t[k] end
--- chain rebuilt
while true do local M = 127 * 63 * 31 * 15 local t = {} for i = 1, 128 do t[i * M] = i end end
--- chain rebuilt large
while true do local M = 1023 * 511 * 255 local t = {} for i = 1, 600 do t[i * M] = i end end
--- rehash at the edge
local M = 511 * 255 * 127 local t = {} for i = 1, 511 do t[i * M] = i end for i = 1, 1e9 do t[-i * M] = 1 t[-i * M] = nil end
--- float chain
local t = {} local u = 1048576.0 * 16383 for i = 1, 700 do t[i * u] = i end local x = 0 while true do for i = 1, 700 do x = x + (t[i * u] or 0) end end
--- length of a sparse table
local t = {} local k = 1 for i = 0, 62 do t[k] = 1 if i < 8 then t[k + 1] = 1 end k = k + k end while true do local n = #t n = #t n = #t n = #t n = #t end
--- length with chains
local t = {} local k = 1 for i = 0, 61 do t[k] = 1 for j = 1, 8 do t[k + j * 1023 * 511] = 1 end k = k + k end while true do local n = #t n = #t n = #t n = #t n = #t n = #t end
--- length with even chains
local M = 1023 * 511 * 255 local t = {} local k = 1 for i = 0, 62 do t[k] = 1 if i < 8 then t[k + 1] = 1 end k = k + k end for p = 0, 8 do for j = 1, 47 do t[(1 << p) + j * M] = 1 end end while true do local n = #t n = #t n = #t n = #t n = #t n = #t end
--- length with short chains
local M = 127 * 63 * 255 local t = {} local k = 1 for i = 0, 62 do t[k] = 1 if i < 8 then t[k + 1] = 1 end k = k + k end for p = 0, 6 do for j = 1, 8 do t[(1 << p) + j * M] = 1 end end while true do local n = #t n = #t n = #t n = #t n = #t n = #t end
--- length of hollow table
local t = {} for i = 1, 900 do t[i] = i end for i = 1, 900 do t[i] = nil end while true do local n = #t n = #t n = #t end
--- pairs of hollow table
local t = {} for i = 1, 900 do t['k' .. i] = i end for i = 1, 900 do t['k' .. i] = nil end while true do pairs(t) pairs(t) pairs(t) pairs(t) end
--- pairs over many
local t = {} for i = 1, 900 do t['key' .. i] = i end while true do pairs(t) end
--- pairs over long keys
local t = {} local h = ('a'):rep(9000) for i = 1, 20 do t[h .. i] = i end while true do pairs(t) end
--- sort strings
local t = {} local h = ('a'):rep(2000) for i = 1, 90 do t[i] = h .. i end while true do table.sort(t) end
--- sort numbers
local t = {} for i = 1, 1000 do t[i] = (i * 7919) & 1023 end while true do table.sort(t) end
--- insert at front
local t = {} for i = 1, 1e9 do table.insert(t, 1, i) end
--- remove at front
local t = {} for i = 1, 1000 do t[i] = i end while true do table.insert(t, 1) table.remove(t, 1) end
--- concat shared
local t = {} local s = ('x'):rep(1000) for i = 1, 60 do t[i] = s end while true do table.concat(t) end
--- concat far
return table.concat({}, '', 1, math.maxinteger)
--- concat empty strings
local t = {} for i = 1, 2000 do t[i] = '' end while true do table.concat(t) end
--- unpack huge
return table.unpack({}, 1, 1e8)
--- unpack wrap
return table.unpack({}, math.mininteger, math.maxinteger)
--- unpack often
local t = {} for i = 1, 250 do t[i] = i end while true do local n = select('#', table.unpack(t)) end
--- pack often
local t = {} for i = 1, 250 do t[i] = i end while true do table.pack(table.unpack(t)) end
--- select negative
local function f(...) while true do local x = select(-1, ...) end end f(table.unpack({}, 1, 250))
--- random wide
while true do math.random(math.mininteger, math.maxinteger) end
--- random just over
while true do math.random(0, 1 << 62) end
--- min of many
local t = {} for i = 1, 250 do t[i] = i end while true do math.min(table.unpack(t)) end
--- pairs over a chain of keys
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end while true do pairs(t) end
--- pairs over a long chain of keys
local M = 1023 * 511 * 2047 local t = {} for i = 1, 1000 do t[i * M] = i end while true do pairs(t) end
--- pairs over a short chain of keys
local M = 127 * 63 * 255 local t = {} for i = 1, 120 do t[i * M] = i end while true do pairs(t) end
--- pairs of a grown table
local t = {} for i = 1, 900 do t[i] = i end for i = 1, 900 do t['k' .. i] = i end while true do pairs(t) end
--- ipairs over a chain
local M = 1023 * 511 * 255 local t = { 1, 2, 3 } for i = 1, 500 do t[1 + i * M] = i end while true do for i in ipairs(t) do end end
--- unpack from a chain
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- concat from a chain
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end while true do table.concat(t, '', 499 * M, 499 * M) end
--- insert into a chain
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end while true do table.insert(t, 1) table.remove(t) end
--- sort with errors in the middle
local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function(a, b) if a == 500 then error('x') end return a < b end)
--- sort of unlike things
table.sort({ 1, 'x', {}, true })
--- sort that changes its table
local t = {} for i = 1, 500 do t[i] = i end table.sort(t, function(a, b) t[#t + 1] = 1 t[a % 500 + 1] = b return a < b end)
--- sort that empties its table
local t = {} for i = 1, 500 do t[i] = i end table.sort(t, function(a, b) for i = 1, 500 do t[i] = nil end return true end)
--- sort that always says yes
local t = {} for i = 1, 1024 do t[i] = i end while true do table.sort(t, function() return true end) end
--- sort that says something else each time
local n, t = 0, {} for i = 1, 1024 do t[i] = i end while true do table.sort(t, function() n = n + 1 return n % 3 == 0 end) end
--- sort of long texts with one head
local t = {} local h = ('a'):rep(4000) for i = 1, 40 do t[i] = h .. (i * 7919 % 41) end while true do table.sort(t) end
--- sort by comparing long texts
local h = ('a'):rep(30000) local a, b = h .. 'x', h .. 'y' while true do table.sort({ 3, 1, 2 }, function(x, y) return a < b and x < y end) end
--- equal texts of equal length
local a, b = ('a'):rep(30000), ('a'):rep(29999) .. 'a' while true do local x = a == b x = a == b x = a == b x = a == b x = a == b x = a == b end
--- texts not equal at their end
local a, b = ('a'):rep(60000) .. 'b', ('a'):rep(60000) .. 'c' while true do local x = a ~= b x = a ~= b x = a ~= b x = a <= b x = a >= b end
--- equal keys looked up
local h = ('a'):rep(30000) local t = { [h .. 'x'] = 1 } local k = h .. 'x' while true do local x = t[k] x = t[k] x = t[k] x = t[k] end
--- equal keys in a chain
local t, h = {}, ('a'):rep(5000) for i = 1, 20 do t[h .. i] = i end while true do for i = 1, 20 do local x = t[h .. i] end end
--- e.text compared
local a = e.text while true do local x = a == e.text x = a < e.text x = a <= e.text end
--- short texts interned
local i = 0 while true do i = i + 1 local x = 'k' .. i % 1000 x = 'k' .. i % 1000 end
--- text grown one by one
local s = '' while true do s = s .. 'x' end
--- text grown at the front
local s = '' while true do s = 'x' .. s end
--- text taken apart
local s = ('ab'):rep(30000) while true do for i = 1, #s do local c = s:sub(i, i) end end
--- bytes one by one
local s = ('ab'):rep(30000) while true do for i = 1, #s do local c = s:byte(i) end end
--- rep of rep
while true do local s = ('x'):rep(255):rep(255) end
--- rep with a long separator
while true do local s = ('x'):rep(30, ('y'):rep(2000)) end
--- rep to just the limit
while true do local s = ('x'):rep(65536) end
--- rep of ones
while true do local s = ('x'):rep(65536, '') end
--- format of long texts
local s = ('x'):rep(60000) while true do local x = string.format('%s', s) end
--- format of many texts
local s = ('x'):rep(500) while true do local x = string.format('%s%s%s%s%s%s%s%s', s, s, s, s, s, s, s, s) end
--- format with widths
while true do local x = string.format('%99s%99s%99s%99s%99s%99s', 'a', 'b', 'c', 'd', 'e', 'f') end
--- format of percent signs
local f = ('%%'):rep(30000) while true do local x = string.format(f) end
--- format without end
local f = ('%s'):rep(32000) while true do local x = string.format(f) end
--- format of hex
while true do local x = string.format('%x%x%x%X%o', 1 << 62, -1, 255, 255, 8) end
--- split into ones
local s = (','):rep(30000) while true do local t = s:split(',') end
--- split by a long separator
local s = ('a'):rep(60000) while true do local t = s:split(('a'):rep(30000)) end
--- split that finds nothing
local s = ('a'):rep(60000) while true do local t = s:split('b') end
--- find of the whole
local s = ('a'):rep(60000) while true do s:find(s) end
--- find of nothing
local s = ('a'):rep(60000) for i = 1, 1e9 do s:find('', i % 60000) end
--- find of two letters
local s = ('ab'):rep(30000) while true do s:find('aa') s:find('bb') end
--- find of a tail
local s = ('a'):rep(60000) .. 'b' while true do s:find('ab', 1) end
--- ends and starts
local a, b = ('a'):rep(60000), ('a'):rep(60000) while true do local x = a:starts(b) x = a:ends(b) end
--- trim of a middle
local s = (' '):rep(20000) .. 'x' .. (' '):rep(20000) while true do s:trim() end
--- utf8 of broken text
local s = ('\xf0\x9f\x98'):rep(20000) while true do utf8.len(s) end
--- utf8 with indexes
local s = ('é'):rep(30000) for i = 1, 1e9 do utf8.len(s, i * 2 + 1) end
--- utf8 of many
while true do utf8.char(0x10FFFF, 0x10FFFF, 0x10FFFF, 0x10FFFF, 0x10FFFF, 0x10FFFF, 0x10FFFF, 0x10FFFF) end
--- utf8 of one, far
local s = ('é'):rep(30000) for i = 1, 1e9 do utf8.codepoint(s, 59999) end
--- length of a long text
local s = ('a'):rep(60000) while true do local n = #s + s:len() end
--- tables compared
local a, b = {}, {} while true do local x = a == b x = a ~= b end
--- closures made and dropped
while true do local a, b, c = 1, 2, 3 local f = function() return a + b + c end f() end
--- methods on texts
local s = 'x' while true do s:len() s:upper() s:lower() s:reverse() s:byte() end
--- constructor with many
while true do local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, a = 1, b = 2, c = 3, d = 4, e = 5, f = 6 } end
--- constructor with holes
while true do local t = { [1] = 1, [1000000] = 2, [3] = 3, [1 << 40] = 4 } end
--- list that grows and shrinks
local t = {} while true do for i = 1, 100 do t[i] = i end for i = 100, 1, -1 do t[i] = nil end end
--- rehash by new keys in an old table
local t = {} for i = 1, 6000 do t[i] = i end while true do t.a = 1 t.b = 1 t.c = 1 t.d = 1 t.a, t.b, t.c, t.d = nil, nil, nil, nil t.f = 1 t.g = 1 t.h = 1 t.f, t.g, t.h = nil, nil, nil end
--- rehash by keys that never stay
local t, i = {}, 0 for k = 1, 6000 do t[k] = k end while true do i = i + 1 t['k' .. i % 97] = 1 t['k' .. i % 97] = nil end
--- array that becomes a hash
local t = {} for i = 1, 4000 do t[i] = i end for i = 1, 3990 do t[i] = nil end while true do t[-1] = 1 t[-2] = 2 t[-1] = nil t[-2] = nil t[1 << 20] = 1 t[1 << 20] = nil end
--- insert in the middle
local t = {} for i = 1, 2000 do t[i] = i end while true do table.insert(t, 1000, 0) table.remove(t, 1000) end
--- insert far
table.insert({}, 1 << 40, 1)
--- remove far
table.remove({}, 1 << 40)
--- move is not there
table.move({}, 1, 1 << 60, 2, {})
--- concat of numbers
local t = {} for i = 1, 2000 do t[i] = i + 0.1 end while true do table.concat(t) end
--- concat with a separator
local t = {} for i = 1, 2000 do t[i] = 'x' end local s = ('y'):rep(30) while true do table.concat(t, s) end
--- concat of one, far
local t = { [math.maxinteger] = 'x' } while true do table.concat(t, '', math.maxinteger, math.maxinteger) end
--- unpack around the end
local t = {} while true do table.unpack(t, math.maxinteger - 200, math.maxinteger) end
--- unpack backwards
while true do table.unpack({}, 1, math.mininteger) table.unpack({}, math.maxinteger, math.mininteger) end
--- varargs counted
local function f(...) local n = 0 for i = 1, select('#', ...) do n = n + (select(i, ...)) end return n end local t = {} for i = 1, 250 do t[i] = i end while true do f(table.unpack(t)) end
--- varargs packed again
local function f(...) return table.unpack({ ... }) end local t = {} for i = 1, 200 do t[i] = i end while true do f(f(f(table.unpack(t)))) end
--- results thrown away
local function f() return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 end while true do local a = { f(), f(), f() } end
--- upvalues far out
local a = 0 local function f() local function g() local function h() a = a + 1 return a end return h() end return g() end while true do f() end
--- many locals touched
local a, b, c, d, x, y, z = 1, 2, 3, 4, 5, 6, 7 while true do a, b, c, d, x, y, z = z, y, x, d, c, b, a end
--- and or not
local a, b while true do a = not a and not b or not a b = a and b or a or b end
--- random in a loop
while true do math.random() math.random(6) math.random(1, 1 << 62) end
--- tostring of all kinds
while true do tostring(1) tostring(1.5) tostring(nil) tostring(true) tostring({}) tostring(print) tostring('x') end
--- unpack from a chain 120
local M = 127*63 * 255 local t = {} for i = 1, 120 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- unpack from a chain 60
local M = 127*63 * 255 local t = {} for i = 1, 60 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- unpack from a chain 30
local M = 127*63 * 255 local t = {} for i = 1, 30 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- unpack from a chain 1000
local M = 1023 * 511 * 2047 local t = {} for i = 1, 1000 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- unpack from a chain 240
local M = 511 * 255*127 local t = {} for i = 1, 240 do t[i * M] = i end while true do table.unpack(t, 100003 * M, 100003 * M + 200) end
--- concat chain
local M = 511 * 255*127 local t = {} for i = 1, 120 do t[i * M] = i t[-i]='x' end while true do table.concat(t, '', -120,-1) end
--- insert chain
local M = 511 * 255*127 local t = {} for i = 1, 200 do t[i * M] = i  end for i=100,1,-1 do t[i]=i end while true do table.insert(t, 1,0) table.remove(t,1) end
--- sort chain
local M = 511 * 255*127 local t = {} for i = 1, 200 do t[i * M] = i  end for i=100,1,-1 do t[i]=i end while true do table.sort(t) end
--- sort chain cmp
local M = 511 * 255*127 local t = {} for i = 1, 200 do t[i * M] = i  end for i=100,1,-1 do t[i]=i end while true do table.sort(t,function(a,b) return a<b end) end
--- ipairs chain
local M = 511 * 255*127 local t = {} for i = 1, 200 do t[i * M] = i  end for i=100,1,-1 do t[i]=i end while true do for i,v in ipairs(t) do end end
--- pairs walk chain
local M = 511 * 255*127 local t = {} for i = 1, 200 do t[i * M] = i  end for i=100,1,-1 do t[i]=i end while true do for i,v in pairs(t) do end end
