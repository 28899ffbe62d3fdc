#pragma once

#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/admin/server.h>
#include <weir/net/work.h>

#include "message.h"

namespace weir::admin {

/// What people decide about learned routes: kept in a file first, then done. Where the file cannot be written nothing
/// has changed. What is refused after all is taken out of the file before the refusal is sent. One after the other. Thread: the loop's; the file is written on the pool.
class RouteDecisions {
 public:
  struct Change {
    std::vector<route::Decision> made;
    std::vector<RouteId> forgotten;
    std::string done;  ///< `pinned`, for the answer
  };
  /// Says what a call comes to, or why it cannot be. Called when its turn has come.
  using Plan = std::function<std::variant<Change, Answer>(const route::RouteBook& book)>;

  RouteDecisions(Bookkeeper& bookkeeper, net::Work& work, const ServerSetup& setup)
      : bookkeeper_(bookkeeper), work_(work), setup_(setup) {}

  void change(Plan plan, Reply reply);

 private:
  struct Call {
    Plan plan;
    Reply reply;
  };

  void next();
  void keep(const Change& change, const Reply& reply);
  void save(std::vector<route::Decision> decisions, std::function<void(const Status&)> then);
  void finish(const Reply& reply, Answer answer);
  Answer take_effect(const Change& change);

  Bookkeeper& bookkeeper_;
  net::Work& work_;
  const ServerSetup& setup_;
  std::deque<Call> waiting_;
  bool is_busy_ = false;
};

}  // namespace weir::admin
