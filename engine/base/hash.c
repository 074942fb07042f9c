/* hash.c: SHA-256 and BLAKE2b through libsodium, base64url, hex.
 *
 * Beside record/ the only file that sees sodium.h. sodium_init is not needed for hashing (without it libsodium uses its
 * portable code, with the same results) and is left to record/. base64url is done here with tables because libsodium's
 * constant-time form takes several times as long on payloads. So it is not for secrets. */
#include "base/hash.h"
#include "limits.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct weir_sha256), "weir_sha256 is too small");
_Static_assert(_Alignof(crypto_hash_sha256_state) <= _Alignof(struct weir_sha256), "weir_sha256 is not aligned enough");
_Static_assert(crypto_hash_sha256_BYTES == WEIR_SHA256_BYTES, "SHA-256 has 32 bytes");

/* The calls below cannot fail for these sizes; libsodium's int is kept for other back ends. */

void weir_sha256(weir_str data, unsigned char out[WEIR_SHA256_BYTES]) {
  (void)crypto_hash_sha256(out, (const unsigned char *)data.ptr, data.len);
}

void weir_sha256_begin(struct weir_sha256 *state) { (void)crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)state); }

void weir_sha256_add(struct weir_sha256 *state, weir_str data) {
  if (data.len == 0) return;
  (void)crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)state, (const unsigned char *)data.ptr, data.len);
}

void weir_sha256_end(struct weir_sha256 *state, unsigned char out[WEIR_SHA256_BYTES]) {
  (void)crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)state, out);
}

/* ---- BLAKE2b */


static size_t put_len(size_t len, unsigned char *out) {
  for (unsigned b = 0; b < 8; b++) out[b] = (unsigned char)((uint64_t)len >> (8 * b));
  return 8;
}

/* Lays the parts into one piece; 0: they are too long for it. */
static size_t lay_parts(const weir_str *parts, size_t part_cnt, unsigned char out[WEIR_HASH_AT_ONCE]) {
  size_t len = 0;
  for (size_t i = 0; i < part_cnt; i++) {
    if (parts[i].len > WEIR_HASH_AT_ONCE || len + 8 + parts[i].len > WEIR_HASH_AT_ONCE) return 0;
    len += put_len(parts[i].len, out + len);
    if (parts[i].len) memcpy(out + len, parts[i].ptr, parts[i].len);
    len += parts[i].len;
  }
  return len;
}

void weir_id_hash(weir_str key, const weir_str *parts, size_t part_cnt, unsigned char out[WEIR_ID_BYTES]) {
  crypto_generichash_blake2b_state state;
  unsigned char short_key[crypto_generichash_blake2b_KEYBYTES_MAX];
  if (key.len > sizeof short_key) {
    /* as HMAC does: a longer key counts as its hash */
    (void)crypto_generichash_blake2b(short_key, sizeof short_key, (const unsigned char *)key.ptr, key.len, NULL, 0);
    key = (weir_str){ (const char *)short_key, sizeof short_key };
  }
  unsigned char piece[WEIR_HASH_AT_ONCE];
  size_t piece_len = lay_parts(parts, part_cnt, piece);
  if (piece_len) {
    (void)crypto_generichash_blake2b(out, WEIR_ID_BYTES, piece, piece_len, (const unsigned char *)key.ptr, key.len);
    if (key.len) sodium_memzero(short_key, sizeof short_key);
    return;
  }
  (void)crypto_generichash_blake2b_init(&state, (const unsigned char *)key.ptr, key.len, WEIR_ID_BYTES);
  for (size_t i = 0; i < part_cnt; i++) {
    unsigned char len[8];
    (void)put_len(parts[i].len, len);
    (void)crypto_generichash_blake2b_update(&state, len, sizeof len);
    if (parts[i].len == 0) continue;
    (void)crypto_generichash_blake2b_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
  }
  (void)crypto_generichash_blake2b_final(&state, out, WEIR_ID_BYTES);
  sodium_memzero(short_key, sizeof short_key);
}

