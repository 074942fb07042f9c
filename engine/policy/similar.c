/* similar.c: when two texts are the same to a platform that hides what is said too often. Codes and numbers differ from person to
 * person and make no text another: runs of ASCII letters and digits with a digit in them are left out, and white space. */
#include "policy/inside.h"

#include "limits.h"

static bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/* of the characters of words */
static bool is_digit(char c) { return c <= '9'; }

size_t weir_policy_likeness(weir_str text, char *out) {
  size_t len = 0;
  for (size_t i = 0; i < text.len;) {
    size_t end = i;
    bool digit = false;
    for (; end < text.len && is_word(text.ptr[end]); end++) digit = digit || is_digit(text.ptr[end]);
    if (end == i) {
      if (text.ptr[i] != ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t') out[len++] = text.ptr[i];
      i++;
      continue;
    }
    if (!digit) {
      memcpy(out + len, text.ptr + i, end - i);
      len += end - i;
    }
    i = end;
  }
  return len;
}

void weir_policy_text_key(weir_str text, unsigned char key[WEIR_ID_BYTES]) {
  char like[WEIR_TEXT_OUT_MAX];
  weir_str part = { like, 0 };
  if (text.len <= sizeof like) part.len = weir_policy_likeness(text, like);
  weir_id_hash(WEIR_STR("weir text"), &part, 1, key);
}
