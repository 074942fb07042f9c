load setup.bash

teardown() {
  exec 7>&- || true
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
}

# at ID TIME TYPE CONTACT TEXT, on 2026-11-22
at() {
  printf '{"id":"%s","time":"2026-11-22T%sZ","channel":"douyin","account":"papers","type":"%s","contact":{"id":"%s"},"text":"%s"}\n' "$@"
}
# The id of the decision for an event.
decision() { grep -o "\"id\":\"[^\"]*\",\"cause\":\"$1\"" out | cut -d'"' -f4; }
# became ID CONTACT CAUSE N STATUS [MORE]
became() {
  printf '{"id":"%s","time":"2026-11-22T06:00:00Z","channel":"douyin","account":"papers","type":"outcome","contact":{"id":"%s"},"decision":"%s","n":%s,"status":"%s"%s}\n' \
    "$1" "$2" "$(decision "$3")" "$4" "$5" "${6:-}"
}
rules() {
  cat > rules.lua <<'LUA'
pack { timezone = "Asia/Shanghai" }
account "douyin/papers" { push = true, quotas = { { action = "follow", max = 2, within = "day", wait = "1s" } } }
funnel "way" { stages = { "asked", "added", "joined" }, goal = "joined" }
pool "wechat" { "li", per_day = 20 }
rule "ask" { title = "<i>asks</i> & \"more\"", on = "comment", keywords = "pdf", once = true, follow = true, message = "add {pool.wechat}", stage = "way/asked" }
rule "added" { on = "message", keywords = "added", stage = "way/added", reply = "hi" }
rule "joined" { on = "message", keywords = "joined", stage = "way/joined" }
rule "never" { on = "message", keywords = "zebra", reply = "?" }
LUA
}
play() { "$WEIR" run rules.lua --state s.db --clock events --events "$1" --plain --group 1 --chain t --key key.json; }
# Four ask, three add us after an hour, one joins three hours later, one skips a stage; then outcomes.
a_day() {
  rules
  { for i in 1 2 3 4; do at "c$i" "01:0$i:00" comment "u$i" pdf; done
    for i in 1 2 3; do at "a$i" "02:0$i:00" message "u$i" added; done
    at j1 05:01:00 message u1 joined
    at j4 05:04:00 message u4 joined
    at q1 05:30:00 message u9 hello; } > log
  play log > out 2> err
  { became o1 u1 c1 1 sent; became o2 u1 c1 2 rejected ',"code":"blocked"'; became o3 u2 c2 1 unconfirmed; became o4 u2 c2 2 sent
    became o5 u3 c3 1 rejected ',"code":"user 4711 said no"'; } > log2
  play log2 > /dev/null 2> err2
}
# Whether the report's JSON has this in it.
has() { grep -qF -- "$1" report.json || { echo "not there: $1"; cat report.json; return 1; }; }

@test "report: the numbers of a played day" {
  a_day
  "$WEIR" report s.db --rules rules.lua --json > report.json
  [ "$(wc -l < report.json)" -eq 1 ]
  has '{"format":1,"until":"2026-11-22T06:00:00Z","days":null,"people":{"known":4,"opted_out":0},"waiting":0,"unacknowledged":0,'
  # two of four reached the goal; half of those who went on took an hour (three after 1 h, one after 4 h)
  has '"funnel":"rules/way","ordered":true,"reached":2,"conversion":0.5,'
  has '{"stage":"asked","goal":false,"now":0,"ever":4,"entered":4,"went_on":4,"share":1.0,"median_s":3600,"slow_s":14400}'
  has '{"stage":"added","goal":false,"now":2,"ever":3,"entered":3,"went_on":1,"share":0.333333,"median_s":10800,"slow_s":10800}'
  has '{"stage":"joined","goal":true,"now":2,"ever":2,"entered":2,"went_on":0,"share":0.0,"median_s":null,"slow_s":null}'
  has '"rules":[{"rule":"rules/ask","title":"<i>asks</i> & \"more\"","fired":4},{"rule":"rules/added","title":"","fired":3},{"rule":"rules/joined","title":"","fired":2}]'
  has '"never_fired":[{"rule":"rules/never","place":"rules.lua:8"}]'
  has '{"action":"follow","open":0,"sent":1,"rejected":1,"unconfirmed":0,"retried":0,"dropped":2,"delayed":0,"skipped":0}'
  has '{"action":"message","open":1,"sent":1,"rejected":1,"unconfirmed":1,"retried":0,"dropped":0,"delayed":0,"skipped":0}'
  has '{"action":"reply","open":3,'
  has '{"rule":"rules/ask","action":"follow","outcome":"dropped","reason":"over quota: 2 a day per account","count":2}'
  has '{"rule":"rules/ask","action":"follow","outcome":"rejected","reason":"blocked","count":1}'
  has '{"rule":"rules/ask","action":"message","outcome":"rejected","reason":"","count":1}' # a sentence is no code
  has '"daily":[{"day":"2026-11-22","fired":9,"sent":2}]'
  has '{"of":"account","name":"douyin/papers","quota":"2 a day per account","actions":["follow"],"used":1,"max":2}' # the rejected one was given back
  has '{"of":"pool","name":"rules/wechat","quota":"li","actions":[],"used":4,"max":20}'
}