uint64_t weir_hash64(weir_str key, const weir_str *parts, size_t part_cnt) {
  unsigned char id[WEIR_ID_BYTES];
  uint64_t value = 0;
  weir_id_hash(key, parts, part_cnt, id);
  for (unsigned b = 0; b < 8; b++) value |= (uint64_t)id[b] << (8 * b);
  return value;
}

uint64_t weir_slot_hash(uint64_t seed, weir_str data) {
  uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;
  for (size_t i = 0; i < data.len; i++) h = (h ^ (unsigned char)data.ptr[i]) * UINT64_C(0x100000001b3);
  /* FNV's low bits know little of the last bytes' high bits: the finisher of MurmurHash3 spreads them */
  h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
  h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
  return h ^ (h >> 33);
}

/* ---- base64url */

static const char base64url_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t weir_base64url(const unsigned char *data, size_t len, char *out) {
  char *to = out;
  for (; len >= 3; len -= 3, data += 3, to += 4) {
    uint32_t v = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
    to[0] = base64url_chars[v >> 18];
    to[1] = base64url_chars[v >> 12 & 63];
    to[2] = base64url_chars[v >> 6 & 63];
    to[3] = base64url_chars[v & 63];
  }
  if (len > 0) {
    uint32_t v = (uint32_t)data[0] << 16 | (len > 1 ? (uint32_t)data[1] << 8 : 0);
    *to++ = base64url_chars[v >> 18];
    *to++ = base64url_chars[v >> 12 & 63];
    if (len > 1) *to++ = base64url_chars[v >> 6 & 63];
  }
  return (size_t)(to - out);
}

/* A character's digit plus 1; 0: none of ours */
static const unsigned char base64url_digits[256] = {
  ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
  ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
  ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
  ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
  ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
  ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
  ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
  ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

#define NO_DIGIT 0x80000000u /* above every digit, so that one look at the OR of several finds it */

static uint32_t digit_of(char c) {
  uint32_t digit = base64url_digits[(unsigned char)c];
  return (digit - 1) & (NO_DIGIT | 63);
}

bool weir_base64url_decode(weir_str text, unsigned char *out, size_t cap, size_t *len) {
  *len = 0;
  size_t rest = text.len % 4;
  size_t need = text.len / 4 * 3 + (rest > 1 ? rest - 1 : 0);
  if (rest == 1 || need > cap) return false;
  const char *from = text.ptr;
  unsigned char *to = out;
  for (size_t left = text.len / 4; left > 0; left--, from += 4, to += 3) {
    uint32_t a = digit_of(from[0]), b = digit_of(from[1]), c = digit_of(from[2]), d = digit_of(from[3]);
    if ((a | b | c | d) & NO_DIGIT) return false;
    uint32_t v = a << 18 | b << 12 | c << 6 | d;
    to[0] = (unsigned char)(v >> 16);
    to[1] = (unsigned char)(v >> 8);
    to[2] = (unsigned char)v;
  }
  if (rest > 0) {
    uint32_t a = digit_of(from[0]), b = digit_of(from[1]), c = rest > 2 ? digit_of(from[2]) : 0;
    if ((a | b | c) & NO_DIGIT) return false;
    uint32_t v = a << 18 | b << 12 | c << 6;
    if (v & (rest > 2 ? 0xFFu : 0xFFFFu)) return false; /* unused bits: a second spelling of the same bytes */
    to[0] = (unsigned char)(v >> 16);
    if (rest > 2) to[1] = (unsigned char)(v >> 8);
  }
  *len = need;
  return true;
}

void weir_hex(const unsigned char *data, size_t len, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < len; i++) {
    out[2 * i] = digits[data[i] >> 4];
    out[2 * i + 1] = digits[data[i] & 15];
  }
}
