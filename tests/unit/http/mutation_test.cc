#include <weir/http/chunked.h>
#include <weir/http/head_parser.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "reading.h"
#include "strict_reader.h"

using namespace std::string_view_literals;
using namespace weir;
using namespace weir::http;
using testing::PlainRequest;
using testing::Reader;

namespace {

const std::vector<std::string>& requests() {
  static const std::vector<std::string> texts = {
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /a/b?c=d HTTP/1.1\r\nHost: app:80\r\nContent-Length: 5\r\nX-Long: "
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\nhello",
      "PUT http://b/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: "
      "y\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close, X-A\r\nX-A: 1\r\n\r\n",
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x==\r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n",
      "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "GET / HTTP/1.1\r\nHost: a\r\nFold: a\r\n b\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET /a b HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  return texts;
}

const std::vector<std::string>& responses() {
  static const std::vector<std::string> texts = {
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: x\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "HTTP/1.0 404 Not Found\r\n\r\nabc",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "HTTP/1.1 204\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 200 OK\nA: b\n\n",
      "\r\nHTTP/1.1 200\nContent-Length: 002\r\nA: \x01\r\n\nab",
      "HTTP/1.1 100 Continue\r\n\r\n\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.2 \t200\tO\x01K\r\nContent-Length: 2, 02\r\nConnection: \"close\", a b, X-A\r\nX-A: b\r\n\r\nab",
  };
  return texts;
}

/// The outcome of a parse, for comparing. Which of several reasons is named first may depend on how much has come.
struct Outcome {
  Parse parse = Parse::incomplete;
  Fault fault = Fault::none;
  std::size_t size = 0;
  std::size_t fields = 0;
  Framing::Kind framing = Framing::Kind::none;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(HeadParser& parser, bool is_request, std::string_view text) {
  // From the heap and exact in size, so that AddressSanitizer sees a read beyond the end.
  const auto copy = std::make_unique_for_overwrite<char[]>(text.size());
  std::copy(text.begin(), text.end(), copy.get());
  const std::string_view data(copy.get(), text.size());
  Outcome outcome;
  outcome.parse = is_request ? parser.parse_request(data) : parser.parse_response(data, Method::get);
  if (outcome.parse == Parse::refused) {
    outcome.fault = parser.fault();
  } else if (outcome.parse == Parse::complete) {
    const Head& head =
        is_request ? static_cast<const Head&>(parser.request()) : static_cast<const Head&>(parser.response());
    outcome.size = head.raw.size();
    outcome.fields = head.fields.size();
    outcome.framing = head.framing.kind;
  }
  return outcome;
}

/// A few bytes changed, put in, taken out or doubled: with a liking for those that mean something.
std::string mutated(std::string text, std::mt19937& random) {
  static constexpr std::string_view kTelling = "\r\n\t :,;=*/?#%[]\0\x01\x7F\x80\xFF" "0123456789abcdefxHTP."sv;
  const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  for (std::size_t edits = 1 + below(3); edits-- > 0 && !text.empty();) {
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = kTelling[below(kTelling.size())]; break;
      case 1: text.insert(at, 1, kTelling[below(kTelling.size())]); break;
      case 2: text.erase(at, 1 + below(3)); break;
      case 3: text[at] = static_cast<char>(text[at] ^ 0x20); break;
      case 4: text.insert(below(text.size()), text.substr(at, 1 + below(30))); break;
      case 5: {  // a line again
        const std::size_t line = text.find("\r\n", at);
        const std::size_t next = line == std::string::npos ? line : text.find("\r\n", line + 2);
        if (next != std::string::npos) text.insert(line, text.substr(line, next - line));
        break;
      }
      default: break;
    }
  }
  return text;
}

void check_read_alike(const RequestHead& head, std::string_view text) {
  const std::optional<PlainRequest> plain = testing::read_strictly(text);
  REQUIRE_MESSAGE(plain.has_value(), text);
  REQUIRE(plain->head_size == head.raw.size());
  REQUIRE(plain->method == head.method);
  REQUIRE(plain->target == head.target);
  REQUIRE(plain->minor_version == head.minor_version);
  REQUIRE(plain->fields.size() == head.fields.size());
  for (std::size_t i = 0; i < plain->fields.size(); ++i) {
    REQUIRE(plain->fields[i].first == head.fields[i].name());
    REQUIRE(plain->fields[i].second == head.fields[i].value());
  }
  REQUIRE(plain->is_chunked == (head.framing.kind == Framing::Kind::chunked));
  REQUIRE(plain->length.value_or(0) == head.framing.length);
}

}  // namespace

TEST_CASE("HeadParser: input that comes in pieces ends like input that comes whole") {
  Reader reader;
  for (const bool is_request : {true, false}) {
    for (const std::string& text : is_request ? requests() : responses()) {
      const Outcome whole = outcome_of(reader.parser, is_request, text);
      REQUIRE(whole.parse != Parse::incomplete);
      bool has_ended = false;
      for (std::size_t size = 1; size <= text.size(); ++size) {
        const Outcome partial = outcome_of(reader.parser, is_request, std::string_view(text).substr(0, size));
        if (partial.parse == Parse::incomplete) {
          // Once it is decided, more input changes nothing.
          REQUIRE_FALSE_MESSAGE(has_ended, text);
        } else {
          has_ended = true;
          REQUIRE_MESSAGE(partial == whole, text, " at ", size);
        }
      }
    }
  }
}

TEST_CASE("HeadParser: of what is let through a plain strict reader makes the same, however it was mutated") {
  std::mt19937 random(20260131);
  Reader reader;
  std::size_t let_through = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::string text = mutated(requests()[random() % requests().size()], random);
    const Outcome whole = outcome_of(reader.parser, true, text);
    if (whole.parse == Parse::complete) {
      ++let_through;
      reader.parser.parse_request(text);
      check_read_alike(reader.parser.request(), text);
    }
    // Cut anywhere it must not be refused unless the whole is, nor accepted with another end.
    const Outcome partial =
        outcome_of(reader.parser, true, std::string_view(text).substr(0, random() % (text.size() + 1)));
    if (partial.parse != Parse::incomplete) REQUIRE_MESSAGE(partial == whole, text);
  }
  CHECK(let_through > 5'000);
}

TEST_CASE("HeadParser: no mutation of an answer breaks it, whole or cut") {
  std::mt19937 random(7);
  Reader reader;
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = mutated(responses()[random() % responses().size()], random);
    const Outcome whole = outcome_of(reader.parser, false, text);
    const Outcome partial =
        outcome_of(reader.parser, false, std::string_view(text).substr(0, random() % (text.size() + 1)));
    if (partial.parse != Parse::incomplete) REQUIRE_MESSAGE(partial == whole, text);
  }
}

