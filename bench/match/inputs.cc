// inputs.cc: rules and comments. The rules come from the generator that the tests use (tests/match_rules.h, seed 1).
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

#include "match_rules.h"
#include "side.h"

namespace {

constexpr size_t LINES_MAX = 20000, LINE_BYTES_MAX = 4000;

bool word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

std::vector<std::string> lines_of(const std::string &path) {
  std::vector<std::string> out;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
    if (!line.empty() && line.size() <= LINE_BYTES_MAX) out.push_back(line);
  }
  return out;
}

void shuffle(std::vector<std::string> &lines) {
  struct rule_maker m = { 7 };
  for (size_t i = lines.size(); i > 1; i--) std::swap(lines[i - 1], lines[rule_below(&m, (uint32_t)i)]);
}

// A file below ../shared (WEIR_SHARED names another place); empty: not there.
std::string shared(const std::string &rel) {
  const char *root = getenv("WEIR_SHARED");
  std::string path = std::string(root && *root ? root : "../shared") + "/" + rel;
  return access(path.c_str(), R_OK) == 0 ? path : "";
}

bool high(const std::string &line) {
  for (char c : line) if (c & 0x80) return true;
  return false;
}

// `share` of `total` lines from each file; false: one is not there.
bool gather(Comments &out, const std::vector<std::pair<const char *, double>> &files) {
  for (const auto &[file, share] : files) {
    std::string path = shared(std::string("corpora/comments/") + file);
    if (path.empty()) return false;
    std::vector<std::string> lines = lines_of(path);
    size_t take = std::min(lines.size(), (size_t)(share * (double)LINES_MAX));
    shuffle(lines);
    out.lines.insert(out.lines.end(), lines.begin(), lines.begin() + (long)take);
    out.from += (out.from.empty() ? "" : " ") + std::string(file);
  }
  shuffle(out.lines);
  return true;
}

void few_of_our_own(Comments &out) {
  out.lines.clear();
  out.from = "bench/match/comments.txt";
  for (auto &line : lines_of(out.from)) if (out.name == "mix" || high(line) == (out.name == "zh")) out.lines.push_back(line);
}

} // namespace

std::string keywords_as_regex(const std::vector<std::string> &keywords) {
  std::string out;
  for (const auto &word : keywords) {
    if (!out.empty()) out += '|';
    if (word_char(word.front())) out += "\\b";
    for (char c : word) {
      if (strchr("\\^$.[]|()?*+{}-#", c)) out += '\\';
      out += c;
    }
    if (word_char(word.back())) out += "\\b";
  }
  return "(?:" + out + ")";
}

std::vector<Rule> made_rules(size_t cnt) {
  struct rule_maker maker = { 1 };
  std::vector<Rule> out;
  for (size_t i = 0; i < cnt; i++) {
    struct made_rule made;
    Rule rule;
    rule_make(&maker, &made);
    for (int k = 0; k < made.keyword_cnt; k++) rule.keywords.push_back(made.keywords[k]);
    rule.regex = made.keyword_cnt ? keywords_as_regex(rule.keywords) : made.regex;
    out.push_back(rule);
  }
  return out;
}

std::vector<Rule> smokedetector_rules(size_t cnt) {
  std::vector<std::string> patterns;
  std::vector<Rule> out;
  for (const char *name : { "bad", "watched" }) {
    std::string path = shared(std::string("corpora/patterns/smokedetector_") + name + "_keywords.txt");
    if (path.empty()) return {};
    for (auto &line : lines_of(path)) patterns.push_back(line);
  }
  shuffle(patterns);
  for (const auto &pattern : patterns) {
    Rule rule;
    rule.regex = "(?i)\\b(?:" + pattern + ")\\b";
    if (out.size() < cnt && pcre2_takes(rule.regex)) out.push_back(rule);
  }
  return out;
}

std::vector<Comments> comments_for(const std::vector<std::string> &names) {
  std::vector<Comments> out;
  const char *file = getenv("COMMENTS");
  if (file && *file) {
    Comments own;
    own.name = own.from = file;
    own.lines = lines_of(file);
    if (own.lines.size() > LINES_MAX) own.lines.resize(LINES_MAX);
    out.push_back(own);
    return out;
  }
  for (const auto &name : names) {
    Comments c;
    bool there;
    c.name = name;
    if (name == "zh") there = gather(c, { { "zh-bilibili.txt", 1 } });
    else if (name == "en") there = gather(c, { { "en-reddit.txt", 1 } });
    else there = gather(c, { { "zh-bilibili.txt", .21 }, { "zh-shop.txt", .21 }, { "en-reddit.txt", .27 }, { "en-instagram.txt", .15 }, { "es-tweets.txt", .04 },
                             { "ar-tweets.txt", .03 }, { "ja-board.txt", .04 }, { "ko-movie.txt", .04 }, { "th-questions.txt", .01 } });
    if (!there) few_of_our_own(c);
    out.push_back(c);
  }
  return out;
}
