/* load_lint.c: what `check` proves from the tables and by trying: windows, quotas, lengths, funnels that break off, slow regexes; and as
 * important, that what only looks like it is not told. */
#include "load_help.h"

struct looked {
  const char *source;
  const char *says; /* NULL: nothing is found */
};

#define YES ", examples = { yes = { 'pdf' } } }\n"
#define INSTAGRAM "account 'instagram/shop' {}\n"
#define TIKTOK "account 'tiktok/shop' {}\n"
#define WECHAT "account 'wechat_oa/shop' {}\n"
#define MINI "account 'wechat_oa/mini' { kind = 'mini_program' }\n"
#define PERSONAL "account 'wechat_personal/li' {}\n"
#define ASKED "funnel 'f' { stages = { 'asked' } }\nrule 'ask' { on = 'message', keywords = 'pdf', stage = 'f/asked'" YES

static void look(const struct looked *cases, size_t cnt) {
  for (size_t i = 0; i < cnt; i++) {
    put("a.lua", cases[i].source);
    struct tried tried = try_config(path_of("a.lua"), 0, true);
    bool good = tried.status == WEIR_OK && tried.cnt == (cases[i].says ? 1 : 0) && (!cases[i].says || strstr(tried.found[0].message, cases[i].says));
    if (!good) {
      print_findings(&tried);
      fail_msg("case %zu: %s\n%s", i, cases[i].says ? cases[i].says : "nothing is wrong", cases[i].source);
    }
    end_try(&tried);
  }
}
#define LOOK(cases) look(cases, sizeof cases / sizeof *cases)

static void windows(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', message = 'x'" YES, "on tiktok/shop \"comment\" opens no window (there are: 10 in 2d after message)" },
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = 'x'" YES, NULL },
    { TIKTOK "rule 'a' { on = 'message', keywords = 'pdf', message = 'x'" YES, NULL },
    { TIKTOK WECHAT "rule 'a' { on = 'comment', keywords = 'pdf', message = { 'x', via = 'wechat_oa/shop' }" YES, NULL },
    { "account 'tiktok/shop' { push = true }\nrule 'a' { on = 'comment', keywords = 'pdf', message = 'x'" YES, NULL },
    { INSTAGRAM "rule 'a' { on = 'comment', keywords = 'pdf', message = 'x'" YES, NULL },
    { INSTAGRAM "rule 'a' { on = 'comment', keywords = 'pdf', message = { all = { 'x', 'y' } }" YES, "\"comment\" lets 1 be written" },
    { INSTAGRAM "rule 'a' { on = 'comment', keywords = 'pdf', message = { 'x', 'y' }" YES, NULL },
    { INSTAGRAM "rule 'a' { on = 'message', keywords = 'pdf', message = { all = { 'x', 'y' } }" YES, NULL },
    { INSTAGRAM "rule 'a' { on = 'comment', keywords = 'pdf', message = 'x', deliver = { file = 'a.pdf' }" YES, "this rule sends 2" },
    { MINI "rule 'a' { on = 'enter', message = { all = { 'x', 'y', 'z' } } }\n", "\"enter\" lets 2 be written" },
    { TIKTOK ASKED "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '3d' }, message = 'x' }\n", "and this goes 3d later" },
    { TIKTOK ASKED "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '1d' }, message = 'x' }\n", NULL },
    { TIKTOK ASKED "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '1d' }, message = { 'x', after = '1d' } }\n", "and this goes 2d later" },
    { TIKTOK ASKED "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '3d' }, message = 'x', enabled = false }\n", NULL },
    { INSTAGRAM "rule 'a' { on = 'timer', every = '1d', silent_for = '3d', message = 'x' }\n", "nothing of this can go: it is for people who are silent for 3d" },
    { INSTAGRAM "rule 'a' { on = 'timer', every = '1d', silent_for = '12h', message = 'x' }\n", NULL },
  };
  LOOK(cases);
}