# The same by another way: the ends of Wilson's interval solve (rate - p)^2 = z^2 p (1 - p) / n, here by halving.
intervals() {
  perl -MJSON::PP -e '
    local $/; my $r = decode_json(<STDIN>); my @z = (0, 1.9599639845, 2.2414027276);
    sub end_of { my ($x, $n, $z, $up) = @_; my $q = $x / $n; my ($a, $b) = $up ? ($q, 1) : (0, $q);
      for (1 .. 60) { my $p = ($a + $b) / 2; my $inside = ($q - $p) ** 2 < $z * $z * $p * (1 - $p) / $n; ($up ? $inside : !$inside) ? ($a = $p) : ($b = $p); } return $a; }
    for my $e (@{ $r->{experiments} }) {
      my ($base) = grep { $_->{verdict} eq "base" } @{ $e->{variants} }; my $z = $z[@{ $e->{variants} } - 1]; my ($y, $m) = @$base{qw(goals persons)};
      for my $v (@{ $e->{variants} }) { my ($x, $n) = @$v{qw(goals persons)};
        printf "%s low %.4f %.4f\n", $v->{variant}, $v->{low}, end_of($x, $n, $z[1], 0); printf "%s high %.4f %.4f\n", $v->{variant}, $v->{high}, end_of($x, $n, $z[1], 1);
        next if $v == $base; my $d = $x / $n - $y / $m;
        printf "%s less %.4f %.4f\n", $v->{variant}, $v->{difference_low}, $d - sqrt(($x / $n - end_of($x, $n, $z, 0)) ** 2 + (end_of($y, $m, $z, 1) - $y / $m) ** 2);
        printf "%s more %.4f %.4f\n", $v->{variant}, $v->{difference_high}, $d + sqrt((end_of($x, $n, $z, 1) - $x / $n) ** 2 + ($y / $m - end_of($y, $m, $z, 0)) ** 2);
      } }'
}
# 300 people ask; of those who got `long` two of three reach the goal, of the others one of nine.
an_experiment() {
  cat > rules.lua <<'LUA'
account "douyin/papers" { push = true }
funnel "way" { stages = { "asked", "joined" }, goal = "joined" }
rule "ask" { on = "comment", keywords = "pdf", once = true, stage = "way/asked", variants = { short = { weight = 2, reply = "hi" }, long = { reply = "longer", tag = "long" }, kind = { reply = "dear" } } }
rule "joined" { on = "message", keywords = "joined", stage = "way/joined" }
LUA
  for i in $(seq 300); do at "c$i" 01:00:00 comment "u$i" pdf; done > log
  play log > out 2> err
  perl -nle 'next unless /"cause":"c(\d+)"/; my $i = $1; print "$i ", /"text":"longer"/ ? $i % 3 != 0 : $i % 9 == 0' out |
    while read -r i goal; do [ -z "$goal" ] || at "j$i" 02:00:00 message "u$i" joined; done > log2
  play log2 > out2 2> err2
}

