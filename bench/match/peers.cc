// peers.cc: the engines beside weir. All scan the text as it is, caseless, as UTF-8; \b and \w are ASCII's in all of them.
#include <algorithm>
#include <cstring>
#include <map>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <hs/hs.h>
#include <pcre2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "literals.h"
#include "side.h"
#include "weir_side.h"

namespace {

// ---- weir

class Weir : public Side {
public:
  ~Weir() override { weir_side_free(side); }
  const char *name() const override { return "weir"; }
  bool build(const std::vector<Rule> &rules) override {
    if (!(side = weir_side_new())) return false;
    for (const auto &rule : rules) {
      std::vector<weir_side_text> words;
      weir_side_text regex = { rule.regex.data(), rule.regex.size() };
      for (const auto &word : rule.keywords) words.push_back({ word.data(), word.size() });
      refused.push_back(weir_side_add(side, words.data(), words.size(), &regex) != 0);
      if (refused.back() && why.empty()) why = rule.regex + ": " + weir_side_message(side);
    }
    hits_room.resize(rules.size());
    return weir_side_finish(side) == 0;
  }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) override {
    size_t cnt = weir_side_run(side, WEIR_SIDE_MATCH, text, len, hits ? hits_room.data() : nullptr, hits_room.size());
    if (hits) hits->assign(hits_room.begin(), hits_room.begin() + (long)cnt);
    return cnt;
  }
  size_t bytes() const override { return weir_side_bytes(side); }
  size_t scratch_bytes() const override { return weir_side_scratch_bytes(side); }
  std::string note() const override {
    return std::to_string(weir_side_unfiltered(side)) + " unfiltered, " + std::to_string(weir_side_limits(side)) + " limits";
  }
  weir_side *side = nullptr;

private:
  std::vector<uint32_t> hits_room;
};

class WeirPart : public Side {
public:
  WeirPart(Side *whole, weir_side_work part) : weir(static_cast<Weir *>(whole)), work(part) {}
  const char *name() const override { return work == WEIR_SIDE_FOLD ? "  weir, folding alone" : "  weir, up to candidates"; }
  bool build(const std::vector<Rule> &) override { return true; }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *) override { return weir_side_run(weir->side, work, text, len, nullptr, 0); }

private:
  Weir *weir;
  weir_side_work work;
};

// ---- PCRE2 with JIT

class Codes {
public:
  ~Codes() {
    for (auto code : codes) pcre2_code_free(code);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
  Codes() {
    context = pcre2_match_context_create(nullptr);
    data = pcre2_match_data_create(32, nullptr);
    pcre2_set_match_limit(context, 20000);
  }
  bool add(const std::string &regex) {
    codes.push_back(compile(regex));
    return codes.back() != nullptr;
  }
  void skip() { codes.push_back(nullptr); }
  static pcre2_code *compile(const std::string &regex) {
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex.data(), regex.size(), PCRE2_UTF | PCRE2_CASELESS, &error, &offset, nullptr);
    if (code) (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
  }
  bool match(size_t i, const char *text, size_t len) {
    return codes[i] && pcre2_match(codes[i], (PCRE2_SPTR)text, len, 0, PCRE2_NO_UTF_CHECK, data, context) >= 0;
  }
  size_t bytes() const {
    size_t sum = 0;
    for (auto code : codes) {
      size_t size = 0, jit = 0;
      if (!code) continue;
      (void)pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
      (void)pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit);
      sum += size + jit;
    }
    return sum;
  }
  size_t size() const { return codes.size(); }

private:
  std::vector<pcre2_code *> codes;
  pcre2_match_context *context;
  pcre2_match_data *data;
};

class Pcre2 : public Side {
public:
  const char *name() const override { return "PCRE2 JIT loop"; }
  bool build(const std::vector<Rule> &rules) override {
    for (const auto &rule : rules) refused.push_back(!codes.add(rule.regex));
    return true;
  }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) override {
    size_t cnt = 0;
    for (size_t i = 0; i < codes.size(); i++) {
      if (!codes.match(i, text, len)) continue;
      if (hits) hits->push_back((uint32_t)i);
      cnt++;
    }
    return cnt;
  }
  size_t bytes() const override { return codes.bytes(); }

private:
  Codes codes;
};

// ---- RE2::Set

class Re2 : public Side {
public:
  const char *name() const override { return "RE2::Set"; }
  bool build(const std::vector<Rule> &rules) override {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(256 << 20);
    set.reset(new RE2::Set(options, RE2::UNANCHORED));
    for (size_t i = 0; i < rules.size(); i++) {
      refused.push_back(set->Add(rules[i].regex, nullptr) < 0);
      if (!refused.back()) rule_of.push_back((uint32_t)i);
    }
    if (set->Compile()) return true;
    why = "out of memory while compiling";
    return false;
  }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) override {
    RE2::Set::ErrorInfo error;
    found.clear();
    (void)set->Match(re2::StringPiece(text, len), &found, &error);
    if (error.kind != RE2::Set::kNoError) failures++;
    if (hits) for (int v : found) hits->push_back(rule_of[(size_t)v]);
    return found.size();
  }
  std::string note() const override { return failures ? std::to_string(failures) + " texts failed" : ""; }

