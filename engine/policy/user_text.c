/* user_text.c: what somebody wrote, made safe to say again under our name.
 *
 * Removed: characters that nobody sees or that turn the reading direction, because they hide what a text says; and in
 * public, links: a bot that repeats "evil.example" is an advertisement that its own account pays for. What looks like a
 * link is judged generously, since nothing is lost but an echo: a host name with a dot and two letters behind it is one,
 * also in full-width letters, also "Mr.Lin". */
#include "limits.h"
#include "policy/policy.h"
#include "text/utf8.h"
#include "text/words.h"

/* ---- links */

/* The ASCII character that a full-width form stands for. */
static uint32_t plain(uint32_t cp) { return cp >= 0xFF01 && cp <= 0xFF5E ? cp - 0xFEE0 : cp; }

static uint32_t plain_at(weir_str text, size_t at, size_t *len) { return plain(weir_utf8_at(text, at, len)); }

static bool ascii_letter(uint32_t cp) { return (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z'; }
static bool ascii_digit(uint32_t cp) { return cp >= '0' && cp <= '9'; }

/* Host names consist of labels; one is written either in ASCII or in another script, so that "看看evil.com谢谢" has its
 * link in the middle. */
enum label { LABEL_NONE = 0, LABEL_ASCII, LABEL_OTHER };

static enum label label_of(uint32_t cp) {
  cp = plain(cp);
  if (cp < 0x80) return ascii_letter(cp) || ascii_digit(cp) || cp == '-' || cp == '_' ? LABEL_ASCII : LABEL_NONE;
  return (weir_char_class(cp) & (WEIR_CHAR_LETTER | WEIR_CHAR_DIGIT)) ? LABEL_OTHER : LABEL_NONE;
}

static enum label label_at(weir_str text, size_t at) {
  size_t len;
  return at < text.len ? label_of(weir_utf8_at(text, at, &len)) : LABEL_NONE;
}

static size_t label_end(weir_str text, size_t at) {
  enum label kind = label_at(text, at);
  if (kind == LABEL_NONE) return at;
  while (at < text.len) {
    size_t len;
    if (label_of(weir_utf8_at(text, at, &len)) != kind) break;
    at += len;
  }
  return at;
}

/* Top-level domains outside ASCII that people meet. A list, because "1.求电子版" has a dot too. */
static const char *const other_tops[] = { "中国", "中國", "公司", "网络", "網絡", "网址", "网店", "商城", "在线", "中文网", "集团",
                                          "移动", "我爱你", "рф", "рус", "онлайн", "한국", "香港", "台灣", "台湾", "みんな", "भारत" };

/* Whether the label [from, to) can be the last of a host name. */
static bool is_top(weir_str text, size_t from, size_t to) {
  if (label_at(text, from) == LABEL_OTHER) {
    weir_str label = { text.ptr + from, to - from };
    for (size_t i = 0; i < sizeof other_tops / sizeof other_tops[0]; i++) {
      if (weir_str_eq(label, weir_str_of(other_tops[i]))) return true;
    }
    return false;
  }
  size_t letters = 0, len;
  uint32_t first = plain_at(text, from, &len);
  for (size_t at = from; at < to; at += len) letters += ascii_letter(plain_at(text, at, &len));
  return ascii_letter(first) && letters >= 2;
}

static bool is_number(weir_str text, size_t from, size_t to) {
  size_t len;
  for (size_t at = from; at < to; at += len) {
    if (!ascii_digit(plain_at(text, at, &len))) return false;
  }
  return to > from;
}

/* Bytes of the dot at `at`, which is not the text's beginning; 0: none. The ideographic full stops end sentences, but browsers take them for dots. */
static size_t dot_at(weir_str text, size_t at) {
  size_t len;
  if (at >= text.len) return 0;
  uint32_t cp = plain_at(text, at, &len);
  if (cp == '.') return len;
  if (cp != 0x3002 && cp != 0xFF61) return 0;
  bool inside = label_at(text, weir_utf8_before(text, at)) == LABEL_ASCII && label_at(text, at + len) == LABEL_ASCII;
  return inside ? len : 0;
}

/* Where the host name that begins at `at`, as a label does, ends; `at` when there is none. */
static size_t host_end(weir_str text, size_t at) {
  size_t end = label_end(text, at), good = at;
  unsigned labels = 1;
  bool numbers = is_number(text, at, end);
  for (size_t dot; (dot = dot_at(text, end)) > 0;) {
    size_t from = end + dot, to = label_end(text, from);
    if (to == from) break;
    labels++;
    numbers = numbers && is_number(text, from, to);
    if (is_top(text, from, to) || (numbers && labels == 4)) good = to;
    end = to;
  }
  return good;
}

/* The end of a run of visible ASCII, full-width forms included: a path, a query, a port. */
static size_t ascii_end(weir_str text, size_t at) {
  while (at < text.len) {
    size_t len;
    uint32_t cp = plain_at(text, at, &len);
    if (cp <= 0x20 || cp >= 0x7F) break;
    at += len;
  }
  return at;
}

/* Behind "scheme://" when that stands at `at`, where a label begins, else `at`. */
static size_t scheme_end(weir_str text, size_t at) {
  size_t to = label_end(text, at), len;
  if (label_at(text, at) != LABEL_ASCII) return at;
  for (size_t i = 0; i < 3; i++, to += len) {
    if (to >= text.len || plain_at(text, to, &len) != (uint32_t)"://"[i]) return at;
  }
  return to;
}

/* Where the link that begins at `at` ends; `at` when there is none. */
static size_t link_end(weir_str text, size_t at) {
  size_t len, host = scheme_end(text, at);
  if (host > at) {
    size_t end = ascii_end(text, host);
    return end > host ? end : label_end(text, host);
  }
  size_t end = host_end(text, at);
  if (end == at || end >= text.len) return end;
  uint32_t next = plain_at(text, end, &len);
  return next == '/' || next == ':' || next == '?' || next == '#' ? ascii_end(text, end) : end;
}

/* Where the link that begins at `at` ends; `at` when there is none. A link can begin only where a label does: *before is
 * the kind of the character before, and becomes that of the one at `at`. */
static size_t find_link(weir_str text, size_t at, enum label *before) {
  enum label kind = label_at(text, at);
  bool begins = kind != LABEL_NONE && kind != *before;
  *before = kind;
  return begins ? link_end(text, at) : at;
}

/* ---- characters */

/* White space whatever else it is: line ends are control characters too. */
static bool is_space(uint32_t cp) {
  return (cp >= 0x09 && cp <= 0x0D) || cp == 0x85 || cp == 0x2028 || cp == 0x2029 || (weir_char_class(cp) & WEIR_CHAR_SPACE);
}

static bool is_hidden(uint32_t cp) { return !is_space(cp) && (weir_char_class(cp) & WEIR_CHAR_CONTROL); }

/* Removes what is hidden and makes white space single spaces, until the text or `out` ends. */
static size_t clean(weir_str text, char *out, size_t cap) {
  size_t used = 0, len;
  bool space = false;
  for (size_t at = 0; at < text.len; at += len) {
    uint32_t cp = weir_utf8_at(text, at, &len);
    if (is_space(cp)) {
      space = used > 0;
      continue;
    }
    if (is_hidden(cp)) continue;
    if (len + space > cap - used) break;
    if (space) out[used++] = ' ';
    memcpy(out + used, text.ptr + at, len);
    used += len;
    space = false;
  }
  return used;
}

size_t weir_policy_user_name(weir_str name, char *out, size_t cap) { return clean(name, out, cap); }

size_t weir_policy_user_text(weir_str text, bool is_public, char *out, size_t cap) {
  char seen[WEIR_USER_TEXT_SCAN];
  weir_str cleaned = { seen, 0 };
  size_t used = 0, cnt = 0, len;
  bool space = false;
  enum label before = LABEL_NONE;
  /* hidden characters go first: "ev<zero width space>il.com" is a link */
  cleaned.len = clean(text, seen, sizeof seen);
  for (size_t at = 0; at < cleaned.len; at += len) {
    size_t end = is_public ? find_link(cleaned, at, &before) : at;
    len = end > at ? end - at : 1;
    /* a space takes the place of a link: what stood on its sides must not grow together into another one */
    if (end > at || cleaned.ptr[at] == ' ') {
      space = used > 0;
      continue;
    }
    (void)weir_utf8_at(cleaned, at, &len);
    if (cnt + 1 + space > WEIR_USER_TEXT_MAX || len + space > cap - used) break;
    if (space) out[used++] = ' ';
    memcpy(out + used, cleaned.ptr + at, len);
    used += len;
    cnt += 1u + space;
    space = false;
  }
  return used;
}

/* ---- what scripts say */

static uint32_t lower(uint32_t cp) { return cp >= 'A' && cp <= 'Z' ? cp + 0x20 : cp; }

/* Whether `link` stands in `said` at `at`; hidden characters, width and ASCII case do not count. */
static bool stands_at(weir_str said, size_t at, weir_str link) {
  size_t len, link_len;
  for (size_t i = 0; i < link.len; i += link_len) {
    uint32_t want = lower(plain_at(link, i, &link_len));
    while (at < said.len && is_hidden(weir_utf8_at(said, at, &len))) at += len;
    if (at >= said.len || lower(plain_at(said, at, &len)) != want) return false;
    at += len;
  }
  return true;
}

static bool was_said(weir_str link, const weir_str *said, size_t said_cnt) {
  for (size_t i = 0; i < said_cnt; i++) {
    size_t len;
    for (size_t at = 0; at < said[i].len; at += len) {
      if (stands_at(said[i], at, link)) return true;
      (void)weir_utf8_at(said[i], at, &len);
    }
  }
  return false;
}

static size_t remove_hidden(weir_str text, char *out, size_t cap) {
  size_t used = 0, len;
  for (size_t at = 0; at < text.len; at += len) {
    uint32_t cp = weir_utf8_at(text, at, &len);
    if (is_hidden(cp)) continue;
    if (len > cap - used) break;
    memcpy(out + used, text.ptr + at, len);
    used += len;
  }
  return used;
}

size_t weir_policy_script_text(weir_str text, bool is_public, const weir_str *said, size_t said_cnt, char *out, size_t cap) {
  size_t used = remove_hidden(text, out, cap);
  if (!is_public) return used;
  weir_str cleaned = { out, used };
  size_t kept = 0, len;
  enum label before = LABEL_NONE;
  /* in place: what is written never overtakes what is read */
  for (size_t at = 0; at < cleaned.len; at += len) {
    size_t end = find_link(cleaned, at, &before);
    if (end > at && was_said((weir_str){ out + at, end - at }, said, said_cnt)) {
      len = end - at;
      out[kept++] = ' ';
      continue;
    }
    (void)weir_utf8_at(cleaned, at, &len);
    memmove(out + kept, out + at, len);
    kept += len;
  }
  return kept;
}
