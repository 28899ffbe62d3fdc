#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>
#include <weir/proxy/plan.h>

#include "trusted_proxies.h"

namespace weir::proto::http1 {

/// What HTTP/1 needs of the Plan, in the form the hot path wants it. Immutable.
struct Shape {
  explicit Shape(proxy::PlanPtr plan);

  /// Forwarded, but left out of the figures.
  bool is_probe(std::string_view path, std::string_view user_agent) const;

  proxy::PlanPtr plan;
  http::FieldTable table;
  http::HeadLimits limits;
  TrustedProxies trusted_proxies;
  http::FieldId response_time;  ///< FieldId::other where the configuration names none
  http::FieldId request_id;
  http::FieldId request_start;
  http::FieldId user;
  http::FieldId tenant;
  http::FieldId hop;            ///< weir's own mark: see kHopHeader
  /// By FieldId of an answer's field: 0 where it says nothing, kSaysTiming, else its place in `cache_headers` from 1.
  std::array<std::uint8_t, 256> says{};
  static constexpr std::uint8_t kSaysTiming = 255;
  std::array<bool, 256> begins_probe{};  ///< first bytes of the User-Agents that are probes
};

}  // namespace weir::proto::http1
