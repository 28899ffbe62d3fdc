#include <weir/app/learn_command.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "../../../src/app/log_line.h"

using namespace weir::app;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(WEIR_SOURCE_ROOT) / "tests" / "golden" / "learn";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Said {
  Exit exit = Exit::success;
  std::string out;
  std::string err;
};

Said learn_from(const std::string& log, bool prints_tags) {
  std::istringstream in(log);
  std::ostringstream out;
  std::ostringstream err;
  LearnOptions options;
  options.file = "some.log";
  options.prints_tags = prints_tags;
  Said said;
  said.exit = learn(options, in, out, err);
  said.out = out.str();
  said.err = err.str();
  return said;
}

}  // namespace

TEST_CASE("parse_log_line: reads the combined format and tabs") {
  const auto combined =
      parse_log_line(R"(::1 - bob [31/Jan/2026:09:30:00 +0000] "GET /a/b?c=d HTTP/1.1" 200 12 "-" "x")");
  REQUIRE(combined.has_value());
  CHECK(combined->method == "GET");
  CHECK(combined->path == "/a/b");
  CHECK(combined->status == 200);
  const auto tabs = parse_log_line("POST\thttp://example.org/a?b\t201\r");
  REQUIRE(tabs.has_value());
  CHECK(tabs->path == "/a");
  CHECK(tabs->status == 201);
  CHECK(parse_log_line("OPTIONS\t*\t204")->path == "*");
  CHECK(parse_log_line("GET\thttp://example.org\t200")->path == "/");
  CHECK(parse_log_line(R"(h - - [t] "GET /a\"b HTTP/1.1" 404 0)")->path == R"(/a\"b)");
  CHECK(parse_log_line(R"(h - al\"ice [t] "GET /a HTTP/1.1" 404 0)")->path == "/a");
  CHECK(parse_log_line(R"(h - - [t] "GET /a\\" 404 0)")->path == R"(/a\\)");
}

TEST_CASE("parse_log_line: everything else is no request") {
  for (const char* line :
       {"", "GET", "GET\t/a", "GET\t/a\tx", "GET\t/a\t99", "\t/a\t200", "G T\t/a\t200", "a \"-\" 400 0",
        "a \"\\x16\\x03\" 400 0", "a \"GET /a HTTP/1.1\" - 0", "\"GET /a HTTP/1.1"}) {
    CHECK_MESSAGE(!parse_log_line(line).has_value(), line);
  }
}

TEST_CASE("learn: a tag for every line, as the request was seen") {
  const Said said = learn_from("GET\t/users/1\t404\nGET\t/users/1\t200\nnonsense\nGET\t/users/2\t500\n", true);
  CHECK(said.out == "(unmatched)\nGET /users/{user_id}\n(unmatched)\nGET /users/{user_id}\n");
  CHECK(said.exit == Exit::success);
  CHECK(said.err.find("some.log: 1 of 4 lines are no requests, the first is line 3") != std::string::npos);
}

TEST_CASE("learn: a file without any request is a mistake") {
  CHECK(learn_from("a\nb\n", false).exit == Exit::usage);
  CHECK(learn_from("", false).exit == Exit::success);
}

TEST_CASE("learn: a line without end costs no memory") {
  const Said said = learn_from(std::string(10'000'000, 'x') + "\nGET\t/a\t200\n", true);
  CHECK(said.out == "(unmatched)\nGET /a\n");
}

TEST_CASE("learn: the golden log gives the golden routes and tags") {
  const std::string log = read(kFolder / "library.log");
  REQUIRE_FALSE(log.empty());
  CHECK(learn_from(log, false).out == read(kFolder / "library.routes"));
  CHECK(learn_from(log, true).out == read(kFolder / "library.tags"));
}
