/* order.c: two small things that several parts of the sandbox need: sorting without recursion or memory, and UTF-8. */
#include "script/inside.h"

static void sift(const struct weir_order *order, size_t root, size_t cnt) {
  for (;;) {
    size_t child = root * 2 + 1;
    if (child >= cnt) return;
    if (child + 1 < cnt && order->less(order->ctx, child, child + 1)) child++;
    if (!order->less(order->ctx, root, child)) return;
    order->swap(order->ctx, root, child);
    root = child;
  }
}

void weir_order_sort(const struct weir_order *order, size_t cnt) {
  if (cnt < 2) return;
  for (size_t i = cnt / 2; i-- > 0;) sift(order, i, cnt);
  for (size_t end = cnt - 1; end > 0; end--) {
    order->swap(order->ctx, 0, end);
    sift(order, 0, end);
  }
}

size_t weir_script_utf8(weir_str s, uint32_t *code) {
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const unsigned char *p = (const unsigned char *)s.ptr;
  size_t len;
  if (s.len == 0) return 0;
  if (p[0] < 0x80) {
    *code = p[0];
    return 1;
  }
  len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || s.len < len) return 0;
  *code = p[0] & (0xFFu >> (len + 1));
  for (size_t i = 1; i < len; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    *code = *code << 6 | (p[i] & 0x3Fu);
  }
  return *code < least[len] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF) ? 0 : len;
}
