/* The functions that scripts have: what they give, what they refuse, and that all else is absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>

#include "script_support.h"

/* Each is the body of a handler and must end without an error. */
static const char *const good[] = {
  /* base */
  "local a, b = assert(1, 2) assert(a == 1 and b == 2)",
  "assert(select('#') == 0 and select('#', nil, nil) == 2)",
  "local a, b = select(2, 1, 2, 3) assert(a == 2 and b == 3)",
  "assert(select(-1, 1, 2, 3) == 3 and select(4, 1, 2, 3) == nil)",
  "assert(tostring(1) == '1' and tostring(1.5) == '1.5' and tostring(2.0) == '2.0' and tostring(-0.0) == '-0.0')",
  "assert(tostring(1e100) == '1e+100' and tostring(math.huge) == 'inf' and tostring(math.mininteger) == '-9223372036854775808')",
  "assert(tostring(true) == 'true' and tostring(nil) == 'nil' and tostring('x') == 'x')",
  "assert(tostring({}) == 'table' and tostring(print) == 'nil' and tostring(tostring) == 'function')",
  "assert(tonumber('12') == 12 and tonumber(' 0x1F ') == 31 and tonumber('1.5') == 1.5 and tonumber('1e2') == 100.0)",
  "assert(tonumber('') == nil and tonumber('x') == nil and tonumber('1 2') == nil and tonumber({}) == nil and tonumber('inf') == nil)",
  "assert(tonumber('ff', 16) == 255 and tonumber('-zz', 36) == -1295 and tonumber('8', 8) == nil and tonumber('', 10) == nil)",
  "assert(tonumber(('1'):rep(201)) == nil)",
  "assert(type(nil) == 'nil' and type(1) == 'number' and type({}) == 'table' and type(type) == 'function')",
  "local t = {} for i, v in ipairs({ 'a', 'b', nil, 'd' }) do t[#t + 1] = i .. v end assert(table.concat(t, ' ') == '1a 2b')",

  /* pairs: numbers ascending, then texts bytewise */
  "local t = {} for k in pairs({ b = 1, a = 1, [3] = 1, [-1] = 1, [2] = 1, B = 1, ['中'] = 1 }) do t[#t + 1] = k end assert(table.concat(t, ' ') == '-1 2 3 B a b 中')",
  "local t = {} for i = 1, 300 do t['k' .. i] = i end local last = '' for k, v in pairs(t) do assert(last < k and t[k] == v) last = k end",
  "local t = { a = 1, b = 2, c = 3 } local seen = '' for k in pairs(t) do seen = seen .. k t.b = nil end assert(seen == 'ac')",
  "local t = { a = 1 } local n = 0 for k in pairs(t) do n = n + 1 t['x' .. n] = 1 end assert(n == 1)",
  "for k in pairs({}) do error('none') end",
  "local f = pairs({ x = 7 }) local k, v = f() assert(k == 'x' and v == 7 and f() == nil and f() == nil)",

  /* string */
  "assert(('abc'):len() == 3 and #'中' == 3)",
  "assert(('abc'):sub(2) == 'bc' and ('abc'):sub(-2, -2) == 'b' and ('abc'):sub(0) == 'abc' and ('abc'):sub(3, 2) == '')",
  "assert(('abc'):sub(-100, 100) == 'abc' and ('abc'):sub(math.mininteger, math.maxinteger) == 'abc' and ('abc'):sub(4) == '')",
  "assert(('AbÖ'):lower() == 'abÖ' and ('aBö'):upper() == 'ABö')",
  "assert(('ab'):rep(3) == 'ababab' and ('ab'):rep(2, '-') == 'ab-ab' and ('a'):rep(0) == '' and ('a'):rep(-5) == '')",
  "assert((''):rep(1 << 62) == '' and (''):rep(3, 'x') == 'xx')",
  "assert(('abc'):reverse() == 'cba' and (''):reverse() == '')",
  "assert(('abc'):byte() == 97 and select('#', ('abc'):byte(1, -1)) == 3 and ('abc'):byte(9) == nil)",
  "assert(string.char(104, 105) == 'hi' and string.char() == '')",
  "local a, b = ('hello'):find('l') assert(a == 3 and b == 3)",
  "local a, b = ('hello'):find('l', 4) assert(a == 4 and b == 4)",
  "local a, b = ('a.b'):find('.') assert(a == 2 and b == 2)",
  "local a, b = ('a%d'):find('%d') assert(a == 2 and b == 3)",
  "local a, b = ('abc'):find('') assert(a == 1 and b == 0)",
  "local a, b = ('abc'):find('', 4) assert(a == 4 and b == 3)",
  "assert(('abc'):find('', 5) == nil and ('abc'):find('abcd') == nil and ('abc'):find('c', -1) == 3 and ('abc'):find('a', -2) == nil)",
  "assert(('abc'):find('x', math.maxinteger) == nil and ('abc'):find('a', math.mininteger) == 1)",
  "assert(('请发链接'):find('链接') == 7)",
  "assert(('abc'):starts('ab') and not ('abc'):starts('b') and ('abc'):starts('') and not ('a'):starts('ab'))",
  "assert(('abc'):ends('bc') and not ('abc'):ends('b') and ('abc'):ends('') and not ('c'):ends('bc'))",
  "assert(('  a b\\n'):trim() == 'a b' and ('\\u{3000}中\\u{3000} '):trim() == '中' and (' '):trim() == '' and ('x'):trim() == 'x')",
  "local t = ('a,b,,c'):split(',') assert(#t == 4 and t[1] == 'a' and t[3] == '' and t[4] == 'c')",
  "local t = (''):split('x') assert(#t == 1 and t[1] == '')",
  "local t = ('a--b'):split('--') assert(#t == 2 and t[2] == 'b')",
  "assert(string.format('%d %s %x %X %.2f %%', 5, 'x', 255, 255, 1.005) == '5 x ff FF 1.00 %')",
  "assert(string.format('%5d|%-5d|%05d|%+d', 42, 42, -42, 7) == '   42|42   |-0042|+7')",
  "assert(string.format('%8.3f|%08.2f', 3.14159, -1.5) == '   3.142|-0001.50')",
  "assert(string.format('%s %s %s %s', nil, true, {}, 1.0) == 'nil true table 1.0')",
  "assert(string.format('%-4s|%4s', 'ab', 'cd') == 'ab  |  cd')",
  "assert(string.format('%d', 3.0) == '3' and string.format('%f', 1) == '1.000000' and string.format('%.0f', 2.5) == '2')",
  "assert(string.format('%05.1f', 1/0) == '  inf')",
  "assert(#string.format('%.99f', -1.7976931348623157e308) == 410)",

  /* table */
  "local t = { 1, 2, 3 } table.insert(t, 4) table.insert(t, 1, 0) assert(table.concat(t, ',') == '0,1,2,3,4')",
  "local t = { 1, 2, 3 } assert(table.remove(t) == 3 and table.remove(t, 1) == 1 and #t == 1 and t[1] == 2)",
  "assert(table.remove({}) == nil)",
  "assert(table.concat({}) == '' and table.concat({ 1, 'a', 2.5 }) == '1a2.5' and table.concat({ 'a', 'b', 'c' }, '-', 2, 3) == 'b-c')",
  "local a, b, c = table.unpack({ 1, 2 }) assert(a == 1 and b == 2 and c == nil)",
  "assert(select('#', table.unpack({}, 1, 3)) == 3 and select('#', table.unpack({}, 2, 1)) == 0)",
  "local t = table.pack(1, nil, 3) assert(t.n == 3 and t[1] == 1 and t[3] == 3)",
  "local t = { 3, 1, 2, 10, -1 } table.sort(t) assert(table.concat(t, ' ') == '-1 1 2 3 10')",
  "local t = { 'b', 'a', 'B' } table.sort(t) assert(table.concat(t) == 'Bab')",
  "local t = { 1, 2, 3 } table.sort(t, function(a, b) return a > b end) assert(table.concat(t) == '321')",
  "local t = {} for i = 1, 500 do t[i] = (i * 7919) % 503 end table.sort(t) for i = 2, 500 do assert(t[i - 1] <= t[i]) end",
  "table.sort({}) table.sort({ 1 })",

  /* math and utf8 */
  "assert(math.abs(-3) == 3 and math.abs(-1.5) == 1.5 and math.abs(math.mininteger) == math.mininteger)",
  "assert(math.floor(1.7) == 1 and math.ceil(1.2) == 2 and math.floor(-1.5) == -2 and math.type(math.floor(1.5)) == 'integer')",
  "assert(math.floor(1e300) == 1e300 and math.floor(7) == 7)",
  "assert(math.max(1, 3, 2) == 3 and math.min(2, 1.5) == 1.5)",
  "assert(math.fmod(7, 3) == 1 and math.fmod(-7, 3) == -1 and math.fmod(5.5, 2) == 1.5 and math.fmod(math.mininteger, -1) == 0)",
  "assert(math.tointeger(3.0) == 3 and math.tointeger(3.5) == nil and math.tointeger('3') == nil)",
  "assert(math.type(1) == 'integer' and math.type(1.0) == 'float' and math.type('1') == nil)",
  "assert(math.ult(1, -1) and not math.ult(-1, 1))",
  "assert(math.huge == 1/0 and math.maxinteger == 9223372036854775807 and math.pi > 3.14 and math.pi < 3.15)",
  "for i = 1, 100 do local r = math.random(6) assert(r >= 1 and r <= 6) end",
  "for i = 1, 100 do local r = math.random() assert(r >= 0 and r < 1) end",
  "assert(math.random(5, 5) == 5 and math.type(math.random(math.mininteger, math.maxinteger)) == 'integer')",
  "assert(utf8.char(97, 228, 20013, 0x10FFFF) == 'aä中\\u{10FFFF}')",
  "assert(utf8.codepoint('中') == 20013 and select('#', utf8.codepoint('a中', 1, -1)) == 2)",
  "assert(utf8.len('中文a') == 3 and utf8.len('') == 0 and utf8.len('中文', 4) == 1)",
  "local n, at = utf8.len('a\\xFF') assert(n == nil and at == 2)",
  "assert(math.floor(-3) == -3 and math.ceil(-7) == -7 and math.abs(5) == 5 and math.ceil(1e300) == 1e300)",
  "assert(math.fmod(7, 2.5) == 2.0 and math.fmod(7.5, 2) == 1.5 and math.fmod(-6, -4) == -2 and math.fmod(1, math.maxinteger) == 1)",
  "assert(tostring(false) == 'false' and tonumber(7) == 7 and tonumber(7.5, nil) == 7.5 and tonumber('7', nil) == 7)",
  "assert(tonumber('7f', 16) == 127 and tonumber('zZ', 36) == 1295 and tonumber('\\t\\n 7\\r\\v\\f', 10) == 7 and tonumber(' ', 10) == nil and tonumber('-', 10) == nil)",
  "for _, s in ipairs({ '/', ':', '@', '[', '`', '{', '中' }) do assert(tonumber(s, 36) == nil) end",
  "assert(utf8.len('abc', -2) == 2 and utf8.len('abc', 1, -2) == 2 and utf8.len('abc', 4) == 0 and utf8.len('', 1) == 0)",
  "assert(utf8.codepoint('abc', -1) == 99 and select('#', utf8.codepoint('abc', 2, 1)) == 0)",
  "assert(utf8.char(0xD7FF, 0xE000) == '\\u{D7FF}\\u{E000}')",

  /* the language itself */
  "goto done do error('skipped') end ::done::",
  "local x = 7 // 2 x = 7 % 3 x = 7 / 2 x = 1 << 3 x = ~1 x = 'a' .. 1 .. 2.5 assert(x == 'a12.5')",
  "local function fact(n) if n < 2 then return 1 end return n * fact(n - 1) end assert(fact(10) == 3628800)",
  "local s = 0 for i = 1, 1000 do s = s + i end assert(s == 500500)",
};