TEST_CASE("ChunkedReader: mutated bodies come out canonical or not at all, in one piece as in many") {
  std::mt19937 random(11);
  const std::string body = "5\r\nhello\r\n00c;x=\"y\"\r\nsecond chunk\r\n1 ;z\r\n!\r\n0\r\nX-A: b\r\nHost: no\r\n\r\n";
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = mutated(body, random);
    std::array<std::string, 2> outputs;
    std::array<bool, 2> problems{};
    std::array<bool, 2> ends{};
    const bool is_from_app = round % 2 == 1;
    for (std::size_t way = 0; way < 2; ++way) {
      ChunkedReader reader;
      reader.start(ChunkedReader::Output::chunks, {}, is_from_app);
      for (std::size_t at = 0; at < text.size() && !ends[way] && !problems[way];) {
        const std::size_t size = way == 0 ? text.size() : 1 + random() % 9;
        std::vector<char> piece(text.begin() + static_cast<std::ptrdiff_t>(at),
                                text.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, text.size())));
        const ChunkedReader::Step step = reader.feed(piece);
        problems[way] = step.problem != nullptr;
        if (problems[way]) break;
        outputs[way].append(step.forward).append(step.tail);
        ends[way] = step.is_done;
        at += piece.size();
      }
    }
    REQUIRE_MESSAGE(problems[0] == problems[1], text);
    if (problems[0]) continue;
    REQUIRE_MESSAGE(outputs[0] == outputs[1], text);
    REQUIRE(ends[0] == ends[1]);
    if (!ends[0]) continue;
    // What was written is read once more and must not change: it is canonical.
    ChunkedReader again;
    again.start(ChunkedReader::Output::chunks, {}, is_from_app);
    std::string copy = outputs[0];
    const ChunkedReader::Step step = again.feed(copy);
    REQUIRE(step.problem == nullptr);
    REQUIRE(step.is_done);
    REQUIRE(step.consumed == copy.size());
    REQUIRE(std::string(step.forward).append(step.tail) == outputs[0]);
  }
}
