--- while
while true do end
--- goto
::again:: goto again
--- repeat
repeat local x = 1 until false
--- for float
for i = 1, math.huge do end
--- for tiny step
for i = 0.0, 1.0, 5e-324 do end
--- tail call
local function f() return f() end f()
--- mutual tail calls
local g local function f() return g() end g = function() return f() end f()
--- pairs for ever
local t = {1} while true do for k in pairs(t) do end end
--- ipairs that grows
local t = {1} for i, v in ipairs(t) do t[i + 1] = v end
--- iterator for ever
for x in function() return 1 end do end
--- sort that never ends
local t = {} for i = 1, 100 do t[i] = i end table.sort(t, function(a, b) while true do end end)
--- sort without order
local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t, function() return true end) end
--- sort in sort
local function f(a, b) table.sort({3, 2, 1}, f) return a < b end table.sort({3, 2, 1}, f)
--- close variable
local x <close> = nil while true do end
--- pcall in loop
while true do pcall(function() while true do end end) end
--- xpcall
xpcall(function() while true do end end, function() while true do end end)
--- coroutine
local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end
--- finalizer
setmetatable({}, { __gc = function() while true do end end }) collectgarbage()
--- close handler
local x <close> = setmetatable({}, { __close = function() while true do end end })
--- pcall swallows
while true do pcall(error) end
--- error in error
while true do pcall(error, 'x') pcall(error, nil) pcall(error, {}) end
--- coroutines made earlier
PRE = PRE or coroutine.create(function() while true do coroutine.yield() end end) coroutine.resume(PRE)
--- coroutine closed
local co = coroutine.create(function() while true do end end) coroutine.resume(co) coroutine.close(co)
--- yield across
coroutine.yield(1) while true do end
--- goto over a block
do ::a:: do goto b end ::b:: goto a end
--- goto continue
for i = 1, 1e18 do goto next ::next:: end
--- goto out of closures
while true do local f = function() goto x ::x:: end f() end
--- repeat with a local in its condition
repeat local done = false until done
--- nested loops
for a = 1, 1e6 do for b = 1, 1e6 do for c = 1, 1e6 do end end end
--- while with a call
local function f() return true end while f() do end
--- method that calls itself
local o = {} function o:m() return self:m() end o:m()
--- recursion through a table
local t = {} t.f = function(x) return t.f(x) end t.f(t)
--- mutual recursion, not in tail position
local a, b a = function() return (b()) end b = function() return (a()) end a()
--- iterator that gives itself
local function it(s, c) return it end for f in it do end
--- iterator with a large control value
for k in function(s, c) return (c or '') .. 'x' end do end
--- pairs while it grows
local t = { a = 1 } for k in pairs(t) do t[k .. 'x'] = 1 end while true do for k in pairs(t) do t[k .. 'y'] = nil end end
--- pairs over pairs
while true do for _ in pairs(_ENV) do for _ in pairs({ 1, 2, 3 }) do end end end
--- next by hand
local t, k = { 1 }, nil while true do k = next(t, k) end
--- ipairs with a hole that moves
local t = { 1 } local i = 1 for n in ipairs(t) do t[n + 1] = n t[n] = nil end
--- select in a loop
while true do select('#') select(1, 1) select(-1, 1) end
--- assert in a loop
while true do assert(true) assert(1, 'x') end
--- type in a loop
while true do type(type) tostring(nil) tonumber('x') end
--- empty calls
local function f() end while true do f() f() f() f() f() f() f() f() end
--- e for ever
while e do local x = e.text end while true do end
--- e asked for what it has not
while true do local x = e.nothing x = e['nothing' .. 1] end
--- a field of e rebuilt
while true do e.person = nil local x = e.person e.match = nil x = e.match end
--- the text of e rebuilt
while true do e.text = nil local x = e.text end
--- a verb called wrongly for ever
while true do e.reply('x') end
--- verbs kept
local f = e.reply while true do local x = e.reply == f end
--- true that never ends
while 1 do while 0 do while '' do end end end
--- comparison that never agrees
local a = 0/0 while a ~= a do end
--- ending only by overflow
local i = 1 while i > 0 do i = i + 1 end
