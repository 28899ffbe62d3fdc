#include <weir/proxy/access_log.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>

#include <unistd.h>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proxy;

namespace {

/// A file of its own, gone at the end.
struct TemporaryFile {
  TemporaryFile() {
    char name[] = "/tmp/weir-access-XXXXXX";
    const int fd = ::mkstemp(name);
    REQUIRE(fd >= 0);
    ::close(fd);
    path = name;
  }
  ~TemporaryFile() { std::remove(path.c_str()); }

  std::string text() const {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  std::string path;
};

Exchange finished() {
  Exchange exchange;
  const TimePoint start = TimePoint() + 1h;
  exchange.at.first_byte = start;
  exchange.at.upstream_asked = start + 1ms;
  exchange.at.response_last = start + 4ms;
  exchange.method = Method::get;
  exchange.status = 200;
  exchange.bytes_in = 3;
  exchange.bytes_out = 512;
  exchange.texts.client = "10.0.0.1";
  exchange.texts.path = "/a/b";
  exchange.texts.request_id = "4f2a";
  exchange.user_agent = "curl/8";
  exchange.route = RouteId(1);
  return exchange;
}

stats::Record record_of(Nanos duration) {
  stats::Record record;
  record.duration_ns = duration.count();
  record.phases.wait = 3e6F;
  return record;
}

std::string logged(log::Format format, const Exchange& exchange, std::string_view server = "http://127.0.0.1:3000") {
  const TemporaryFile file;
  {
    auto log = AccessLog::open(file.path, format);
    REQUIRE(log.is_ok());
    AccessLogWriter writer(*log.value());
    writer.learn_names({"", "/a/{id}"});
    writer.add(exchange, record_of(5ms), server);
  }
  return file.text();
}

}  // namespace

TEST_CASE("AccessLog: a text line is the combined format, then duration, the app's part, the request id") {
  const std::string line = logged(log::Format::text, finished());
  CHECK_MESSAGE(
      std::regex_match(
          line,
          std::regex("10\\.0\\.0\\.1 - - \\[\\d\\d/[A-Z][a-z][a-z]/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\] "
                     "\"GET /a/b HTTP/1\\.1\" 200 512 \"-\" \"curl/8\" 0\\.005000 0\\.003000 4f2a \"/a/\\{id\\}\" "
                     "http://127\\.0\\.0\\.1:3000 -\n")),
      line);
}

TEST_CASE("AccessLog: what is unknown is a dash, an odd method is written as it came") {
  Exchange exchange = finished();
  exchange.texts = {};
  exchange.texts.method = "PURGE";
  exchange.method = Method::other;
  exchange.user_agent = {};
  exchange.at.response_last = exchange.at.upstream_asked = TimePoint();
  exchange.route = kUnmatchedRoute;
  const std::string line = logged(log::Format::text, exchange, {});
  CHECK(line.starts_with("- - - ["));
  CHECK(line.ends_with("\"PURGE - HTTP/1.1\" 200 512 \"-\" \"-\" 0.005000 0.000000 - \"(unmatched)\" - -\n"));
}

TEST_CASE("AccessLog: a request that is cut short was with the app until its end; HTTP/1.0 is named") {
  Exchange exchange = finished();
  exchange.minor_version = 0;
  exchange.at.response_last = TimePoint();
  exchange.at.last_byte_given = exchange.at.upstream_asked + 4ms;
  const std::string line = logged(log::Format::text, exchange);
  CHECK_MESSAGE(line.find("\"GET /a/b HTTP/1.0\" 200 512 \"-\" \"curl/8\" 0.005000 0.004000 ") != std::string::npos, line);
}

TEST_CASE("AccessLog: nothing that a client sends can break out of its quotes or its line") {
  Exchange exchange = finished();
  exchange.user_agent = "a\"b\\c\n\x7F\xE9";
  exchange.texts.user = "u\"v w";
  exchange.texts.request_id = "id\n\"x";
  const std::string line = logged(log::Format::text, exchange);
  CHECK(line.find("\"a\\x22b\\x5Cc\\x0A\\x7F\\xE9\"") != std::string::npos);
  CHECK(line.find("u\\x22v") != std::string::npos);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  CHECK(std::count(line.begin(), line.end(), '"') == 8);
}

TEST_CASE("AccessLog: JSON has the same facts under their names, one object a line") {
  Exchange exchange = finished();
  exchange.fault = Fault::client_aborted;
  exchange.user_agent = "a\"b\n";
  const std::string line = logged(log::Format::json, exchange);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  for (const char* part :
       {"\"client\":\"10.0.0.1\"", "\"method\":\"GET\"", "\"path\":\"/a/b\"", "\"status\":200", "\"bytes_in\":3",
        "\"bytes_out\":512", "\"duration\":0.005", "\"upstream_duration\":0.003", "\"fault\":\"client_aborted\"",
        "\"request_id\":\"4f2a\"", "\"user_agent\":\"a\\\"b\\n\"", "\"route\":\"/a/{id}\"",
        "\"upstream\":\"http://127.0.0.1:3000\"", "\"trace_id\":null", "\"wait\":0.003", "\"connect\":0,"}) {
    CHECK_MESSAGE(line.find(part) != std::string::npos, part, " in ", line);
  }
}

TEST_CASE("AccessLog: lines of many writers are appended whole, and none is lost") {
  const TemporaryFile file;
  {
    auto log = AccessLog::open(file.path, log::Format::text);
    REQUIRE(log.is_ok());
    AccessLogWriter one(*log.value());
    AccessLogWriter two(*log.value());
    for (int i = 0; i < 500; ++i) {
      one.add(finished(), record_of(1ms), {});
      two.add(finished(), record_of(1ms), {});
    }
  }
  const std::string text = file.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1000);
}

