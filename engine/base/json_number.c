/* json_number.c: the numbers of JSON as int64 and double.
 *
 * Doubles are correctly rounded and do not depend on the locale. Short ones are computed exactly (Clinger's fast path:
 * both operands are exact doubles, so one operation rounds once). All others go through strtod in a spelling without
 * a decimal point, digits and an exponent, which reads the same in every locale. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "limits.h"

#define EXACT_MANTISSA (UINT64_C(1) << 53)
#define EXACT_POWER 22                       /* 10^22 is the largest power of ten that a double holds exactly */
#define MANTISSA_DIGITS 19                   /* decimal digits that always fit 64 bits */
#define EXPONENT_READ INT64_C(1000000000000) /* exponents are read up to here: beyond what 2^32 digits could make up for */
#define EXPONENT_GIVEN 100000                /* and given to strtod up to here: 801 digits times that is zero or infinite */

bool weir_json_int64(const struct weir_json *node, int64_t *out) {
  *out = 0;
  if (node->kind != WEIR_JSON_NUMBER) return false;
  weir_str s = node->str;
  bool negative = s.len > 0 && s.ptr[0] == '-';
  uint64_t limit = (uint64_t)INT64_MAX + negative, value = 0;
  if (s.len == negative) return false;
  for (size_t i = negative; i < s.len; i++) {
    uint64_t digit = (uint64_t)(unsigned char)s.ptr[i] - '0';
    if (digit > 9 || value > (limit - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = !negative ? (int64_t)value : value == limit ? INT64_MIN : -(int64_t)value;
  return true;
}

/* digits * 10^exponent; no digits: zero */
struct decimal {
  char digits[WEIR_JSON_DIGITS_MAX + 16]; /* no leading zeros; with room for one more, an exponent and a NUL */
  size_t cnt;
  int64_t exponent;
  bool more; /* digits that are not zero were left out */
};

static void add_digit(struct decimal *d, char digit, bool fraction) {
  if (d->cnt == 0 && digit == '0') {
    d->exponent -= fraction;
  } else if (d->cnt < WEIR_JSON_DIGITS_MAX) {
    d->digits[d->cnt++] = digit;
    d->exponent -= fraction;
  } else {
    d->more = d->more || digit != '0';
    d->exponent += !fraction;
  }
}

/* `s` is a number as the reader found it, without its sign. */
static void read_decimal(weir_str s, struct decimal *d) {
  size_t i = 0;
  bool fraction = false;
  d->cnt = 0;
  d->exponent = 0;
  d->more = false;
  for (; i < s.len && s.ptr[i] != 'e' && s.ptr[i] != 'E'; i++) {
    if (s.ptr[i] == '.') fraction = true;
    else add_digit(d, s.ptr[i], fraction);
  }
  if (i < s.len) {
    bool small = i + 1 < s.len && s.ptr[i + 1] == '-';
    int64_t exponent = 0;
    for (i++; i < s.len; i++) {
      if (s.ptr[i] == '-' || s.ptr[i] == '+') continue;
      if (exponent < EXPONENT_READ) exponent = exponent * 10 + (s.ptr[i] - '0');
    }
    d->exponent += small ? -exponent : exponent;
  }
  if (d->more) {
    d->digits[d->cnt++] = '1';
    d->exponent--;
  }
}

/* Whether two exact doubles and one operation give the value. */
static bool exact(const struct decimal *d, double *out) {
  static const double power[EXACT_POWER + 1] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  uint64_t mantissa = 0;
  /* where doubles are computed with more precision (x87) the result would be rounded twice */
  if (FLT_EVAL_METHOD != 0 || d->cnt > MANTISSA_DIGITS || d->exponent < -EXACT_POWER || d->exponent > EXACT_POWER) return false;
  for (size_t i = 0; i < d->cnt; i++) mantissa = mantissa * 10 + (uint64_t)(d->digits[i] - '0');
  if (mantissa > EXACT_MANTISSA) return false;
  *out = d->exponent < 0 ? (double)mantissa / power[-d->exponent] : (double)mantissa * power[d->exponent];
  return true;
}

static double convert(struct decimal *d) {
  int64_t exponent = d->exponent;
  if (exponent > EXPONENT_GIVEN) exponent = EXPONENT_GIVEN;
  if (exponent < -EXPONENT_GIVEN) exponent = -EXPONENT_GIVEN;
  (void)snprintf(d->digits + d->cnt, sizeof d->digits - d->cnt, "e%d", (int)exponent);
  return strtod(d->digits, NULL);
}

bool weir_json_double(const struct weir_json *node, double *out) {
  *out = 0;
  if (node->kind != WEIR_JSON_NUMBER || node->str.len == 0) return false;
  bool negative = node->str.ptr[0] == '-';
  struct decimal d;
  double value = 0;
  read_decimal((weir_str){ node->str.ptr + negative, node->str.len - negative }, &d);
  if (d.cnt > 0 && !exact(&d, &value)) value = convert(&d);
  if (!isfinite(value)) return false;
  *out = negative ? -value : value;
  return true;
}