/* Each must end with an error that holds the text. */
static const struct {
  const char *code, *message;
} bad[] = {
  { "error('boom')", "test.lua:1: boom" },
  { "error('boom', 0)", "boom" },
  { "error({})", "the error is a table, not a text" },
  { "error()", "the error is a nil, not a text" },
  { "error(5)", "error 5" },
  { "assert(false)", "assertion failed" },
  { "assert(nil, 'my words')", "my words" },
  { "local x = nil; x.y = 1", "attempt to index a nil value (local 'x')" },
  { "print('x')", "attempt to call a nil value (global 'print')" },
  { "local x = 1 + {}", "attempt to perform arithmetic on a table value" },
  { "local x = 1 + '1'", "attempt to perform arithmetic on a string value" },
  { "local x = 1 < 'x'", "attempt to compare number with string" },
  { "string.upper()", "bad argument #1 to 'upper' (string expected, got no value)" },
  { "select(0)", "index out of range" },
  { "local t = {} for i = 1, 250 do t[i] = i end select(1, 0, table.unpack(t))", "more than 250 values" },
  { "table.unpack({}, 1, 251)", "more than 250 values" },
  { "table.unpack({}, math.mininteger, math.maxinteger)", "more than 250 values" },
  { "('x'):rep(251):byte(1, -1)", "more than 250 values" },
  { "utf8.codepoint(('x'):rep(251), 1, -1)", "more than 250 values" },
  { "('x'):rep(65537)", "longer than 65536 bytes" },
  { "('x'):rep(1 << 62, 'y')", "longer than 65536 bytes" },
  { "table.concat({ ('x'):rep(40000), ('x'):rep(40000) })", "longer than 65536 bytes" },
  { "string.format('%s%s', ('x'):rep(40000), ('x'):rep(40000))", "longer than 65536 bytes" },
  { "(('x'):rep(40000) .. ('x'):rep(40000)):upper()", "longer than 65536 bytes" },
  { "(('x'):rep(40000) .. ('x'):rep(40000)):reverse()", "longer than 65536 bytes" },
  { "string.format('%p', {})", "only %d %s" },
  { "string.format('%q', 'x')", "only %d %s" },
  { "string.format('%c', 0)", "only %d %s" },
  { "string.format('%a', 1)", "only %d %s" },
  { "string.format('%123d', 1)", "only %d %s" },
  { "string.format('%')", "only %d %s" },
  { "string.format('%.3s', 'x')", "takes no precision" },
  { "string.format('%.3d', 1)", "takes no precision" },
  { "string.format('%d')", "number expected, got no value" },
  { "string.format('%d', 1.5)", "number has no integer representation" },
  { "string.char(0)", "a byte is 1 to 255" },
  { "string.char(256)", "a byte is 1 to 255" },
  { "utf8.char(0)", "no character has that number" },
  { "utf8.char(0xD800)", "no character has that number" },
  { "utf8.codepoint('\\xFF')", "invalid UTF-8" },
  { "utf8.codepoint('x', 5)", "out of bounds" },
  { "('a'):split('')", "the separator is empty" },
  { "utf8.char(-1)", "no character has that number" },
  { "utf8.char(97, 0x110000)", "no character has that number" },
  { "utf8.char(0xDFFF)", "no character has that number" },
  { "utf8.codepoint('x', 1, 9)", "out of bounds" },
  { "utf8.codepoint('x', -9)", "out of bounds" },
  { "utf8.len('x', 9)", "out of bounds" },
  { "utf8.len('x', -9)", "out of bounds" },
  { "utf8.len('x', 1, 9)", "out of bounds" },
  { "select(-3, 1)", "index out of range" },
  { "tonumber('1', 37)", "base out of range" },
  { "tonumber()", "bad argument #1 to 'tonumber'" },
  { "math.random(math.maxinteger, math.mininteger)", "interval is empty" },
  { "local t = {} for i = 1, 250 do t[i] = 97 end utf8.char(97, table.unpack(t))", "more than 250 values" },
  { "pairs(nil)", "table expected, got nil" },
  { "pairs({ [1.5] = 1 })", "pairs: a key is a number" },
  { "pairs({ [true] = 1 })", "pairs: a key is a boolean" },
  { "pairs({ [{}] = 1 })", "pairs: a key is a table" },
  { "table.concat({ 1, {}, 3 })", "invalid value (at index 2) in table for 'concat'" },
  { "table.insert({}, 5, 1)", "position out of bounds" },
  { "table.insert({})", "wrong number of arguments to 'insert'" },
  { "table.remove({ 1 }, 7)", "position out of bounds" },
  { "table.sort({ 1, 'x' })", "attempt to compare" },
  { "table.sort({ 3, 2, 1 }, function(a, b) table.sort({}) end)", "cannot be called by its own comparison" },
  { "math.random(2, 1)", "interval is empty" },
  { "math.random(0)", "interval is empty" },
  { "math.random(1, 2, 3)", "at most two numbers" },
  { "math.fmod(1, 0)", "zero" },
  { "tonumber('1', 1)", "base out of range" },
  { "string.upper = nil", "the library `string` cannot be changed" },
  { "string.mine = 1", "the library `string` cannot be changed" },
  { "table.x = 1", "the library `table` cannot be changed" },
  { "math.random = 1", "the library `math` cannot be changed" },
  { "utf8[1] = 1", "the library `utf8` cannot be changed" },
  { "table.insert(string, 'x')", "this table cannot be changed" },
  { "table.sort(math)", "this table cannot be changed" },
  { "table.remove(utf8)", "this table cannot be changed" },
  { "local s = 'x' s.y = 1", "attempt to index a string value" },
  { "local x <close> = {}", "non-closable value" },
};

