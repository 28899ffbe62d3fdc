#pragma once

#include <string>

#include <weir/export/performance_json.h>
#include <weir/judge/health.h>

namespace weir::admin {

struct FrontPage {
  exporter::Picture picture;  ///< over the last five minutes
  judge::Health health;
  std::string version;
};

/// `GET /`: health, the key figures and the busiest routes as plain HTML that renews itself, with the calls of the API.
/// No script, no style, nothing from elsewhere.
std::string front_page_html(const FrontPage& page);

}  // namespace weir::admin
