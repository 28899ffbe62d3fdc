#include <algorithm>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <weir/base/bytes.h>
#include <weir/base/closest.h>
#include <weir/config/options.h>
#include <weir/net/machine_addresses.h>

namespace weir::config {
namespace {

/// What would be right where `name` is no upstream.
std::string mend_upstream(const Options& options, std::string_view name) {
  std::vector<std::string_view> names;
  for (const proxy::UpstreamOptions& upstream : options.upstreams) names.push_back(upstream.name);
  if (names.empty()) return "name it under upstreams";
  if (const std::string_view meant = closest(name, names); !meant.empty()) {
    return fmt::format("did you mean {}?", meant);
  }
  constexpr std::size_t kShown = 8;
  std::string shown;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    shown += fmt::format("{}{}", shown.empty() ? "" : ", ", names[i]);
  }
  return fmt::format("write one of {}{}", shown, names.size() > kShown ? " and so on" : "");
}

bool is_known_upstream(const Options& options, std::string_view name) {
  return std::any_of(options.upstreams.begin(), options.upstreams.end(),
                     [&](const proxy::UpstreamOptions& upstream) { return upstream.name == name; });
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = static_cast<unsigned char>(text[i]) < 0x80 ? 1 : utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

/// Whether one of the two would find its place taken. Port 0 is a new one each time.
bool collide(const net::Endpoint& a, const net::Endpoint& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == net::Endpoint::Kind::unix_socket) return a.path == b.path;
  return a.port == b.port && a.port != 0 && (a.host == b.host || is_any_address(a.host) || is_any_address(b.host));
}

void check_listeners(Options& options, Settings& settings) {
  if (options.listeners.empty()) {
    settings.problem("listeners", "there is no listener", "name one, such as - address: 0.0.0.0:8080");
  }
  const bool is_anything_routed = std::any_of(options.routes.begin(), options.routes.end(),
                                              [](const route::RouteOptions& route) { return !route.upstream.empty(); });
  for (std::size_t i = 0; i < options.listeners.size(); ++i) {
    net::ListenerOptions& listener = options.listeners[i];
    const std::string key = fmt::format("listeners[{}]", i);
    for (std::size_t j = 0; j < i; ++j) {
      if (!collide(options.listeners[j].address, listener.address)) continue;
      settings.problem(key + ".address",
                       fmt::format("{} is where listeners[{}] listens", listener.address.to_string(), j),
                       "give each listener an address of its own");
      break;
    }
    if (listener.upstream.empty() && options.upstreams.size() == 1) listener.upstream = options.upstreams[0].name;
    if (options.upstreams.empty()) continue;  // that is said elsewhere
    if (!listener.upstream.empty() && !is_known_upstream(options, listener.upstream)) {
      settings.problem(key + ".upstream", fmt::format("\"{}\" is no upstream", listener.upstream),
                       mend_upstream(options, listener.upstream));
    } else if (listener.upstream.empty() && options.upstreams.size() > 1 && !is_anything_routed) {
      settings.problem(key + ".upstream", "there are several upstreams, and neither listener nor routes name one",
                       mend_upstream(options, {}));
    }
  }
}

/// A request to such a server would come back, be forwarded again, and so on without end.
void check_servers(const Options& options, Settings& settings) {
  const net::MachineAddresses machine = net::MachineAddresses::read();
  // The first key whose address is where `server` is; empty: none is.
  const auto own_key = [&](const net::Endpoint& server) -> std::string {
    for (std::size_t i = 0; i < options.listeners.size(); ++i) {
      const net::Endpoint& address = options.listeners[i].address;
      if (machine.reach(server, address)) return fmt::format("listeners[{}].address, {}", i, address.to_string());
    }
    const net::Endpoint& address = options.admin.address;
    return machine.reach(server, address) ? fmt::format("admin.address, {}", address.to_string()) : std::string();
  };
  for (const proxy::UpstreamOptions& upstream : options.upstreams) {
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
      const std::string own = own_key(upstream.servers[i].address);
      if (own.empty()) continue;
      settings.problem(
          fmt::format("upstreams.{}.servers[{}]", upstream.name, i),
          fmt::format("{} is this weir itself ({}), so requests would loop", upstream.servers[i].url(), own),
          "write the address of the app");
    }
  }
}

/// What works, and is hardly meant.
void warn_of_servers(const Options& options, Settings& settings) {
  for (const proxy::UpstreamOptions& upstream : options.upstreams) {
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (upstream.servers[i].url() != upstream.servers[j].url()) continue;
        settings.warning(fmt::format("upstreams.{}.servers[{}]", upstream.name, i),
                         fmt::format("{} is listed twice, as servers[{}] too", upstream.servers[i].url(), j),
                         "list it once; a weight gives it a larger share");
        break;
      }
    }
    const auto names_it = [&](const auto& one) { return one.upstream == upstream.name; };
    if (std::any_of(options.listeners.begin(), options.listeners.end(), names_it) ||
        std::any_of(options.routes.begin(), options.routes.end(), names_it)) {
      continue;
    }
    settings.warning("upstreams." + upstream.name, "no listener and no route uses this upstream",
                     "name it as upstream of a listener or route, or leave it out");
  }
}

