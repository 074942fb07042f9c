load setup.bash

# weir replay: a journal decided again gives the same records, whatever ended the runs that wrote it.

teardown() {
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
}

replay() { timeout 60 "$WEIR" replay "$@"; }

# A pack with everything that makes a decision depend on what was before: claims, counters, codes that join, timers.
make_pack() {
  mkdir -p "$1"
  cat > "$1/pack.lua" << EOF
pack { name = "shop", version = "1" }
account "douyin/papers" {}
account "wechat_personal/li" {}
funnel "f" { stages = { "asked", "added" }, goal = "added" }
rule "ask" { on = "comment", match = "paper", once = "post", reply = { "$2", "look there" }, incr = "asked", stage = "f/asked",
             message = { "your code is {code}", after = "1s..2s" } }
rule "added" { on = "friend_request", any = true, stage_is = { "f/asked", "none" }, accept = true, stage = "f/added" }
rule "talk" { on = "message", any = true, cooldown = "1s", message = "hello {person.name}" }
EOF
}
# Many people, each several times: line i of them.
make_events() {
  perl -e '
    for my $i (1 .. $ARGV[0]) {
      my $u = $i % 97;
      my ($type, $channel, $account) = $i % 5 == 0 ? ("message", "douyin", "papers") : $i % 7 == 0 ? ("friend_request", "wechat_personal", "li") : ("comment", "douyin", "papers");
      my $text = $i % 11 == 0 ? "nothing" : "a paper please";
      printf "{\"id\":\"e%d\",\"time\":\"2026-11-22T09:00:%02d+08:00\",\"channel\":\"%s\",\"account\":\"%s\",\"type\":\"%s\",\"contact\":{\"id\":\"u%d\",\"name\":\"Lin\"},\"text\":\"%s\",\"post\":\"v%d\"}\n",
        $i, $i / 100 % 60, $channel, $account, $type, $u, $text, $i / 300;
    }' "$1"
}
# Slowly enough to be killed in the middle.
trickle() { perl -e '$| = 1; while (<STDIN>) { print; select(undef, undef, undef, 0.001) if $. % 8 == 0 }'; }
whole_lines() { perl -e 'for my $f (@ARGV) { open my $h, "<", $f; while (<$h>) { print if /\n\z/ } }' "$@"; }

@test "runs that were killed: the journal gives the same bytes for all that was committed" {
  make_pack rules "there it is"
  make_events 1500 > events
  for round in $(seq "${WEIR_KILLS:-8}"); do
    rm -f in
    mkfifo in
    trickle < events > in 2> /dev/null 3>&- &
    "$WEIR" run rules --state shop.db --journal journal --group $((round % 4 * 8 + 3)) < in > "out.$round" 2> err 3>&- &
    pid=$!
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    kill -9 "$pid"
    wait "$pid" || true
    [ "$(wc -l < journal)" -ge "$round" ]
  done
  timeout 60 "$WEIR" run rules --state shop.db --journal journal < events > out.last 2> err
  sleep 2.1
  timeout 60 "$WEIR" run rules --state shop.db --journal journal < /dev/null > out.timers 2> err # what fell due meanwhile
  whole_lines out.* | sort -u > handed
  replay rules journal --key weir-key.json > again 2> err
  sort -u again > again.sorted
  [ "$(wc -l < again)" -eq "$(wc -l < again.sorted)" ]
  cmp handed again.sorted
  [ "$(wc -l < handed)" -gt 10 ]
  "$WEIR" key show --public > jwks.json
  "$WEIR" verify again --keys jwks.json
}
