#include <weir/base/log.h>

#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace weir;

namespace {

/// What one line says of a field.
std::string logged(log::Format format, std::string_view value) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  log::configure(log::Level::info, format, ends[1]);
  log::info("something", {{"field", value}});
  log::configure(log::Level::info, log::Format::text, STDERR_FILENO);
  char buffer[1024];
  const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  ::close(ends[1]);
  REQUIRE(size > 0);
  const std::string line(buffer, static_cast<std::size_t>(size));
  CHECK(line.find('\n') == line.size() - 1);
  return line.substr(line.find("field"));
}

}  // namespace

TEST_CASE("log: a value that is one word stands as it is") {
  CHECK(logged(log::Format::text, "http://127.0.0.1:3000") == "field=http://127.0.0.1:3000\n");
  CHECK(logged(log::Format::text, "caf\u00e9") == "field=caf\u00e9\n");
}

TEST_CASE("log: nothing that a stranger chose ends a value or a line, or commands a terminal") {
  CHECK(logged(log::Format::text, "") == "field=\"\"\n");
  CHECK(logged(log::Format::text, "two words") == "field=\"two words\"\n");
  CHECK(logged(log::Format::text, "a\nb\"c\\") == "field=\"a\\nb\\\"c\\\\\"\n");
  CHECK(logged(log::Format::text, "\x1B[2J\x07\x7F") == "field=\"\\u001b[2J\\u0007\\u007f\"\n");
  CHECK(logged(log::Format::json, "\x1B[2J") == "field\":\"\\u001b[2J\"}\n");
}
