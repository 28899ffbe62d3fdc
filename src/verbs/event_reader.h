#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace weir::verbs {

/// Reads a stream of server-sent events (HTML Living Standard, section 9.2.6) as it comes, in pieces of any size.
/// Comments and fields other than `event` and `data` are passed over.
class EventReader {
 public:
  /// `event` is `message` where the stream names none.
  using OnEvent = std::function<void(std::string_view event, std::string_view data)>;

  explicit EventReader(OnEvent on_event) : on_event_(std::move(on_event)) {}

  /// False: a line is longer than any of weir's.
  bool feed(std::string_view piece);

 private:
  void take_line();

  static constexpr std::size_t kLongestLine = 1024 * 1024;

  OnEvent on_event_;
  std::string line_;
  bool was_return_ = false;  ///< the last byte was a CR: an LF after it belongs to it
  std::string event_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace weir::verbs
