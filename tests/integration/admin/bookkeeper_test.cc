#include <weir/admin/bookkeeper.h>

#include <doctest/doctest.h>

using namespace weir;

namespace {

/// A worker that answers when the test says so.
struct Held {
  net::Handoff<stats::Batch> handoff;
  std::vector<std::function<void(bool)>> replies;

  admin::WorkerPort port() {
    return {.handoff = &handoff,
            .ask = [this](std::function<void(bool)> reply) { replies.push_back(std::move(reply)); },
            .publish = [](const std::shared_ptr<const route::Table>&) {}};
  }
};

/// Without waiting in a turn: that would end only with the next event, which may be the end of our patience.
template <class Condition>
void turn_until(net::Loop& loop, Condition condition) {
  const TimePoint end = Clock::now() + 60s;
  while (!condition() && Clock::now() < end) loop.turn(false);
  REQUIRE(condition());
}

}  // namespace

TEST_CASE("Bookkeeper: a reply to an earlier question does not answer a later one") {
  net::Loop loop;
  Held worker;
  admin::BookkeeperOptions options;
  options.patience = 1500ms;
  admin::Bookkeeper bookkeeper(loop, options);
  bookkeeper.add_worker(worker.port());
  int stale = 0;
  int fresh = 0;
  const auto count = [&](admin::Bookkeeper::Round round) { ++(round.is_stale() ? stale : fresh); };

  bookkeeper.bring_up_to_date(count);
  turn_until(loop, [&] { return stale == 1; });
  REQUIRE(worker.replies.size() == 1);

  bookkeeper.bring_up_to_date(count);
  for (int i = 0; i < 3; ++i) loop.turn(false);
  // It was asked before the second question came: what it gave may be older than that.
  worker.replies[0](worker.handoff.give());
  turn_until(loop, [&] { return worker.replies.size() == 2 || stale + fresh == 2; });
  REQUIRE(worker.replies.size() == 2);
  CHECK(fresh == 0);
}

TEST_CASE("Bookkeeper: a worker that could not give is asked again") {
  net::Loop loop;
  Held worker;
  admin::BookkeeperOptions options;
  options.patience = 60s;
  admin::Bookkeeper bookkeeper(loop, options);
  bookkeeper.add_worker(worker.port());
  int fresh = 0;
  bookkeeper.bring_up_to_date([&](admin::Bookkeeper::Round round) { fresh += !round.is_stale(); });
  turn_until(loop, [&] { return worker.replies.size() == 1; });
  worker.replies[0](false);
  turn_until(loop, [&] { return worker.replies.size() == 2; });
  CHECK(fresh == 0);
  worker.replies[1](worker.handoff.give());
  turn_until(loop, [&] { return fresh == 1; });
}

TEST_CASE("Bookkeeper: what comes after its end finds nobody") {
  net::Loop loop;
  Held worker;
  std::function<void()> wake_up;
  {
    admin::BookkeeperOptions options;
    options.patience = 60s;
    admin::Bookkeeper bookkeeper(loop, options);
    bookkeeper.add_worker(worker.port());
    wake_up = bookkeeper.wake_up();
    bookkeeper.bring_up_to_date([](admin::Bookkeeper::Round) { FAIL("nobody asks any more"); });
    turn_until(loop, [&] { return worker.replies.size() == 1; });
    wake_up();
  }
  worker.replies[0](true);
  wake_up();
  while (loop.turn(false)) {
  }
}
