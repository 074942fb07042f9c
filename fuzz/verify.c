/* verify.c: a record that was changed anywhere is never good. The first byte chooses the way in, the second how many good
 * records the verifier has seen before. */
#include "fuzz.h"
#include "record/jws.h"
#include "record/key.h"
#include "record/record.h"

/* RFC 8037 appendix A.1 */
#define D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define LINES 6
#define ROOM (WEIR_JWS_MAX + 64)

static weir_key *key;
static weir_keyset *keys;
static struct { char text[2048]; size_t len; } good[LINES];

static weir_str line_of(size_t i) { return (weir_str){ good[i].text, good[i].len }; }

/* Two accounts of one chain: seq 1 2 3 4 and 1 2. */
static void sign_all(void) {
  static const struct { const char *aud; uint64_t seq; int before; } plan[LINES] = {
    { "douyin/papers", 1, -1 }, { "wechat/li", 1, -1 }, { "douyin/papers", 2, 0 },
    { "douyin/papers", 3, 2 },  { "wechat/li", 2, 1 },  { "douyin/papers", 4, 3 },
  };
  static unsigned char hash[LINES][WEIR_SHA256_BYTES];
  static char payload_room[WEIR_PAYLOAD_MAX];
  for (size_t i = 0; i < LINES; i++) {
    struct weir_buf payload, line;
    struct weir_record_head head = { .iss = WEIR_STR("urn:weir"), .aud = weir_str_of(plan[i].aud), .chain = WEIR_STR("c4"), .seq = plan[i].seq,
                                     .iat_s = 1763773200 + (int64_t)i, .exp_s = 1763776800 + (int64_t)i, .has_prev = plan[i].before >= 0,
                                     .ruleset = WEIR_STR("9f31"), .env = WEIR_STR("77ab") };
    if (head.has_prev) memcpy(head.prev, hash[plan[i].before], sizeof head.prev);
    weir_buf_init(&payload, payload_room, sizeof payload_room);
    weir_buf_init(&line, good[i].text, sizeof good[i].text);
    MUST(weir_record_sign(key, &head, WEIR_STR("{\"id\":\"m3k\",\"cause\":\"c1\",\"contact\":\"u1\",\"actions\":[{\"n\":1,\"kind\":\"follow\"}]}"),
                          &payload, &line, hash[i], NULL) == WEIR_OK);
    good[i].len = line.len;
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  MUST(weir_key_parse(&key, WEIR_STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" D "\",\"x\":\"" X "\"}"), NULL) == WEIR_OK);
  MUST(weir_keyset_parse(&keys, WEIR_STR("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "\"}"), NULL) == WEIR_OK);
  sign_all();
  return 0;
}

static weir_check ask(weir_verifier *verifier, weir_str line, weir_str *claims) {
  weir_check check;
  weir_error err = { .status = WEIR_OK };
  weir_str copy = fuzz_copy(line);
  MUST(weir_verify_line(verifier, copy, &check, claims, &err) == WEIR_OK);
  fuzz_drop(copy);
  if (check == WEIR_CHECK_BAD) MUST(!claims->ptr && err.status < 0 && err.message[0] != '\0');
  else MUST(claims->len > 1 && claims->ptr[0] == '{' && claims->ptr[claims->len - 1] == '}');
  return check;
}

/* Changes a good line by what the input says: six kinds of change, four bytes each. */
static size_t change(struct fuzz_input *in, char *line, size_t len) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
  while (in->left >= 4) {
    uint8_t kind = fuzz_byte(in);
    size_t at = fuzz_number(in, (uint32_t)len + 1), n;
    uint8_t value = fuzz_byte(in);
    char c = alphabet[value % (sizeof alphabet - 1)], swap;
    switch (kind % 6) {
      case 0: if (at < len) line[at] = c; break;
      case 1: if (at < len) line[at] = (char)(line[at] ^ value); break;
      case 2:
        if (len >= ROOM) break;
        memmove(line + at + 1, line + at, len - at);
        line[at] = c;
        len++;
        break;
      case 3:
        n = value < len - at ? value : len - at;
        memmove(line + at, line + at + n, len - at - n);
        len -= n;
        break;
      case 4:
        if (at + value >= len) break;
        swap = line[at];
        line[at] = line[at + value];
        line[at + value] = swap;
        break;
      default: len = at; break;
    }
  }
  return len;
}

