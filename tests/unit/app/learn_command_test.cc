#include "../../../src/app/log_line.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <zlib.h>

#include <weir/app/learn_command.h>

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

std::optional<LoggedRequest> parse_log_line(std::string_view line) {
  static LogLineReader reader;
  return reader.read(line);
}

/// As gzip writes it.
std::string zipped(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string copy = text;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
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
  for (const char* line : {"",
                           "GET",
                           "GET\t/a",
                           "GET\t/a\tx",
                           "GET\t/a\t99",
                           "\t/a\t200",
                           "G T\t/a\t200",
                           "a \"-\" 400 0",
                           "a \"\\x16\\x03\" 400 0",
                           "a \"GET /a HTTP/1.1\" - 0",
                           "\"GET /a HTTP/1.1",
                           "a \"hello world\" 400 0",
                           "hello\tworld\t200",
                           "GET\ta/b\t200",
                           "GET\t://x\t200",
                           "a \"GET /a\" \"POST b HTTP/1.1\" 200",
                           "{}",
                           "{\"method\":\"GET\",\"path\":\"/a\"}",
                           "{\"method\":\"GET\",\"path\":\"a\",\"status\":200}",
                           "{\"method\":\"GET\",\"path\":\"/a\",\"status\":20}",
                           "{\"method\":\"GET\",\"path\":\"/a\",\"status\":200",
                           "[\"GET\"]"}) {
    CHECK_MESSAGE(!parse_log_line(line).has_value(), line);
  }
}

TEST_CASE("parse_log_line: the first field in quotes that reads as a request counts, wherever it stands") {
  for (const char* line :
       {R"("www.example.org" 10.0.0.1 - - [t] "GET /a HTTP/1.1" 200 12 "-" "x")",
        R"(h "al ice" "-" [t] "GET /a?x HTTP/2.0" 200 1)", R"("GET /a HTTP/1.1" 200 "POST /b HTTP/1.1" 404)",
        R"(h a"b [t] "GET /a HTTP/1.1" 200 1 "-" "x")", "h - - [t] \"GET /a HTTP/1.1\" 200 1 \"-\" \"agent\twith tab\"",
        "\"h\"\t\"GET /a HTTP/1.1\"\t200\t1", "h\t\"GET /a HTTP/1.1\"\t200", "GET\t/a\t200\t\"agent\"",
        R"(h "GET https://x/a HTTP/1.1" 200)"}) {
    const auto request = parse_log_line(line);
    REQUIRE_MESSAGE(request.has_value(), line);
    CHECK(request->method == "GET");
    CHECK(request->path == "/a");
    CHECK(request->status == 200);
  }
  CHECK(parse_log_line(R"("CONNECT a.example:443 HTTP/1.1" 501 0)")->path == "a.example:443");
  CHECK(parse_log_line(R"("GET /stra\xC3\x9Fe\x2 HTTP/1.1" 200 0)")->path ==
        "/stra\xC3\x9F"
        "e\\x2");
}

TEST_CASE("parse_log_line: weir's own JSON is read") {
  const auto request =
      parse_log_line(R"({"time":"2026-11-30T00:00:00Z","client":"::1","user":"GET /x HTTP/1.1","method":"POST",)"
                     R"("path":"/a\u002fb\"c","status":201,"bytes_in":0,"fault":"none","phases":{"path":"/no"}})");
  REQUIRE(request.has_value());
  CHECK(request->method == "POST");
  CHECK(request->path == "/a/b\"c");
  CHECK(request->status == 201);
  CHECK(parse_log_line(R"( {"status":"404","path":"*","method":"OPTIONS"} )")->status == 404);
}

TEST_CASE("learn: gzip is read like the plain text, several members too") {
  const std::string log = read(kFolder / "library.log");
  const std::size_t half = log.find('\n', log.size() / 2) + 1;
  CHECK(learn_from(zipped(log), true).out == read(kFolder / "library.tags"));
  CHECK(learn_from(zipped(log.substr(0, half)) + zipped("") + zipped(log.substr(half)), true).out ==
        read(kFolder / "library.tags"));
  CHECK(learn_from(zipped(log) + std::string(100, '\0'), true).exit == learn_from(log, true).exit);
  CHECK(learn_from(zipped(""), false).exit == Exit::success);
  const Said large = learn_from(zipped(std::string(30'000'000, 'x') + "\nGET\t/a\t200\n"), true);
  CHECK(large.out == "(unmatched)\nGET /a\n");
}

TEST_CASE("learn: damaged gzip is said, after what could be read") {
  const std::string whole = zipped("GET\t/a\t200\n" + std::string(200'000, 'y') + "\n");
  const Said cut = learn_from(whole.substr(0, whole.size() - 9), true);
  CHECK(cut.exit == Exit::usage);
  CHECK(cut.err.find("some.log: the gzip data ends in the middle after") != std::string::npos);
  CHECK(cut.out.starts_with("GET /a\n"));
  std::string odd = whole;
  odd[odd.size() - 6] = static_cast<char>(odd[odd.size() - 6] ^ 1);
  CHECK(learn_from(odd, true).err.find("the gzip data is damaged") != std::string::npos);
  CHECK(learn_from("\x1F\x8Bnot gzip at all", true).err.find("damaged") != std::string::npos);
  CHECK(learn_from("\x1F", true).err.find("no requests") != std::string::npos);
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

TEST_CASE("learn: one request is one request, and one route one route") {
  CHECK(learn_from("GET\t/books\t200\n", false).out.ends_with("\n1 request: 1 in 1 route, 0 (unmatched)\n"));
}