static const char *const absent[] = {
  "pcall", "xpcall", "load", "loadstring", "dofile", "loadfile", "require", "package", "coroutine", "setmetatable", "getmetatable",
  "collectgarbage", "print", "warn", "rawset", "rawget", "rawequal", "rawlen", "next", "io", "os", "debug", "_G", "_VERSION", "unpack",
  "string.dump", "string.pack", "string.unpack", "string.packsize", "string.gmatch", "string.gsub", "string.match", "table.move",
  "math.sin", "math.sqrt", "math.exp", "math.log", "math.randomseed", "math.modf", "utf8.codes", "utf8.offset", "utf8.charpattern",
};

static enum weir_script_result run_code(const char *body, char message[256]) {
  char source[4096];
  enum weir_script_result result;
  struct support *s;
  snprintf(source, sizeof source, "return function(e) %s\nend", body);
  s = support_open(source);
  assert_non_null(s);
  result = support_run(s, 0);
  memcpy(message, s->run.message, 256);
  support_close(s);
  return result;
}

static void test_good(void **state) {
  char message[256];
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    enum weir_script_result result = run_code(good[i], message);
    if (result != WEIR_SCRIPT_FIRED) fail_msg("%s\n  gave %d: %s", good[i], (int)result, message);
  }
}

static void test_bad(void **state) {
  char message[256];
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    enum weir_script_result result = run_code(bad[i].code, message);
    if (result != WEIR_SCRIPT_FAILED || !strstr(message, bad[i].message))
      fail_msg("%s\n  gave %d: %s\n  expected: %s", bad[i].code, (int)result, message, bad[i].message);
  }
}

static void test_absent(void **state) {
  char message[256], code[128];
  (void)state;
  for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
    snprintf(code, sizeof code, "assert(%s == nil)", absent[i]);
    if (run_code(code, message) != WEIR_SCRIPT_FIRED) fail_msg("%s: %s", absent[i], message);
  }
}

/* Numbers are written with a point whatever the host's locale; text order is bytewise. */
static void test_locale(void **state) {
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8" };
  char message[256];
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (setlocale(LC_ALL, names[i])) break;
  enum weir_script_result result = run_code("assert(tostring(1.5) == '1.5' and tonumber('2.5') == 2.5 and 1.5 .. '' == '1.5' and 'B' < 'a' and "
                                            "string.format('%.1f', 0.5) == '0.5')", message);
  setlocale(LC_ALL, "C");
  if (result != WEIR_SCRIPT_FIRED) fail_msg("%s", message);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_good),
    cmocka_unit_test(test_bad),
    cmocka_unit_test(test_absent),
    cmocka_unit_test(test_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
