#include "characters.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <weir/http/head_parser.h>

using namespace weir::http;

namespace {

/// The definition, a byte at a time.
bool is_control(unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7F; }

}  // namespace

TEST_CASE("Characters: sixteen bytes a step find what one byte a step finds, at every offset and length") {
  alignas(16) char buffer[96];
  for (std::size_t offset = 0; offset < 16; ++offset) {
    for (std::size_t size = 0; size <= 64; ++size) {
      for (std::size_t at = 0; at <= size; ++at) {
        std::fill(std::begin(buffer), std::end(buffer), '\r');  // beyond the end: must not be seen
        std::fill(buffer + offset, buffer + offset + size, 'x');
        if (at < size) buffer[offset + at] = '\n';
        REQUIRE(find_control(buffer + offset, buffer + offset + size) == buffer + offset + at);
      }
    }
  }
}

TEST_CASE("Characters: every byte is a control byte or none, in every lane") {
  for (int value = 0; value < 256; ++value) {
    for (std::size_t lane = 0; lane < 20; ++lane) {
      std::string text(20, '\xFF');
      text[lane] = static_cast<char>(value);
      const char* const begin = text.data();
      const char* const expected = is_control(static_cast<unsigned char>(value)) ? begin + lane : begin + text.size();
      REQUIRE(find_control(begin, begin + text.size()) == expected);
    }
  }
}

namespace {

/// Puts every byte at every place of texts around one and two steps of sixteen, and compares with the definition.
template <CharacterClass which>
void check_skipping(const char* (*skip)(const char*, const char*)) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    for (const std::size_t size : {1U, 15U, 16U, 17U, 31U, 32U, 40U}) {
      for (std::size_t at = 0; at < size; ++at) {
        // Unaligned, and beyond the end only what must not be seen.
        std::string text = "/" + std::string(size, 'a') + std::string(20, '\0');
        text[1 + at] = c;
        const char* const begin = text.data() + 1;
        REQUIRE(skip(begin, begin + size) == (is_in(which, c) ? begin + size : begin + at));
      }
    }
  }
}

}  // namespace

TEST_CASE("Characters: skipping a class by sixteen bytes finds what skipping one by one finds") {
  check_skipping<kTokenChar>(skip_class<kTokenChar>);
  check_skipping<kTargetChar>(find_target_end);
  check_skipping<kHostChar>(skip_class<kHostChar>);
  check_skipping<kHexDigit>(skip_class<kHexDigit>);
}

TEST_CASE("Characters: the classes are those of the RFCs") {
  const std::string_view token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    CHECK(is_in(kTokenChar, c) == (token.find(c) != std::string_view::npos));
    CHECK(is_in(kTargetChar, c) == (value > 0x20 && value != 0x7F && c != '#'));
  }
  CHECK(is_token("a-b"));
  CHECK_FALSE(is_token(""));
  CHECK_FALSE(is_token("a b"));
  CHECK(is_field_value(""));
  CHECK(is_field_value("a\tb \xFF"));
  CHECK_FALSE(is_field_value("a\r\nb"));
}
