#include <weir/http/chunked.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace weir::http;

namespace {

struct Reading {
  std::string sent;          ///< all that was to be sent on
  std::size_t consumed = 0;
  std::uint64_t octets = 0;
  bool is_done = false;
  std::string problem;       ///< empty where there was none
};

/// Feeds `text` cut at the places of `cuts` (ascending), each piece from a buffer of its own.
Reading read(std::string_view text, std::vector<std::size_t> cuts = {},
             ChunkedReader::Output output = ChunkedReader::Output::chunks, HeadLimits limits = {},
             bool is_from_app = false) {
  ChunkedReader reader;
  reader.start(output, limits, is_from_app);
  Reading reading;
  cuts.push_back(text.size());
  std::size_t at = 0;
  for (const std::size_t cut : cuts) {
    std::vector<char> piece(text.begin() + static_cast<std::ptrdiff_t>(at),
                            text.begin() + static_cast<std::ptrdiff_t>(cut));
    at = cut;
    if (reading.is_done) break;
    const ChunkedReader::Step step = reader.feed(piece);
    if (step.problem != nullptr) {
      reading.problem = step.problem;
      return reading;
    }
    if (!is_from_app) REQUIRE(step.forward.size() <= piece.size());
    reading.sent.append(step.forward).append(step.tail);
    reading.consumed += step.consumed;
    reading.octets += step.octets;
    reading.is_done = step.is_done;
  }
  return reading;
}

Reading read_bare(std::string_view text) { return read(text, {}, ChunkedReader::Output::bare); }

void check_refused(std::string_view text, std::string_view problem = {}) {
  const Reading reading = read(text);
  CHECK_MESSAGE(!reading.problem.empty(), text);
  if (!problem.empty()) CHECK(reading.problem == problem);
  // A byte at a time it is refused too: no state lets slip what another catches.
  std::vector<std::size_t> everywhere;
  for (std::size_t i = 1; i < text.size(); ++i) everywhere.push_back(i);
  CHECK(read(text, everywhere).problem == reading.problem);
}

struct Case {
  std::string in;
  std::string out;
  std::string data;
};

const std::vector<Case>& accepted() {
  static const std::vector<Case> cases = {
      {"0\r\n\r\n", "0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
      {"0005\r\nhello\r\n000\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
       "01234567890123456789"},
      {"010\r\n0123456789abcdef\r\n0\r\n\r\n", "10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef"},
      {"5;a=b;c=\"d;e\"\r\nhello\r\n0;last\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5 ;a\r\nhello\r\n5\t ; b = c\r\nhello\r\n0 ; x\r\n\r\n", "5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", "hellohello"},
      {"5\r\n\r\n0\r\n\r\n0\r\n\r\n", "5\r\n\r\n0\r\n\r\n0\r\n\r\n", "\r\n0\r\n"},
      {"1\r\nx\r\n0\r\nX-Sum: 1\r\nx-two:\r\n\r\n", "1\r\nx\r\n0\r\nX-Sum: 1\r\nx-two:\r\n\r\n", "x"},
      {"0\r\nContent-Length: 5\r\nX: y\r\nHOST: a\r\n\r\n", "0\r\nX: y\r\n\r\n", ""},
      {"0\r\nTransfer-Encoding: chunked\r\nAuthorization: a\r\nSet-Cookie: a\r\n\r\n", "0\r\n\r\n", ""},
      {"0\r\nX: \xE9\t y \r\n\r\n", "0\r\nX: \xE9\t y \r\n\r\n", ""},
  };
  return cases;
}

}  // namespace

TEST_CASE("ChunkedReader: what goes on is canonical, and the data are the same") {
  for (const Case& c : accepted()) {
    const Reading reading = read(c.in);
    CHECK_MESSAGE(reading.problem.empty(), c.in);
    CHECK(reading.sent == c.out);
    CHECK(reading.consumed == c.in.size());
    CHECK(reading.octets == c.data.size());
    CHECK(reading.is_done);
    const Reading bare = read_bare(c.in);
    CHECK(bare.sent == c.data);
    CHECK(bare.octets == c.data.size());
    CHECK(bare.is_done);
  }
}

TEST_CASE("ChunkedReader: wherever the input is cut, the output is the same") {
  for (const Case& c : accepted()) {
    for (std::size_t first = 0; first <= c.in.size(); ++first) {
      for (std::size_t second = first; second <= c.in.size(); ++second) {
        const Reading reading = read(c.in, {first, second});
        REQUIRE_MESSAGE(reading.problem.empty(), c.in);
        REQUIRE(reading.sent == c.out);
        REQUIRE(reading.octets == c.data.size());
        REQUIRE(reading.is_done);
      }
    }
    std::vector<std::size_t> everywhere;
    for (std::size_t i = 1; i < c.in.size(); ++i) everywhere.push_back(i);
    CHECK(read(c.in, everywhere).sent == c.out);
  }
}

TEST_CASE("ChunkedReader: nothing beyond the body is touched") {
  const std::string body = "3;x\r\nabc\r\n0\r\n\r\n";
  ChunkedReader reader;
  reader.start(ChunkedReader::Output::chunks, {});
  std::string data = body + "GET / HTTP/1.1\r\n";
  const ChunkedReader::Step step = reader.feed(data);
  CHECK(step.is_done);
  CHECK(step.consumed == body.size());
  CHECK(data.substr(step.consumed) == "GET / HTTP/1.1\r\n");
}

TEST_CASE("ChunkedReader: the body is not done before its last byte, and the last chunk does not go out before") {
  const std::string body = "3\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Reading reading = read(body.substr(0, size));
    CHECK(reading.problem.empty());
    CHECK_FALSE(reading.is_done);
    CHECK(reading.sent.find("\r\n0\r\n") == std::string::npos);
  }
}

