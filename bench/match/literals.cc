// literals.cc: reads a regex from left to right and keeps, for what was read, either the few strings that it can be
// (exact) or the best set of strings of which one must occur in it. Whatever it does not know makes it give up.
#include "literals.h"

#include <algorithm>
#include <set>

namespace {

constexpr size_t EXACT_MAX = 24, EXACT_BYTES_MAX = 48;

struct Node {
  bool exact = false;                // it is one of `strings`, nothing else
  std::vector<std::string> strings;
  std::vector<std::string> required; // one of these is in it; empty: not known
  int digits = 0;                    // digits in a row it surely holds
  int only_digits = -1;              // at least so many digits and nothing else; -1: something else may be in it
  bool zero_width = false;
};

struct GiveUp {};

size_t shortest(const std::vector<std::string> &set) {
  size_t len = set.empty() ? 0 : SIZE_MAX;
  for (const auto &s : set) len = std::min(len, s.size());
  return len;
}

// The set with the longest shortest literal; of two alike the smaller.
void better(std::vector<std::string> &best, const std::vector<std::string> &set) {
  size_t a = std::min<size_t>(shortest(best), 8), b = std::min<size_t>(shortest(set), 8);
  if (b > a || (b == a && b > 0 && set.size() < best.size())) best = set;
}

class Reader {
public:
  explicit Reader(const std::string &text) : s(text) {}
  Node read() {
    Node n = branches();
    if (at < s.size()) throw GiveUp();
    return n;
  }

private:
  const std::string &s;
  size_t at = 0;

  bool more() const { return at < s.size(); }
  bool take(const char *text) {
    size_t len = std::char_traits<char>::length(text);
    if (s.compare(at, len, text) != 0) return false;
    at += len;
    return true;
  }

  Node branches() {
    Node all = chain();
    if (!more() || s[at] != '|') return all;
    std::vector<Node> nodes{all};
    while (more() && s[at] == '|') at++, nodes.push_back(chain());
    Node out;
    out.exact = true;
    out.digits = nodes[0].digits;
    bool every = true;
    for (const auto &n : nodes) {
      const auto &one = n.exact ? n.strings : n.required;
      if (!n.exact) out.exact = false;
      if (n.exact) out.strings.insert(out.strings.end(), n.strings.begin(), n.strings.end());
      if (shortest(one) == 0) every = false;
      out.required.insert(out.required.end(), one.begin(), one.end());
      out.digits = std::min(out.digits, n.digits);
    }
    if (!every || out.required.size() > 2000) out.required.clear();
    if (out.strings.size() > EXACT_MAX) out.exact = false;
    if (out.exact) out.required.clear();
    return out;
  }

  Node chain() {
    Node out;
    out.exact = true;
    out.only_digits = 0;
    std::vector<std::string> run{""}, best;
    bool whole = true;
    int digit_run = 0;
    auto flush = [&] {
      better(best, run);
      run = {""};
      whole = false;
    };
    while (more() && s[at] != '|' && s[at] != ')') {
      Node n = repeated();
      if (!n.zero_width) {
        digit_run = n.only_digits < 0 ? 0 : digit_run + n.only_digits;
        out.digits = std::max({out.digits, digit_run, n.digits});
        out.only_digits = n.only_digits < 0 || out.only_digits < 0 ? -1 : out.only_digits + n.only_digits;
      }
      if (n.exact) {
        std::vector<std::string> product;
        size_t bytes = 0;
        for (const auto &a : run) for (const auto &b : n.strings) product.push_back(a + b), bytes = std::max(bytes, a.size() + b.size());
        if (product.size() <= EXACT_MAX && bytes <= EXACT_BYTES_MAX) {
          run = std::move(product);
          continue;
        }
        flush();
        run = n.strings;
        continue;
      }
      flush();
      better(best, n.required);
    }
    if (whole) {
      out.strings = run;
    } else {
      better(best, run);
      out.exact = false;
      out.required = best;
    }
    return out;
  }

  Node repeated() {
    Node n = atom();
    while (more() && (s[at] == '?' || s[at] == '*' || s[at] == '+' || s[at] == '{')) {
      int least = 0, most = -1;
      if (s[at] == '{') {
        size_t close = s.find('}', at);
        if (close == std::string::npos || at + 1 >= s.size() || !isdigit((unsigned char)s[at + 1])) throw GiveUp();
        std::string inside = s.substr(at + 1, close - at - 1);
        size_t comma = inside.find(',');
        if (inside.find_first_not_of("0123456789,") != std::string::npos || inside.size() > 9) throw GiveUp();
        least = std::stoi(inside);
        if (comma == std::string::npos) most = least;
        else if (comma + 1 < inside.size()) most = std::stoi(inside.substr(comma + 1));
        at = close + 1;
      } else {
        least = s[at] == '+';
        most = s[at] == '?' ? 1 : -1;
        at++;
      }
      if (more() && (s[at] == '?' || s[at] == '+')) at++;
      n = repeat(n, least, most);
    }
    return n;
  }