TEST_CASE("AccessLog: after reopen lines go to a new file under the old name") {
  const TemporaryFile file;
  const std::string moved = file.path + ".1";
  {
    auto log = AccessLog::open(file.path, log::Format::text);
    REQUIRE(log.is_ok());
    log.value()->put("first\n");
    // The writer has taken the first line once it is in the file.
    while (file.text() != "first\n") std::this_thread::yield();
    REQUIRE(std::rename(file.path.c_str(), moved.c_str()) == 0);
    log.value()->reopen();
    while (::access(file.path.c_str(), F_OK) != 0) std::this_thread::yield();
    log.value()->put("second\n");
  }
  CHECK(file.text() == "second\n");
  std::remove(moved.c_str());
}

TEST_CASE("AccessLog: lines go where the last change says, and nowhere while it is off") {
  const TemporaryFile first, second;
  {
    auto log = AccessLog::open(first.path, log::Format::text);
    REQUIRE(log.is_ok());
    log.value()->put("one\n");
    while (first.text() != "one\n") std::this_thread::yield();
    REQUIRE_FALSE(log.value()->change_to("/does/not/exist/access.log", log::Format::json));
    CHECK(log.value()->format() == log::Format::text);
    REQUIRE(log.value()->change_to(second.path, log::Format::json));
    CHECK(log.value()->format() == log::Format::json);
    // Until the writer has switched, lines may still go to the first.
    while (second.text().empty()) log.value()->put("two\n");
    log.value()->turn_off();
    log.value()->reopen();
    std::string before;
    do {
      before = second.text();
      log.value()->put("lost\n");
      std::this_thread::sleep_for(1ms);
    } while (second.text() != before);
    REQUIRE(log.value()->change_to(first.path, log::Format::text));
    log.value()->put("three\n");
  }
  CHECK(first.text().starts_with("one\n"));
  CHECK(first.text().ends_with("three\n"));
  CHECK(second.text().starts_with("two\n"));
}

TEST_CASE("AccessLog: lines that a full disk does not take are counted") {
  auto log = AccessLog::open("/dev/full", log::Format::text);
  REQUIRE(log.is_ok());
  log.value()->put("one\ntwo\n");
  const TimePoint limit = Clock::now() + 60s;
  while (log.value()->dropped_lines() == 0 && Clock::now() < limit) std::this_thread::yield();
  CHECK(log.value()->dropped_lines() == 2);
}

TEST_CASE("AccessLog: a path that cannot be opened is named with the reason") {
  const auto log = AccessLog::open("/does/not/exist/access.log", log::Format::text);
  REQUIRE_FALSE(log.is_ok());
  CHECK(log.error().message.find("/does/not/exist/access.log: No such file or directory") != std::string::npos);
}

TEST_CASE("AccessLog: a route keeps its name when the table that has it is replaced by one that does not") {
  const TemporaryFile file;
  {
    auto log = AccessLog::open(file.path, log::Format::text);
    REQUIRE(log.is_ok());
    AccessLogWriter writer(*log.value());
    writer.learn_names({"", "/a/{id}", "/b"});
    writer.learn_names({"", "", "/c"});
    Exchange exchange = finished();
    exchange.texts.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    writer.add(exchange, record_of(1ms), "unix:/run/app.sock");
    exchange.route = RouteId(2);
    writer.add(exchange, record_of(1ms), {});
  }
  CHECK(file.text().find(" \"/a/{id}\" unix:/run/app.sock 4bf92f3577b34da6a3ce929d0e0e4736\n") != std::string::npos);
  CHECK(file.text().find(" \"/c\" - 4bf92f3577b34da6a3ce929d0e0e4736\n") != std::string::npos);
}