void check_routes(const Options& options, Settings& settings) {
  for (std::size_t i = 0; i < options.routes.size(); ++i) {
    const route::RouteOptions& route = options.routes[i];
    if (!route.upstream.empty() && !is_known_upstream(options, route.upstream)) {
      settings.problem(fmt::format("routes[{}].upstream", i), fmt::format("\"{}\" is no upstream", route.upstream),
                       mend_upstream(options, route.upstream));
    }
  }
  route::check_duplicates(settings, "routes", options.routes);
  route::check_overlap(settings, "routes", options.routes);
}

void check_admin(const Options& options, Settings& settings) {
  const net::Endpoint& address = options.admin.address;
  for (std::size_t i = 0; i < options.listeners.size(); ++i) {
    if (!collide(options.listeners[i].address, address)) continue;
    settings.problem("admin.address", fmt::format("{} is where listeners[{}] listens", address.to_string(), i),
                     "give the admin API an address of its own, such as 127.0.0.1:9900");
    return;
  }
  if (!address.is_loopback() && !options.admin.needs_credential()) {
    settings.problem(
        "admin.address",
        fmt::format("{} can be reached from other machines, and no credential protects it", address.to_string()),
        "name a token under admin.tokens, or listen on 127.0.0.1");
  }
}

/// UDP and TCP have ports of their own; a path is a path.
void check_statsd(const Options& options, Settings& settings) {
  const auto& address = options.statsd.address;
  if (!address || address->kind != net::Endpoint::Kind::unix_socket) return;
  bool is_taken = collide(options.admin.address, *address);
  for (const net::ListenerOptions& listener : options.listeners) is_taken |= collide(listener.address, *address);
  if (!is_taken) return;
  settings.problem("statsd.address", fmt::format("{} is where weir listens for connections", address->to_string()),
                   "give StatsD a path of its own");
}

}  // namespace

void LogOptions::read(Settings& settings) {
  level = settings.choice("level", level);
  format = settings.choice("format", format);
  access = settings.text("access", access);
  for (const std::string_view word : {"yes", "no", "true", "false", "on", "off", "y", "n", "1", "0", "none", "null",
                                      "stdout", "stderr", "syslog"}) {
    if (!has_access_log() || !equals_ignoring_case(access, word)) continue;
    settings.problem("access", fmt::format("\"{}\" is not a file name", access),
                     "write a path such as access.log, - for stdout, or none");
  }
  if (access.empty()) settings.problem("access", "there is no file name", "write none, - for stdout, or a path");
}

void Options::read(Settings& settings) {
  constexpr std::size_t kLongestName = 100;
  // Left out it is the host's, which another machine that is given what is printed would not have.
  if (settings.is_reading() || !name.empty()) name = settings.text("name", name);
  if (name.size() > kLongestName || !is_utf8(name)) {
    settings.problem("name", "the name is too long or is not UTF-8",
                     fmt::format("write at most {} bytes", kLongestName));
  }
  settings.section("limits", limits);
  settings.section("timeouts", timeouts);
  settings.section("measure", measure);
  settings.items("listeners", listeners);
  settings.entries("upstreams", upstreams, fresh_upstream());
  route::RouteOptions fresh_route;
  fresh_route.slow_threshold = measure.slow_threshold;
  settings.items("routes", routes, fresh_route);
  read_openapi(settings);
  settings.section("route_learning", route_learning);
  settings.section("health", health);
  settings.section("admin", admin);
  settings.section("statsd", statsd);
  workers = settings.integer("workers", workers, {1, 1024}, {"auto", 0});
  settings.section("log", log);
}

void Options::read_openapi(Settings& settings) {
  std::vector<std::string> names;
  for (const OpenapiFile& file : openapi) names.push_back(file.name);
  names = settings.texts("openapi", names);
  if (!settings.is_reading()) return;
  openapi.clear();
  for (std::string& file : names) openapi.push_back({std::move(file), {}});
}

std::vector<route::Configured> Options::described_routes() const {
  std::vector<route::Configured> all;
  for (const OpenapiFile& file : openapi) all.insert(all.end(), file.routes.begin(), file.routes.end());
  return all;
}

std::string Options::shown_name() const {
  if (!name.empty()) return name;
  char host[HOST_NAME_MAX + 1] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return host;
}

proxy::UpstreamOptions Options::fresh_upstream() const {
  proxy::UpstreamOptions upstream;
  upstream.timeouts = {timeouts.connect, timeouts.response, timeouts.idle};
  return upstream;
}

void Options::check(Settings& settings) {
  if (upstreams.empty()) {
    settings.problem("upstreams", "there is no upstream",
                     "name one with its servers, or run with --upstream http://127.0.0.1:3000");
  }
  check_listeners(*this, settings);
  check_servers(*this, settings);
  warn_of_servers(*this, settings);
  check_routes(*this, settings);
  check_admin(*this, settings);
  check_statsd(*this, settings);
}

}  // namespace weir::config
