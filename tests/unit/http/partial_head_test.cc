#include <doctest/doctest.h>
#include <string>
#include <string_view>

#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>
#include <weir/http/partial_head.h>

using namespace weir;
using http::PartialHead;

namespace {

constexpr std::size_t kMost = 64 * 1024;
constexpr std::string_view kRequest = "GET /a HTTP/1.1\r\nHost: a\r\nX-Filler: 0123456789\r\n\r\n";

/// What a reader does that gets `head` in pieces of `size` bytes: how often it parses, up to the whole head. -1: it did
/// not see that the head is whole.
int parses_of(std::string_view head, std::size_t size) {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  PartialHead partial;
  int parses = 0;
  for (std::size_t have = size;; have += size) {
    const std::string_view gathered = head.substr(0, have);
    if (partial.is_worth_parsing(gathered, kMost)) {
      ++parses;
      if (parser.parse_request(gathered) == http::Parse::complete) return parses;
      partial.note_incomplete(gathered);
    }
    if (have >= head.size()) return -1;
  }
}

}  // namespace

TEST_CASE("PartialHead: the end is seen wherever the pieces are cut") {
  for (std::size_t size = 1; size <= kRequest.size(); ++size) {
    CAPTURE(size);
    CHECK(parses_of(kRequest, size) > 0);
  }
}

TEST_CASE("PartialHead: a head that trickles is parsed as often as it doubles, and once at its end") {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string line = "X-Filler: " + std::string(400, 'a') + "\r\n";
  while (head.size() < 32'000) head += line;
  head += "\r\n";
  for (const std::size_t size : {1, 2, 3, 7, 100}) {
    CAPTURE(size);
    const int parses = parses_of(head, size);
    CHECK(parses > 0);
    CHECK(parses <= 17);
  }
}

TEST_CASE("PartialHead: a head that comes after another one is searched from its own beginning") {
  PartialHead partial;
  partial.note_incomplete(std::string(1000, 'a'));
  partial.reset();
  CHECK(partial.is_worth_parsing("GET / HTTP/1.1\r\n", kMost));
  partial.note_incomplete("GET / HTTP/1.1\r\n");
  CHECK_FALSE(partial.is_worth_parsing("GET / HTTP/1.1\r\nH", kMost));
  CHECK(partial.is_worth_parsing("GET / HTTP/1.1\r\n\r\n", kMost));
}

TEST_CASE("PartialHead: a lone line feed ends a line too") {
  PartialHead partial;
  partial.note_incomplete("HTTP/1.1 200 OK\nA: b");
  CHECK_FALSE(partial.is_worth_parsing("HTTP/1.1 200 OK\nA: b\n", kMost));
  CHECK(partial.is_worth_parsing("HTTP/1.1 200 OK\nA: b\n\n", kMost));
}

TEST_CASE("PartialHead: one that is too long is parsed, and so refused, as soon as it is") {
  PartialHead partial;
  std::string head(700, 'a');
  partial.note_incomplete(head);
  head += std::string(299, 'a');
  CHECK_FALSE(partial.is_worth_parsing(head, 1000));
  CHECK(partial.is_worth_parsing(head + "a", 1000));
}
