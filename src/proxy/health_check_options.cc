#include <algorithm>
#include <array>
#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/units.h>
#include <weir/net/endpoint.h>
#include <weir/proxy/health_check_options.h>

namespace weir::proxy {
namespace {

/// A request target in origin form: it goes into a request line as it stands.
bool is_target(const std::string& path) {
  return path.starts_with('/') && path.size() <= 1024 &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kLongestValue = 8192;

/// As a Host field has it: a name or an address, and perhaps a port.
bool is_host(std::string_view host) {
  for (const std::string& text : {std::string(host), fmt::format("{}:80", host)}) {
    const Result<net::Endpoint> endpoint = net::Endpoint::parse(text);
    if (endpoint && endpoint.value().kind == net::Endpoint::Kind::tcp) return true;
  }
  return false;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_';
  });
}

/// Without a byte that could end the field (RFC 9110 section 5.5).
bool is_field_value(std::string_view value) {
  return value.size() <= kLongestValue && std::all_of(value.begin(), value.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte >= 0x20 && byte != 0x7f) || c == '\t';
         });
}

/// What says where a request ends, or whether the connection goes on, is weir's to say.
bool is_weirs_own(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {"connection", "content-length",   "expect",
                                                      "keep-alive", "proxy-connection", "te",
                                                      "trailer",    "upgrade",          "transfer-encoding"};
  return std::any_of(kNames.begin(), kNames.end(), [&](auto own) { return equals_ignoring_case(own, name); });
}

void check_headers(Settings& settings, const std::vector<NamedSecret>& headers) {
  if (headers.size() > kMostHeaders) {
    settings.problem("headers", fmt::format("there are {} headers", headers.size()),
                     fmt::format("write at most {}", kMostHeaders));
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value, shown] = headers[i];
    const std::string key = fmt::format("headers.{}", name);
    const bool is_double = std::any_of(headers.begin(), headers.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&, &wanted = name](auto& one) { return equals_ignoring_case(one.name, wanted); });
    if (!is_header_name(name)) {
      settings.problem(key, fmt::format("\"{}\" is not a header name", name),
                       "use letters, digits, - and _, at most 64");
    } else if (equals_ignoring_case(name, "host")) {
      settings.problem(key, "the Host header has a key of its own", "write it as host: above headers");
    } else if (is_weirs_own(name)) {
      settings.problem(key, "weir sets this header itself", "leave it out");
    } else if (is_double) {
      settings.problem(key, "the header is there twice", "write it once");
    } else if (!is_field_value(value)) {
      settings.problem(key, "the value cannot be sent in a header",
                       fmt::format("write at most {} characters, no line break or control character", kLongestValue));
    } else if (value == Settings::kMask) {
      settings.problem(key, "this is what weir check --print shows instead of a secret",
                       "put the value back, or ${NAME}");
    }
  }
}

}  // namespace

std::optional<StatusRange> StatusRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto from = parse_decimal(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : parse_decimal(text.substr(dash + 1));
  if (!from || !to || *from < 200 || *to > 599 || *from > *to) return std::nullopt;
  return StatusRange{static_cast<std::uint16_t>(*from), static_cast<std::uint16_t>(*to)};
}

std::string StatusRange::to_string() const {
  return from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
}

bool HealthCheckOptions::expects(int status) const {
  return std::any_of(expect.begin(), expect.end(),
                     [&](const StatusRange& range) { return status >= range.from && status <= range.to; });
}

void HealthCheckOptions::read_expect(Settings& settings) {
  constexpr const char* kMend = "write codes and ranges from 200 to 599, such as [ 200-299, 401 ]";
  std::vector<std::string> texts;
  for (const StatusRange& range : expect) texts.push_back(range.to_string());
  texts = settings.texts("expect", texts);
  if (!settings.is_reading()) return;
  expect.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const auto range = StatusRange::parse(texts[i])) {
      expect.push_back(*range);
    } else {
      settings.problem(fmt::format("expect[{}]", i), fmt::format("\"{}\" is not a status code or range", texts[i]),
                       kMend);
    }
  }
  if (texts.empty()) settings.problem("expect", "no status is expected", kMend);
}

void HealthCheckOptions::read(Settings& settings) {
  is_on = true;
  path = settings.text("path", path);
  if (!is_target(path)) {
    settings.problem("path", fmt::format("\"{}\" is no path", path), "write a path on the server, such as /health");
  }
  host = settings.text("host", host);
  if (!host.empty() && !is_host(host)) {
    settings.problem("host", fmt::format("\"{}\" is not a host", host),
                     "write a name or address, such as shop.example");
  }
  headers = settings.secrets("headers", headers);
  check_headers(settings, headers);
  read_expect(settings);
  interval = settings.duration("interval", interval, {100ms, 24h});
  timeout = settings.duration("timeout", timeout, {10ms, 1h});
  if (timeout > interval) {
    settings.problem("timeout", fmt::format("{} is longer than the interval", format_duration(timeout)),
                     fmt::format("write at most interval, {}", format_duration(interval)));
  }
  healthy_after = settings.integer("healthy_after", healthy_after, {1, 1000});
  unhealthy_after = settings.integer("unhealthy_after", unhealthy_after, {1, 1000});
}

}  // namespace weir::proxy
