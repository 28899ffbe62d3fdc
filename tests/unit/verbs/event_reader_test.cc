#include "event_reader.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace weir::verbs;

namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

/// What is read when the stream comes in pieces of `size`.
Events read(std::string_view text, std::size_t size) {
  Events events;
  EventReader reader([&](std::string_view event, std::string_view data) { events.emplace_back(event, data); });
  while (!text.empty()) {
    CHECK(reader.feed(text.substr(0, size)));
    text.remove_prefix(std::min(size, text.size()));
  }
  return events;
}

}  // namespace

TEST_CASE("EventReader: events in pieces of any size, with any line end") {
  constexpr std::string_view kStream =
      ": a comment\n\ndata: {\"a\":1}\n\r\nevent: dropped\r\ndata:{\"dropped\":3}\r\n\r\ndata: two\rdata: lines\r\rid: "
      "7\n\n";
  const Events expected = {{"message", "{\"a\":1}"}, {"dropped", "{\"dropped\":3}"}, {"message", "two\nlines"}};
  for (const std::size_t size : {1, 2, 3, 7, 1000}) CHECK(read(kStream, size) == expected);
}

TEST_CASE("EventReader: an event that is not whole, or holds no data, is none") {
  CHECK(read("data: half", 4).empty());
  CHECK(read("data: half\n", 4).empty());
  CHECK(read("event: dropped\n\n", 4).empty());
  CHECK(read("data\n\n", 4) == Events{{"message", ""}});
}

TEST_CASE("EventReader: a line without an end is given up") {
  EventReader reader([](std::string_view, std::string_view) {});
  const std::string piece(64 * 1024, 'x');
  int pieces = 0;
  while (pieces < 100 && reader.feed(piece)) ++pieces;
  CHECK(pieces == 16);
}
