// literals.h: what a match of a regex must contain, for the peer "Hyperscan literals + PCRE2". The bench's own, written
// apart from weir's: a set of literals of which one must occur, and a run of ASCII digits.
#pragma once
#include <string>
#include <vector>

struct Required {
  std::vector<std::string> literals; // empty: none known
  int digits = 0;                    // digits in a row
};

Required required_of(const std::string &regex);
