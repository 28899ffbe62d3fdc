#pragma once

#include "app.h"
#include "client.h"
#include "model.h"
#include "stage.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <weir/proxy/worker.h>

namespace weir::chaos {

/// What an episode has much of and what it has none of: few things at a time, often, find more than everything, seldom
/// (swarm testing).
struct Scene {
  explicit Scene(Dice& dice);

  std::vector<Temper> tempers;
  Habits habits;
  std::size_t most_clients = 8;
  std::size_t most_events = 6;  ///< of a step
  unsigned reloads = 8;         ///< in 1000 events
  unsigned outages = 3;         ///< in 1000 events
  unsigned pace = 1;            ///< 0 slow, 1, 2 fast: how fast time goes by
  unsigned dns_answers = 60;    ///< percent of what happens to lookups: good
  unsigned lookups_seen = 40;   ///< weight of an event of a lookup
  bool has_names = true;
  std::uint32_t least_connections = 1;
  std::uint32_t most_connections = 3;
  bool has_limits = true;
  unsigned shortage = 0;          ///< percent of weir's new sockets that the system refuses
  bool has_choice = false;        ///< every upstream has two servers and a retry
  std::vector<int> milliseconds;  ///< for timeouts
  bool has_small_app_buffers = false;

 private:
  void play_uploads(Dice& dice);
  void play_queues(Dice& dice);
};

/// One life of a worker: chance does what it can to it for some hundred steps, then all behave, it has to recover, and
/// it ends. Throws a Violation.
class Episode {
 public:
  Episode(std::uint64_t seed, const std::string& directory);
  ~Episode();

  void play(std::size_t steps);
  Model& model() { return model_; }

 private:
  static constexpr std::size_t kListeners = 3;

  void step();
  void event();
  void connect();
  AppConnection* some_connection();
  void pair();
  void dns_event();
  void turn();
  void await_kernel(AppConnection& connection);
  void pass_time();
  void clear_away();
  void check_pools();
  void check_leaving();
  void take_records();
  void note_records();

  void change_plan();
  proxy::PlanPtr make_plan(std::vector<proxy::Worker::NewSocket>& sockets);
  void fill_upstream(proxy::Plan& plan, std::size_t index);
  Nanos some_timeout();
  void open_listener(std::size_t index, std::vector<proxy::Worker::NewSocket>& sockets);

  void calm_down();
  void check_recovery();
  void end_worker(bool in_calm);
  void check_records();

  Stage stage_;
  Model model_;
  Scene scene_;
  const std::string directory_;
  proxy::Shared shared_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<net::Endpoint> endpoints_;  ///< of the servers, as the plan has them
  std::vector<proxy::ServerHealthPtr> health_;
  std::array<net::Endpoint, kListeners> listeners_;
  std::array<bool, kListeners> is_listening_{};
  std::uint32_t opened_ = 0;
  std::unique_ptr<proxy::Worker> worker_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint32_t next_client_ = 1;
  std::vector<std::pair<std::uint32_t, stats::Record>> records_;  ///< taken and not looked at
  std::map<std::uint64_t, std::uint64_t> lookups_since_;
};

/// The trace of the episode under way, for when the program dies. Null where there is none.
extern Episode* under_way;

}  // namespace weir::chaos
