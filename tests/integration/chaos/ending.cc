#include "episode.h"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace weir::chaos {
namespace {

constexpr std::size_t kMostCalmTurns = 4000;
constexpr std::size_t kQuickCalmTurns = 300;
constexpr auto kCalmTurn = std::chrono::milliseconds(20);
/// The longest rest of a server is 16 s.
constexpr int kPlainAttempts = 6;

}  // namespace

/// Everybody behaves from here on, and whatever is under way comes to an end.
void Episode::calm_down() {
  model_.note("all", 0, "behave from here on");
  model_.is_calm = true;
  for (const auto& server : servers_) server->set_up(true);
  change_plan();
  std::size_t turns = 0;
  const auto calm_turn = [&] {
    model_.trace.begin_step(model_.trace.step() + 1);
    stage_.settle();
    for (const Stage::Lookup& lookup : stage_.lookups()) stage_.answer(lookup.id, {"127.0.0.1"});
    stage_.settle();
    for (const auto& client : clients_) client->act();
    for (const auto& server : servers_) {
      server->accept();
      for (const auto& connection : server->connections()) connection->act();
    }
    stage_.advance(kCalmTurn);
    turn();
    clear_away();
  };
  while (!clients_.empty() || worker_->recorder().in_flight() != 0) {
    if (++turns > kMostCalmTurns && !clients_.empty()) {
      model_.violated(clients_.front()->name(), clients_.front()->awaited(),
                      fmt::format("waits for ever: {}", clients_.front()->describe()));
    }
    if (turns > kMostCalmTurns) {
      model_.violated("weir", 0,
                      fmt::format("{} exchanges stay under way, with no client left", worker_->recorder().in_flight()));
    }
    // The kernel's own timers go by real time: a full window may stand still for a fifth of a second of it.
    if (turns > kQuickCalmTurns) usleep(1000);
    calm_turn();
  }
  for (int i = 0; i < 20; ++i) calm_turn();
}

/// A plain request to each listener is served, and what is idle goes away in time.
void Episode::check_recovery() {
  for (std::size_t i = 0; i < kListeners; ++i) {
    bool is_served = false;
    for (int attempt = 0; attempt < kPlainAttempts && !is_served; ++attempt) {
      clients_.push_back(std::make_unique<Client>(model_, next_client_++, listeners_[i], Temper()));
      Client& client = *clients_.back();
      client.ask_plainly();
      for (int turns = 0; turns < 200 && client.served() == 0 && !client.is_over(); ++turns) {
        model_.trace.begin_step(model_.trace.step() + 1);
        stage_.settle();
        for (const Stage::Lookup& lookup : stage_.lookups()) stage_.answer(lookup.id, {"127.0.0.1"});
        stage_.settle();
        turn();
        for (const auto& server : servers_) {
          server->accept();
          for (const auto& connection : server->connections()) connection->act();
        }
        stage_.advance(kCalmTurn);
        client.act();
      }
      is_served = client.served() > 0;
      if (!is_served) stage_.advance(std::chrono::seconds(4));
    }
    if (!is_served) {
      model_.violated(clients_.back()->name(), 0, fmt::format("listener {} does not recover", i));
    }
    clear_away();
  }
  for (int i = 0; i < 1000 && shared_.upstream_connections.load() != 0; ++i) {
    stage_.advance(kCalmTurn);
    turn();
  }
  if (shared_.upstream_connections.load() != 0) {
    model_.violated(
        "weir", 0,
        fmt::format("{} connections to the app stay, long after timeouts.idle", shared_.upstream_connections.load()));
  }
}

void Episode::end_worker(bool in_calm) {
  Dice& dice = model_.dice;
  const Nanos limit = dice.pick<Nanos>({Nanos::zero(), 300ms, 3s});
  const bool drains = dice.one_in(2);
  model_.note("all", 0, "the worker is to {}", drains ? "drain" : "stop");
  if (drains) {
    worker_->drain(limit);
  } else {
    worker_->stop();
  }
  if (in_calm || dice.one_in(2)) {
    // Nobody else does anything any more: it has to end by itself.
    worker_->run();
    note_records();
  } else {
    for (std::size_t i = dice.below(60); i > 0; --i) step();
    // Its two timers may both have begun late.
    for (Nanos waited{}; waited < limit + 1s; waited += 100ms) {
      stage_.advance(100ms);
      turn();
    }
  }
  if (const std::uint32_t left = shared_.connections.load(); left != 0) {
    model_.violated("weir", 0, fmt::format("{} sessions are left at the end", left));
  }
  if (worker_->recorder().in_flight() != 0) {
    model_.violated("weir", 0, fmt::format("{} exchanges are under way at the end", worker_->recorder().in_flight()));
  }
  if (!Expectations::lookups_are_cancelled) stage_.end_lookups();
  worker_.reset();
  stage_.end_lookups();
}

/// Once each, and as those on both sides have seen it.
void Episode::check_records() {
  for (const Request& request : model_.requests) {
    const bool is_known = request.heads_at_app > 0 || request.is_seen_from_app;
    if (is_known && request.records != 1) {
      model_.violated("weir", request.id, fmt::format("the request is recorded {} times", request.records));
    }
    if (request.records == 0 || request.status_seen == 0) continue;
    if (request.record.status != request.status_seen) {
      model_.violated(
          "weir", request.id,
          fmt::format("status {} is recorded, the client got {}", request.record.status, request.status_seen));
    }
    if (request.is_seen_whole && request.is_seen_from_app && request.status_seen != 101 && request.method != "HEAD" &&
        request.record.bytes_out != request.octets_seen) {
      model_.violated("weir", request.id,
                      fmt::format("{} bytes of body are recorded, the client got {}", request.record.bytes_out,
                                  request.octets_seen));
    }
  }
}

}  // namespace weir::chaos