/* What a line that anybody may have made is called, and that it left no trace. */
static void judge(weir_verifier *verifier, weir_str line, size_t fed) {
  size_t same = 0;
  weir_str claims;
  weir_check check = ask(verifier, line, &claims);
  while (same < LINES && !weir_str_eq(line, line_of(same))) same++;
  if (same == LINES) MUST(check == WEIR_CHECK_BAD);
  else if (same < fed) MUST(check == WEIR_CHECK_REDELIVERED);
  else if (same == fed) MUST(check == WEIR_CHECK_GOOD);
  else MUST(check == WEIR_CHECK_GOOD || check == WEIR_CHECK_GAP);
  if (check == WEIR_CHECK_BAD && fed < LINES) MUST(ask(verifier, line_of(fed), &claims) == WEIR_CHECK_GOOD);
}

/* A line whose signature holds, with any header or any payload. */
static void forge(weir_verifier *verifier, weir_str part, bool is_header) {
  static char header[WEIR_JWS_MAX], text[WEIR_JWS_MAX];
  static const char payload[] = "{\"iss\":\"a\"}";
  struct weir_buf line;
  weir_str claims, first = { key->header, key->header_len };
  if (part.len > WEIR_PAYLOAD_MAX) return;
  if (is_header) first = (weir_str){ header, weir_base64url((const unsigned char *)part.ptr, part.len, header) };
  weir_buf_init(&line, text, sizeof text);
  if (weir_jws_sign(key, first, is_header ? WEIR_STR(payload) : part, &line, NULL) != WEIR_OK) return;
  weir_check check = ask(verifier, weir_buf_view(&line), &claims);
  if (check == WEIR_CHECK_BAD) return;
  MUST(!is_header && weir_str_eq(claims, part)); /* the payload above is no claim set */
  MUST(ask(verifier, weir_buf_view(&line), &claims) == WEIR_CHECK_REDELIVERED);
}

/* Showing the claims of an unverified line: never more than there is room for, always the full length. */
static void show(weir_str line, size_t cap) {
  size_t len, whole;
  char *out = malloc(cap), *all = fuzz_block(WEIR_PAYLOAD_MAX);
  weir_status status = weir_record_claims(line, out, cap, &len, NULL);
  MUST(weir_record_claims(line, all, WEIR_PAYLOAD_MAX, &whole, NULL) == status && whole == len);
  if (status == WEIR_OK) MUST(memcmp(out, all, len < cap ? len : cap) == 0);
  free(out);
  free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char line[ROOM];
  struct fuzz_input in = { data, size };
  uint8_t how = fuzz_byte(&in);
  size_t fed = fuzz_byte(&in) % (LINES + 1), from = how / 4 % LINES;
  weir_verifier *verifier;
  weir_str claims;
  weir_verify_config config = { .struct_size = sizeof config, .keys = keys, .issuer = WEIR_STR("urn:weir") };
  if (how % 4 >= 2) config.issuer.len = 0;
  MUST(weir_verifier_open(&verifier, &config, NULL) == WEIR_OK);
  for (size_t i = 0; i < fed; i++) MUST(ask(verifier, line_of(i), &claims) == WEIR_CHECK_GOOD);
  if (how % 4 == 0) {
    memcpy(line, good[from].text, good[from].len);
    weir_str changed = { line, change(&in, line, good[from].len) };
    judge(verifier, changed, fed);
    show(changed, how);
  } else if (how % 4 == 1) {
    judge(verifier, fuzz_rest(&in), fed);
    show(fuzz_rest(&in), how);
  } else {
    forge(verifier, fuzz_rest(&in), how % 4 == 3);
  }
  weir_verifier_close(verifier);
  return 0;
}
