#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/admin/server.h>
#include <weir/base/result.h>
#include <weir/export/performance_json.h>
#include <weir/net/work.h>

#include "access.h"
#include "message.h"
#include "route_decisions.h"
#include "subject.h"
#include "system_sampler.h"
#include "taps.h"

namespace weir::admin {

/// Writes an answer out of immutable data, on a thread of the pool.
using Writing = std::function<Answer()>;

/// Where endpoints get what they answer from, and get it written. Thread: the loop's.
class Desk {
 public:
  Desk(net::Loop& loop, Bookkeeper& bookkeeper, ServerSetup& setup, Access& access)
      : bookkeeper_(bookkeeper),
        setup_(setup),
        access_(access),
        work_(loop),
        sampler_(loop, work_, [&bookkeeper] { return bookkeeper.take_loop_lag(); }),
        taps_(loop, bookkeeper, setup.limits.comment),
        decisions_(bookkeeper, work_, setup),
        self_(std::make_shared<Desk*>(this)) {}

  /// Has the bookkeeper brought up to date, then asks for the answer, or for what writes it.
  using Outcome = std::variant<Answer, Writing>;
  void ask(Reply reply, std::function<Outcome(Bookkeeper::Round)> question);
  /// The same for what answers by itself; not called if the desk is gone by then.
  void when_up_to_date(std::function<void()> then);

  /// The part of a view that `subject` means. An error names what is not known.
  Result<exporter::Selection> select(const Subject& subject) const;
  /// A view with its legend, now.
  exporter::Picture picture(const stats::ViewRequest& request, exporter::Selection selection, Bookkeeper::Round round);

  Bookkeeper& bookkeeper() { return bookkeeper_; }
  const ServerSetup& setup() const { return setup_; }
  Access& access() { return access_; }
  SystemSampler& sampler() { return sampler_; }
  Taps& taps() { return taps_; }
  RouteDecisions& decisions() { return decisions_; }

 private:
  Bookkeeper& bookkeeper_;
  ServerSetup& setup_;
  Access& access_;
  net::Work work_;
  SystemSampler sampler_;
  Taps taps_;
  RouteDecisions decisions_;
  std::shared_ptr<Desk*> self_;  ///< what a question under way holds weakly: the desk may be gone by then
};

}  // namespace weir::admin