@test "report: experiments: rates, intervals, differences, and when it is too early to say" {
  an_experiment
  "$WEIR" report s.db --rules rules.lua --json > report.json
  perl -MJSON::PP -e 'local $/; my $e = decode_json(<STDIN>)->{experiments}[0]; my $n = 0; $n += $_->{persons} for @{ $e->{variants} };
    print "$n ", join(" ", map { "$_->{variant}:$_->{verdict}" } @{ $e->{variants} })' < report.json > sums
  [ "$(cat sums)" = "300 kind:too early long:better short:base" ]
  intervals < report.json > both
  [ "$(wc -l < both)" -eq 10 ]
  awk '($3 - $4) ^ 2 > 0.0002 ^ 2' both > wrong
  [ ! -s wrong ] || { cat wrong; false; }
  "$WEIR" report s.db --rules rules.lua > text
  grep -q '^Experiment rules/ask$' text
  grep -q '^  `long` does better than `short`: [0-9.]* points more to [0-9.]* points more$' text
  grep -q '^  too early to say of `kind`: ' text
  [ "$(perl -CS -ne 'chomp; print if length > 80' text | wc -l)" -eq 0 ]
  "$WEIR" report s.db --rules rules.lua --csv > table
  grep -q $'^experiments,rules/ask long,verdict,better\r$' table
  "$WEIR" report s.db --rules rules.lua --html page.html
  grep -q '<p>`long` does better than `short`: ' page.html
  "$WEIR" report s.db --json > report.json
  has '"experiments":null'
}

@test "report: an event that fires nothing leaves no count, a repeat is not counted twice" {
  a_day
  "$WEIR" report s.db --json > before.json
  { at c1 01:01:00 comment u1 pdf; at q2 05:31:00 message u1 hello; became o1 u1 c1 1 sent; } > again
  play again > again.out 2> err
  [ ! -s again.out ]
  "$WEIR" report s.db --json > report.json
  cmp before.json report.json
}

@test "report: without the rules, of a period, and of states that cannot be read" {
  a_day
  "$WEIR" report s.db --json > report.json
  has '"ordered":false,"reached":null,"conversion":null'
  has '"never_fired":null'
  has '"usage":null'
  at later 23:00:00 message u1 added | sed 's/2026-11-22/2026-12-05/' > later
  play later > /dev/null 2> err
  "$WEIR" report s.db --rules rules.lua --days 3 --json > report.json
  has '"days":3'
  has '"rules":[{"rule":"rules/added","title":"","fired":1}]'
  has '"stage":"asked","goal":false,"now":0,"ever":4,"entered":0,"went_on":0,"share":null'
  run "$WEIR" report nothing.db
  [ "$status" -eq 2 ]
  [ ! -e nothing.db ]
  echo "no database" > text.db
  run "$WEIR" report text.db
  [ "$status" -eq 2 ]
  for wrong in "--days 0" "--days x" "--json --csv"; do
    run "$WEIR" report s.db $wrong
    [ "$status" -eq 2 ]
  done
}

@test "report: tables fit 80 columns and are plain when piped" {
  a_day
  "$WEIR" report s.db --rules rules.lua > text
  ! grep -q $'\033' text
  [ "$(perl -CS -ne 'chomp; print if length > 80' text | wc -l)" -eq 0 ]
  grep -q '^  asked  *4  *100.0%  *1 h  *0  █' text
  grep -q '^  rules/added  *3  ' text
  grep -q '2  dropped follow: over quota: 2 a day per account  *rules/ask' text
  # on a terminal with colours, and without where nobody wants them
  script -qec "'$WEIR' report s.db" /dev/null > tty < /dev/null
  grep -q $'\033\[36m' tty
  NO_COLOR=1 script -qec "'$WEIR' report s.db" /dev/null > tty < /dev/null
  ! grep -q $'\033' tty
}

@test "report: a table for spreadsheets" {
  a_day
  sed -i 's/title = .*, on = "comment"/on = "comment"/' rules.lua
  "$WEIR" report s.db --rules rules.lua --csv > table
  [ "$(head -1 table)" = $'section,name,what,value\r' ]
  grep -q $'^funnels,rules/way/added,median_s,10800\r$' table
  grep -q $'^actions,follow,dropped,2\r$' table
  grep -q $'^reasons,rules/ask,dropped follow: over quota: 2 a day per account,2\r$' table
  [ "$(awk -F, 'NF != 4' table | wc -l)" -eq 0 ]
}

