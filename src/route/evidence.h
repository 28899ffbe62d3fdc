#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experience.h"
#include "tree.h"

namespace weir::route {

/// What the words below one place are, with what spoke most for it.
struct Verdict {
  bool is_parameter = false;
  std::vector<NodeIndex> values;  ///< the literals that are values of it
  Reason reason = Reason::none;
};

/// Weighs whether words are values of one parameter or fixed places, in log-odds: see weights.h.
class Evidence {
 public:
  Evidence(const Tree& tree, const Experience& experience) : tree_(tree), experience_(experience) {}

  /// The words below `place`, together.
  Verdict weigh(NodeIndex place) const;

  /// A first word at a place without a parameter for it: whether it is a value already.
  bool is_value_at_once(NodeIndex place, std::string_view word) const;
  /// A new word at a place whose parameter takes words. `is_usual`: the parameter has gone on like this before.
  bool stands_out(std::string_view word, bool is_usual) const;

 private:
  double of_place(NodeIndex place) const;
  double of_word(std::string_view word) const;
  double of_shape(NodeIndex literal) const;
  /// What stands below the literals, and below how many of them.
  using Continuations = std::map<std::string, std::uint32_t>;
  Continuations count_continuations(const std::vector<NodeIndex>& literals) const;
  bool is_twin(NodeIndex literal, const Continuations& seen) const;
  double of_likeness(const std::vector<NodeIndex>& literals) const;
  double of_company(NodeIndex literal, NodeIndex parameter) const;
  Verdict weigh_stragglers(NodeIndex place) const;

  const Tree& tree_;
  const Experience& experience_;
};

}  // namespace weir::route
