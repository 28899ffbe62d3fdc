#include "tap_line.h"

#include <cstdlib>
#include <ctime>

#include <doctest/doctest.h>

#include "terminal.h"

using namespace weir;
using namespace weir::verbs;

TEST_CASE("tap_line: a request in one line, whatever is in it") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const Json request = Json::parse(R"({"timestamp":"2026-01-31T09:30:00.123Z","method":"GET","path":"/p/\u001b[2J",
      "status":503,"duration":1.21,"phases":{"wait":1.19},"client":"127.0.0.1","user":"ada\n","fault":"connect_failed"})")
                           .value();
  CHECK(
      printed({tap_heading(), tap_line(request)}, false) ==
      "TIME (UTC)    STATUS  DURATION  REQUEST                               WHERE THE TIME WENT                 WHO\n"
      "09:30:00.123     503    1.21 s  GET /p/\\x1b[2J                        wait 1.19 s                         "
      "127.0.0.1 ada\\x0a  connect_failed\n");
  CHECK(printed({cut(tap_line(request), 30)}, false) == "09:30:00.123     503    1.21 …\n");
  CHECK(printed({tap_line(Json())}, false).starts_with("-                  -         -"));
}