TEST_CASE("ChunkedReader: a size is hexadecimal digits and nothing else") {
  for (const char* text : {"\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "\t1\r\n", "1 \r\n", "1 2\r\n",
                           "1\n", "1\rx", "1_\r\n", ";a\r\n", "1\x0B;a\r\n", "1g\r\n", "\xFF\r\n"}) {
    check_refused(std::string(text) + "a\r\n0\r\n\r\n");
  }
  check_refused(std::string("1\0\r\na\r\n0\r\n\r\n", 12));
}

TEST_CASE("ChunkedReader: a size has at most 16 digits and fits a signed 64-bit number") {
  check_refused("00000000000000001\r\na\r\n0\r\n\r\n", "a chunk size has more than 16 digits");
  CHECK(read("0000000000000001\r\na\r\n0\r\n\r\n").sent == "1\r\na\r\n0\r\n\r\n");
  check_refused("8000000000000000\r\n", "a chunk size is too large");
  check_refused("ffffffffffffffff\r\n", "a chunk size is too large");
  CHECK(read("7fffffffffffffff\r\nabc").sent == "7fffffffffffffff\r\nabc");
}

TEST_CASE("ChunkedReader: data end where the size says, with CRLF") {
  for (const char* text : {"1\r\nab\r\n0\r\n\r\n", "1\r\na0\r\n\r\n", "1\r\na\n0\r\n\r\n", "1\r\na\rx0\r\n\r\n",
                           "1\r\na\r\r\n0\r\n\r\n"}) {
    check_refused(text, "chunk data is not followed by CRLF");
  }
}

TEST_CASE("ChunkedReader: an extension is bounded and holds no control bytes") {
  const auto with_extension = [](std::string_view extension) {
    return std::string("1;").append(extension).append("\r\na\r\n0\r\n\r\n");
  };
  CHECK(read(with_extension(std::string(1000, 'e'))).problem.empty());
  check_refused(with_extension(std::string(2000, 'e')), "a chunk extension is too long");
  check_refused("1" + std::string(2000, ' ') + ";a\r\n", "a chunk extension is too long");
  check_refused(with_extension("a\nb"), "a chunk extension holds a control byte");
  check_refused(with_extension("a\x01"), "a chunk extension holds a control byte");
  check_refused(with_extension("a\rb"), "a chunk size line does not end in CRLF");
}

