#pragma once

#include <string>
#include <utility>
#include <variant>

#include <weir/base/check.h>

namespace weir {

/// One sentence for a person: what was tried, on what, what came back, what to do.
struct Error {
  std::string message;
};

/// A value, or the Error that says why there is none. For the control plane; the data plane uses enums.
/// `T` must not be Error. Asking for the side that is not there is a bug (WEIR_CHECK).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool is_ok() const { return state_.index() == 0; }
  explicit operator bool() const { return is_ok(); }

  T& value() & {
    WEIR_CHECK(is_ok(), "Result::value() of an error");
    return std::get<0>(state_);
  }
  const T& value() const& {
    WEIR_CHECK(is_ok(), "Result::value() of an error");
    return std::get<0>(state_);
  }
  T&& value() && {
    WEIR_CHECK(is_ok(), "Result::value() of an error");
    return std::get<0>(std::move(state_));
  }
  const Error& error() const {
    WEIR_CHECK(!is_ok(), "Result::error() of a value");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace weir
