// main.cc: one program, one run. For each size of the ruleset every engine is built once; then, for each kind of comments,
// the engines take turns on blocks of the same comments, pass by pass, in changing order. CPU time of this thread. The
// clock of a shared machine wobbles, so the column to trust is the ratio: the median over the passes of (engine's time in
// this pass / Hyperscan's time in this pass). Slow engines get an even sample of the block, about as much time as the others.
//
// COMMENTS=FILE takes the comments from a file. SIZES="10 100", TEXTS="zh en mix", ENGINES="weir hslit" (of weir parts pcre2
// re2 hs hslit), PASSES=15 narrow it down. BENCH_SLOW=1 adds the SmokeDetector patterns, whose Hyperscan set takes minutes to
// compile; SETS=smoke runs them alone, SETS=made only the generated ones. COMMON=1 leaves out the rules
// that Hyperscan does not take (lookarounds, references back): it is spared the dearest ones otherwise.
#include <malloc.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <sstream>
#include <stdexcept>

#include "side.h"

namespace {

constexpr size_t BLOCK = 4000;           // comments of a pass
constexpr double BLOCK_NS = 20e6;        // what an engine may take of a pass before it gets a sample of the block
constexpr size_t TIMED = 6000;           // comments timed one by one
constexpr double TIMED_NS = 500e6;
constexpr double COMPARED_NS = 1500e6;   // for comparing who matches what: of the slowest engine

size_t sink;

double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
double cpu() { return now(CLOCK_THREAD_CPUTIME_ID); }

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}
double quantile(std::vector<double> v, double q) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[std::min(v.size() - 1, (size_t)(q * (double)v.size()))];
}

