#include <weir/stats/measure_options.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/network.h>

namespace weir::stats {
namespace {

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  const auto is_token_char = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

/// What decides how a message is read or where it goes is not for weir to set.
bool is_framing(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kFraming = {
      "Content-Length", "Transfer-Encoding", "Connection", "Host",    "Upgrade",
      "Keep-Alive",     "Proxy-Connection",  "TE",         "Trailer", "Expect"};
  return std::any_of(kFraming.begin(), kFraming.end(),
                     [&](std::string_view framing) { return equals_ignoring_case(framing, name); });
}

/// The name of a header, or empty.
std::string read_header(Settings& settings, std::string_view key, const std::string& current, std::string_view mend) {
  std::string name = settings.text(key, current);
  if (name.empty()) return name;
  if (!is_token(name)) {
    settings.problem(key, fmt::format("\"{}\" is no header name", name), std::string(mend));
    return current;
  }
  if (is_framing(name)) {
    settings.problem(key, fmt::format("\"{}\" frames or routes the message itself", name), "name another header");
    return current;
  }
  return name;
}

void check_trusted_proxies(Settings& settings, const std::vector<std::string>& proxies) {
  for (std::size_t i = 0; i < proxies.size(); ++i) {
    const std::string key = fmt::format("trusted_proxies[{}]", i);
    if (proxies[i] == "none") {
      if (proxies.size() > 1) {
        settings.problem(key, "there are others beside \"none\"", "write none alone, or leave it out");
      }
      continue;
    }
    if (proxies[i] == "unix:") continue;
    const Result<Network> network = Network::parse(proxies[i]);
    if (!network) {
      settings.problem(key, network.error().message, fmt::format("write {}, unix: or none", Network::kForms));
    }
  }
}

constexpr std::string_view kWrittenHeader = "write a name such as X-Request-Id, or \"\" for off";
constexpr std::string_view kReadHeader = "write a name such as X-User-Id";

void check_cache_headers(Settings& settings, const std::vector<std::string>& headers) {
  constexpr std::size_t kMaxCacheHeaders = 16;
  if (headers.size() > kMaxCacheHeaders) {
    settings.problem("cache_headers", fmt::format("there are {} names", headers.size()),
                     fmt::format("name {} at most", kMaxCacheHeaders));
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (is_token(headers[i])) continue;
    settings.problem(fmt::format("cache_headers[{}]", i), fmt::format("\"{}\" is no header name", headers[i]),
                     "write a name such as X-Cache");
  }
}

}  // namespace

void IdentityOptions::read(Settings& settings) {
  header = read_header(settings, "header", header, kReadHeader);
  cookie = settings.text("cookie", cookie);
  if (!cookie.empty() && !is_token(cookie)) {
    settings.problem("cookie", fmt::format("\"{}\" is no cookie name", cookie), "write a name such as user_id");
  }
  jwt_claim = settings.text("jwt_claim", jwt_claim);
  if (!header.empty() && !cookie.empty()) {
    settings.problem("cookie", "there is a header as well", "name a header or a cookie, not both");
  }
  if (!jwt_claim.empty() && !(header.empty() && cookie.empty())) {
    settings.problem("jwt_claim", "there is a header or a cookie as well", "name one of them alone");
  }
}

std::string IdentityOptions::describe() const {
  if (!header.empty()) return "header " + header;
  if (!cookie.empty()) return "cookie " + cookie;
  return jwt_claim.empty() ? std::string() : "jwt_claim " + jwt_claim + " (not verified)";
}

void MeasureOptions::read(Settings& settings) {
  slow_threshold = settings.duration("slow_threshold", slow_threshold, {1us, 24h});
  slow_log_size = settings.integer("slow_log_size", slow_log_size, {1, 10000});
  error_log_size = settings.integer("error_log_size", error_log_size, {1, 10000});
  ignore = settings.texts("ignore", ignore);
  for (std::size_t i = 0; i < ignore.size(); ++i) {
    if (ignore[i].starts_with('/') && ignore[i].find_first_of("?# ") == std::string::npos) continue;
    settings.problem(fmt::format("ignore[{}]", i), fmt::format("\"{}\" is no path", ignore[i]),
                     "write a path alone, such as /health");
  }
  response_time_header = read_header(settings, "response_time_header", response_time_header, kWrittenHeader);
  request_id_header = read_header(settings, "request_id_header", request_id_header, kWrittenHeader);
  request_id_on_response = settings.boolean("request_id_on_response", request_id_on_response);
  forwarded_headers = settings.boolean("forwarded_headers", forwarded_headers);
  trusted_proxies = settings.texts("trusted_proxies", trusted_proxies);
  check_trusted_proxies(settings, trusted_proxies);
  ignore_user_agents = settings.texts("ignore_user_agents", ignore_user_agents);
  for (std::size_t i = 0; i < ignore_user_agents.size(); ++i) {
    if (!ignore_user_agents[i].empty()) continue;
    settings.problem(fmt::format("ignore_user_agents[{}]", i), "an empty text is how every name begins",
                     "write how the User-Agent of a probe begins, such as kube-probe");
  }
  request_start_header = read_header(settings, "request_start_header", request_start_header, kWrittenHeader);
  server_timing = settings.choice("server_timing", server_timing);
  cache_headers = settings.texts("cache_headers", cache_headers);
  check_cache_headers(settings, cache_headers);
  settings.section("user", user);
  settings.section("tenant", tenant);
  client_networks = settings.boolean("client_networks", client_networks);
}

}  // namespace weir::stats
