--- recursion
local function f(n) return 1 + f(n + 1) end f(1)
--- recursion with many locals
local function f() local a, b, c, d, e, g, h, i, j, k = 1, 2, 3, 4, 5, 6, 7, 8, 9, 0 return 1 + f() end f()
--- varargs grow
local function f(...) return f(1, ...) end f()
--- varargs grow by unpack
local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...) end f()
--- wide varargs copied
local function w(n, ...) if n == 0 then while true do local a = select('#', ...) end end return w(n - 1, 1, 2, 3, 4, ...) end w(300)
--- wide varargs passed
local function p(...) end local function w(n, ...) if n == 0 then while true do p(...) p(...) end end return w(n - 1, 1, 2, 3, 4, 5, 6, 7, 8, ...) end w(150)
--- comparison recursion
local t = { 3, 2, 1 } local function f(a, b) local u = { 1, 2 } table.sort(u, f) return a < b end table.sort(t, f)
--- deep copy
local t = {} local u = t for i = 1, 300 do u[1] = {} u = u[1] end if e then e:reply(t) end
--- cyclic copy
local t = {} t[1] = t if e then e:reply(t) end
--- exploding copy
local t = { 1 } for i = 1, 6 do local u = {} for j = 1, 50 do u[j] = t end t = u end if e then e:reply(t) end
--- many calls
for i = 1, 1e9 do if e then e:reply('x') end end
--- large calls
local s = ('x'):rep(60000) for i = 1, 16 do if e then e:reply(s) end end
--- recursion with a table
local function f(t) return { f({ t }) } end f({})
--- recursion with a text
local function f(s) return f(s .. 'x') .. 'y' end f('')
--- recursion by method
local o = {} function o:f(n) return self:f(n + 1) + 1 end o:f(1)
--- recursion in a constructor
local function f() return { f(), f(), f() } end f()
--- recursion in arguments
local function f(...) return f(f(...), ...) end f(1, 2, 3)
--- recursion in a condition
local function f() if f() then return true end end f()
--- recursion in an iterator
local function f() for x in f do end return 1 end f()
--- recursion in a sort
local function f() local t = { 2, 1 } table.sort(t, function(a, b) f() return a < b end) end f()
--- varargs doubled
local function f(...) return f(..., ...) end f(1, 2)
--- varargs doubled in a table
local function f(t) local u = { table.unpack(t) } for i = 1, #t do u[#u + 1] = t[i] end return f(u) end f({ 1 })
--- varargs kept on the way down
local function f(n, ...) if n == 0 then return ... end local a = { ... } return f(n - 1, 1, ...) end for i = 1, 1e9 do f(100) end
--- results of every call
local function f(n) if n == 0 then return end return n, f(n - 1) end while true do f(240) end
--- tail calls with many arguments
local function f(...) return f(2, ...) end f()
--- returns through many levels
local function f(n) if n == 0 then return 1 end return (f(n - 1)) end while true do f(150) end
--- upvalues open on every level
local function f(n) local x = n local g = function() return x end if n == 0 then while true do local h = function() return x, g end end end return f(n - 1) + g() end f(150)
--- deep value given away
local t = {} for i = 1, 200 do t = { t } end e:reply(t)
--- wide value given away
local t = {} for i = 1, 5000 do t[i] = 'x' end e:reply(t)
--- wide value of texts given away
local t = {} for i = 1, 2000 do t['k' .. i] = 'x' end e:set(t)
--- value that is given sixteen times
local t = {} for i = 1, 100 do t[i] = ('x'):rep(30) end for i = 1, 16 do e:reply { all = t } end
--- value that loops through keys
local t = {} t.a = { t } t.b = { t, t } e:message(t)
--- value with colliding keys given away
local M = 1023 * 511 * 255 local t = {} for i = 1, 500 do t[i * M] = i end e:reply(t)
