--- string metatable
getmetatable('').__index = function() return 'owned' end
--- string index
(''):len() local s = '' s.len = 1
--- library write
string.upper = function() return 'owned' end
--- library write by insert
table.insert(string, 1)
--- library write by sort
table.sort(string)
--- library write by remove
table.remove(math)
--- env write by insert
table.insert(_ENV, 1)
--- env walk
for k, v in pairs(_ENV) do v.x = 1 end LEAK = 1
--- env replaced
_ENV = { tostring = 1 } tostring()
--- env local
local _ENV = _ENV LEAK = (LEAK or 0) + 1 return LEAK > 1 and error('leaked') or nil
--- library env
string = nil table = nil math = { random = function() return 4 end } pairs = nil
--- load text
return load('return 1')()
--- load binary
return load('\27Lua\84')
--- string.dump
return string.dump(function() end)
--- require
require('os').execute('id')
--- package
package.loadlib('libc.so.6', '*')
--- debug
debug.sethook() while true do end
--- io
io.popen('id')
--- rawset
rawset(string, 'x', 1)
--- error table
error({ 'x' })
--- error self
local t = {} t.t = t error(t)
--- error number
error(0/0)
--- error nil
error()
--- error big level
error('x', 1 << 40)
--- addresses
error(tostring({}) .. tostring(print) .. tostring(string.len))
--- load a function
load(function() return 'x' end)
--- load with an environment
local f = load('return _G', 'x', 't', {}) f()
--- loadstring, dofile, loadfile
local f = loadstring or dofile or loadfile f('/etc/passwd')
--- require debug
local d = require 'debug' d.sethook()
--- debug by index
local d = _ENV['de' .. 'bug'] d.getregistry()
--- os by index
local o = _ENV['o' .. 's'] o.exit(1)
--- os.exit
os.exit(1)
--- os.remove
os.remove('/tmp/x') os.rename('a', 'b') os.getenv('HOME')
--- io.open
local f = io.open('/etc/passwd') f:read('a')
--- io lines
for l in io.lines('/etc/passwd') do end
--- print and warn
print('x') warn('@on')
--- collectgarbage
collectgarbage('stop') collectgarbage('generational')
--- getmetatable of e
getmetatable(e).__index = nil
--- setmetatable of e
setmetatable(e, nil)
--- rawget rawequal rawlen
rawget(e, 'text') rawlen(e) rawequal(e, e)
--- _G
_G.string = nil
--- _VERSION and arg
return _VERSION .. arg[0]
--- library functions as tables
string.upper.x = 1
--- library index of nil
string[nil] = 1
--- library in a library
string.string = string
--- library emptied
for k in pairs(string) do string[k] = nil end
--- library counted
if #string + #table + #math + #utf8 > 0 then error('seen') end
--- library by concat
return table.concat(string)
--- library by unpack
return table.unpack(string)
--- library by sort of functions
table.sort({ string.len, string.sub, math.floor })
--- utf8 charpattern
return utf8.charpattern:len()
--- find with a pattern
local a = ('aaa'):find('a+') if a then error('patterns') end
--- gsub
return ('x'):gsub('x', 'y')
--- gmatch
for w in ('x y'):gmatch('%a+') do end
--- match
return ('x'):match('(.-)')
--- string.pack
return string.pack('i4', 1)
--- string.unpack
return string.unpack('i4', 'abcd')
--- format with a pointer
return string.format('%p', {})
--- format quoted
return string.format('%q', '\n')
--- format with hex floats
return string.format('%a', 1.5)
--- format with a star
return string.format('%*d', 5, 1)
--- format without its values
return string.format('%d %d %d %s')
--- format that ends early
return string.format('%')
--- format with n
return string.format('%n', 1)
--- power
return 2 ^ 10
--- exp and log
return math.exp(1) + math.log(2) + math.sin(1)
--- seed
math.randomseed(1)
--- attributes
local x <const> = 1 local y <close> = e
--- e written
e.text = 'owned' e.account = 'other/account' e.reply = function() end LEAK = 1
--- e as its own verb
e.reply(e, e)
--- e of another kind
local f = e.reply f({}, 'x')
--- libraries given away
e:reply(string)
--- functions given away
e:reply(function() end)
--- not a number given away
e:tag(0/0)
--- infinity given away
e:set { x = math.huge }
--- broken text given away
e:reply('\xff\xfe')
--- a surrogate given away
e:reply('\u{D800}')
--- control characters given away
e:reply('a\27[31m\r\n\u{202E}b')
--- a template given away
e:reply('{person.name} {{ {code} {pool.x} {match.99}')
--- action that does not exist
e:launch('x')
--- verb with too much
e:reply('a', 'b', 'c', 'd')
--- rule given another name
e.rule = 'other/rule' e:reply('x')
--- later for ever
e:after('1s', 'attack') e:after('1s', 'probe')
--- state through a closure
local n = 0 local function f() n = n + 1 return n end LEAK = f()
--- state through the text library
local s = ('').len string = { len = s } LEAK = 1
--- seed guessed
local a = math.random(1 << 40) LEAK = a
--- error with a table that answers
error(setmetatable({}, { __tostring = function() while true do end end }))
--- error with a function
error(function() while true do end end)
--- error with e
error(e)
--- error with a library
error(string)
--- error with a long text
error(('x'):rep(60000))
--- error with control characters
error('\27[2J\r\n{"result":"decided"}')
--- error with broken text
error('\xff\xc0\x80' .. ('\xf0'):rep(300))
--- error with percent signs
error('%s%n%d%s%s%s')
--- assertion with a table
assert(false, {})
--- assertion with nothing
assert()
--- return of many things
return {}, function() end, 0/0, 1 << 63, '\xff', e, string
--- return false and act
e:reply('x') e:tag('y') return false
--- act and fail
e:reply('x') e:tag('y') error('z')
--- act and spin
e:reply('x') e:tag('y') e:stage('f/a') while true do end
--- act and eat
e:reply('x') e:tag('y') local t = {} for i = 1, 1e9 do t[i] = { i } end
