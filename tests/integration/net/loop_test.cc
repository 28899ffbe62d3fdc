#include <weir/net/loop.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <weir/net/inbox.h>
#include <weir/net/readable.h>
#include <weir/net/reaper.h>
#include <weir/net/resolver.h>
#include <weir/net/timer.h>
#include <weir/net/work.h>

using namespace weir;
using namespace weir::net;

TEST_CASE("Inbox: letters of many threads are delivered on the loop, those of one in order") {
  constexpr int kThreads = 4;
  constexpr int kLetters = 2000;
  Loop loop;
  Inbox inbox(loop);
  std::vector<std::vector<int>> got(kThreads);
  int count = 0;
  const std::thread::id loop_thread = std::this_thread::get_id();
  bool is_on_loop = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kLetters; ++i) {
        inbox.post([&, t, i] {
          is_on_loop = is_on_loop && std::this_thread::get_id() == loop_thread;
          got[static_cast<std::size_t>(t)].push_back(i);
          if (++count == kThreads * kLetters) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (std::thread& thread : threads) thread.join();
  CHECK(is_on_loop);
  for (const std::vector<int>& letters : got) {
    REQUIRE(letters.size() == kLetters);
    for (int i = 0; i < kLetters; ++i) CHECK(letters[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("Resolver: localhost and literals come with the port, later; what is no name comes as an error") {
  Loop loop;
  Resolver resolver(loop);
  std::vector<std::string> found;
  std::string problem;
  const auto endpoint = [](const char* host) {
    return Endpoint{.kind = Endpoint::Kind::tcp, .host = host, .port = 81, .path = {}};
  };
  const auto keep = [&](Result<std::vector<SocketAddress>> result) {
    if (!result) {
      problem = result.error().message;
    } else {
      for (const SocketAddress& address : result.value()) found.push_back(address.to_string());
    }
  };
  const Lookup name = resolver.resolve(endpoint("localhost"), keep);
  const Lookup v4 = resolver.resolve(endpoint("127.0.0.1"), keep);
  const Lookup v6 = resolver.resolve(endpoint("::1"), keep);
  CHECK(found.empty());
  loop.run();
  const auto has = [&](const char* text) { return std::find(found.begin(), found.end(), text) != found.end(); };
  CHECK(std::count(found.begin(), found.end(), "127.0.0.1:81") >= 2);
  CHECK(has("[::1]:81"));
  CHECK(problem.empty());
  const Lookup invalid = resolver.resolve(endpoint("name.invalid"), keep);
  loop.run();
  CHECK(problem.find("cannot resolve name.invalid") != std::string::npos);
}

TEST_CASE("Resolver and Work: what is under way when they go is forgotten") {
  Loop loop;
  int calls = 0;
  {
    Resolver resolver(loop);
    const Lookup lookup = resolver.resolve({.kind = Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 1, .path = {}},
                                           [&](auto&&) { ++calls; });
    Work work(loop);
    work.run([] {}, [&] { ++calls; });
  }
  loop.run();
  CHECK(calls == 0);
}

TEST_CASE("Work: the job runs elsewhere, its end is told on the loop") {
  Loop loop;
  Work work(loop);
  std::thread::id job_thread;
  std::thread::id done_thread;
  work.run([&] { job_thread = std::this_thread::get_id(); }, [&] { done_thread = std::this_thread::get_id(); });
  loop.run();
  CHECK(done_thread == std::this_thread::get_id());
  CHECK(job_thread != std::thread::id());
  CHECK(job_thread != done_thread);
}

TEST_CASE("Timer: never early, again and again until stopped, also from inside its own call") {
  Loop loop;
  std::optional<Timer> once, often;
  TimePoint called;
  int calls = 0;
  const TimePoint start = Clock::now();
  once.emplace(loop, [&] { called = Clock::now(); });
  often.emplace(loop, [&] {
    if (++calls == 3) often->stop();
  });
  once->start(20ms);
  often->start(1ms, 1ms);
  loop.run();
  CHECK(called - start >= 20ms);
  CHECK(calls == 3);
  CHECK_FALSE(once->is_running());
  once->start(1ms);
  once.reset();
  loop.run();
}

TEST_CASE("Reaper: what is handed over lives until the turn is done, and may hand over more") {
  struct Doomed final : Reapable {
    Doomed(int& deaths, Reaper* next) : deaths_(deaths), next_(next) {}
    ~Doomed() override {
      ++deaths_;
      if (next_ != nullptr) next_->take(std::make_unique<Doomed>(deaths_, nullptr));
    }
    int& deaths_;
    Reaper* next_;
  };
  Loop loop;
  int deaths = 0;
  bool was_alive = false;
  bool was_called = false;
  Timer timer(loop, [&] {
    loop.reaper().take(std::make_unique<Doomed>(deaths, &loop.reaper()));
    loop.reaper().later([&] { was_called = true; });
    was_alive = deaths == 0 && !was_called;
  });
  timer.start(1ms);
  loop.run();
  loop.turn(false);
  CHECK(was_alive);
  CHECK(was_called);
  CHECK(deaths == 2);
}

TEST_CASE("Readable: tells of what there is to read, and leaves the descriptor as it found it") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const int flags = ::fcntl(ends[0], F_GETFL);
  {
    Loop loop;
    std::string got;
    std::optional<Readable> readable;
    readable.emplace(loop, ends[0], [&] {
      char buffer[16];
      const ssize_t count = ::read(ends[0], buffer, sizeof buffer);
      if (count > 0) got.append(buffer, static_cast<std::size_t>(count));
      if (count <= 0 || got == "keys") readable.reset();
    });
    CHECK(::fcntl(ends[0], F_GETFL) == flags);
    REQUIRE(::write(ends[1], "keys", 4) == 4);
    loop.run();
    CHECK(got == "keys");
  }
  CHECK(::fcntl(ends[0], F_GETFL) == flags);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("Reaper: a call with a token is not made once the token's owner is gone, within one round either") {
  Loop loop;
  int calls = 0;
  std::optional<OwnerToken> gone, here, ends_in_a_call;
  gone.emplace();
  here.emplace();
  ends_in_a_call.emplace();
  loop.reaper().later(*gone, [&] { ++calls; });
  loop.reaper().later(*here, [&] {
    calls += 10;
    ends_in_a_call.reset();
  });
  loop.reaper().later(*ends_in_a_call, [&] { ++calls; });
  gone.reset();
  loop.reaper().reap();
  CHECK(calls == 10);
}
