#include "shape.h"

#include <algorithm>
#include <utility>

#include "head_writer.h"

namespace weir::proto::http1 {
Shape::Shape(proxy::PlanPtr from) : plan(std::move(from)) {
  const stats::MeasureOptions& measure = plan->measure;
  limits = {.head_bytes = plan->limits.header_size,
            .target_bytes = plan->limits.uri_size,
            .fields = plan->limits.header_count};
  trusted_proxies = TrustedProxies(measure.trusted_proxies);
  response_time = table.add(measure.response_time_header);
  request_id = table.add(measure.request_id_header);
  request_start = table.add(measure.request_start_header);
  hop = table.add(kHopHeader);
  const auto field_of = [this](const stats::IdentityOptions& identity) {
    return table.add(identity.jwt_claim.empty() ? std::string_view(identity.header) : "Authorization");
  };
  user = field_of(measure.user);
  tenant = field_of(measure.tenant);
  std::uint8_t place = 0;
  for (const std::string& header : measure.cache_headers) {
    std::uint8_t& rank = says[static_cast<std::uint8_t>(table.add(header))];
    ++place;
    if (rank == 0) rank = place;
  }
  says[static_cast<std::uint8_t>(http::FieldId::server_timing)] =
      measure.server_timing == stats::ServerTimingUse::off ? 0 : kSaysTiming;
  says[static_cast<std::uint8_t>(http::FieldId::other)] = 0;
  for (const std::string& agent : measure.ignore_user_agents) {
    if (!agent.empty()) begins_probe[static_cast<unsigned char>(agent.front())] = true;
  }
}

bool Shape::is_probe(std::string_view path, std::string_view user_agent) const {
  const stats::MeasureOptions& measure = plan->measure;
  if (std::find(measure.ignore.begin(), measure.ignore.end(), path) != measure.ignore.end()) return true;
  if (user_agent.empty() || !begins_probe[static_cast<unsigned char>(user_agent.front())]) return false;
  return std::any_of(measure.ignore_user_agents.begin(), measure.ignore_user_agents.end(),
                     [&](const std::string& agent) { return user_agent.starts_with(agent); });
}

}  // namespace weir::proto::http1
