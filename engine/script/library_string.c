/* library_string.c: `string` of the sandbox. No patterns: a Lua pattern can take exponential time inside one call, and
 * regular expressions come from the engine, with its limits. Everything charges the bytes it touches. */
#include "script/inside.h"
#include "limits.h"

static weir_str text_arg(lua_State *L, int index) {
  weir_str s;
  s.ptr = luaL_checklstring(L, index, &s.len);
  return s;
}

static struct weir_buf result(lua_State *L) {
  struct weir_buf buf;
  weir_buf_init(&buf, weir_sandbox_of(L)->scratch, WEIR_SCRIPT_STRING_MAX);
  return buf;
}

static int push_part(lua_State *L, const char *ptr, size_t len) {
  weir_sandbox_charge_bytes(L, len);
  lua_pushlstring(L, len ? ptr : "", len);
  return 1;
}

/* Where a range begins and ends, as offsets: indexes count from 1, negative ones from the end, all are cut to the text. */
static size_t range_start(lua_Integer index, size_t len) {
  if (index > 0) return (lua_Unsigned)index - 1 > len ? len : (size_t)index - 1;
  if (index == 0) return 0;
  return 0u - (lua_Unsigned)index > len ? 0 : len - (size_t)(0u - (lua_Unsigned)index);
}

static size_t range_end(lua_Integer index, size_t len) {
  if (index >= 0) return (lua_Unsigned)index > len ? len : (size_t)index;
  return 0u - (lua_Unsigned)index > len ? 0 : len - (size_t)(0u - (lua_Unsigned)index) + 1;
}

static int string_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)text_arg(L, 1).len);
  return 1;
}

static int string_sub(lua_State *L) {
  weir_str s = text_arg(L, 1);
  size_t from = range_start(weir_library_integer(L, 2), s.len), to = range_end(weir_library_integer_or(L, 3, -1), s.len);
  return push_part(L, s.ptr + from, to > from ? to - from : 0);
}

static int string_byte(lua_State *L) {
  weir_str s = text_arg(L, 1);
  lua_Integer first = weir_library_integer_or(L, 2, 1);
  size_t from = range_start(first, s.len), to = range_end(weir_library_integer_or(L, 3, first), s.len);
  if (from >= to) return 0;
  if (to - from > WEIR_SCRIPT_SPREAD_MAX) return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
  luaL_checkstack(L, (int)(to - from), NULL);
  weir_sandbox_charge(L, 1 + (to - from) / 8);
  for (size_t i = from; i < to; i++) lua_pushinteger(L, (unsigned char)s.ptr[i]);
  return (int)(to - from);
}

static int string_char(lua_State *L) {
  struct weir_buf buf = result(L);
  int cnt = lua_gettop(L);
  if (cnt > WEIR_SCRIPT_SPREAD_MAX) return luaL_error(L, "more than %d values", WEIR_SCRIPT_SPREAD_MAX);
  for (int i = 1; i <= cnt; i++) {
    lua_Integer c = weir_library_integer(L, i);
    luaL_argcheck(L, c >= 1 && c <= 255, i, "a byte is 1 to 255");
    weir_buf_byte(&buf, (char)(unsigned char)c);
  }
  return weir_library_result(L, &buf);
}

/* ASCII only: what other letters need is not the same everywhere. */
static int change_case(lua_State *L, char first, char last, int by) {
  weir_str s = text_arg(L, 1);
  struct weir_buf buf = result(L);
  weir_sandbox_charge_bytes(L, s.len);
  if (s.len > buf.cap) buf.full = true;
  for (size_t i = 0; i < s.len && !buf.full; i++) {
    char c = s.ptr[i];
    buf.ptr[i] = c >= first && c <= last ? (char)(c + by) : c;
  }
  buf.len = buf.full ? 0 : s.len;
  return weir_library_result(L, &buf);
}

static int string_lower(lua_State *L) { return change_case(L, 'A', 'Z', 'a' - 'A'); }
static int string_upper(lua_State *L) { return change_case(L, 'a', 'z', 'A' - 'a'); }

static int string_reverse(lua_State *L) {
  weir_str s = text_arg(L, 1);
  struct weir_buf buf = result(L);
  weir_sandbox_charge_bytes(L, s.len);
  if (s.len > buf.cap) buf.full = true;
  for (size_t i = 0; i < s.len && !buf.full; i++) buf.ptr[i] = s.ptr[s.len - 1 - i];
  buf.len = buf.full ? 0 : s.len;
  return weir_library_result(L, &buf);
}

static int string_rep(lua_State *L) {
  weir_str s = text_arg(L, 1), sep = { NULL, 0 };
  lua_Integer n = weir_library_integer(L, 2);
  struct weir_buf buf = result(L);
  if (!lua_isnoneornil(L, 3)) sep = text_arg(L, 3);
  if (n <= 0 || s.len + sep.len == 0) n = 0;
  weir_sandbox_charge(L, 1 + (n > WEIR_SCRIPT_STRING_MAX ? WEIR_SCRIPT_STRING_MAX : (uint64_t)n) / 16);
  for (lua_Integer i = 0; i < n && !buf.full; i++) {
    if (i > 0) weir_buf_str(&buf, sep);
    weir_buf_str(&buf, s);
  }
  return weir_library_result(L, &buf);
}

