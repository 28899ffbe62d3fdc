#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::fuzz {

/// In what ways a parser behind weir may be careless. Real ones are: each of these has been some server's bug.
struct Leniency {
  bool bare_line_ends = false;     ///< LF alone, and CR alone, end a line
  bool spaces_in_names = false;    ///< white space around a field name is cut off; folded lines are joined
  bool last_length_wins = false;   ///< of several Content-Length fields
  bool length_over_chunked = false;///< Content-Length is believed even beside Transfer-Encoding
  bool loose_coding = false;       ///< Transfer-Encoding is chunked where the word occurs anywhere in it
  bool loose_sizes = false;        ///< chunk sizes end at the first byte that is no digit; lengths may have a sign
};

/// The strict reader is the one with no leniency at all.
inline constexpr Leniency kStrict{};
inline constexpr Leniency kLoose[] = {
    {.bare_line_ends = true, .spaces_in_names = true, .loose_sizes = true},
    {.last_length_wins = true, .length_over_chunked = true, .loose_sizes = true},
    {.bare_line_ends = true, .last_length_wins = true, .loose_coding = true},
};

/// What a reader makes of the first message in some bytes.
struct Message {
  bool is_whole = false;
  std::string start_line;
  std::vector<std::string> fields;  ///< `name: value`, names in lower case
  std::string body;
  std::size_t size = 0;             ///< bytes that belong to the message

  friend bool operator==(const Message&, const Message&) = default;
};

/// `answers_head`: it is an answer without a body, whatever its fields say.
Message read_message(std::string_view bytes, const Leniency& leniency, bool has_no_body, bool ends_with_connection);

}  // namespace weir::fuzz
