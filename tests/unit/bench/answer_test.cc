#include "../../../bench/generator/answer.h"

#include <string>

#include <doctest/doctest.h>

using generator::Answer;

namespace {

/// Fed whole, then byte by byte: the outcome has to be the same.
void check_done(const std::string& bytes, int status, std::uint64_t body, bool closes) {
  for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
    Answer answer;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      CHECK_FALSE(answer.is_done());
      answer.feed(std::string_view(bytes).substr(at, step));
    }
    CHECK(answer.is_done());
    CHECK(answer.status() == status);
    CHECK(answer.body_bytes() == body);
    CHECK(answer.closes() == closes);
  }
}

}  // namespace

TEST_CASE("Answer: a length ends the body") {
  check_done("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, 5, false);
  check_done("HTTP/1.1 404 Not Found\r\ncontent-length:3\r\nConnection: Close\r\n\r\nno!", 404, 3, true);
  check_done("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, 0, false);
  check_done("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, 2, true);
}

TEST_CASE("Answer: chunks count without their framing, with extensions and trailers") {
  check_done(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
      200, 15, false);
}

TEST_CASE("Answer: an interim answer is not the answer, and 204 and 304 have no body") {
  check_done("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, 0, false);
  check_done("HTTP/1.1 304 Not Modified\r\nContent-Length: 17\r\n\r\n", 304, 0, false);
}

TEST_CASE("Answer: without a length the connection's end is the end; with one it is a cut") {
  Answer until_close;
  until_close.feed("HTTP/1.1 200 OK\r\n\r\nsome");
  until_close.feed(" more");
  CHECK_FALSE(until_close.is_done());
  until_close.end_with_connection();
  CHECK(until_close.is_done());
  CHECK(until_close.body_bytes() == 9);
  CHECK(until_close.closes());

  Answer cut;
  cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  cut.end_with_connection();
  CHECK(cut.is_broken());
}

TEST_CASE("Answer: what is no answer is broken") {
  Answer answer;
  answer.feed("SSH-2.0-x\r\n\r\n");
  CHECK(answer.is_broken());
}