/* A timer of one funnel runs where people came to its stage. */
static void timers_run_where_people_came_from(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { TIKTOK WECHAT "funnel 'f' { stages = { 'asked' } }\nrule 'ask' { on = 'message', account = 'wechat_oa/*', keywords = 'pdf', stage = 'f/asked'" YES
      "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '3d' }, message = 'x' }\n", NULL },
    { TIKTOK WECHAT "funnel 'f' { stages = { 'asked' } }\nrule 'ask' { on = 'message', account = 'tiktok/*', keywords = 'pdf', stage = 'f/asked'" YES
      "rule 'b' { on = 'timer', follow_up = { 'f/asked', after = '3d' }, message = 'x' }\n", "on tiktok/shop" },
  };
  LOOK(cases);
}

static void quotas(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { WECHAT "rule 'a' { on = 'message', keywords = 'pdf', reply = { all = { 'x', 'y' } }" YES, "does 2 at once that count for the quota 1 per trigger" },
    { WECHAT "rule 'a' { on = 'message', keywords = 'pdf', reply = { 'x', 'y' }" YES, NULL },
    { "account 'telegram/shop' {}\nrule 'a' { on = 'message', keywords = 'pdf', reply = { all = { 'x', 'y' } }" YES, NULL }, /* one waits a second */
    { WECHAT "rule 'a' { on = 'timer', every = '1d', message = 'x' }\n", "is 4 a month per contact who is silent" },
    { WECHAT "rule 'a' { on = 'timer', every = '10d', message = 'x' }\n", NULL },
    { WECHAT "rule 'a' { on = 'timer', every = '1d', tag_has = 'vip', message = 'x' }\n", NULL }, /* a tag may go again */
    { WECHAT "rule 'a' { on = 'timer', every = '1d', once = true, message = 'x' }\n", NULL },
    { PERSONAL "rule 'a' { on = 'timer', every = '2h', message = 'x' }\n", "nobody gets more than 3 unasked messages" },
    { PERSONAL "rule 'a' { on = 'timer', every = '8h', message = 'x' }\n", NULL },
    { "pack { unasked_per_day = 12 }\n" PERSONAL "rule 'a' { on = 'timer', every = '2h', message = 'x' }\n", NULL },
    { PERSONAL "pool 'ids' { 'li', per_day = 31 }\nrule 'a' { on = 'message', keywords = 'pdf', reply = '{pool.ids}'" YES, "hands out \"li\" 31 times a day, and wechat_personal/li accepts 30" },
    { PERSONAL "pool 'ids' { 'li', per_day = 30 }\nrule 'a' { on = 'message', keywords = 'pdf', reply = '{pool.ids}'" YES, NULL },
    { PERSONAL "pool 'ids' { 'wang', per_day = 31 }\nrule 'a' { on = 'message', keywords = 'pdf', reply = '{pool.ids}'" YES, NULL },
  };
  LOOK(cases);
}

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static void lengths(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = '" FIFTY FIFTY FIFTY "!'" YES, "takes 150 characters, and a text of this has 151" },
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = '" FIFTY FIFTY FIFTY "'" YES, NULL },
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = '" FIFTY FIFTY FIFTY "{person.name|friend}'" YES, NULL },
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = { 'ok', '" FIFTY FIFTY FIFTY "!' }" YES, "151" },
    { TIKTOK "rule 'a' { on = 'comment', keywords = 'pdf', reply = '\xe6\xb1\x82" FIFTY FIFTY TEN TEN TEN TEN "123456789'" YES, NULL }, /* characters, not bytes */
  };
  LOOK(cases);
}

#define JOIN "account 'douyin/shop' {}\nfunnel 'f' { stages = { 'asked', 'added', 'joined' }, goal = 'joined' }\n" \
  "rule 'ask' { on = 'comment', keywords = 'pdf', stage = 'f/asked'" YES

