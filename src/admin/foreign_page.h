#pragma once

#include "message.h"

#include <cstdint>
#include <span>
#include <string>

#include <weir/base/method.h>

namespace weir::admin {

/// By what a call is seen to be made by a page of another origin.
enum class ForeignSign : std::uint8_t {
  none,        ///< it is weir's own page, or no browser
  origin,      ///< `Origin` is neither the host that is called nor one of `admin.hosts`
  fetch_site,  ///< `Sec-Fetch-Site` and `Sec-Fetch-Mode` (W3C Fetch Metadata)
};

/// Whether a page of another origin makes the call through a browser, as far as the browser says so. A link from
/// elsewhere may open what only looks; `changes`: nothing from elsewhere may make the call. A page of the same machine
/// at another port is elsewhere too. `hosts`: those of `admin.hosts`, by which a proxy in front of the page is called;
/// an Origin of one of them is the operator's own, whatever Host the proxy sends.
ForeignSign foreign_sign(const Request& request, bool changes, std::span<const std::string> hosts);

/// The host of an Origin, without its port: what could stand in `admin.hosts`. Empty where there is none.
std::string_view host_of_origin(std::string_view origin);

}  // namespace weir::admin
