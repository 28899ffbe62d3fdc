#include "own_names.h"

#include <doctest/doctest.h>

using namespace weir;
using admin::OwnNames;

TEST_CASE("OwnNames: addresses and names of this machine are weir's own, with any port") {
  const OwnNames names({.kind = net::Endpoint::Kind::tcp, .host = "admin.local", .port = 9900, .path = {}},
                       {"weir.internal"});
  for (const char* own : {"", "localhost", "LOCALHOST:9900", "127.0.0.1", "127.0.0.1:9900", "[::1]:9900", "[::1]",
                          "10.1.2.3", "weir.internal", "WEIR.internal:443", "admin.local:9900"}) {
    CAPTURE(own);
    CHECK(names.hold(own));
  }
  for (const char* foreign : {"evil.example", "evil.example:9900", "localhost.evil.example", "127.0.0.1.nip.io",
                              "weir.internal.evil.example", "xweir.internal", ":9900", "[", "[]", "0x7f.1", "127.1"}) {
    CAPTURE(foreign);
    CHECK_FALSE(names.hold(foreign));
  }
}