@test "report: a running weir gives the same, through its control socket" {
  rules
  mkfifo in
  timeout --foreground 40 "$WEIR" run rules.lua --state s.db --plain --control sock < in > out 2> err 3>&- 7>&- &
  pid=$!
  exec 7> in
  for i in $(seq 100); do [ -S sock ] && break; sleep 0.1; done
  for i in 1 2 3; do at "c$i" "01:0$i:00" comment "u$i" pdf | sed "s/2026-11-22T01:0$i:00Z/$(date -u +%FT%TZ)/" >&7; done
  for i in $(seq 100); do perl "$ROOT/tests/cli/control.pl" sock stats | grep -q '"events":3,' && break; sleep 0.1; done
  "$WEIR" report sock --json > report.json
  has '"fired":3}'
  has '"ordered":true'
  has '"never_fired":[{"rule":"rules/added"'
  [ "$(perl "$ROOT/tests/cli/control.pl" sock "report 7")" = "ok $("$WEIR" report sock --days 7 --json)" ]
  run perl "$ROOT/tests/cli/control.pl" sock "report x" "reports"
  [[ ${lines[0]} == "error say for how many days"* ]]
  [[ ${lines[1]} == "error there is no such command"* ]]
  run "$WEIR" report s.db # it is in use
  [ "$status" -eq 2 ]
  perl "$ROOT/tests/cli/control.pl" sock "snapshot copy.db" > /dev/null
  "$WEIR" report copy.db --rules rules.lua --json > copy.json
  exec 7>&-
  wait "$pid"
  cmp report.json copy.json
}

@test "report: an answer of many thousand rules arrives whole" {
  for i in $(seq 3000); do echo "rule 'r$i' { on = 'comment', keywords = 'word$i', reply = 'x' }"; done > rules.lua
  mkfifo in
  timeout --foreground 40 "$WEIR" run rules.lua --state :memory: --plain --control sock < in > out 2> err 3>&- 7>&- &
  pid=$!
  exec 7> in
  for i in $(seq 100); do [ -S sock ] && break; sleep 0.1; done
  "$WEIR" report sock --json > report.json
  [ "$(grep -o '"place"' report.json | wc -l)" -eq 3000 ]
  exec 7>&-
  wait "$pid"
}

@test "report: the page needs nothing else, and what people wrote is text in it" {
  a_day
  "$WEIR" report s.db --rules rules.lua --html page.html
  grep -q '<meta name="viewport" content="width=device-width' page.html
  grep -q 'prefers-color-scheme: dark' page.html
  grep -qF '&lt;i&gt;asks&lt;/i&gt; &amp; &quot;more&quot;' page.html
  ! grep -qF '<i>asks' page.html
  ! grep -qE 'https?:|src=|href=|url\(|<script' page.html
  run "$WEIR" report s.db --html /nonexistent/page.html
  [ "$status" -eq 2 ]
}

@test "report: the page looks as it should in a browser, on a phone too" {
  browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no Chromium here"
  a_day
  "$WEIR" report s.db --rules rules.lua --html page.html
  look() {
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update \
      --disable-sync --hide-scrollbars --user-data-dir="$PWD/profile" "$@" 2> /dev/null
  }
  # a window of Chromium is no narrower than 500 pixels: a frame is. The page allows no script, so the copy has another head
  sed 's/<meta http-equiv[^>]*>//; s|</body>|<script>parent.postMessage(document.documentElement.scrollWidth + "/" + innerWidth, "*")</script></body>|' page.html > probe.html
  echo '<!doctype html><title>-</title><script>onmessage = e => document.title = "measured " + e.data</script><iframe src="probe.html" width="360" height="700" style="border: 0">' > frame.html
  look --virtual-time-budget=2000 --dump-dom "file://$PWD/frame.html" > dom
  grep -q '<title>measured 360/360</title>' dom || { cat dom; false; }
  look --window-size=900,1400 --screenshot="$PWD/light.png" "file://$PWD/page.html"
  look --window-size=900,1400 --blink-settings=preferredColorScheme=0 --screenshot="$PWD/dark.png" "file://$PWD/page.html"
  # an empty page of that size is a PNG of 6,589 bytes
  [ "$(stat -c %s light.png)" -gt 30000 ]
  [ "$(stat -c %s dark.png)" -gt 30000 ]
  ! cmp -s light.png dark.png
}
