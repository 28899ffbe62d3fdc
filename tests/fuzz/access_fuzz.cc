// Any head of a request to the admin API: nobody reads, logs in or changes anything without what that takes.
#include <string>

#include <weir/base/log.h>
#include <weir/http/head_parser.h>

#include "access.h"
#include "foreign_page.h"
#include "read_request.h"
#include "target.h"

using namespace weir;
using admin::Access;
using admin::Grant;
using admin::Role;

namespace {

// Longer than what is found by chance, and known to the corpus.
constexpr std::string_view kAdminToken = "admin-token-0123456789";
constexpr std::string_view kViewerToken = "viewer-token-0123456789";
constexpr std::size_t kHeadBytes = 8 * 1024;
const stats::Moment kNow{TimePoint(1000s), WallTime(1'800'000'000s)};

admin::AdminOptions guarded() {
  admin::AdminOptions options;
  options.tokens = {{std::string(kAdminToken), "ops", Grant::admin},
                    {std::string(kViewerToken), "grafana", Grant::viewer}};
  return options;
}

bool is_admitted(Access& access, admin::Request request, Role role) { return !access.refuse(request, role, kNow); }

void check_guarded(const admin::Request& request) {
  // A new one each time, so that no input is judged by what others did.
  Access access(guarded());
  const std::string_view presented = admin::credential_of(request);
  const bool is_admin = presented == kAdminToken;
  const bool is_anybody = is_admin || presented == kViewerToken;
  const bool asks = request.asks_for_cors;
  WEIR_CHECK(is_admitted(access, request, Role::read) == (is_anybody && !asks), "who may look is who holds a token");
  WEIR_CHECK(is_admitted(access, request, Role::change) == (is_admin && !asks),
             "who may change is who holds that token");
}

void check_open(const admin::Request& request) {
  Access access{admin::AdminOptions()};
  const bool changes = is_admitted(access, request, Role::change);
  WEIR_CHECK(!changes || admin::foreign_sign(request, true, {}) == admin::ForeignSign::none, "a foreign page changed something");
  WEIR_CHECK(!changes || is_admitted(access, request, Role::read), "who may change may look");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const admin::AdminFields fields;
  static const bool is_quiet = (log::configure(log::Level::error, log::Format::text), true);
  WEIR_CHECK(is_quiet, "refusals are not what is looked for");
  http::HeadParser parser(fields.table, {.head_bytes = kHeadBytes});
  if (parser.parse_request(fuzz::text_of(data, size)) != http::Parse::complete) return 0;
  const admin::Request request = admin::read_request(parser.request(), fields, "192.0.2.1");
  check_guarded(request);
  check_open(request);
  return 0;
}
