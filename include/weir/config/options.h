#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/admin/admin_options.h>
#include <weir/base/log.h>
#include <weir/base/settings.h>
#include <weir/judge/health_options.h>
#include <weir/net/listener_options.h>
#include <weir/proto/statsd/statsd_options.h>
#include <weir/proxy/limits_options.h>
#include <weir/proxy/timeouts_options.h>
#include <weir/proxy/upstream_options.h>
#include <weir/route/book.h>
#include <weir/route/learning_options.h>
#include <weir/route/route_options.h>
#include <weir/stats/measure_options.h>

namespace weir::config {

/// `log`: what weir says about itself, on stderr, and the access log.
struct LogOptions {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
  std::string access = "none";  ///< `none`, `-` for stdout, or a file that is appended to

  bool has_access_log() const { return access != "none"; }
  void read(Settings& settings);
};

/// An element of `openapi`: a file that describes routes of the app.
struct OpenapiFile {
  std::string name;  ///< as it is written; a relative one begins in the configuration file's folder
  std::vector<route::Configured> routes;
};

/// The whole configuration, as the file, the flags and the defaults make it.
struct Options {
  std::string name;  ///< which weir this is, for people and dashboards; empty: the host name
  proxy::LimitsOptions limits;
  proxy::TimeoutsOptions timeouts;
  stats::MeasureOptions measure;
  std::vector<net::ListenerOptions> listeners = {{}};
  std::vector<proxy::UpstreamOptions> upstreams;
  std::vector<route::RouteOptions> routes;
  std::vector<OpenapiFile> openapi;
  /// A sentence for each operation of those files that is no route of its own: file, operation, reason.
  std::vector<std::string> dropped_operations;
  route::LearningOptions route_learning;
  judge::HealthOptions health;
  admin::AdminOptions admin;
  proto::statsd::StatsdOptions statsd;
  std::uint32_t workers = 0;  ///< threads that serve; 0: one a CPU that this process may use
  LogOptions log;

  /// Every key. What falls back on another section is read after it.
  void read(Settings& settings);
  /// What no key can say alone: names that must be known, addresses that must differ, an admin API that must not
  /// stand open. Fills in the upstream of listeners where there is only one.
  void check(Settings& settings);

  /// `name`, or the host name where there is none.
  std::string shown_name() const;
  /// An upstream that has said nothing of its own yet: its timeouts are those of the top.
  proxy::UpstreamOptions fresh_upstream() const;
  /// The routes of all files of `openapi`, in their order.
  std::vector<route::Configured> described_routes() const;

 private:
  void read_openapi(Settings& settings);
};

}  // namespace weir::config
