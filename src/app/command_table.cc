#include "command_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/method.h>
#include <weir/base/units.h>
#include <weir/export/events_json.h>
#include <weir/export/performance_json.h>
#include <weir/export/status_set.h>
#include <weir/net/listener_options.h>
#include <weir/proxy/upstream_options.h>
#include <weir/stats/events.h>
#include <weir/stats/people.h>
#include <weir/stats/window.h>

namespace weir::app {
namespace {

constexpr std::uint32_t kMostWorkers = 1024;
constexpr std::uint64_t kMostRows = 100'000;

Status take_config(CommandLine& line, std::string_view value) {
  if (value.empty()) return Error{"the file name is empty (write -c weir.yaml)"};
  line.config = value;
  return Done{};
}

Result<net::Endpoint> endpoint_of(std::string_view value) {
  Result<net::Endpoint> endpoint = net::parse_listening(value);
  if (endpoint) return endpoint;
  return Error{fmt::format("{} (write {}, or a port alone)", endpoint.error().message, net::kEndpointForms)};
}

Status take_listen(CommandLine& line, std::string_view value) {
  Result<net::Endpoint> endpoint = endpoint_of(value);
  if (!endpoint) return endpoint.error();
  line.listen.push_back(std::move(endpoint).value());
  return Done{};
}

Status take_upstream(CommandLine& line, std::string_view value) {
  Result<proxy::ServerOptions> server = proxy::ServerOptions::parse_url(value);
  if (!server) {
    return Error{server.error().message +
                 " (write http://host:port, https://host:port, unix:/path or a port of this machine)"};
  }
  line.upstream = std::move(server).value();
  return Done{};
}

Status take_admin(CommandLine& line, std::string_view value) {
  Result<net::Endpoint> endpoint = endpoint_of(value);
  if (!endpoint) return endpoint.error();
  line.admin = std::move(endpoint).value();
  return Done{};
}

Status take_workers(CommandLine& line, std::string_view value) {
  const std::optional<std::uint64_t> count = value == "auto" ? 0 : parse_decimal(value);
  if (!count || *count > kMostWorkers || (*count == 0 && value != "auto")) {
    return Error{fmt::format("\"{}\" is no number of workers (write 1 to {}, or auto)", value, kMostWorkers)};
  }
  line.workers = static_cast<std::uint32_t>(*count);
  return Done{};
}

Status take_print(CommandLine& line, std::string_view) {
  line.prints = true;
  return Done{};
}

Status take_strict(CommandLine& line, std::string_view) {
  line.is_strict = true;
  return Done{};
}

Status take_tags(CommandLine& line, std::string_view) {
  line.prints_tags = true;
  return Done{};
}

Status take_hash(CommandLine& line, std::string_view) {
  line.token.hashes = true;
  return Done{};
}

Status take_token_name(CommandLine& line, std::string_view value) {
  constexpr std::size_t kLongest = 64;
  // It is to stand in the configuration as it is.
  const bool is_plain = std::all_of(value.begin(), value.end(), [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '.' || c == '_' || c == '-' ||
           c == '@';
  });
  if (value.empty() || value.size() > kLongest || !is_plain) {
    return Error{fmt::format("it is 1 to {} letters, digits and . _ - @ (write --name grafana)", kLongest)};
  }
  line.token.name = value;
  return Done{};
}

Status take_role(CommandLine& line, std::string_view value) {
  line.token.role = *from_label<admin::Grant>(value);
  return Done{};
}

Status take_admin_url(CommandLine& line, std::string_view value) {
  Result<verbs::AdminUrl> url = verbs::AdminUrl::parse(value);
  if (!url) {
    return Error{fmt::format("{} (write {}, or a port of this machine)", url.error().message, verbs::kAdminUrlForms)};
  }
  line.client.admin = std::move(url).value();
  return Done{};
}

Status take_token_file(CommandLine& line, std::string_view value) {
  if (value.empty()) return Error{"the file name is empty (write --token-file FILE)"};
  line.client.token_file = value;
  return Done{};
}

Status take_ca(CommandLine& line, std::string_view value) {
  if (value.empty()) return Error{"the file name is empty (write --ca FILE)"};
  line.client.ca = value;
  return Done{};
}

/// `5`, `0.5`: seconds; `500ms`: with a unit.
Result<Nanos> time_of(std::string_view value, Nanos shortest, Nanos longest) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_bare = error == std::errc() && end == value.data() + value.size();
  if (is_bare && number >= seconds(shortest) && number <= seconds(longest)) {
    return Nanos(static_cast<std::int64_t>(number * 1e9));
  }
  const Result<Nanos> parsed = is_bare ? Result<Nanos>(Nanos(-1)) : parse_duration(value);
  if (parsed && parsed.value() >= shortest && parsed.value() <= longest) return parsed;
  return Error{fmt::format("\"{}\" is no such time (write a number of seconds, or {} to {})", value,
                           format_duration(shortest), format_duration(longest))};
}

Status take_timeout(CommandLine& line, std::string_view value) {
  const Result<Nanos> time = time_of(value, 1ms, 1h);
  if (!time) return time.error();
  line.client.timeout = time.value();
  return Done{};
}

Status take_watch(CommandLine& line, std::string_view value) {
  const Result<Nanos> time = time_of(value.empty() ? "2" : value, 100ms, 24h);
  if (!time) return time.error();
  line.client.watch = time.value();
  return Done{};
}

Status take_json(CommandLine& line, std::string_view) {
  line.client.as_json = true;
  return Done{};
}

Status take_color(CommandLine& line, std::string_view value) {
  line.client.colour = *from_label<verbs::Colour>(value);
  return Done{};
}

Status take_probe(CommandLine& line, verbs::Probe probe) {
  if (line.client.probe && *line.client.probe != probe) {
    return Error{"health: --live and --ready are two questions (write one of them)"};
  }
  line.client.probe = probe;
  return Done{};
}

Status take_live(CommandLine& line, std::string_view) { return take_probe(line, verbs::Probe::live); }
Status take_ready(CommandLine& line, std::string_view) { return take_probe(line, verbs::Probe::ready); }

Status take_mark_text(CommandLine& line, std::string_view value) {
  line.client.mark_text = value;
  return Done{};
}

Status take_yes(CommandLine& line, std::string_view) {
  line.client.is_agreed = true;
  return Done{};
}

Status take_limit(CommandLine& line, std::string_view value) {
  const auto number = parse_decimal(value);
  if (!number || *number > kMostRows) {
    return Error{fmt::format("\"{}\" is no number of rows (write 0 to {})", value, kMostRows)};
  }
  line.client.set("limit", value);
  return Done{};
}

Status take_min(CommandLine& line, std::string_view value) {
  const Result<Nanos> time = time_of(value, Nanos(0), 24h);
  if (!time) return time.error();
  line.client.set("min", value);
  return Done{};
}

/// What the API takes: see exporter::StatusSet.
Status take_status(CommandLine& line, std::string_view value) {
  if (!exporter::StatusSet::parse(value)) {
    return Error{fmt::format("\"{}\" is no status (write {})", value, exporter::StatusSet::kForms)};
  }
  line.client.set("status", value);
  return Done{};
}

template <class Enum>
std::vector<std::string_view> labels_of() {
  return {Names<Enum>::labels.begin(), Names<Enum>::labels.end()};
}

std::vector<std::string_view> stats_sort_keys() {
  static const std::string all = exporter::sort_keys();
  std::vector<std::string_view> keys;
  split(all, ',', [&](std::string_view key) { keys.push_back(key); });
  return keys;
}

/// The API knows the same two orders by the field that decides, too.
std::vector<std::string_view> sample_orders() { return {"newest", "slowest", "timestamp", "duration"}; }

Status take_sample_order(CommandLine& line, std::string_view value) {
  line.client.set("order", value == "slowest" || value == "duration" ? "slowest" : "newest");
  return Done{};
}

constexpr Flag kConfig = {.name = "config", .letter = 'c', .value = "FILE",
                          .meaning = "the configuration file; else WEIR_CONFIG names it", .take = take_config,
                          .takes_file = true};
constexpr Flag kListen = {.name = "listen",
                          .value = "ADDR",
                          .meaning = "where clients connect: host:port, [v6]:port, unix:/path, or a port",
                          .take = take_listen,
                          .repeats = true};
constexpr Flag kUpstream = {
    .name = "upstream",
    .value = "URL",
    .meaning = "the app: http://host:port, https://host:port, unix:/path, or a port of this machine",
    .take = take_upstream};
constexpr Flag kAdmin = {
    .name = "admin", .value = "ADDR", .meaning = "where the admin API listens", .take = take_admin};
constexpr Flag kWorkers = {.name = "workers", .value = "N", .meaning = "threads that serve, or auto: one a CPU",
                           .take = take_workers};
constexpr Flag kPrint = {
    .name = "print", .meaning = "show the effective configuration, secrets masked", .take = take_print};
constexpr Flag kStrict = {.name = "strict", .meaning = "treat warnings as errors", .take = take_strict};
constexpr Flag kTags = {.name = "tags", .meaning = "print the tag that each line of FILE got when it was seen",
                        .take = take_tags};

constexpr Flag kHash = {.name = "hash", .meaning = "print the hash alone of the token in standard input's first line",
                        .take = take_hash};
constexpr Flag kTokenName = {.name = "name", .value = "NAME", .meaning = "who is to hold it, for the log",
                             .take = take_token_name};
constexpr Flag kRole = {.name = "role",
                        .value = "ROLE",
                        .meaning = "ingest sends events and marks, viewer looks, admin (the default) does all",
                        .take = take_role,
                        .choices = labels_of<admin::Grant>};

constexpr Flag kWindow = {.name = "window", .value = "SPAN", .meaning = "figures of the last 1m, 5m, 1h or 1d, or all",
                          .parameter = "window", .choices = labels_of<stats::Window>};
constexpr Flag kRoute = {.name = "route",
                         .value = "ROUTE",
                         .meaning = "this route alone: \"GET /users/{id}\", or the pattern alone",
                         .parameter = "route"};
constexpr Flag kMethod = {.name = "method", .value = "METHOD", .meaning = "requests of this method alone",
                          .parameter = "method", .choices = labels_of<Method>};
constexpr Flag kGroup = {
    .name = "group", .value = "GROUP", .meaning = "the routes of this group alone", .parameter = "group"};
constexpr Flag kLimit = {.name = "limit", .value = "N", .meaning = "at most so many rows", .take = take_limit};
constexpr Flag kMin = {.name = "min", .value = "TIME", .meaning = "those alone that took at least so long: 200ms, 1.5s",
                       .take = take_min};
constexpr Flag kStatus = {
    .name = "status", .value = "STATUS", .meaning = "these alone: 5xx, 404, none, faults, or 429,5xx", .take = take_status};
constexpr Flag kStatsSort = {.name = "sort", .value = "KEY", .meaning = "largest first (time_spent), or by tag",
                             .parameter = "sort", .choices = stats_sort_keys};
constexpr Flag kSlowSort = {.name = "sort", .value = "KEY", .meaning = "newest (the default) or slowest first",
                            .take = take_sample_order, .choices = sample_orders};
constexpr Flag kRoutesSort = {.name = "sort",
                              .value = "KEY",
                              .meaning = "as known (the default), by path, or most first",
                              .parameter = "sort",
                              .choices = labels_of<exporter::RouteSort>};
constexpr Flag kReason = {.name = "reason", .value = "REASON",
                          .meaning = "slow beside the threshold, or beside the route's own p99", .parameter = "reason",
                          .choices = labels_of<exporter::Reason>};
constexpr Flag kEventsSort = {.name = "sort",
                              .value = "KEY",
                              .meaning = "most first (count), the last seen first, or by name",
                              .parameter = "sort",
                              .choices = labels_of<exporter::EventOrder>};
constexpr Flag kName = {.name = "name", .value = "NAME", .meaning = "events of this name alone", .parameter = "name"};
constexpr Flag kType = {.name = "type", .value = "TYPE", .meaning = "events of this type alone", .parameter = "type",
                        .choices = labels_of<stats::EventKind>};
constexpr Flag kPeopleSort = {.name = "sort", .value = "KEY", .meaning = "largest first (total_requests)",
                              .parameter = "sort", .choices = labels_of<stats::PeopleOrder>};
constexpr Flag kLive = {
    .name = "live", .meaning = "ask only whether weir itself responds (/healthz); needs no token", .take = take_live};
constexpr Flag kReady = {
    .name = "ready", .meaning = "ask only whether weir takes traffic (/readyz); needs no token", .take = take_ready};
constexpr Flag kMarkText = {
    .name = "text", .value = "TEXT", .meaning = "a note for the mark that add makes", .take = take_mark_text};
constexpr Flag kYes = {.name = "yes", .meaning = "do not ask", .take = take_yes};

constexpr Flag kClientConfig = {.name = "config", .letter = 'c', .value = "FILE",
                                .meaning = "ask the weir that runs with this file; else WEIR_CONFIG names it",
                                .take = take_config, .takes_file = true};
constexpr Flag kAdminUrl = {.name = "admin",
                            .value = "URL",
                            .meaning = "the admin API, or its port here; else WEIR_ADMIN, else http://127.0.0.1:9900",
                            .take = take_admin_url};
constexpr Flag kTokenFile = {.name = "token-file", .value = "FILE",
                             .meaning = "the file that holds the token; else WEIR_TOKEN is the token",
                             .take = take_token_file, .takes_file = true};
constexpr Flag kCa = {.name = "ca", .value = "FILE",
                      .meaning = "authorities to trust with https, in PEM; else the system's", .take = take_ca,
                      .takes_file = true};
constexpr Flag kTimeout = {.name = "timeout", .value = "TIME", .meaning = "wait so long for an answer (10s)",
                           .take = take_timeout};
constexpr Flag kJson = {.name = "json", .meaning = "print the API's own answer", .take = take_json};
constexpr Flag kColor = {.name = "color", .value = "WHEN", .meaning = "auto, always or never; NO_COLOR is heeded",
                         .take = take_color, .choices = labels_of<verbs::Colour>};
constexpr Flag kWatch = {.name = "watch",
                         .value = "SECONDS",
                         .meaning = "ask again and again, every 2 seconds or so often",
                         .take = take_watch,
                         .value_is_optional = true};

constexpr std::array kRunFlags = {&kConfig, &kListen, &kUpstream, &kAdmin, &kWorkers};
constexpr std::array kCheckFlags = {&kConfig, &kPrint, &kStrict};
constexpr std::array kLearnFlags = {&kTags};
constexpr std::array kTokenFlags = {&kHash, &kTokenName, &kRole};
constexpr std::array kStatsFlags = {&kWindow, &kRoute, &kMethod, &kGroup, &kStatsSort, &kLimit, &kWatch};
constexpr std::array kRoutesFlags = {&kWindow, &kRoute, &kMethod, &kGroup, &kRoutesSort, &kLimit, &kWatch};
constexpr std::array kSlowFlags = {&kWindow, &kRoute, &kMethod,   &kGroup, &kStatus,
                                   &kMin,    &kReason, &kSlowSort, &kLimit, &kWatch};
constexpr std::array kErrorsFlags = {&kWindow, &kRoute,    &kMethod, &kGroup, &kStatus,
                                     &kMin,    &kSlowSort, &kLimit,  &kWatch};
constexpr std::array kHealthFlags = {&kLive, &kReady, &kWindow, &kRoute, &kMethod, &kGroup, &kWatch};
constexpr std::array kWindowFlags = {&kWindow, &kWatch};
constexpr std::array kPeopleFlags = {&kWindow, &kPeopleSort, &kLimit, &kWatch};
constexpr std::array kCacheFlags = {&kWindow, &kRoute, &kMethod, &kGroup, &kWatch};
constexpr std::array kEventsFlags = {&kWindow, &kName, &kType, &kEventsSort, &kLimit, &kWatch};
constexpr std::array kMarksFlags = {&kWindow, &kLimit, &kWatch, &kMarkText};
constexpr std::array kResetFlags = {&kRoute, &kMethod, &kGroup, &kYes};
constexpr std::array kTapFlags = {&kRoute, &kStatus, &kMin, &kMethod, &kGroup, &kLimit};
constexpr std::array kTopFlags = {&kWindow, &kRoute, &kMethod, &kGroup, &kStatsSort, &kWatch};
constexpr std::array kTopShared = {&kClientConfig, &kAdminUrl, &kTokenFile, &kCa, &kTimeout, &kColor};
constexpr std::array kClientFlags = {&kClientConfig, &kAdminUrl, &kTokenFile, &kCa, &kTimeout, &kJson, &kColor};

constexpr std::array<std::string_view, 1> kMarkActions = {"add"};
constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

constexpr std::array kVerbs = {
    VerbRow{Verb::run, "run", "forward and measure until TERM or INT", kRunFlags},
    VerbRow{Verb::check, "check", "validate the configuration: every mistake, each at its place", kCheckFlags},
    VerbRow{Verb::stats,
            "stats",
            "how each route does: requests, errors, percentiles, share of all time",
            kStatsFlags,
            {},
            kClientFlags},
    VerbRow{Verb::top, "top", "the same, live on the whole terminal; h shows its keys", kTopFlags, {}, kTopShared},
    VerbRow{Verb::tap, "tap", "a line for each request as it finishes", kTapFlags, {}, kClientFlags},
    VerbRow{Verb::slow, "slow", "the slow requests, each with where its time went", kSlowFlags, {}, kClientFlags},
    VerbRow{Verb::errors, "errors", "the newest failures with their context", kErrorsFlags, {}, kClientFlags},
    VerbRow{Verb::health,
            "health",
            "healthy, degraded or unhealthy, and why; exit status 1 if unhealthy",
            kHealthFlags,
            {},
            kClientFlags},
    VerbRow{Verb::routes, "routes", "the known routes, and where each came from", kRoutesFlags, {}, kClientFlags},
    VerbRow{Verb::users, "users", "the busiest, slowest, most refused users", kPeopleFlags, {}, kClientFlags},
    VerbRow{Verb::tenants, "tenants", "the same of tenants", kPeopleFlags, {}, kClientFlags},
    VerbRow{
        Verb::networks, "networks", "the same of the networks that clients come from", kPeopleFlags, {}, kClientFlags},
    VerbRow{Verb::events, "events", "custom events: counts, timings, levels", kEventsFlags, {}, kClientFlags},
    VerbRow{
        Verb::services, "services", "the app's servers: state, last check, latency", kWindowFlags, {}, kClientFlags},
    VerbRow{Verb::cache, "cache", "hits and misses of each cache that answers name", kCacheFlags, {}, kClientFlags},
    VerbRow{Verb::marks, "marks", "notes on the time line: deploys and the like; `add NAME` adds one", kMarksFlags,
            "[add NAME]", kClientFlags, kMarkActions, true, "NAME"},
    VerbRow{
        Verb::system, "system", "CPU, memory, disk and load, of the host and of weir", kWindowFlags, {}, kClientFlags},
    VerbRow{Verb::reset, "reset", "begin the figures anew, all or those of some routes", kResetFlags, {}, kClientFlags},
    VerbRow{Verb::learn, "learn",
            "show the routes that weir would find in an access log (combined, weir's JSON or "
            "METHOD<tab>target<tab>status; gzip too)",
            kLearnFlags, "FILE"},
    VerbRow{Verb::token, "token", "make an admin token, and the line for the configuration that holds its hash",
            kTokenFlags},
    VerbRow{Verb::completion,
            "completion",
            "print the completion of this command line for a shell",
            {},
            "SHELL",
            {},
            kShells},
    VerbRow{Verb::man, "man", "print the manual page, in roff: weir man | man -l -", {}},
    VerbRow{Verb::version, "version", "say which weir this is", {}},
    VerbRow{Verb::help, "help", "show this; `weir help run` or `weir run --help` shows one command", {}},
};

}  // namespace

std::vector<const Flag*> VerbRow::all_flags() const {
  std::vector<const Flag*> all(flags.begin(), flags.end());
  all.insert(all.end(), shared.begin(), shared.end());
  return all;
}

std::span<const VerbRow> verbs_in_order() { return kVerbs; }

const VerbRow* find_verb(std::string_view name) {
  for (const VerbRow& row : kVerbs) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::span<const Flag* const> client_flags() { return kClientFlags; }

}  // namespace weir::app
