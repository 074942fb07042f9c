/* sign.c (bench): what it costs to make a record of a group, beside libsodium's bare signature over the same bytes. A record is a claim
 * set, base64url, the signature, and SHA-256 of the line, for the next record's `prev`. Processor time, both in turns, medians.
 * The table goes to stdout, the numbers to $BUILD/bench/sign.json. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "limits.h"
#include "record/record.h"

#define TURNS 61
#define TIMES 20 /* records in a row */

static void die(const char *what, const char *why) {
  fprintf(stderr, "bench/sign: %s: %s\n", what, why);
  exit(2);
}

static double cpu_us(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) die("clock", strerror(errno));
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *values) {
  qsort(values, TURNS, sizeof *values, by_value);
  return values[TURNS / 2];
}

static const char one_decision[] =
  "{\"id\":\"m3kQd0w2S1yq7v5Xo9bZAg\",\"cause\":\"7401238801234567890\",\"contact\":\"u_00000000000012345\",\"actions\":[{\"n\":1,\"kind\":\"reply\","
  "\"rule\":\"test-papers/ask\",\"to\":\"7401238801234567890\",\"text\":\"有的，私信你了\"},{\"n\":2,\"kind\":\"tag\",\"rule\":\"test-papers/ask\",\"add\":[\"wants:paper\"]}]}";

static char decisions[WEIR_PAYLOAD_MAX], payload[WEIR_PAYLOAD_MAX], line[WEIR_JWS_MAX];
static unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], hash[WEIR_SHA256_BYTES];

struct cost { double record, bare, digest, ratio; size_t bytes; };

static struct cost measure(const weir_key *key, int cnt) {
  double record[TURNS], bare[TURNS], digest[TURNS], ratio[TURNS];
  unsigned char signature[crypto_sign_BYTES];
  struct weir_record_head head = { .iss = WEIR_STR("urn:weir:gw-01"), .aud = WEIR_STR("douyin/papers"), .chain = WEIR_STR("c4Gq0yM8e2XtqLwq8r3kVw"), .seq = 42,
                                   .iat_s = 1763773200, .exp_s = 1763776800, .has_prev = true, .env = WEIR_STR("77abYw2S1yq7v5Xo9bZAgw"),
                                   .ruleset = WEIR_STR("9f31c2aa9f31c2aa9f31c2aa9f31c2aa9f31c2aa9f31c2aa9f31c2aa9f31c2aa") };
  struct weir_buf all, claims, jws;
  weir_error err;
  weir_buf_init(&all, decisions, sizeof decisions);
  for (int i = 0; i < cnt; i++) {
    if (i) weir_buf_byte(&all, ',');
    weir_buf_text(&all, one_decision);
  }
  size_t signed_bytes = 0;
  for (int t = 0; t < TURNS; t++) {
    double began = cpu_us();
    for (int i = 0; i < TIMES; i++) {
      weir_buf_init(&claims, payload, sizeof payload);
      weir_buf_init(&jws, line, sizeof line);
      if (weir_record_sign(key, &head, weir_buf_view(&all), &claims, &jws, hash, &err)) die("record", err.message);
    }
    double signed_us = cpu_us();
    signed_bytes = jws.len - 87; /* what is signed: all but the dot and the signature in base64url */
    for (int i = 0; i < TIMES; i++) {
      if (crypto_sign_detached(signature, NULL, (const unsigned char *)line, signed_bytes, secret) != 0) die("sign", "cannot");
    }
    double bare_us = cpu_us();
    for (int i = 0; i < TIMES; i++) (void)crypto_hash_sha256(hash, (const unsigned char *)line, jws.len);
    record[t] = (signed_us - began) / TIMES, bare[t] = (bare_us - signed_us) / TIMES, digest[t] = (cpu_us() - bare_us) / TIMES;
    ratio[t] = record[t] / bare[t];
  }
  return (struct cost){ median(record), median(bare), median(digest), median(ratio), signed_bytes };
}

int main(void) {
  static const int sizes[] = { 1, 8, 64 };
  const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
  char out[512];
  weir_key *key;
  weir_error err;
  snprintf(out, sizeof out, "%s/bench", build);
  (void)mkdir(build, 0777), (void)mkdir(out, 0777);
  snprintf(out, sizeof out, "%s/bench/sign.json", build);
  if (weir_key_generate(&key, NULL, &err)) die("key", err.message);
  if (crypto_sign_keypair(public, secret) != 0) die("key", "cannot be made");
  FILE *json = fopen(out, "w");
  if (!json) die(out, strerror(errno));
  printf("  %-24s %8s %12s %14s %8s %14s\n", "decisions of a record", "bytes", "record, us", "signature, us", "ratio", "SHA-256, us");
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct cost c = measure(key, sizes[i]);
    printf("  %-24d %8zu %12.1f %14.1f %8.2f %14.1f\n", sizes[i], c.bytes, c.record, c.bare, c.ratio, c.digest);
    fprintf(json, "%s\"%d\": { \"bytes\": %zu, \"record_us\": %.2f, \"signature_us\": %.2f, \"ratio\": %.3f, \"sha256_us\": %.2f }", i ? ", " : "{ ", sizes[i],
            c.bytes, c.record, c.bare, c.ratio, c.digest);
  }
  fprintf(json, " }\n");
  if (fclose(json) != 0) die(out, strerror(errno));
  weir_key_free(key);
  return 0;
}
