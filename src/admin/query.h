#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/method.h>
#include <weir/base/names.h>
#include <weir/export/status_set.h>

namespace weir::admin {

/// The parameters of a query string, decoded (`%2F`, `+`).
class Query {
 public:
  Query() = default;
  /// With or without its `?`. What cannot be decoded stays as it is.
  explicit Query(std::string_view text);

  /// The last one of that name; nothing where it is absent. Empty where it has no value: `?window=`, `?window`.
  std::optional<std::string_view> find(std::string_view name) const;

  struct Parameter {
    std::string name;
    std::string value;
  };
  /// All of them, in their order.
  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

/// More rows than any list has.
inline constexpr std::uint64_t kMostRows = 100'000;

/// Reads parameters as what they are to mean, and keeps the first mistake: what, where, and what would be right.
class QueryReader {
 public:
  explicit QueryReader(const Query& query) : query_(query) {}

  /// Empty where it is absent; without a value it is a mistake, as for every other type.
  std::string text(std::string_view name, std::string_view mend = "write a value, or leave it out");
  std::uint64_t whole(std::string_view name, std::uint64_t fallback, std::uint64_t highest = kMostRows);
  std::optional<std::uint64_t> maybe_whole(std::string_view name, std::uint64_t highest = kMostRows);
  /// `200ms` as in the configuration, or a bare number of seconds as in JSON.
  Nanos duration(std::string_view name, Nanos fallback);
  std::optional<Method> method(std::string_view name);
  std::optional<exporter::StatusSet> statuses(std::string_view name);

  template <class Enum>
  Enum choice(std::string_view name, Enum fallback) {
    const auto value = query_.find(name);
    if (!value) return fallback;
    if (const auto found = from_label<Enum>(*value)) return *found;
    std::string known;
    for (const std::string_view one : Names<Enum>::labels) (known += known.empty() ? "" : ", ") += one;
    refuse(name, *value, "write one of " + known);
    return fallback;
  }

  /// Nothing where it is absent.
  template <class Enum>
  std::optional<Enum> maybe_choice(std::string_view name) {
    if (!query_.find(name)) return std::nullopt;
    return choice(name, Enum{});
  }

  /// Refuses all parameters but `known`, and each that is there more than once. A misspelt name would otherwise pass for
  /// one that was obeyed: the figures of everything would be taken for those of a part.
  void refuse_others(std::span<const std::string_view> known);

  void refuse(std::string_view name, std::string_view value, std::string_view mend);
  bool is_ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

 private:
  const Query& query_;
  std::string problem_;
};

}  // namespace weir::admin
