#include "trusted_proxies.h"

#include <string>

#include <doctest/doctest.h>

#include <weir/http/head_parser.h>

using namespace weir;
using namespace weir::proto::http1;

namespace {

/// Whom a request with these fields comes from, where a trusted proxy at 10.0.0.9 brought it.
std::string client(const std::vector<std::string>& trusted, const std::string& fields) {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  REQUIRE(parser.parse_request(head) == http::Parse::complete);
  return std::string(TrustedProxies(trusted).client_of(parser.request(), "10.0.0.9"));
}

}  // namespace

TEST_CASE("TrustedProxies: who is in a named network is trusted, nobody else") {
  const TrustedProxies some({"10.0.0.0/8", "2001:db8::/32"});
  CHECK(some.is_named());
  CHECK(some.trusts("10.1.2.3"));
  CHECK(some.trusts("2001:db8::5"));
  CHECK_FALSE(some.trusts("11.1.2.3"));
  CHECK_FALSE(some.trusts("unix:"));
  CHECK_FALSE(some.trusts(""));
  CHECK(TrustedProxies({"unix:"}).trusts("unix:"));
  const TrustedProxies none({"none"});
  CHECK(none.is_named());
  CHECK_FALSE(none.trusts("127.0.0.1"));
  CHECK_FALSE(TrustedProxies(std::vector<std::string>()).is_named());
}

TEST_CASE("TrustedProxies: the client is the right-most address that is no trusted proxy's") {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  CHECK(client(trusted, "") == "10.0.0.9");
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For: 198.51.100.1, 203.0.113.5\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5 ,\t10.0.0.2,10.0.0.1\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: 10.0.0.1\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n") == "10.0.0.3");
  CHECK(client(trusted, "x-forwarded-for: 2001:db8::7\r\n") == "2001:db8::7");
}

TEST_CASE("TrustedProxies: ports are left out, empty elements do not count") {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5:4711\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For: [2001:db8::7]:4711\r\n") == "2001:db8::7");
  CHECK(client(trusted, "X-Forwarded-For: , 203.0.113.5,, ,\r\n") == "203.0.113.5");
  CHECK(client(trusted, "X-Forwarded-For:\r\n") == "10.0.0.9");
}

TEST_CASE("TrustedProxies: what lies left of something that is no address is not believed") {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5, unknown, 10.0.0.1\r\n") == "10.0.0.1");
  CHECK(client(trusted, "X-Forwarded-For: 203.0.113.5, [10.0.0.1\r\n") == "10.0.0.9");
  CHECK(client(trusted, "X-Forwarded-For: <script>\r\n") == "10.0.0.9");
}
