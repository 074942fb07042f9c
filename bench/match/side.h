// side.h: what the engines of the bench have in common.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct Rule {
  std::vector<std::string> keywords; // none: the regex alone
  std::string regex;                 // for weir when there are no keywords; for the peers always
};

class Side {
public:
  virtual ~Side() {}
  virtual const char *name() const = 0;
  // false: it cannot; why() says so. Rules that it does not take are counted and marked.
  virtual bool build(const std::vector<Rule> &rules) = 0;
  // How many rules match. `hits` takes their numbers, in any order.
  virtual size_t run(const char *text, size_t len, std::vector<uint32_t> *hits) = 0;
  virtual size_t bytes() const { return 0; }         // of the compiled set; 0: it does not tell, the heap's growth is shown
  virtual size_t scratch_bytes() const { return 0; }
  virtual std::string note() const { return ""; }
  std::string why;
  std::vector<bool> refused;
  size_t refused_cnt() const {
    size_t cnt = 0;
    for (bool r : refused) cnt += r;
    return cnt;
  }
};

std::unique_ptr<Side> make_weir();
std::unique_ptr<Side> make_weir_fold(Side *weir); // parts of weir, on the set that `weir` built
std::unique_ptr<Side> make_weir_scan(Side *weir);
std::unique_ptr<Side> make_pcre2();
std::unique_ptr<Side> make_re2();
std::unique_ptr<Side> make_hyperscan();
std::unique_ptr<Side> make_hyperscan_literals();

// inputs.cc
std::vector<Rule> made_rules(size_t cnt);
// The SmokeDetector patterns that PCRE2 takes, as its users run them, in a fixed mixed order. Empty: not there.
std::vector<Rule> smokedetector_rules(size_t cnt);
struct Comments {
  std::string name, from;
  std::vector<std::string> lines;
  double bytes_each() const {
    double sum = 0;
    for (const auto &l : lines) sum += (double)l.size();
    return lines.empty() ? 0 : sum / (double)lines.size();
  }
};
// "zh", "en", "mix": of the shared corpora when they are there, else of the file beside the sources; COMMENTS=FILE replaces all.
std::vector<Comments> comments_for(const std::vector<std::string> &names);

std::string keywords_as_regex(const std::vector<std::string> &keywords);
bool pcre2_takes(const std::string &regex);
bool hyperscan_takes(const std::string &regex);