TEST_CASE("ChunkedReader: an extension has a name, and a quote in it is closed") {
  for (const char* extension :
       {"", " ", "\t", ";", ";;", "a;", "a; ", "a;;b", "=a", " =a", "\"a\"", "a=b;\"", "\xE9", "(a)"}) {
    check_refused(std::string("5;") + extension + "\r\nhello\r\n0\r\n\r\n", "a chunk extension has no name");
    check_refused(std::string("0;") + extension + "\r\n\r\n", "a chunk extension has no name");
  }
  for (const char* extension : {"a=\"", "a=\"b", "a=\"b\\\"", "a=\"b\\", "a=\"b\";c=\"", "a=\";b", "a\""}) {
    check_refused(std::string("5;") + extension + "\r\nhello\r\n0\r\n\r\n",
                  "a chunk extension has a quote that is not closed");
  }
  for (const char* extension : {"a", " a", "a=", "a=b", "a=\"\"", "a=\"\\\"\"", "a=\"b;;c\"", "a;b;c=d", "a ; b"}) {
    CHECK(read(std::string("5;") + extension + "\r\nhello\r\n0\r\n\r\n").sent == "5\r\nhello\r\n0\r\n\r\n");
  }
}

TEST_CASE("ChunkedReader: from the app a line may end in LF, and goes on with CRLF") {
  const auto chunks = ChunkedReader::Output::chunks;
  const std::string out = "5\r\nhello\r\n1\r\n!\r\n0\r\n";
  for (const std::string text :
       {"5\nhello\n1\n!\n0\n\n", "5\nhello\r\n1\r\n!\r\n0\r\n\r\n", "5\r\nhello\n1\r\n!\r\n0\r\n\n",
        "5\r\nhello\r\n1\r\n!\r\n0\n\r\n", "5;a\r\nhello\n01\n!\n0\nX: y\nHost: a\r\nZ:\x01\n\n"}) {
    const std::string trailers = text.find('X') == std::string::npos ? "" : "X: y\r\nZ:\x01\r\n";
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        const Reading reading = read(text, {first, second}, chunks, {}, true);
        REQUIRE_MESSAGE(reading.problem.empty(), text);
        REQUIRE(reading.sent == out + trailers + "\r\n");
        REQUIRE(reading.consumed == text.size());
        REQUIRE(reading.is_done);
      }
    }
    CHECK(read(text, {}, ChunkedReader::Output::bare, {}, true).sent == "hello!");
    CHECK_FALSE(read(text).problem.empty());
  }
  // In a quote LF is its end to some readers and a part of it to others; CR alone is neither anywhere.
  for (const char* text : {"5;a=\"\n\"\r\n", "5;a=\"\nhello\n", "5;a=\"\\\nhello\n", "5;\nhello\n", "5\rhello\r\n",
                           "5\nhello\r0\n\n", "0\n\r0", "0\nX: y\rZ: y\n\n"}) {
    CHECK_MESSAGE(!read(text, {}, chunks, {}, true).problem.empty(), text);
  }
  CHECK_FALSE(read(std::string_view("0\nX: \0\n\n", 9), {}, chunks, {}, true).problem.empty());
}

TEST_CASE("ChunkedReader: from the app blanks may follow a size, and LF an extension") {
  const auto chunks = ChunkedReader::Output::chunks;
  for (const std::string text : {"2   \r\nok\r\n0     \r\n\r\n", "2\t \nok\n0 \n\n", "2;x=1\nok\n0\n\n",
                                 "2 ; x=\"a;\" \nok\r\n0;last\n\r\n", "002 \r\nok\n000000 \r\n\n"}) {
    CAPTURE(text);
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        const Reading reading = read(text, {first, second}, chunks, {}, true);
        REQUIRE(reading.problem.empty());
        REQUIRE(reading.sent == "2\r\nok\r\n0\r\n\r\n");
        REQUIRE(reading.consumed == text.size());
        REQUIRE(reading.is_done);
      }
    }
    CHECK(read(text, {}, ChunkedReader::Output::bare, {}, true).sent == "ok");
    check_refused(text);
  }
  for (const char* text :
       {"2 2\r\nok\r\n", "2 \rok\r\n", " 2\r\nok\r\n", "2 x\r\nok\r\n", "2\x0B\r\nok\r\n", "2;x\rok\r\n"}) {
    CHECK_MESSAGE(!read(text, {}, chunks, {}, true).problem.empty(), text);
  }
  CHECK_FALSE(read("2" + std::string(2000, ' ') + "\r\n", {}, chunks, {}, true).problem.empty());
}

