#pragma once

#include <weir/base/method.h>

#include "message.h"

namespace weir::admin {

/// Whether a page of another origin makes the call through a browser, as far as the browser says so: `Origin`, and
/// `Sec-Fetch-Site` with `Sec-Fetch-Mode` (W3C Fetch Metadata). A link from elsewhere may open what only looks;
/// `changes`: nothing from elsewhere may make the call. A page of the same machine at another port is elsewhere too.
bool is_from_foreign_page(const Request& request, bool changes);

}  // namespace weir::admin
