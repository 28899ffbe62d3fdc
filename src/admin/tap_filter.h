#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/result.h>
#include <weir/export/selection.h>
#include <weir/export/status_set.h>
#include <weir/route/book.h>
#include <weir/stats/record.h>

#include "query.h"
#include "subject.h"

namespace weir::admin {

using exporter::StatusSet;

/// Which finished requests somebody wants to see.
class TapFilter {
 public:
  /// Notes what cannot be used with `query`.
  explicit TapFilter(QueryReader& query);

  const Subject& subject() const { return subject_; }

  /// Whether the route is one, or could become one.
  Status check(const route::RouteBook& book) const;
  /// Looks the routes up anew: names may have come to mean others since. A route that is not known yet is waited for.
  void resolve(const route::RouteBook& book);
  bool lets_through(const stats::Record& record) const {
    return record.duration_ns >= min_.count() && (!statuses_ || statuses_->holds(record)) &&
           selection_.holds(record.route, record.method);
  }

 private:
  Subject subject_;
  std::optional<StatusSet> statuses_;
  Nanos min_{0};
  exporter::Selection selection_;
};

}  // namespace weir::admin