private:
  std::unique_ptr<RE2::Set> set;
  std::vector<uint32_t> rule_of;
  std::vector<int> found;
  size_t failures = 0;
};

// ---- Hyperscan

class Database {
public:
  ~Database() {
    hs_free_scratch(scratch);
    hs_free_database(db);
  }
  size_t bytes() const {
    size_t size = 0;
    (void)hs_database_size(db, &size);
    return size;
  }
  size_t scratch_bytes() const {
    size_t size = 0;
    (void)hs_scratch_size(scratch, &size);
    return size;
  }
  hs_database_t *db = nullptr;
  hs_scratch_t *scratch = nullptr;
};

class Hyperscan : public Side {
public:
  static bool takes(const std::string &regex) {
    hs_expr_info_t *info = nullptr;
    hs_compile_error_t *error = nullptr;
    bool good = hs_expression_info(regex.c_str(), FLAGS, &info, &error) == HS_SUCCESS;
    free(info);
    hs_free_compile_error(error);
    return good;
  }
  const char *name() const override { return "Hyperscan"; }
  bool build(const std::vector<Rule> &rules) override {
    std::vector<unsigned> ids;
    for (size_t i = 0; i < rules.size(); i++) {
      refused.push_back(!takes(rules[i].regex));
      if (!refused.back()) ids.push_back((unsigned)i);
    }
    while (!ids.empty()) {
      std::vector<const char *> texts;
      std::vector<unsigned> flags(ids.size(), FLAGS);
      hs_compile_error_t *error = nullptr;
      for (unsigned id : ids) texts.push_back(rules[id].regex.c_str());
      if (hs_compile_multi(texts.data(), flags.data(), ids.data(), (unsigned)ids.size(), HS_MODE_BLOCK, nullptr, &set.db, &error) == HS_SUCCESS) {
        return hs_alloc_scratch(set.db, &set.scratch) == HS_SUCCESS;
      }
      why = error->message;
      int bad = error->expression;
      hs_free_compile_error(error);
      if (bad < 0) return false;
      refused[ids[(size_t)bad]] = true;
      ids.erase(ids.begin() + bad);
    }
    return false;
  }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) override {
    Found found = { 0, hits };
    (void)hs_scan(set.db, text, (unsigned)len, 0, set.scratch, on_match, &found);
    return found.cnt;
  }
  size_t bytes() const override { return set.bytes(); }
  size_t scratch_bytes() const override { return set.scratch_bytes(); }

private:
  static constexpr unsigned FLAGS = HS_FLAG_CASELESS | HS_FLAG_UTF8 | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
  struct Found { size_t cnt; std::vector<uint32_t> *hits; };
  static int on_match(unsigned id, unsigned long long, unsigned long long, unsigned, void *ctx) {
    Found *found = static_cast<Found *>(ctx);
    found->cnt++;
    if (found->hits) found->hits->push_back(id);
    return 0;
  }
  Database set;
};

// Keywords are decided when their literal is reported; a regex whose literal is reported is tried with PCRE2, if there are
// digits enough in a row; regexes without literals are tried on every text, under the same condition.
class HyperscanLiterals : public Side {
public:
  const char *name() const override { return "Hyperscan literals + PCRE2"; }
  bool build(const std::vector<Rule> &rules) override {
    std::map<std::string, std::vector<Posting>> index;
    digits.resize(rules.size());
    seen.resize(rules.size());
    for (size_t i = 0; i < rules.size(); i++) {
      refused.push_back(false);
      for (const auto &word : rules[i].keywords) index[lower(word)].push_back({ (uint32_t)i, (uint16_t)word.size(), false, edge(word.front()), edge(word.back()) });
      if (!rules[i].keywords.empty()) {
        codes.skip();
        continue;
      }
      refused.back() = !codes.add(rules[i].regex);
      Required required = required_of(rules[i].regex);
      digits[i] = required.digits;
      for (const auto &literal : required.literals) index[literal].push_back({ (uint32_t)i, 0, true, false, false });
      if (required.literals.empty()) always.push_back((uint32_t)i);
    }
    return index.empty() || compile(index);
  }
  size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) override {
    this->text = text, this->len = len, this->hits = hits, cnt = 0, longest = -1;
    waiting.clear(), touched.clear();
    if (set.db) (void)hs_scan(set.db, text, (unsigned)len, 0, set.scratch, on_match, this);
    for (uint32_t rule : waiting) confirm(rule);
    for (uint32_t rule : always) confirm(rule);
    for (uint32_t rule : touched) seen[rule] = 0;
    return cnt;
  }
  size_t bytes() const override { return set.bytes() + codes.bytes() + postings.size() * sizeof(Posting) + starts.size() * sizeof(uint32_t); }
  size_t scratch_bytes() const override { return set.scratch_bytes(); }
  std::string note() const override { return std::to_string(always.size()) + " without literal"; }