/* Offset of `needle` in `s` from `from` on, or SIZE_MAX. Each candidate is charged with what comparing it may take. */
static size_t find_plain(lua_State *L, weir_str s, weir_str needle, size_t from) {
  uint64_t work = 16 + s.len / 16, each = 1 + needle.len / 256;
  if (needle.len == 0) return from;
  while (s.len - from >= needle.len) {
    const char *at = memchr(s.ptr + from, needle.ptr[0], s.len - from - needle.len + 1);
    if (!at) break;
    if (memcmp(at, needle.ptr, needle.len) == 0) {
      weir_sandbox_charge(L, work / 8);
      return (size_t)(at - s.ptr);
    }
    from = (size_t)(at - s.ptr) + 1;
    work += each;
    if (work > WEIR_SCRIPT_FIND_CHARGE) {
      weir_sandbox_charge(L, work / 8);
      work = 0;
    }
  }
  weir_sandbox_charge(L, 1 + work / 8);
  return SIZE_MAX;
}

static int string_find(lua_State *L) {
  weir_str s = text_arg(L, 1), needle = text_arg(L, 2);
  lua_Integer init = weir_library_integer_or(L, 3, 1);
  size_t at = SIZE_MAX;
  if (init <= 0 || (lua_Unsigned)init - 1 <= s.len) at = find_plain(L, s, needle, range_start(init, s.len));
  if (at == SIZE_MAX) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, (lua_Integer)at + 1);
  lua_pushinteger(L, (lua_Integer)(at + needle.len));
  return 2;
}

static int string_starts(lua_State *L) {
  weir_str s = text_arg(L, 1), head = text_arg(L, 2);
  weir_sandbox_charge(L, 1 + head.len / 1024);
  lua_pushboolean(L, weir_str_starts(s, head));
  return 1;
}

static int string_ends(lua_State *L) {
  weir_str s = text_arg(L, 1), tail = text_arg(L, 2);
  weir_sandbox_charge(L, 1 + tail.len / 1024);
  lua_pushboolean(L, s.len >= tail.len && weir_str_eq((weir_str){ s.ptr + s.len - tail.len, tail.len }, tail));
  return 1;
}