  static Node repeat(const Node &n, int least, int most) {
    Node out;
    if (n.zero_width) {
      out = n;
      return out;
    }
    if (n.only_digits >= 0) out.only_digits = n.only_digits * least, out.digits = out.only_digits;
    if (n.exact && least == 0 && most == 1) {
      out.exact = true;
      out.strings = n.strings;
      out.strings.push_back("");
      return out;
    }
    if (n.exact && least == most && least > 0 && least <= 4 && n.strings.size() == 1) {
      out.exact = true;
      out.strings = {""};
      for (int i = 0; i < least; i++) out.strings[0] += n.strings[0];
      return out;
    }
    if (least > 0) out.required = n.exact ? n.strings : n.required, out.digits = std::max(out.digits, n.digits);
    if (shortest(out.required) == 0) out.required.clear();
    return out;
  }

  static Node nothing() {
    Node n;
    n.exact = n.zero_width = true;
    n.strings = {""};
    return n;
  }

  // Letters whose case Hyperscan's literals do not know break a literal.
  static Node one(const std::string &c) {
    Node n;
    unsigned char lead = (unsigned char)c[0];
    if (lead >= 0x80 && (lead < 0xE3 || lead == 0xEA || lead >= 0xEF)) return n;
    n.exact = true;
    n.strings = {c};
    for (char &b : n.strings[0]) if (b >= 'A' && b <= 'Z') b = (char)(b + 32);
    if (isdigit((unsigned char)c[0])) n.only_digits = 1, n.digits = 1;
    return n;
  }

  std::string character() {
    unsigned char lead = (unsigned char)s[at];
    size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::string c = s.substr(at, len);
    at += len;
    return c;
  }

  Node escape() {
    Node any;
    char c = s[++at];
    at++;
    switch (c) {
    case 'b': case 'B': case 'A': case 'z': case 'Z': return nothing();
    case 'd': any.only_digits = any.digits = 1; return any;
    case 'D': case 'w': case 'W': case 's': case 'S': case 'h': case 'v': case 'R': case 'N': case 'n': case 't': case 'r': return any;
    case 'p': case 'P': case 'x':
      if (more() && s[at] == '{') at = s.find('}', at) + 1;
      else at += c == 'x' ? 2 : 1;
      if (at == 0 || at > s.size()) throw GiveUp();
      return any;
    default:
      if (c >= '1' && c <= '9') {
        while (more() && isdigit((unsigned char)s[at])) at++;
        return any;
      }
      if (isalnum((unsigned char)c)) throw GiveUp();
      return one(std::string(1, c));
    }
  }

  Node set() {
    Node any;
    bool few = true;
    std::set<std::string> members;
    at++;
    if (more() && s[at] == '^') few = false, at++;
    for (bool first = true; more() && (s[at] != ']' || first); first = false) {
      if (s[at] == '[' && at + 1 < s.size() && s[at + 1] == ':') {
        at = s.find(":]", at);
        if (at == std::string::npos) throw GiveUp();
        at += 2, few = false;
        continue;
      }
      if (s[at] == '\\') {
        if (at + 1 >= s.size()) throw GiveUp();
        Node n = escape();
        if (n.exact && !n.zero_width) members.insert(n.strings[0]);
        else few = false;
      } else {
        Node n = one(character());
        if (n.exact) members.insert(n.strings[0]);
        else few = false;
      }
      if (more() && s[at] == '-' && at + 1 < s.size() && s[at + 1] != ']') few = false, at++;
    }
    if (!more()) throw GiveUp();
    at++;
    if (!few || members.size() > 8) return any;
    Node n;
    n.exact = true;
    n.strings.assign(members.begin(), members.end());
    return n;
  }

  Node group() {
    bool look = false;
    if (take("(?:") || take("(?>") || take("(?i:") || take("(?-i:") || take("(?|")) {
    } else if (take("(?=") || take("(?!") || take("(?<=") || take("(?<!")) {
      look = true;
    } else if (take("(?#")) {
      at = s.find(')', at);
      if (at == std::string::npos) throw GiveUp();
    } else if (take("(?i)") || take("(?-i)")) {
      return nothing();
    } else if (take("(?P<") || take("(?<")) {
      at = s.find('>', at);
      if (at++ == std::string::npos) throw GiveUp();
    } else if (at + 1 < s.size() && (s[at + 1] == '?' || s[at + 1] == '*')) {
      throw GiveUp();
    } else {
      at++;
    }
    Node n = branches();
    if (!take(")")) throw GiveUp();
    return look ? nothing() : n;
  }

  Node atom() {
    switch (s[at]) {
    case '(': return group();
    case '[': return set();
    case '.': at++; return Node();
    case '^': case '$': at++; return nothing();
    case '\\':
      if (at + 1 >= s.size()) throw GiveUp();
      return escape();
    default: return one(character());
    }
  }
};

} // namespace

Required required_of(const std::string &regex) {
  Required out;
  try {
    Node n = Reader(regex).read();
    std::vector<std::string> set = n.exact ? n.strings : n.required;
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    if (shortest(set) > 0) out.literals = set;
    out.digits = n.digits;
  } catch (const GiveUp &) {
  }
  return out;
}
