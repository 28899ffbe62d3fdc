#pragma once

#include <memory>
#include <string>

#include <weir/export/legend.h>
#include <weir/export/performance_json.h>
#include <weir/export/prometheus.h>
#include <weir/stats/ledger.h>

/// What /metrics says; the test fails where it has a series twice.
std::string exposition_of(const weir::exporter::Scrape& scrape, weir::exporter::TextFormat format);

/// A ledger of ten minutes on 2026-01-31 from 09:30:00, into which tests put exchanges, with a legend for its ids.
class SampleLedger {
 public:
  struct Exchange {
    weir::RouteId route;
    weir::Method method = weir::Method::get;
    std::uint16_t status = 200;
    weir::Nanos duration{0};
    std::string path{};
    weir::Fault fault = weir::Fault::none;
    std::uint16_t traits = 0;
    weir::ServerId server{0};  ///< unless weir answered itself
    std::string components{};  ///< `db=12`: a component and its milliseconds
    std::string cache{};       ///< `hit l1`: an outcome and a layer
  };

  static constexpr weir::RouteId kProjects{1};
  static constexpr weir::RouteId kProject{2};

  SampleLedger();
  void finish(const Exchange& exchange, weir::Nanos at);
  /// Five exchanges of every sort, all in the first ten seconds.
  void fill();

  weir::exporter::Picture picture(weir::stats::Window window = weir::stats::Window::all,
                                  weir::Nanos now = weir::Nanos(std::chrono::seconds(10))) {
    return {ledger_.view({.window = window, .with_levels = true}, at(now)), legend_, {}, false};
  }
  weir::stats::Ledger& ledger() { return ledger_; }
  static weir::stats::Moment at(weir::Nanos since_start);
  weir::stats::Course course(weir::stats::Window window) {
    return ledger_.course({window, {}}, at(weir::Nanos(std::chrono::seconds(10))));
  }
  weir::stats::ViewPtr cumulative() { return ledger_.cumulative_view(at(weir::Nanos(std::chrono::seconds(10)))); }
  std::shared_ptr<const weir::exporter::Legend> legend() const { return legend_; }

 private:
  weir::stats::Ledger ledger_;
  std::shared_ptr<const weir::exporter::Legend> legend_;
};