private:
  struct Posting {
    uint32_t rule;
    uint16_t len;
    bool regex, edge_before, edge_behind;
  };
  static bool edge(char c) { return isalnum((unsigned char)c) || c == '_'; }
  static std::string lower(std::string s) {
    for (char &c : s) if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
    return s;
  }
  bool compile(const std::map<std::string, std::vector<Posting>> &index) {
    std::vector<const char *> texts;
    std::vector<unsigned> flags, ids;
    std::vector<size_t> lens;
    hs_compile_error_t *error = nullptr;
    for (const auto &[literal, list] : index) {
      // Once is enough, unless a later place may pass where the first did not.
      bool once = std::all_of(list.begin(), list.end(), [](const Posting &p) { return p.regex || (!p.edge_before && !p.edge_behind); });
      texts.push_back(literal.c_str());
      lens.push_back(literal.size());
      ids.push_back((unsigned)ids.size());
      flags.push_back(HS_FLAG_CASELESS | (once ? HS_FLAG_SINGLEMATCH : 0u));
      starts.push_back((uint32_t)postings.size());
      postings.insert(postings.end(), list.begin(), list.end());
    }
    starts.push_back((uint32_t)postings.size());
    if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lens.data(), (unsigned)ids.size(), HS_MODE_BLOCK, nullptr, &set.db, &error) != HS_SUCCESS) {
      why = error->message;
      hs_free_compile_error(error);
      return false;
    }
    return hs_alloc_scratch(set.db, &set.scratch) == HS_SUCCESS;
  }
  static int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void *ctx) {
    auto *me = static_cast<HyperscanLiterals *>(ctx);
    for (uint32_t i = me->starts[id]; i < me->starts[id + 1]; i++) {
      const Posting &p = me->postings[i];
      if (me->seen[p.rule]) continue;
      if (!p.regex) {
        size_t from = (size_t)to - p.len;
        if ((p.edge_before && from > 0 && edge(me->text[from - 1])) || (p.edge_behind && to < me->len && edge(me->text[to]))) continue;
      }
      me->seen[p.rule] = 1;
      me->touched.push_back(p.rule);
      if (p.regex) me->waiting.push_back(p.rule);
      else me->found(p.rule);
    }
    return 0;
  }
  void found(uint32_t rule) {
    cnt++;
    if (hits) hits->push_back(rule);
  }
  void confirm(uint32_t rule) {
    if (digits[rule] > 0 && digits[rule] > longest_digits()) return;
    if (codes.match(rule, text, len)) found(rule);
  }
  int longest_digits() {
    if (longest >= 0) return longest;
    int run = 0;
    longest = 0;
    for (size_t i = 0; i < len; i++) run = text[i] >= '0' && text[i] <= '9' ? run + 1 : 0, longest = std::max(longest, run);
    return longest;
  }

  Database set;
  Codes codes;
  std::vector<Posting> postings;
  std::vector<uint32_t> starts, always, waiting, touched;
  std::vector<int> digits;
  std::vector<uint8_t> seen;
  const char *text = nullptr;
  size_t len = 0, cnt = 0;
  int longest = -1;
  std::vector<uint32_t> *hits = nullptr;
};

} // namespace

std::unique_ptr<Side> make_weir() { return std::unique_ptr<Side>(new Weir); }
std::unique_ptr<Side> make_weir_fold(Side *weir) { return std::unique_ptr<Side>(new WeirPart(weir, WEIR_SIDE_FOLD)); }
std::unique_ptr<Side> make_weir_scan(Side *weir) { return std::unique_ptr<Side>(new WeirPart(weir, WEIR_SIDE_SCAN)); }
std::unique_ptr<Side> make_pcre2() { return std::unique_ptr<Side>(new Pcre2); }
std::unique_ptr<Side> make_re2() { return std::unique_ptr<Side>(new Re2); }
std::unique_ptr<Side> make_hyperscan() { return std::unique_ptr<Side>(new Hyperscan); }
std::unique_ptr<Side> make_hyperscan_literals() { return std::unique_ptr<Side>(new HyperscanLiterals); }

bool hyperscan_takes(const std::string &regex) { return Hyperscan::takes(regex); }
bool pcre2_takes(const std::string &regex) {
  pcre2_code *code = Codes::compile(regex);
  pcre2_code_free(code);
  return code != nullptr;
}