/* Bytes of a space at `s`: ASCII white space, or U+3000, the space of Chinese and Japanese keyboards. */
static size_t space_at(const char *s, size_t len) {
  if (len >= 1 && (*s == ' ' || (*s >= '\t' && *s <= '\r'))) return 1;
  return len >= 3 && memcmp(s, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

static int string_trim(lua_State *L) {
  weir_str s = text_arg(L, 1);
  size_t step;
  weir_sandbox_charge(L, 1 + s.len / 16);
  while ((step = space_at(s.ptr, s.len)) > 0) s.ptr += step, s.len -= step;
  for (;;) {
    if (s.len >= 1 && space_at(s.ptr + s.len - 1, 1) > 0) s.len -= 1;
    else if (s.len >= 3 && space_at(s.ptr + s.len - 3, 3) == 3) s.len -= 3;
    else break;
  }
  return push_part(L, s.ptr, s.len);
}

static int string_split(lua_State *L) {
  weir_str s = text_arg(L, 1), sep = text_arg(L, 2);
  size_t from = 0, to;
  luaL_argcheck(L, sep.len > 0, 2, "the separator is empty");
  lua_newtable(L);
  for (lua_Integer i = 1;; i++) {
    to = find_plain(L, s, sep, from);
    push_part(L, s.ptr + from, (to == SIZE_MAX ? s.len : to) - from);
    lua_rawseti(L, -2, i);
    if (to == SIZE_MAX) return 1;
    from = to + sep.len;
  }
}

/* ---- format */

struct spec {
  bool left, zero, plus;
  size_t width;
  int digits; /* after the point; -1: not given */
};

/* At most two digits; -1 when there is none. */
static int two_digits(const char **at) {
  int value = -1;
  for (int i = 0; i < 2 && **at >= '0' && **at <= '9'; i++) value = (value < 0 ? 0 : value * 10) + (*(*at)++ - '0');
  return value;
}

/* Reads what stands between % and the letter. */
static struct spec read_spec(const char **at) {
  struct spec spec = { false, false, false, 0, -1 };
  int width;
  for (;; (*at)++) {
    if (**at == '-') spec.left = true;
    else if (**at == '0') spec.zero = true;
    else if (**at == '+') spec.plus = true;
    else break;
  }
  width = two_digits(at);
  spec.width = width > 0 ? (size_t)width : 0;
  if (**at == '.') {
    (*at)++;
    spec.digits = two_digits(at);
    if (spec.digits < 0) spec.digits = 0;
  }
  return spec;
}

static void pad(struct weir_buf *buf, char with, size_t cnt) {
  for (; cnt > 0; cnt--) weir_buf_byte(buf, with);
}

/* `zero`: fill with zeros between the sign and the digits. */
static void add_padded(struct weir_buf *buf, weir_str text, const struct spec *spec, bool zero) {
  size_t fill = text.len < spec->width ? spec->width - text.len : 0;
  size_t sign = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
  if (zero && !spec->left) {
    weir_buf_add(buf, text.ptr, sign);
    pad(buf, '0', fill);
    weir_buf_add(buf, text.ptr + sign, text.len - sign);
  } else {
    if (!spec->left) pad(buf, ' ', fill);
    weir_buf_str(buf, text);
    if (spec->left) pad(buf, ' ', fill);
  }
}

static void format_number(lua_State *L, int arg, char letter, const struct spec *spec, struct weir_buf *buf) {
  char text[512]; /* fixed: the longest is -DBL_MAX with 99 digits after the point: 410 bytes */
  struct weir_buf number;
  bool finite = true;
  weir_buf_init(&number, text, sizeof text);
  if (letter == 'f') {
    double value = (double)weir_library_float(L, arg);
    weir_sandbox_charge(L, 160);
    finite = value - value == 0;
    if (spec->plus && !(value < 0)) weir_buf_byte(&number, '+');
    weir_buf_printf(&number, "%.*f", spec->digits < 0 ? 6 : spec->digits, value);
  } else {
    lua_Integer value = weir_library_integer(L, arg);
    weir_sandbox_charge(L, 2);
    if (letter == 'd' && spec->plus && value >= 0) weir_buf_byte(&number, '+');
    if (letter == 'd') weir_buf_int(&number, value);
    else weir_buf_printf(&number, letter == 'x' ? "%llx" : "%llX", (unsigned long long)value);
  }
  add_padded(buf, weir_buf_view(&number), spec, spec->zero && finite);
}

/* What %s shows: as tostring. */
static void format_text(lua_State *L, int arg, const struct spec *spec, struct weir_buf *buf) {
  char number[48]; /* fixed: any number, written out */
  struct weir_buf small;
  weir_str text = weir_str_of(luaL_typename(L, arg));
  weir_buf_init(&small, number, sizeof number);
  switch (lua_type(L, arg)) {
  case LUA_TSTRING: text = text_arg(L, arg); break;
  case LUA_TBOOLEAN: text = lua_toboolean(L, arg) ? WEIR_STR("true") : WEIR_STR("false"); break;
  case LUA_TNUMBER:
    weir_library_number(L, arg, &small);
    text = weir_buf_view(&small);
    break;
  default: break;
  }
  add_padded(buf, text, spec, false);
}

/* %d %s %x %X %f with the flags - 0 +, a width of two digits, and for %f a precision of two; %%. No %p, which would show
 * addresses, no %c, which could make NUL bytes, no %q, %a, %g, %e. */
static int string_format(lua_State *L) {
  weir_str form = text_arg(L, 1);
  struct weir_buf buf = result(L);
  const char *at = form.ptr, *end = form.ptr + form.len;
  int arg = 1;
  weir_sandbox_charge(L, 1 + form.len / 16);
  while (at < end && !buf.full) {
    struct spec spec;
    const char *percent = memchr(at, '%', (size_t)(end - at));
    weir_buf_add(&buf, at, (size_t)((percent ? percent : end) - at));
    if (!percent) break;
    at = percent + 1;
    spec = read_spec(&at);
    switch (*at++) {
    case '%': weir_buf_byte(&buf, '%'); break;
    case 's':
      luaL_argcheck(L, spec.digits < 0, 1, "%s takes no precision: use string.sub");
      luaL_checkany(L, ++arg);
      format_text(L, arg, &spec, &buf);
      break;
    case 'd': case 'x': case 'X':
      luaL_argcheck(L, spec.digits < 0, 1, "an integer takes no precision: use %05d to fill with zeros");
      format_number(L, ++arg, at[-1], &spec, &buf);
      break;
    case 'f': format_number(L, ++arg, 'f', &spec, &buf); break;
    default: return luaL_argerror(L, 1, "only %d %s %x %X %f and %% can be formatted");
    }
  }
  return weir_library_result(L, &buf);
}

static const luaL_Reg string_functions[] = {
  { "byte", string_byte },     { "char", string_char },   { "ends", string_ends },   { "find", string_find },
  { "format", string_format }, { "len", string_len },     { "lower", string_lower }, { "rep", string_rep },
  { "reverse", string_reverse }, { "split", string_split }, { "starts", string_starts }, { "sub", string_sub },
  { "trim", string_trim },     { "upper", string_upper }, { NULL, NULL },
};

void weir_library_string(lua_State *L) { luaL_newlib(L, string_functions); }
