/* Wrong rule files: each slip is told at its line, with the rule it is in and words that say what to do; and slips that
 * stand side by side are all told. */
#include "load_help.h"

/* What one wrong file must bring: exactly these findings, in this order. column 0: the finding has none. */
struct expected {
  uint32_t line, column;
  const char *rule;    /* NULL: none */
  const char *message; /* a part of it */
};

struct wrong {
  const char *text;
  struct expected first;
  struct expected second; /* line 0: there is none */
};

#define RULE(body) "rule \"a\" { on = \"comment\", any = true, " body " }\n"
#define GOOD RULE("reply = \"x\"")

static const struct wrong wrongs[] = {
  /* commas, brackets, quotes */
  { "rule \"a\" { on = \"comment\" any = true, reply = \"x\" }\n", { 1, 26, NULL, "a comma is missing behind `\"comment\"`" },
    { 0 } },
  { "rule \"a\" {\n  on = \"comment\",\n  any = true,\n  reply = \"x\"\n  tag = \"t\",\n}\n",
    { 4, 14, NULL, "a comma is missing" }, { 0 } },
  { "rule \"a\" {\n  on = \"comment\",\n  any = true,\n  reply = \"x\"\n\nrule \"b\" { on = \"follow\", tag = \"t\" }\n",
    { 6, 1, NULL, "`}` is missing before `rule`: the `{` of line 1" }, { 0 } },
  { "rule \"a\" {\n  on = \"comment\",\n  any = true,\n  reply = \"x\",\n\nrule \"b\" { on = \"follow\", tag = \"t\" }\n",
    { 6, 1, NULL, "`}` is missing before `rule`" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = { \"a\", \"b\", reply = \"x\" }\n", { 1, 10, NULL, "never closed: `}`" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = { \"a\" \"b\" }, reply = \"x\" }\n",
    { 1, 44, NULL, "a comma is missing behind `\"a\"`" }, { 0 } },
  { RULE("reply = \"x\" }"), { 1, 54, NULL, "closes nothing" }, { 0 } },
  { RULE("reply = \"x") "\n", { 1, 48, NULL, "not closed on its line" }, { 0 } },
  { RULE("match = [[abc") "\n", { 1, 48, NULL, "with [[ is never closed" }, { 0 } },
  { "--[[ a comment\n" GOOD, { 1, 1, NULL, "comment that begins here is never closed" }, { 0 } },
  { RULE("reply = 'it's'"), { 1, 52, NULL, "a quote that is meant to be part of it" }, { 0 } },
  { RULE("run = function(e) e:reply(\"x\")"), { 1, 71, NULL, "`end` is needed to close the `function` of line 1" }, { 0 } },
  { "rule \"a\" ( on = \"comment\" )\n", { 1, 15, NULL, "stand in { ... }, not in ( ... )" }, { 0 } },
  /* signs of other keyboards and languages */
  { "rule \"a\" { on = “comment”, any = true, reply = \"x\" }\n", { 1, 17, NULL, "typographic sign: write the plain `\"`, at both ends" }, { 0 } },
  { "rule \"a\" { on = \"comment\"， any = true, reply = \"x\" }\n", { 1, 26, NULL, "full-width or typographic sign: write the plain `,`" },
    { 0 } },
  { RULE("reply = 你好"), { 1, 48, NULL, "`你` stands outside of quotes" }, { 0 } },
  { "rule \"a\" {\xE3\x80\x80on = \"comment\", any = true, reply = \"x\" }\n", { 1, 11, NULL, "invisible character" }, { 0 } },
  { "rule \"a\" { on: \"comment\", any = true, reply = \"x\" }\n", { 1, 14, NULL, "written with `=`, not with `:`" }, { 0 } },
  { "rule \"a\" { \"on\": \"comment\", any = true, reply = \"x\" }\n", { 1, 16, NULL, "and without quotes" }, { 0 } },
  { "# comment\n", { 1, 1, NULL, "a comment begins with --, not with #" }, { 0 } },
  { "rule \"a\" { on = \"comment\", match = /x/ }\n", { 1, 0, NULL, "a pattern is written [[...]]" }, { 0 } },
  { "rule \"a\" { on = \"comment\", match = \"\\d+\", reply = \"x\" }\n", { 1, 36, NULL, "a pattern is written [[...]]" },
    { 0 } },
  { RULE("cooldown = 5m"), { 1, 51, NULL, "a duration such as \"5s\" is a text" }, { 0 } },
  { RULE("cooldown = 2^3"), { 1, 52, NULL, "operator ^" }, { 0 } },
  /* slips that Lua reads as something else */
  { "rule \"a\" { on \"comment\", any = true, reply = \"x\" }\n", { 1, 12, NULL, "a `=` is missing behind `on`" }, { 0 } },
  { "rule \"a\" { on = \"comment\", any true, reply = \"x\" }\n", { 1, 28, NULL, "a `=` is missing behind `any`" }, { 0 } },
  { "rule \"a\" { on == \"comment\", any = true, reply = \"x\" }\n", { 1, 12, NULL, "one `=` behind `on`" }, { 0 } },
  { "rule \"a\" { on = comment, any = true, reply = \"x\" }\n", { 1, 17, NULL, "`comment` stands without quotes" }, { 0 } },
  { "rule \"a\" { on = \"comment\", any = yes, reply = \"x\" }\n", { 1, 34, NULL, "write true" }, { 0 } },
  { "rul \"a\" { on = \"comment\" }\n" RULE("reply = 5"), { 1, 1, NULL, "did you mean `rule`?" }, { 2, 40, "pack/a", "`reply" } },
  { "word.want = { \"x\" }\n", { 1, 1, NULL, "did you mean `words`?" }, { 0 } },
  { "words = { want = { \"x\" } }\n", { 1, 1, NULL, "words.want = {" }, { 0 } },
  { "words { want = { \"x\" } }\n", { 1, 0, NULL, "`words` is not called" }, { 0 } },
  { "words[1] = \"x\"\n", { 1, 0, NULL, "a word list needs a name" }, { 0 } },
  { "print(\"x\")\n", { 1, 1, NULL, "there is no `print`" }, { 0 } },
  { "x = 5\n", { 1, 1, NULL, "write local x = ..." }, { 0 } },
  { "on = \"comment\"\n", { 1, 1, NULL, "belongs into the { ... } of a rule" }, { 0 } },
  { "rule = \"a\"\n", { 1, 1, NULL, "takes no `=`" }, { 0 } },
  { "rule a { on = \"comment\" }\n", { 1, 6, NULL, "the name needs quotes: write rule \"a\"" }, { 0 } },
  { "rule { on = \"comment\" }\n", { 1, 1, NULL, "`rule` needs a name" }, { 0 } },
  { "rule(\"a\", { on = \"comment\" })\n", { 1, 1, NULL, "without parentheses and comma" }, { 0 } },
  { "\nrule \"a\"\n", { 2, 1, "pack/a", "has no table" }, { 0 } },
  { "rule \"a\" \"b\"\n", { 1, 1, NULL, "needs { ... } behind its name" }, { 0 } },
  { "pack \"x\" { }\n", { 1, 1, NULL, "`pack` takes { ... } and no name" }, { 0 } },
  { "local t\nt.x = 5\n" GOOD, { 2, 0, NULL, "index a nil value (local 't'); what follows in this file was not read" }, { 0 } },
  { "local r = rule \"a\"\nr { on = \"follow\", tag = \"t\" }\nr { on = \"follow\", tag = \"t\" }\n",
    { 3, 0, NULL, "a second table" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = { \"x, \"价格\" }, reply = \"x\" }\n", { 1, 46, NULL, "the text before it, \"x, \", ends here. Is a `\"` missing" }, { 0 } },
  { RULE("reply = \"他说\"好\"\""), { 1, 56, NULL, "or meant as part of the text? There it is written \\\"" }, { 0 } },
  { RULE("match = [[钱】】") "\n", { 1, 48, NULL, "`]]` is missing at its end; 】" }, { 0 } },
  { RULE("reply = \"one\ntwo\""), { 1, 48, NULL, "a text of several lines is written [[...]]" }, { 0 } },
  { "rule \"a\" { on = \"comment\", match = [[[[:alpha:]]z]], reply = \"x\" }\n", { 1, 49, NULL, "ends at its first `]]`, which is just before this `z`" }, { 0 } },
  { "rule \"a\" { on = \"comment\", match = [[求[ab]]], reply = \"x\" }\n", { 1, 46, NULL, "is written [=[...]=]" }, { 0 } },
  { "rule: price\n  on: comment\n", { 1, 5, NULL, "`rule` is written without `:`" }, { 0 } },
  { "rule \"a\" {\n  on => \"comment\",\n}\n", { 2, 7, NULL, "with `=` alone, not with `=>`" }, { 0 } },
  { "// 价格\n" GOOD, { 1, 4, NULL, "a comment begins with --, not with //" }, { 0 } },
  { "return {}\n" GOOD, { 2, 1, NULL, "`return` ends a file" }, { 0 } },
  /* a key that is a slip for another is not also said to be missing */
  { "rule \"a\" { on = \"comment\", keywrods = \"k\", reply = \"x\" }\n", { 1, 28, "pack/a", "did you mean `keywords`?" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = \"k\", repyl = \"x\" }\n", { 1, 44, "pack/a", "did you mean `reply`?" }, { 0 } },
  { "rule \"a\" { event = \"comment\", regex = \"k\", reply = \"x\" }\n", { 1, 12, "pack/a", "did you mean `on`?" }, { 1, 31, "pack/a", "did you mean `match`?" } },
  { RULE("answer = \"x\""), { 1, 40, "pack/a", "unknown key `answer`; did you mean `reply`?" }, { 0 } },
  /* a key that stands twice */
  { RULE("reply = \"x\",\n  reply = \"y\""), { 2, 3, "pack/a", "`reply` stands here for the second time, first in line 1" }, { 0 } },
  { "pack { version = \"1\", version = \"2\" }\n" GOOD, { 1, 23, NULL, "`version` stands here for the second time" }, { 0 } },
  /* when it comes round, and its hours */
  { "rule \"a\" { on = \"timer\", every = \"1d\", at = \"23:30\", hours = \"09:00-18:00\", message = \"x\" }\n", { 1, 40, "pack/a", "comes round at 23:30, when its `hours` are closed" }, { 0 } },
  { "rule \"a\" { on = \"timer\", every = \"7d\", hours = \"20:00-02:00\", message = \"x\" }\n", { 1, 26, "pack/a", "where no `at` says otherwise" }, { 0 } },
  { "funnel \"p\" { stages = { \"asked\", \"joined\" }, goal = \"end\" }\n", { 1, 46, NULL, "such as the last, \"joined\"" }, { 0 } },
  { RULE("reply = 5"), { 1, 40, "pack/a", "not a number: write it in quotes" }, { 0 } },
  /* keys and values of rules */
  { RULE("mesage = \"x\", reply = \"x\""), { 1, 40, "pack/a", "unknown key `mesage`; did you mean `message`?" }, { 0 } },
  { RULE("zzzzzz = 1, reply = \"x\""), { 1, 40, "pack/a", "unknown key `zzzzzz`" }, { 0 } },
  { RULE("\"x\", reply = \"x\""), { 1, 40, "pack/a", "a value without a key" }, { 0 } },
  { "rule \"a\" { any = true, reply = \"x\" }\n", { 1, 1, "pack/a", "`on` is missing" }, { 0 } },
  { "rule \"a\" { on = \"coment\", any = true, reply = \"x\" }\n", { 1, 12, "pack/a", "did you mean \"comment\"?" }, { 0 } },
  { "rule \"a\" { on = { \"follow\", \"qqqq\" }, reply = \"x\" }\n", { 1, 12, "pack/a", "no kind of event \"qqqq\"" }, { 0 } },
  { "rule \"a\" { on = 5, tag = \"x\" }\n", { 1, 12, "pack/a", "`on`: expected a text" }, { 0 } },
  { "rule \"a\" { on = \"message\", reply = \"x\" }\n", { 1, 1, "pack/a", "has no pattern" }, { 0 } },
  { RULE("keywords = \"k\", reply = \"x\""), { 1, 28, "pack/a", "leave one out" }, { 0 } },
  { RULE("except = \"k\", reply = \"x\""), { 1, 40, "pack/a", "there are none" }, { 0 } },
  { "rule \"a\" { on = \"comment\", any = true }\n", { 1, 1, "pack/a", "does nothing" }, { 0 } },
  { RULE("run = \"x\""), { 1, 40, "pack/a", "`run`: expected a function" }, { 0 } },
  { "local x = 1\n" RULE("run = function(e) return x end"), { 2, 40, "pack/a", "captures the local `x`" }, { 0 } },
  { RULE("reply = function() end"), { 1, 40, "pack/a", "not a function" }, { 0 } },
  { RULE("enabled = 1, reply = \"x\""), { 1, 40, "pack/a", "`enabled`: expected true or false" }, { 0 } },
  { RULE("priority = 1.5, reply = \"x\""), { 1, 40, "pack/a", "`priority`: expected a whole number" }, { 0 } },
  { RULE("priority = 1 << 40, reply = \"x\""), { 1, 40, "pack/a", "`priority`: expected a whole number" }, { 0 } },
  { RULE("on_limit = \"drop\", reply = \"x\""), { 1, 40, "pack/a", "`on_limit`: expected \"handoff\"" }, { 0 } },
  { RULE("title = { }, reply = \"x\""), { 1, 40, "pack/a", "`title`: expected a text" }, { 0 } },
  { RULE("examples = \"x\", reply = \"x\""), { 1, 40, "pack/a", "expected { yes = { ... }, no = { ... } }" }, { 0 } },
  { RULE("examples = {\n yess = \"x\" }, reply = \"x\""), { 2, 2, "pack/a", "knows no `yess`; did you mean `yes`?" }, { 0 } },
  { RULE("was = \"b/c\", reply = \"x\""), { 1, 40, "pack/a", "the rule's old name" }, { 0 } },
  { RULE("reply = { \"x\", nil, \"y\" }"), { 1, 40, "pack/a", "the list has a hole" }, { 0 } },
  { RULE("reply = \"\\255\""), { 1, 40, "pack/a", "not valid UTF-8" }, { 0 } },
  { RULE("tag = {{{{{{{{{{\"x\"}}}}}}}}}}"), { 1, 53, "pack/a", "nested too deeply" }, { 0 } },
  { RULE("message = {\n  \"x\",\n  after = \"soon\",\n}"), { 3, 3, "pack/a", "`message.after`" }, { 0 } },
  { RULE("stage = \"papers/asked\""), { 1, 40, "pack/a", "there is no funnel \"papers\"" }, { 0 } },
  { RULE("reply = \"{pool.x}\""), { 1, 40, "pack/a", "pool" }, { 0 } },
  /* patterns */
  { "rule \"a\" {\n  on = \"comment\",\n  match = [[want (it]],\n  reply = \"x\",\n}\n",
    { 3, 21, "pack/a", "`match`, offset 8: missing closing parenthesis" }, { 0 } },
  { "rule \"a\" { on = \"comment\", reply = \"x\",\n  match = {\n    [[good]],\n    'b\\\\[(x',\n  },\n}\n",
    { 4, 12, "pack/a", "`match`, offset " }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = { \"ok\", \"{wnat}\" }, reply = \"x\" }\nwords.want = { \"w\" }\n",
    { 1, 48, "pack/a", "no word list {wnat}: did you mean {want}?" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = \"ok\", except = { \"{none}\" }, reply = \"x\" }\n",
    { 1, 57, "pack/a", "`except`: there is no word list" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = \"k\", mode = \"fuzzy\", reply = \"x\" }\n",
    { 1, 44, "pack/a", "`mode`: expected \"word\"" }, { 0 } },
  { "rule \"a\" { on = \"comment\", match = \"k\", mode = \"equal\", reply = \"x\" }\n",
    { 1, 41, "pack/a", "how `keywords` are looked for" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = { }, reply = \"x\" }\n", { 1, 28, "pack/a", "an empty list" }, { 0 } },
  { "words.w = { \"!!\", \"ok\" }\nrule \"a\" { on = \"comment\", keywords = \"\", reply = \"x\" }\n",
    { 2, 28, "pack/a", "is empty" }, { 0 } },
  /* names that are twice, or wrong */
  { GOOD "\n" GOOD, { 3, 1, "pack/a", "declared twice in this pack; first in pack.lua, line 1" }, { 0 } },
  { "rule \"a/b\" { on = \"follow\", tag = \"t\" }\n", { 1, 1, "pack/a/b", "may only have letters" }, { 0 } },
  { "rule \"\" { on = \"follow\", tag = \"t\" }\n", { 1, 1, NULL, "is empty" }, { 0 } },
  { GOOD "rule \"b\" { was = \"a\", on = \"follow\", tag = \"t\" }\n",
    { 2, 12, "pack/b", "`was`: the rule \"a\" has that name too" }, { 0 } },
  { "words.w = { \"x\" }\nwords.w = { \"y\" }\n", { 2, 1, NULL, "words.w is declared twice" }, { 0 } },
  { "pack { name = \"x\" }\npack { name = \"y\" }\n", { 2, 1, NULL, "pack is declared twice" }, { 0 } },
  { "pool \"p\" { \"m\" }\npool \"p\" { \"m\" }\n", { 2, 1, NULL, "pool \"p\" is declared twice" }, { 0 } },
  /* what a pack declares */
  { "pack { name = \"a/b\" }\n", { 1, 8, NULL, "pack: `name`: \"a/b\" may only have" }, { 0 } },
  { "pack { nmae = \"ab\" }\n", { 1, 8, NULL, "did you mean `name`?" }, { 0 } },
  { "pack { timezone = \"UTC+8 \" }\n", { 1, 8, NULL, "time zone such as \"Asia/Shanghai\"" }, { 0 } },
  { "pack { timezone = \"Asia/Shangai\" }\n", { 1, 8, NULL, "no time zone \"Asia/Shangai\"; did you mean \"Asia/Shanghai\"?" }, { 0 } },
  { "pack { timezone = \"Berlin\" }\n", { 1, 8, NULL, "did you mean \"Europe/Berlin\"?" }, { 0 } },
  { "pack { timezone = \"Europe\" }\n", { 1, 8, NULL, "there is no time zone \"Europe\"" }, { 0 } },
  { "pack { timezone = \"../../../etc/passwd\" }\n", { 1, 8, NULL, "expected the name of a time zone" }, { 0 } },
  { "pack { timezone = \"localtime\" }\n", { 1, 8, NULL, "another zone on every machine" }, { 0 } },
  { "pack { timezones = { \"Europe/Berlin\", \"Asia/Tokio\" } }\n", { 1, 8, NULL, "did you mean \"Asia/Tokyo\"?" }, { 0 } },
  { "account \"douyin/p\" { timezone = \"Asia/Shangai\" }\n", { 1, 22, NULL, "did you mean \"Asia/Shanghai\"?" }, { 0 } },
  { "words.w = { }\n", { 1, 1, NULL, "words.w: " }, { 0 } },
  { "words.w = { \"x\", 5 }\n", { 1, 1, NULL, "words.w: expected a text" }, { 0 } },
  { "words[\"2x\"] = { \"x\" }\n", { 1, 1, NULL, "words.2x: the name must begin with a letter" }, { 0 } },
  { "funnel \"f\" { goal = \"x\" }\n", { 1, 1, NULL, "`stages` is missing" }, { 0 } },
  { "funnel \"f\" { stages = { \"a\", \"b\" }, goal = \"c\" }\n", { 1, 37, NULL, "`goal`: there is no stage \"c\"" }, { 0 } },
  { "funnel \"f\" { stages = { \"a\", \"a\" } }\n", { 1, 14, NULL, "has \"a\" twice" }, { 0 } },
  { "funnel \"f\" { stages = { \"none\" } }\n", { 1, 14, NULL, "no stage can be called \"none\"" }, { 0 } },
  { "funnel \"f/g\" { stages = { \"a\" } }\n", { 1, 1, NULL, "the name may only have" }, { 0 } },
  { "pool \"p\" { per_day = 3 }\n", { 1, 1, NULL, "pool \"p\": is empty" }, { 0 } },
  { "pool \"p\" { \"a\", per_day = 0 }\n", { 1, 17, NULL, "`per_day`: expected a whole number from 1" }, { 0 } },
  { "pool \"p\" { \"a\", \"b\", \"a\" }\n", { 1, 1, NULL, "has \"a\" twice" }, { 0 } },
  { "pool \"p\" { \"tutor_li\", out = { \"tutor_il\" } }\n", { 1, 24, NULL, "`out`: \"tutor_il\" is no member; did you mean \"tutor_li\"?" }, { 0 } },
  { "pool \"p\" { \"a\", on_full = \"nxt\" }\n", { 1, 17, NULL, "`on_full`: \"nxt\" is none of" }, { 0 } },
  { "pool \"p\" { \"a\", totl = 5 }\n", { 1, 17, NULL, "did you mean `total`?" }, { 0 } },
  { "segment \"s\" { by = \"points\" }\n", { 1, 1, NULL, "needs `layers`" }, { 0 } },
  { "segment \"s\" { layers = { { \"a\", 50 }, { \"b\", 50 } } }\n", { 1, 1, NULL, "needs `by`" }, { 0 } },
  { "segment \"s\" { by = \"p\", layers = { { \"a\", 1 }, { \"b\", 9 } } }\n", { 1, 25, NULL, "the shares make 10 percent, not 100" }, { 0 } },
  { "segment \"s\" { by = \"p\", layers = { { \"a\" }, { \"b\", 99 } } }\n", { 1, 25, NULL, "expected names with their share" }, { 0 } },
  { "segment \"s\" { by = \"p\", layers = { { \"makers\", 1 }, { \"readers\", 99 } } }\n" RULE("segment = \"s/reders\", reply = \"x\""),
    { 2, 40, "pack/a", "did you mean \"readers\"?" }, { 0 } },
  { RULE("segment = \"s/readers\", reply = \"x\""), { 1, 40, "pack/a", "the pack declares no segment" }, { 0 } },
  { "coupon \"c\" { }\n", { 1, 1, NULL, "coupon \"c\": needs its codes" }, { 0 } },
  { "coupon \"c\" { \"A\", file = \"codes.txt\" }\n", { 1, 1, NULL, "needs its codes: either" }, { 0 } },
  { "coupon \"c\" { file = \"none.txt\" }\n", { 1, 14, NULL, "`file`: there is no such file beside the rule file" }, { 0 } },
  { "coupon \"c\" { file = \"../codes.txt\" }\n", { 1, 14, NULL, "without folders" }, { 0 } },
  { "coupon \"c\" { \"A\", \"B\", \"A\" }\n", { 1, 1, NULL, "has \"A\" twice" }, { 0 } },
  { "pool \"c\" { \"x\" }\ncoupon \"c\" { \"A\" }\n", { 2, 1, NULL, "there is a pool of that name" }, { 0 } },
  { "coupon \"gift\" { \"A\" }\n" RULE("reply = \"{coupon.gfit}\""), { 2, 40, "pack/a", "did you mean {coupon.gift}?" }, { 0 } },
  { "pack { code = { alphabet = \"digts!\" } }\n", { 1, 17, NULL, "a code is made of the digits" }, { 0 } },
  { "pack { code = { lenght = 8 } }\n", { 1, 17, NULL, "did you mean `length`?" }, { 0 } },
  { "pack { code = { alphabet = \"digits\", length = 4 } }\n", { 1, 8, NULL, "can be guessed" }, { 0 } },
  { "pack { code = { valid = \"1d..2d\" } }\n", { 1, 17, NULL, "one length of time" }, { 0 } },
  { RULE("code = \"used\", reply = \"x\""), { 1, 40, "pack/a", "codes in messages and friend requests" }, { 0 } },
  { "rule \"a\" { on = \"message\", any = true, code = \"usd\", reply = \"x\" }\n", { 1, 40, "pack/a", "did you mean \"used\"?" }, { 0 } },
  { RULE("variants = { x = { reply = \"x\" } }"), { 1, 40, "pack/a", "two to 8 named variants" }, { 0 } },
  { RULE("variants = { x = { replay = \"x\" }, y = { reply = \"y\" } }"), { 1, 59, "pack/a", "did you mean `reply`?" }, { 0 } },
  { RULE("variants = { x = { weight = 0, reply = \"x\" }, y = { reply = \"y\" } }"), { 1, 59, "pack/a", "a whole number from 1" }, { 0 } },
  { RULE("invited = \"two\", reply = \"x\""), { 1, 40, "pack/a", "`invited`" }, { 0 } },
  { RULE("opt_out = \"chanel\""), { 1, 40, "pack/a", "did you mean \"channel\"?" }, { 0 } },
  { "account \"papers\"\n", { 1, 1, NULL, "expected channel/account" }, { 0 } },
  { "account \"douyin/a/b\"\n", { 1, 1, NULL, "expected channel/account" }, { 0 } },
  { "account \"douyin/a\" { follow = \"phone\" }\n", { 1, 22, NULL, "expected \"api\", \"device\" or \"none\"" }, { 0 } },
  { "account \"douyin/a\" { folow = \"api\" }\n", { 1, 22, NULL, "did you mean `follow`?" }, { 0 } },
  /* quotes and brackets at the wrong place */
  { RULE("reply = \"x, message = \"y\""), { 1, 48, NULL, "goes on to the next quote, \"x, message = \"" }, { 0 } },
  { RULE("reply = { \"x, \"y\" }"), { 1, 50, NULL, "goes on to the next quote" }, { 0 } },
  { "rule \"a\" on = \"comment\", any = true, reply = \"x\" }\n", { 1, 10, NULL, "a `{` is missing behind \"a\"" }, { 0 } },
  { "rule \"a\" { \"on\" = \"comment\", any = true, reply = \"x\" }\n", { 1, 12, NULL, "without quotes: write on = ..." }, { 0 } },
  /* several at once, in the order of the file */
  { "rule \"b\" { on = \"follow\" }\nrule \"a\" { on = \"folow\", tag = \"t\", priority = 9 }\n",
    { 1, 1, "pack/b", "does nothing" },
    { 2, 12, "pack/a", "did you mean \"follow\"?" } },
  { "words.w = \"\"\nrule \"a\" {", { 1, 1, NULL, "words.w: is empty" }, { 2, 10, NULL, "never closed" } },
};

/* Files as other editors save them. */
static const struct wrong encodings[] = {
  { "rule \"a\" {\r\n\ton = \"comment\"\r\n\tkeywords = \"k\", reply = \"x\",\r\n}\r\n", { 2, 16, NULL, "a comma is missing behind `\"comment\"`" }, { 0 } },
  { "\xEF\xBB\xBFrule \"a\" { on = \"coment\", any = true, reply = \"x\" }\n", { 1, 12, "pack/a", "did you mean \"comment\"?" }, { 0 } },
  { "\xFF\xFEr\n", { 0, 0, NULL, "is saved as UTF-16" }, { 0 } },
  { "rule \"a\" { on = \"comment\", keywords = \"\xB6\xE0\", reply = \"x\" }\n", { 1, 40, NULL, "GB18030) and save it as UTF-8" }, { 0 } },
};

static bool meets(const struct finding *f, const struct expected *e) {
  return f->severity == WEIR_SEVERITY_ERROR && f->line == e->line && f->column == e->column &&
    strcmp(f->rule, e->rule ? e->rule : "") == 0 &&
         strstr(f->message, e->message) && strcmp(f->file, path_of("pack.lua")) == 0;
}

/* The excerpt is the line itself. */
static bool shows_line(const struct finding *f, const char *text) {
  for (uint32_t line = 1; line < f->line; line++) text = strchr(text, '\n') + 1;
  return strlen(f->excerpt) == strcspn(text, "\n") && strncmp(f->excerpt, text, strlen(f->excerpt)) == 0;
}

static void wrong_packs(void **state) {
  size_t failed = 0;
  (void)state;
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    const struct wrong *w = &wrongs[i];
    size_t cnt = w->second.line ? 2 : 1;
    struct tried tried;
    bool good;
    put("pack.lua", w->text);
    tried = try_load("pack.lua");
    good = tried.status == WEIR_E_RULES && tried.cnt == cnt && meets(&tried.found[0], &w->first) &&
      shows_line(&tried.found[0], w->text) &&
           (cnt == 1 || meets(&tried.found[1], &w->second));
    good = good && tried.err.line == w->first.line && tried.err.column == w->first.column &&
      strcmp(tried.err.message, tried.found[0].message) == 0;
    if (!good) {
      print_message("# wrong[%zu]: %s#   expected %u:%u: %s\n", i, w->text, w->first.line, w->first.column, w->first.message);
      print_findings(&tried);
      failed++;
    }
    end_try(&tried);
  }
  assert_int_equal(failed, 0);
}

static void wrong_encodings(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
    put("pack.lua", encodings[i].text);
    struct tried tried = try_load("pack.lua");
    if (tried.cnt != 1 || !meets(&tried.found[0], &encodings[i].first)) print_findings(&tried);
    assert_int_equal(tried.status, WEIR_E_RULES);
    assert_true(tried.cnt == 1 && meets(&tried.found[0], &encodings[i].first));
    end_try(&tried);
  }
}

/* A pattern that is in every text, as nothing is, and those that only look like it. */
static void patterns_of_nothing(void **state) {
  static const struct { const char *pattern; bool told; } table[] = {
    { "a*", true }, { ".*", true }, { "(?:求)?", true }, { "b|", true }, { "求{0,3}", true },
    { "a+", false }, { ".+", false }, { "^$", false }, { "求(?:pdf)?", false }, { "^a*$", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char text[200];
    snprintf(text, sizeof text, "rule \"a\" { on = \"comment\", match = [[%s]], reply = \"x\" }\n", table[i].pattern);
    put("pack.lua", text);
    struct tried tried = try_load("pack.lua");
    bool told = tried.cnt == 1 && strstr(tried.found[0].message, "can match nothing at all") && tried.found[0].column == 28;
    if (told != table[i].told) print_message("# %s\n", table[i].pattern);
    assert_int_equal(tried.status, WEIR_OK);
    assert_int_equal(told, table[i].told);
    end_try(&tried);
  }
}

/* All errors of all files, each with its file, in file order whatever order they were found in. */
static void all_files_are_told(void **state) {
  struct tried tried;
  (void)state;
  put_folder("p");
  put_folder("q");
  put("p/1.lua", "rule \"x\" { on = \"folow\", tag = \"t\" }\n");
  put("p/2.lua", "rule \"broken {\n");
  put("p/3.lua", "words.w = {}\nrule \"x\" { on = \"follow\", tag = \"t\" }\n");
  put("q/1.lua",
      "rule \"y\" { on = \"follow\", tag = \"t\", priority = 1000 }\nrule \"z\" { on = \"follow\", priority = 2000 }\n");
  tried = try_load("");
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_int_equal(tried.cnt, 5);
  assert_string_equal(tried.found[0].file, path_of("p/1.lua"));
  assert_string_equal(tried.found[1].file, path_of("p/2.lua"));
  assert_string_equal(tried.found[2].file, path_of("p/3.lua"));
  assert_string_equal(tried.found[3].file, path_of("p/3.lua"));
  assert_string_equal(tried.found[4].file, path_of("q/1.lua"));
  assert_int_equal(tried.found[2].line, 1);
  assert_non_null(strstr(tried.found[3].message, "first in p/1.lua, line 1"));
  assert_string_equal(tried.found[4].rule, "q/z");
  assert_string_equal(tried.err.file, path_of("p/1.lua"));
  assert_string_equal(tried.err.rule, "p/x");
  assert_int_equal(tried.err.line, 1);
  end_try(&tried);
}

static void packs_that_collide(void **state) {
  struct tried tried;
  (void)state;
  put_folder("p");
  put_folder("q");
  put("p/a.lua", "account \"douyin/x\" { follow = \"device\" }\n");
  put("q/a.lua", "pack { name = \"p\" }\naccount \"douyin/x\" {\n  like = \"api\",\n  follow = \"api\" }\n");
  tried = try_load("");
  assert_int_equal(tried.cnt, 2);
  assert_non_null(strstr(tried.found[0].message, "have the same name \"p\""));
  assert_int_equal(tried.found[1].line, 4);
  assert_non_null(strstr(tried.found[1].message, "`follow` is \"api\" here and something else in p/a.lua, line 1"));
  end_try(&tried);
}

static void warnings(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua", "words.used = { \"hello\", \"{x\" }\n"
               "words.unused = { \"y\" }\n"
               "rule \"r\" { on = \"comment\", keywords = \"{used}\", except = \"bye\", reply = \"x\",\n"
               "  examples = {\n    yes = { \"hello there\", \"nothing\", \"hello bye\" },\n    no = { \"something\", \"say hello\" } },\n"
               "}\n");
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 5);
  for (size_t i = 0; i < tried.cnt; i++) assert_int_equal(tried.found[i].severity, WEIR_SEVERITY_WARNING);
  assert_true(tried.found[0].line == 1 && strstr(tried.found[0].message, "`{` is nothing special"));
  assert_true(tried.found[1].line == 2 && strstr(tried.found[1].message, "words.unused is not used"));
  assert_true(tried.found[2].line == 5 && tried.found[2].column == 29 &&
              strstr(tried.found[2].message, "\"nothing\" does not match"));
  assert_true(tried.found[3].line == 5 && strstr(tried.found[3].message, "\"hello bye\" is taken away by `except`"));
  assert_true(tried.found[4].line == 6 && strstr(tried.found[4].message, "\"say hello\" matches"));
  assert_string_equal(tried.found[4].rule, "a/r");
  end_try(&tried);
}

/* What would only be seen when the first event comes, or never. */
static void warned_before_the_first_event(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua", "account \"douyin/shop\" {}\n"
               "rule \"a\" { on = \"comment\", account = { \"douyin/shp\", \"douyin/*\", \"qq/x\" }, any = true, reply = \"x\" }\n"
               "rule \"b\" { on = \"message\", any = true,\n  run = function(e)\n"
               "    if e.text:upper() == \"X\" then e:replay(\"x\") end\n    local t = {} t:gone()\n    e.reply \"x\"\n    e:reply(\"x\") end,\n}\n");
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_OK);
  assert_int_equal(tried.cnt, 3);
  assert_true(tried.found[0].line == 2 && strstr(tried.found[0].message, "did you mean \"douyin/shop\"?"));
  assert_true(tried.found[1].line == 5 && tried.found[1].column == 37 && strstr(tried.found[1].message, "did you mean e:reply(...)?"));
  assert_true(tried.found[2].line == 7 && tried.found[2].column == 7 && strstr(tried.found[2].message, "with a colon: e:reply(...)"));
  end_try(&tried);
}

/* ---- Files that are none */

static void one_finding(const char *name, weir_status status, const char *part) {
  struct tried tried = try_load(name);
  if (tried.status != status || tried.cnt != 1 || !strstr(tried.err.message, part)) print_findings(&tried);
  assert_int_equal(tried.status, status);
  assert_int_equal(tried.cnt, 1);
  assert_non_null(strstr(tried.err.message, part));
  end_try(&tried);
}

static void paths(void **state) {
  (void)state;
  one_finding("nowhere", WEIR_E_IO, "there are no rules at");
  one_finding("", WEIR_E_RULES, "there are no .lua files in");
  put("notes.txt", "x");
  one_finding("notes.txt", WEIR_E_IO, "does not end in .lua");
  put(".hidden.lua", "this is not Lua");
  one_finding("", WEIR_E_RULES, "there are no .lua files in");
  put_folder("a.lua"); /* a folder called like a file is a pack's folder, and has nothing in it */
  one_finding("a.lua", WEIR_E_RULES, "there are no .lua files in");
  one_finding("", WEIR_E_IO, "is not a regular file");
  assert_int_equal(remove(path_of("a.lua")), 0);
  assert_int_equal(mkfifo(path_of("b.lua"), 0600), 0);
  one_finding("", WEIR_E_IO, "is not a regular file");
  one_finding("b.lua", WEIR_E_IO, "neither a regular file nor a folder");
}

static void bytes_that_are_no_text(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua", "\033Lua\x54\x00");
  one_finding("a.lua", WEIR_E_RULES, "compiled Lua");
  put("a.lua", "-- ok\n-- caf\xE9 latin-1\n");
  tried = try_load("a.lua");
  assert_int_equal(tried.err.line, 2);
  assert_int_equal(tried.err.column, 7);
  assert_non_null(strstr(tried.err.message, "not UTF-8 here (byte 0xE9)"));
  end_try(&tried);
  put_bytes("a.lua", "--x\0\n", 5);
  one_finding("a.lua", WEIR_E_RULES, "NUL");
}

static void links_that_lead_out(void **state) {
  struct tried tried;
  (void)state;
  put_folder("rules");
  put("secret.lua", GOOD);
  put("rules/a.lua", "rule \"b\" { on = \"follow\", tag = \"t\" }\n");
  assert_int_equal(symlink("../secret.lua", path_of("rules/link.lua")), 0);
  one_finding("rules", WEIR_E_IO, "leads out of the rules folder");
  assert_int_equal(remove(path_of("rules/link.lua")), 0);
  assert_int_equal(symlink("nowhere", path_of("rules/link.lua")), 0);
  tried = try_load("rules");
  assert_int_equal(tried.status, WEIR_E_IO);
  end_try(&tried);
  assert_int_equal(remove(path_of("rules/link.lua")), 0);
  assert_int_equal(remove(path_of("rules/a.lua")), 0);
  put_folder("outside");
  put("outside/a.lua", GOOD);
  assert_int_equal(symlink("../outside", path_of("rules/pack")), 0);
  one_finding("rules", WEIR_E_IO, "leads out of the rules folder");
}

static void too_much(void **state) {
  char name[32];
  FILE *f;
  (void)state;
  f = fopen(path_of("big.lua"), "wb");
  assert_non_null(f);
  assert_int_equal(ftruncate(fileno(f), WEIR_RULE_FILE_BYTES_MAX + 1), 0);
  assert_int_equal(fclose(f), 0);
  one_finding("big.lua", WEIR_E_LIMIT, "larger than a rule file may be");
  assert_int_equal(remove(path_of("big.lua")), 0);
  for (int i = 0; i <= WEIR_RULE_FILES_MAX; i++) {
    snprintf(name, sizeof name, "%d.lua", i);
    put(name, "");
  }
  one_finding("", WEIR_E_LIMIT, "rule files");
}

/* No more findings than anybody reads, and the count of them does not end loading. */
static void very_many_errors(void **state) {
  struct tried tried;
  (void)state;
  put("a.lua", "for i = 1, 3000 do\n  rule(\"r\" .. i) { on = \"follow\", tg = 1 }\nend\n");
  tried = try_load("a.lua");
  assert_int_equal(tried.status, WEIR_E_RULES);
  assert_int_equal(tried.cnt, WEIR_DIAGNOSTICS_MAX);
  end_try(&tried);
  put("a.lua", "for i = 1, 3000 do\n  local x = nobody\nend\n"); /* the same place again and again is one finding */
  tried = try_load("a.lua");
  assert_int_equal(tried.cnt, 1);
  end_try(&tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    LOAD_TEST(wrong_packs), LOAD_TEST(wrong_encodings), LOAD_TEST(patterns_of_nothing), LOAD_TEST(all_files_are_told), LOAD_TEST(packs_that_collide), LOAD_TEST(warned_before_the_first_event), LOAD_TEST(warnings), LOAD_TEST(paths),
    LOAD_TEST(bytes_that_are_no_text), LOAD_TEST(links_that_lead_out), LOAD_TEST(too_much), LOAD_TEST(very_many_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