size_t heap() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::vector<std::string> words_of(const char *name, const std::string &usual) {
  const char *value = getenv(name);
  std::istringstream in(value && *value ? value : usual);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

struct Entry {
  std::unique_ptr<Side> side;
  double compile_ms = 0;
  size_t heap_bytes = 0;
  bool part = false;
  // of the comments at hand
  double estimate = 0;
  std::vector<double> pass, ratio;
  std::vector<double> each;
  size_t pairs = 0, more = 0, fewer = 0, fewer_refused = 0;
};

size_t bytes_of(const Entry &e) { return e.side->bytes() ? e.side->bytes() : e.heap_bytes; }

std::vector<Entry> build(const std::vector<Rule> &rules, const std::vector<std::string> &engines) {
  const std::pair<const char *, std::unique_ptr<Side> (*)()> makers[] = {
    { "hs", make_hyperscan }, { "hslit", make_hyperscan_literals }, { "pcre2", make_pcre2 }, { "re2", make_re2 }, { "weir", make_weir },
  };
  std::vector<Entry> out;
  for (const auto &[name, make] : makers) {
    if (std::find(engines.begin(), engines.end(), name) == engines.end()) continue;
    Entry e;
    size_t before = heap();
    double begin = cpu();
    e.side = make();
    bool done = e.side->build(rules);
    e.compile_ms = (cpu() - begin) / 1e6;
    e.heap_bytes = heap() - before;
    if (!done) {
      printf("%s cannot take these rules: %s\n", e.side->name(), e.side->why.c_str());
      continue;
    }
    if (e.side->refused_cnt() && strcmp(name, "weir") == 0) printf("weir refuses %zu rules, the first: %s\n", e.side->refused_cnt(), e.side->why.c_str());
    out.push_back(std::move(e));
  }
  if (!out.empty() && strcmp(out.back().side->name(), "weir") == 0 && std::find(engines.begin(), engines.end(), "parts") != engines.end()) {
    Side *weir = out.back().side.get();
    for (auto make : { make_weir_scan, make_weir_fold }) {
      Entry e;
      e.side = make(weir);
      e.part = true;
      out.push_back(std::move(e));
    }
  }
  return out;
}

// ns a comment, over `cnt` comments evenly out of [from, from + block).
double take_block(Side &side, const std::vector<std::string> &lines, size_t from, size_t block, size_t cnt) {
  size_t found = 0;
  double begin = cpu();
  for (size_t i = 0; i < cnt; i++) {
    const std::string &line = lines[(from + i * block / cnt) % lines.size()];
    found += side.run(line.data(), line.size(), nullptr);
  }
  double ns = (cpu() - begin) / (double)cnt;
  sink += found;
  return ns;
}

void measure(std::vector<Entry> &entries, const std::vector<std::string> &lines, size_t passes) {
  for (auto &e : entries) {
    e.pass.clear(), e.ratio.clear(), e.each.clear();
    e.estimate = take_block(*e.side, lines, 0, lines.size(), 5);
    if (e.estimate < 1e6) e.estimate = take_block(*e.side, lines, 0, lines.size(), 200);
  }
  for (size_t pass = 0; pass < passes; pass++) {
    for (size_t k = 0; k < entries.size(); k++) {
      Entry &e = entries[(pass + k) % entries.size()];
      size_t cnt = std::min(BLOCK, std::max<size_t>(4, (size_t)(BLOCK_NS / e.estimate)));
      double ns = take_block(*e.side, lines, pass * BLOCK % lines.size(), BLOCK, cnt);
      e.pass.push_back(ns);
      e.estimate = ns;
    }
  }
}

// Every comment by itself, for the median and the slowest of a hundred.
void measure_each(std::vector<Entry> &entries, const std::vector<std::string> &lines) {
  double clock_ns = 1e9;
  for (int i = 0; i < 1000; i++) {
    double begin = now(CLOCK_MONOTONIC);
    clock_ns = std::min(clock_ns, now(CLOCK_MONOTONIC) - begin);
  }
  for (auto &e : entries) {
    size_t cnt = std::min(TIMED, std::max<size_t>(100, (size_t)(TIMED_NS / median(e.pass))));
    for (size_t i = 0; i < cnt; i++) {
      const std::string &line = lines[i * std::max<size_t>(1, lines.size() / cnt) % lines.size()];
      double begin = now(CLOCK_MONOTONIC);
      sink += e.side->run(line.data(), line.size(), nullptr);
      e.each.push_back(std::max(0.0, now(CLOCK_MONOTONIC) - begin - clock_ns));
    }
  }
}

// Who matches what, beside the PCRE2 loop. Differences go to a file, at most 40 for each engine.
size_t compare(std::vector<Entry> &entries, const std::vector<std::string> &lines, const std::vector<Rule> &rules, FILE *file, const std::string &what) {
  double slowest = 1;
  size_t oracle = SIZE_MAX;
  for (size_t i = 0; i < entries.size(); i++) {
    if (!entries[i].part) slowest = std::max(slowest, median(entries[i].pass));
    if (strcmp(entries[i].side->name(), "PCRE2 JIT loop") == 0) oracle = i;
    entries[i].pairs = entries[i].more = entries[i].fewer = entries[i].fewer_refused = 0;
  }
  size_t cnt = std::min(lines.size(), std::max<size_t>(100, (size_t)(COMPARED_NS / slowest)));
  std::vector<size_t> shown(entries.size());
  for (size_t i = 0; i < cnt; i++) {
    const std::string &line = lines[i * (lines.size() / cnt) % lines.size()];
    std::vector<std::set<uint32_t>> sets(entries.size());
    for (size_t k = 0; k < entries.size(); k++) {
      std::vector<uint32_t> hits;
      if (entries[k].part) continue;
      (void)entries[k].side->run(line.data(), line.size(), &hits);
      sets[k].insert(hits.begin(), hits.end());
      entries[k].pairs += sets[k].size();
    }
    for (size_t k = 0; oracle < entries.size() && k < entries.size(); k++) {
      Entry &e = entries[k];
      if (e.part || k == oracle) continue;
      auto show = [&](char sign, uint32_t rule) {
        if (shown[k]++ < 40) fprintf(file, "%s\t%s\t%c\t%s\t%s\n", what.c_str(), e.side->name(), sign, rules[rule].regex.c_str(), line.c_str());
      };
      for (uint32_t r : sets[k]) if (!sets[oracle].count(r)) e.more++, show('+', r);
      for (uint32_t r : sets[oracle]) {
        if (sets[k].count(r)) continue;
        if (e.side->refused[r]) e.fewer_refused++;
        else e.fewer++, show('-', r);
      }
    }
  }
  return cnt;
}

std::string size_text(size_t bytes) {
  char buf[32];
  if (bytes < 10 << 10) snprintf(buf, sizeof buf, "%zu B", bytes);
  else if (bytes < 10 << 20) snprintf(buf, sizeof buf, "%.0f KB", (double)bytes / 1024);
  else snprintf(buf, sizeof buf, "%.1f MB", (double)bytes / 1048576);
  return buf;
}

Entry *find(std::vector<Entry> &entries, const char *name) {
  for (auto &e : entries) if (strcmp(e.side->name(), name) == 0) return &e;
  return nullptr;
}

// Median over the passes of a's time / b's time; 0: one of them did not run.
double ratio(const Entry *a, const Entry *b) {
  std::vector<double> v;
  for (size_t i = 0; a && b && i < a->pass.size(); i++) v.push_back(a->pass[i] / b->pass[i]);
  return median(v);
}

bool first_row = true;

void show(std::vector<Entry> &entries, const std::string &rules, size_t size, const Comments &comments, size_t compared, FILE *json) {
  Entry *hs = find(entries, "Hyperscan"), *weir = find(entries, "weir");
  printf("\n%zu %s rules, %s comments (%zu of %.0f bytes from %s); pairs on %zu of them\n", size, rules.c_str(), comments.name.c_str(),
         comments.lines.size(), comments.bytes_each(), comments.from.c_str(), compared);
  printf("%-27s %10s %10s %10s %8s %8s %10s %10s %7s %7s\n", "", "ns each", "median", "p99", "x HS", "weir is", "set", "compile", "pairs", "refused");
  for (auto &e : entries) {
    double x = ratio(&e, hs), w = ratio(weir, &e);
    printf("%-27s %10.0f %10.0f %10.0f", e.side->name(), median(e.pass), quantile(e.each, .5), quantile(e.each, .99));
    if (hs) printf(" %8.2f", x);
    else printf(" %8s", "-");
    if (weir && !e.part && &e != weir) printf(" %8.3f", w);
    else printf(" %8s", "");
    if (e.part) printf("\n");
    else {
      printf(" %10s %7.0f ms %7zu %7zu", size_text(bytes_of(e)).c_str(), e.compile_ms, e.pairs, e.side->refused_cnt());
      if (e.more || e.fewer || e.fewer_refused) printf("  +%zu -%zu, -%zu refused", e.more, e.fewer, e.fewer_refused);
      printf("  %s\n", e.side->note().c_str());
    }
    fprintf(json, "%s\n{\"rules\":\"%s\",\"size\":%zu,\"comments\":\"%s\",\"bytes_each\":%.1f,\"engine\":\"%s\",", first_row ? "" : ",", rules.c_str(), size,
            comments.name.c_str(), comments.bytes_each(), e.side->name() + strspn(e.side->name(), " "));
    fprintf(json, "\"ns\":%.1f,\"ns_best\":%.1f,\"median_ns\":%.1f,\"p99_ns\":%.1f,\"times_hyperscan\":%.4f,\"weir_over_this\":%.6f,", median(e.pass),
            *std::min_element(e.pass.begin(), e.pass.end()), quantile(e.each, .5), quantile(e.each, .99), x, e.part ? 0 : w);
    fprintf(json, "\"set_bytes\":%zu,\"scratch_bytes\":%zu,\"heap_bytes\":%zu,\"compile_ms\":%.2f,", e.part ? 0 : bytes_of(e), e.side->scratch_bytes(), e.heap_bytes, e.compile_ms);
    fprintf(json, "\"compared\":%zu,\"pairs\":%zu,\"more_than_pcre2\":%zu,\"fewer_than_pcre2\":%zu,\"fewer_refused\":%zu,\"refused\":%zu}", compared, e.pairs, e.more, e.fewer,
            e.fewer_refused, e.side->refused_cnt());
    first_row = false;
  }
  fflush(stdout);
}

struct Goal { const char *what; double goal, is; };

// The goals that this run can tell about.
struct Goals {
  std::vector<Goal> rows;
  std::vector<std::string> names;
  double at_100 = 0;
  void add(const std::string &what, double goal, double is) {
    if (is <= 0) return;
    names.push_back(what);
    rows.push_back({ nullptr, goal, is });
  }
  void look(std::vector<Entry> &entries, const std::string &rules, size_t size, const Comments &comments) {
    Entry *weir = find(entries, "weir"), *hs = find(entries, "Hyperscan"), *lit = find(entries, "Hyperscan literals + PCRE2"), *loop = find(entries, "PCRE2 JIT loop");
    std::string at = std::to_string(size) + " " + rules + " rules, " + comments.name + ": ";
    if (!weir) return;
    if (rules == "smokedetector") {
      if (size == 10000) add(at + "time / Hyperscan's", 1.0, ratio(weir, hs));
      if (comments.name == "mix" && size == 10000) add(at + "compile ms", 500, weir->compile_ms);
      return;
    }
    add(at + "time / Hyperscan's", size >= 10000 ? .4 : size >= 1000 ? .9 : 1.3, ratio(weir, hs));
    if (size >= 1000) add(at + "time / that of HS literals + PCRE2", comments.name == "en" ? 1.5 : 1.0, ratio(weir, lit));
    if (size >= 1000) add(at + "time / PCRE2 loop's", size >= 10000 ? 1. / 3500 : 1. / 350, ratio(weir, loop));
    if (size == 100) at_100 = median(weir->pass);
    if (size != 10000) return;
    if (at_100 > 0) growth.push_back({ comments.name, median(weir->pass) });
    add(at + "set bytes / Hyperscan's", .25, hs ? (double)weir->side->bytes() / (double)hs->side->bytes() : 0);
    add(at + "compile ms", 500, weir->compile_ms);
  }
  std::vector<std::pair<std::string, double>> growth, base;
  void close() {
    for (auto &[name, ns] : growth) for (auto &[other, at] : base) if (name == other) add("10000 rules / 100 rules, " + name, 4, ns / at);
    printf("\n%-66s %10s %10s\n", "goals", "goal", "is");
    for (size_t i = 0; i < rows.size(); i++) {
      printf("%-66s %10.5g %10.4g  %s\n", names[i].c_str(), rows[i].goal, rows[i].is, rows[i].is <= rows[i].goal ? "reached" : "MISSED");
    }
  }
};

void run_rules(const std::string &kind, const std::vector<size_t> &sizes, const std::function<std::vector<Rule>(size_t)> &make, const std::vector<Comments> &comments,
               const std::vector<std::string> &engines, size_t passes, FILE *json, FILE *differences, Goals &goals) {
  for (size_t size : sizes) {
    std::vector<Rule> rules = make(size);
    if (getenv("COMMON")) rules.erase(std::remove_if(rules.begin(), rules.end(), [](const Rule &r) { return !hyperscan_takes(r.regex); }), rules.end());
    if (rules.empty()) {
      printf("\nno %s rules here\n", kind.c_str());
      return;
    }
    std::vector<Entry> entries = build(rules, engines);
    for (const auto &c : comments) {
      if (c.lines.empty() || entries.empty()) continue;
      measure(entries, c.lines, passes);
      measure_each(entries, c.lines);
      size_t compared = compare(entries, c.lines, rules, differences, std::to_string(size) + " " + kind + ", " + c.name);
      show(entries, kind, rules.size(), c, compared, json);
      if (size == 100) if (Entry *weir = find(entries, "weir")) goals.base.push_back({ c.name, median(weir->pass) }), goals.at_100 = 1;
      goals.look(entries, kind, size, c);
    }
  }
}

FILE *open_out(const char *name) {
  const char *build = getenv("BUILD");
  std::string folder = std::string(build && *build ? build : "build") + "/bench";
  (void)mkdir(folder.c_str(), 0777); // it may be there
  FILE *file = fopen((folder + "/" + name).c_str(), "w");
  if (!file) throw std::runtime_error("cannot write " + folder + "/" + name);
  return file;
}

} // namespace

