--- rep bomb
return #(('x'):rep(1 << 31))
--- doubling
local s = 'x' while true do s = s .. s end
--- table growth
local t = {} for i = 1, 1e9 do t[i] = i end
--- string keys
local t = {} local i = 0 while true do i = i + 1 t['k' .. i] = i end
--- closures
local f = function() end while true do local g = f f = function() return g end end
--- nested tables
local t = {} while true do t = { t } end
--- garbage strings
local s = ('x'):rep(50000) while true do local x = s .. 'y' end
--- garbage tables
while true do local t = { 1, 2, 3, { 4, 5 } } end
--- garbage at the edge
local keep = {} for i = 1, 20 do keep[i] = ('x'):rep(10000) .. i end while true do local t = { ('y'):rep(30000) } end
--- constructor of varargs
local function f(...) while true do local t = { ... } end end f(table.unpack({}, 1, 250))
--- wide closures
local function f() local a1, a2, a3, a4, a5, a6, a7, a8 while true do local g = function() return a1, a2, a3, a4, a5, a6, a7, a8 end end end f()
--- many globals
for i = 1, 1e9 do _ENV['g' .. i] = i end
--- e as a store
for i = 1, 1e9 do e['k' .. i] = i end
--- text doubled in a table
local t = {} local s = 'x' for i = 1, 1e9 do s = s .. s t[i] = s end
--- texts of every length
local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(i) end
--- texts shared by upper
local t = {} for i = 1, 1e9 do t[i] = ('x' .. i):rep(100) end
--- tables of tables
local t = {} for i = 1, 1e9 do t[i] = { { {} } } end
--- table of itself
local t = {} for i = 1, 1e9 do t[{}] = t end
--- list with one far key
local t = {} for i = 1, 1e9 do t[i * 1000003] = i end
--- closures in a list
local t = {} for i = 1, 1e9 do local x = i t[i] = function() return x end end
--- closures over closures
local f = function() return 1 end for i = 1, 1e9 do local g = f f = function() return g() end end
--- linked list
local l for i = 1, 1e9 do l = { next = l, value = i } end
--- linked list, called to its end
local l for i = 1, 3000 do l = { next = l } end local function w(x) if x.next then return 1 + w(x.next) end return 0 end w(l)
--- tree
local function tree(n) if n == 0 then return {} end return { tree(n - 1), tree(n - 1) } end tree(40)
--- small garbage
while true do local a = {} end
--- garbage that points to itself
while true do local a, b = {}, {} a.b = b b.a = a end
--- garbage closures
while true do local x = {} local f = function() return x, f end end
--- garbage texts
local i = 0 while true do i = i + 1 local s = 'garbage ' .. i .. ' and ' .. i * 2 end
--- garbage of 40 bytes and more
local i = 0 while true do i = i + 1 local s = ('y'):rep(41) .. i end
--- freed and filled
local t = {} while true do for i = 1, 500 do t[i] = ('z'):rep(100) .. i end for i = 1, 500 do t[i] = nil end end
--- pieces of all sizes
local t, i = {}, 0 while true do i = i + 1 t[i % 37] = ('p'):rep(i * 7919 % 3000) end
--- filled to the edge, then small
local t = {} for i = 1, 3 do t[i] = ('e'):rep(60000) .. i end while true do local x = { 1 } end
--- memory asked for again and again
local t = {} while true do t[#t + 1] = ('m'):rep(60000) t[#t + 1] = #t end
--- rep just too large
while true do local s = ('x'):rep(65537) end
--- concat just too large
local t = {} for i = 1, 70 do t[i] = ('x'):rep(1000) end return table.concat(t)
--- concat operator just too large
local s = ('x'):rep(65536) return s .. s .. s .. s .. s .. s .. s .. s
--- pack and keep
local t = {} while true do t[#t + 1] = table.pack(1, 2, 3, 4, 5, 6, 7, 8) end
--- split and keep
local t = {} while true do t[#t + 1] = ('a,b,c,d,e,f,g,h'):split(',') end
--- pairs kept
local t, k = { a = 1, b = 2 }, {} while true do k[#k + 1] = pairs(t) end
--- e kept in itself
local t = {} while true do t[#t + 1] = e.text e.text = nil end
--- fields of e
local i = 0 while true do i = i + 1 e[i] = { e } end
--- names in the environment
local i = 0 while true do i = i + 1 _ENV[i] = i _ENV['x' .. i] = _ENV end
--- collector, big live
local t = {} for i = 1, 2500 do t[i] = {i} end while true do local x = {} end
--- collector, big live2
local t = {} for i = 1, 1200 do t[i] = {} end local u={} while true do local x = ('y'):rep(4000) end
--- collector, long string table sweep
local t = {} for i = 1, 3000 do t[i] = 'k'..i end while true do local x = {1} end
--- collector, deep
local l for i = 1, 2500 do l = { l } end while true do local x = {1,2,3} end
--- collector, closures
local t = {} for i = 1, 1500 do local a = i t[i] = function() return a end end while true do local x = function() return t end end
--- collector, edge
local t = {} for i = 1, 3200 do t[i] = {} end while true do local x = {} local y = {} local z={} end
