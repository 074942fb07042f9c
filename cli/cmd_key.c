/* cmd_key.c: makes a signing key, shows its public half. */
#include <getopt.h>
#include <string.h>

#include "cli.h"

static const char help[] =
  "usage: weir key new  [--key FILE] [--alg EdDSA|Ed25519]\n"
  "       weir key show [--key FILE] [--public]\n\n"
  "new   makes a signing key in FILE (./" KEY_FILE "), readable by you only. An existing file is never overwritten.\n"
  "      --alg is what stands in the records: EdDSA (RFC 8037, what most libraries know) or Ed25519 (RFC 9864).\n"
  "show  prints the key's id; with --public the JWK Set that verifiers need. The private half is never printed.\n\n"
  "example:\n  weir key new\n  weir key show --public > jwks.json\n";

static int make(const char *file, const char *alg) {
  weir_key *key = NULL;
  weir_error err;
  if (weir_key_generate(&key, alg, &err)) {
    complain("key", &err);
    return EXIT_BROKEN;
  }
  bool good = write_key("key", file, key);
  if (good) printf("%.*s\n", FMT(weir_key_id(key)));
  weir_key_free(key);
  return good ? EXIT_GOOD : EXIT_BROKEN;
}

static int show(const char *file, bool public_half) {
  char jwks[WEIR_JWK_BYTES];
  weir_error err;
  weir_key *key = load_key("key", file, false);
  if (!key) return EXIT_BROKEN;
  int status = EXIT_GOOD;
  if (!public_half) {
    printf("%.*s\n", FMT(weir_key_id(key)));
  } else if (weir_key_public_jwks(key, jwks, &err)) {
    complain("key", &err);
    status = EXIT_BROKEN;
  } else {
    puts(jwks);
  }
  weir_key_free(key);
  return status;
}

int cmd_key(int argc, char **argv) {
  static const struct option options[] = { { "key", required_argument, NULL, 'k' }, { "alg", required_argument, NULL, 'a' },
                                           { "public", no_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  const char *file = KEY_FILE, *alg = NULL;
  bool public_half = false;
  int c;
  while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    switch (c) {
      case 'k': file = optarg; break;
      case 'a': alg = optarg; break;
      case 'p': public_half = true; break;
      case 'h': print_help(stdout, help); return EXIT_GOOD;
      default: fprintf(stderr, "see: weir key --help\n"); return EXIT_BROKEN;
    }
  }
  if (optind + 1 == argc && strcmp(argv[optind], "new") == 0) return make(file, alg);
  if (optind + 1 == argc && strcmp(argv[optind], "show") == 0) return show(file, public_half);
  complain_text("key", "say \"new\" or \"show\". Try: weir key --help");
  return EXIT_BROKEN;
}