static void funnels_that_break_off(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { JOIN "rule 'add' { on = 'message', keywords = 'a1', stage_is = 'f/asked', stage = 'f/added', examples = { yes = { 'a1' } } }\n"
      "rule 'join' { on = 'message', keywords = 'j1', stage_is = 'f/added', stage = 'f/joined', examples = { yes = { 'j1' } } }\n", NULL },
    { JOIN "rule 'add' { on = 'message', keywords = 'a1', stage_is = 'f/joined', stage = 'f/added', examples = { yes = { 'a1' } } }\n"
      "rule 'join' { on = 'message', keywords = 'j1', stage_is = { 'f/asked' }, stage = 'f/joined', examples = { yes = { 'j1' } } }\n", NULL },
    /* each waits for the other: told of the goal, and of the stage before it */
    { "account 'douyin/shop' {}\nfunnel 'f' { stages = { 'asked', 'joined' }, goal = 'joined' }\n"
      "rule 'ask' { on = 'comment', keywords = 'pdf', stage = 'f/asked'" YES
      "rule 'join' { on = 'message', keywords = 'j1', stage_is = 'f/joined', stage = 'f/joined', examples = { yes = { 'j1' } } }\n", "nobody can reach its goal \"joined\": the rule a/join leads there" },
    { "account 'douyin/shop' {}\nfunnel 'f' { stages = { 'asked', 'joined' }, goal = 'joined' }\n"
      "rule 'ask' { on = 'comment', keywords = 'pdf', stage = 'f/asked', examples = { yes = { 'pdf' } } }\n"
      "rule 'join' { on = 'message', keywords = 'j1', variants = { a = { stage = 'f/joined' }, b = { stage = 'f/joined', tag = 'b' } }, examples = { yes = { 'j1' } } }\n", NULL },
    /* a person may stand in another funnel meanwhile */
    { "account 'douyin/shop' {}\nfunnel 'f' { stages = { 'joined' }, goal = 'joined' }\nfunnel 'g' { stages = { 'in' } }\n"
      "rule 'in' { on = 'message', keywords = 'i1', stage = 'g/in', examples = { yes = { 'i1' } } }\n"
      "rule 'join' { on = 'message', keywords = 'j1', stage_is = { 'f/joined', 'g/in' }, stage = 'f/joined', examples = { yes = { 'j1' } } }\n", NULL },
    /* a handler may lead there */
    { JOIN "rule 'add' { on = 'message', keywords = 'a1', examples = { yes = { 'a1' } }, run = function(e) e:stage('f/added') end }\n"
      "rule 'join' { on = 'message', keywords = 'j1', stage_is = 'f/added', stage = 'f/joined', examples = { yes = { 'j1' } } }\n", NULL },
  };
  LOOK(cases);
}

#define REGEX(regex, example) "account 'douyin/shop' {}\nrule 'a' { on = 'comment', match = [[" regex "]], reply = 'x', examples = { yes = { '" example "' } } }\n"

static void slow_regexes(void **state) {
  (void)state;
  static const struct looked cases[] = {
    { REGEX("(a+)+b", "aab"), "`match` gives up on some texts (match steps): \"a\" again and again, 1024 bytes" },
    { REGEX(".*x.*y.*z.*q", "xyzq"), "gives up" },
    { REGEX("(\\w+\\s?)*!$", "oh my!"), "gives up" },
    { REGEX("(want|need).{0,12}(pdf|paper)", "want the pdf"), NULL },
    { REGEX("p\\d+d[a-z]+f", "p1daf"), NULL },
    { REGEX("\\d{1,4},\\d{1,4}", "12,34"), NULL },
  };
  LOOK(cases);
}

int main(void) {
  const struct CMUnitTest tests[] = { LOAD_TEST(windows), LOAD_TEST(timers_run_where_people_came_from), LOAD_TEST(quotas), LOAD_TEST(lengths),
                                      LOAD_TEST(funnels_that_break_off), LOAD_TEST(slow_regexes) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