int main() try {
  const char *slow = getenv("BENCH_SLOW"), *only = getenv("SETS"), *passes_text = getenv("PASSES");
  size_t passes = passes_text ? std::stoul(passes_text) : 15;
  std::vector<std::string> engines = words_of("ENGINES", "weir parts pcre2 re2 hs hslit");
  std::vector<size_t> sizes, smoke_sizes;
  FILE *json = open_out("match.json"), *differences = open_out("match-differences.tsv");
  Goals goals;
  for (const auto &size : words_of("SIZES", "10 100 1000 10000")) sizes.push_back(std::stoul(size));
  for (const auto &size : words_of("SIZES", "1000 10000")) smoke_sizes.push_back(std::stoul(size));
  fprintf(json, "{\"unit\":\"ns/comment\",\"passes\":%zu,\"rows\":[", passes);
  if (!only || strcmp(only, "made") == 0) {
    run_rules("made", sizes, made_rules, comments_for(words_of("TEXTS", "zh en")), engines, passes, json, differences, goals);
  }
  if ((slow && *slow) || (only && strcmp(only, "smoke") == 0)) {
    run_rules("smokedetector", smoke_sizes, smokedetector_rules, comments_for(words_of("TEXTS", "mix zh en")), engines, passes, json, differences, goals);
  }
  goals.close();
  fprintf(json, "],\"goals\":[");
  for (size_t i = 0; i < goals.rows.size(); i++) {
    fprintf(json, "%s\n{\"what\":\"%s\",\"goal\":%g,\"is\":%g}", i ? "," : "", goals.names[i].c_str(), goals.rows[i].goal, goals.rows[i].is);
  }
  fprintf(json, "]}\n");
  return fclose(json) == 0 && fclose(differences) == 0 && sink != SIZE_MAX ? 0 : 2;
} catch (const std::exception &e) {
  fprintf(stderr, "bench-match: %s\n", e.what());
  return 2;
}
