#include "foreign_page.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace weir;
using admin::foreign_sign;
using admin::ForeignSign;

namespace {

bool is_from_foreign_page(const admin::Request& request, bool changes, const std::vector<std::string>& hosts = {}) {
  return foreign_sign(request, changes, hosts) != ForeignSign::none;
}

admin::Request for_host(const char* host) {
  admin::Request request;
  request.host = host;
  return request;
}

}  // namespace

TEST_CASE("ForeignPage: a program that is no browser says nothing and is none") {
  CHECK_FALSE(is_from_foreign_page(for_host("localhost:9900"), true));
}

TEST_CASE("ForeignPage: the origin must be the host that is called, to the letter but for its case") {
  admin::Request request = for_host("Localhost:9900");
  for (const char* own : {"http://localhost:9900", "https://localhost:9900"}) {
    request.origin = own;
    CHECK_FALSE(is_from_foreign_page(request, true));
  }
  for (const char* foreign : {"http://evil.example", "null", "http://localhost:3000", "http://xlocalhost:9900",
                              "ftp://localhost:9900", "http://evil.example//localhost:9900", "localhost:9900"}) {
    CAPTURE(foreign);
    request.origin = foreign;
    CHECK(is_from_foreign_page(request, true));
    CHECK_FALSE(is_from_foreign_page(request, false));
  }
}

TEST_CASE("ForeignPage: another site may link here, and neither embed nor change anything") {
  admin::Request request = for_host("localhost:9900");
  for (const char* site : {"cross-site", "same-site", "anything-new"}) {
    CAPTURE(site);
    request.fetch_site = site;
    request.fetch_mode = "navigate";
    CHECK_FALSE(is_from_foreign_page(request, false));
    CHECK(is_from_foreign_page(request, true));
    request.fetch_mode = "no-cors";
    CHECK(is_from_foreign_page(request, false));
  }
  for (const char* site : {"same-origin", "none"}) {
    request.fetch_site = site;
    CHECK_FALSE(is_from_foreign_page(request, true));
  }
}

TEST_CASE("ForeignPage: an origin whose host admin.hosts names is the operator's own, whatever Host a proxy sends") {
  const std::vector<std::string> hosts = {"weir.internal", "mon.example"};
  for (const char* host : {"127.0.0.1:9900", "localhost:9900", "weir_upstream", "mon.example", ""}) {
    CAPTURE(host);
    admin::Request request = for_host(host);
    for (const char* own : {"https://mon.example", "http://mon.example:8443", "https://MON.example"}) {
      CAPTURE(own);
      request.origin = own;
      CHECK_FALSE(is_from_foreign_page(request, true, hosts));
    }
    for (const char* foreign :
         {"https://evil.example", "https://mon.example.evil.example", "https://xmon.example", "https://example",
          "https://mon.example:80@evil.example", "https://mon.example@evil.example",
          "https://mon.example:", "https://mon.example:80/", "https://mon.example/", "ftp://mon.example", "mon.example",
          "null", "https://", "https://:443", "http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"}) {
      CAPTURE(foreign);
      request.origin = foreign;
      CHECK(foreign_sign(request, true, hosts) == ForeignSign::origin);
    }
  }
}

TEST_CASE("ForeignPage: what the browser says of the site counts for an origin of admin.hosts too") {
  const std::vector<std::string> hosts = {"mon.example"};
  admin::Request request = for_host("127.0.0.1:9900");
  request.origin = "https://mon.example";
  request.fetch_site = "same-origin";
  CHECK_FALSE(is_from_foreign_page(request, true, hosts));
  for (const char* site : {"same-site", "cross-site"}) {
    request.fetch_site = site;
    CHECK(foreign_sign(request, true, hosts) == ForeignSign::fetch_site);
  }
}