TEST_CASE("ChunkedReader: from the app any number of zeros may come before a size, within reason") {
  const auto chunks = ChunkedReader::Output::chunks;
  for (const std::size_t zeros : {1, 15, 16, 17, 64, 1000}) {
    const std::string text = std::string(zeros, '0') + "2\r\nok\r\n" + std::string(zeros, '0') + "0\r\n\r\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      REQUIRE(read(text, {cut}, chunks, {}, true).sent == "2\r\nok\r\n0\r\n\r\n");
    }
    if (zeros > 15) check_refused(text, "a chunk size has more than 16 digits");
  }
  CHECK(read(std::string(30, '0') + "7fffffffffffffff\r\nabc", {}, chunks, {}, true).sent == "7fffffffffffffff\r\nabc");
  CHECK(read(std::string(30, '0') + "8000000000000000\r\n", {}, chunks, {}, true).problem ==
        "a chunk size is too large");
  CHECK(read("10000000000000000\r\n", {}, chunks, {}, true).problem == "a chunk size is too large");
  CHECK(read(std::string(2000, '0'), {}, chunks, {}, true).problem == "a chunk size has more than 1024 digits");
}

TEST_CASE("ChunkedReader: trailers are field lines, within the limits") {
  for (const char* lines :
       {"A\r\n\r\n", " A: b\r\n\r\n", "A : b\r\n\r\n", ": b\r\n\r\n", "A: b\n\r\n", "A: b\r\n c\r\n\r\n",
        "A: \x01\r\n\r\n", "A: b\rC: d\r\n\r\n", "\rx", "\n\r\n", "A: b\r\n\n"}) {
    check_refused(std::string("0\r\n") + lines);
  }
  const HeadLimits limits{.head_bytes = 40, .target_bytes = 0, .fields = 2};
  const auto chunks = ChunkedReader::Output::chunks;
  CHECK(read("0\r\nA: b\r\nC: d\r\n\r\n", {}, chunks, limits).problem.empty());
  CHECK(read("0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n", {}, chunks, limits).problem ==
        "there are more trailer fields than limits.header_count");
  CHECK(read("0\r\nA: " + std::string(60, 'b'), {}, chunks, limits).problem ==
        "the trailers are longer than limits.header_size");
}

TEST_CASE("ChunkedReader: no trailer that could change framing, routing or identity goes on (RFC 9110 6.5.1)") {
  for (const char* name : {"Transfer-Encoding",
                           "content-length",
                           "HOST",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Expect",
                           "Authorization",
                           "Cookie",
                           "Set-Cookie",
                           "Content-Type",
                           "Content-Encoding",
                           "Content-Range",
                           "Range",
                           "Cache-Control",
                           "Forwarded",
                           "Location",
                           "X-Forwarded-For",
                           "X-Forwarded-Proto",
                           "X-Forwarded-Host"}) {
    CHECK_MESSAGE(read(std::string("0\r\nA: b\r\n") + name + ": x\r\n\r\n").sent == "0\r\nA: b\r\n\r\n", name);
  }
  CHECK(read("0\r\ngrpc-status: 0\r\nServer-Timing: db;dur=1\r\nETag: \"a\"\r\n\r\n").sent ==
        "0\r\ngrpc-status: 0\r\nServer-Timing: db;dur=1\r\nETag: \"a\"\r\n\r\n");
}

TEST_CASE("ChunkedReader: a reader that is used again keeps nothing of the body before") {
  ChunkedReader reader;
  for (int round = 0; round < 2; ++round) {
    reader.start(ChunkedReader::Output::chunks, {});
    std::string body = "1\r\na\r\n0\r\nX: y\r\n\r\n";
    const ChunkedReader::Step step = reader.feed(body);
    CHECK(std::string(step.forward).append(step.tail) == "1\r\na\r\n0\r\nX: y\r\n\r\n");
    reader.start(ChunkedReader::Output::chunks, {});
    std::string half = "5\r\nhe";
    reader.feed(half);
  }
}
