#include "episode.h"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace weir::chaos {
namespace {

/// Records come with the worker's ticks, a quarter of a second apart.
constexpr auto kSoon = 1500ms;

}  // namespace

Episode* under_way = nullptr;

Episode::Episode(std::uint64_t seed, const std::string& directory)
    : stage_(seed), model_(seed), scene_(model_.dice), directory_(directory) {
  under_way = this;
  Dice& dice = model_.dice;
  const auto some_options = [&] {
    Socket::Options options;
    if (scene_.has_small_app_buffers || dice.one_in(2)) options.receive_buffer = dice.pick({2000, 10'000});
    if (!scene_.has_small_app_buffers && dice.one_in(3)) options.segment = 536;
    return options;
  };
  const auto at = [](const std::string& host, std::uint16_t port) {
    return net::Endpoint{.kind = net::Endpoint::Kind::tcp, .host = host, .port = port, .path = {}};
  };
  const Habits& habits = scene_.habits;
  const std::string unix_path = directory_ + "/app3";
  servers_.push_back(
      std::make_unique<Server>(model_, habits, 0, std::vector<std::string>{"127.0.0.1"}, some_options(), 64));
  servers_.push_back(std::make_unique<Server>(model_, habits, 1, std::vector<std::string>{"127.0.0.1", "127.0.0.2"},
                                              some_options(), 64));
  servers_.push_back(std::make_unique<Server>(model_, habits, 2, std::vector<std::string>{"127.0.0.1"}, some_options(),
                                              dice.one_in(2) ? 0 : 64));
  servers_.push_back(std::make_unique<Server>(model_, habits, 3, unix_path));
  servers_.push_back(
      std::make_unique<Server>(model_, habits, 4, std::vector<std::string>{"127.0.0.1"}, some_options(), 64));
  endpoints_ = {at("127.0.0.1", servers_[0]->port()),
                at("one.test", servers_[1]->port()),
                at("two.test", servers_[2]->port()),
                {.kind = net::Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = unix_path},
                at("127.0.0.1", servers_[4]->port())};
  const auto changes = std::make_shared<proxy::ServerHealth::Changes>();
  for (std::size_t i = 0; i < servers_.size(); ++i) health_.push_back(std::make_shared<proxy::ServerHealth>(changes));
  stage_.set_stalls(dice.one_in(2));
  change_plan();
}

Episode::~Episode() {
  stage_.end_lookups();
  worker_.reset();
  under_way = nullptr;
}

void Episode::play(std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i) step();
  const bool in_calm = model_.dice.one_in(2);
  if (in_calm) {
    calm_down();
    check_recovery();
  }
  end_worker(in_calm);
  check_records();
}

void Episode::step() {
  model_.trace.begin_step(model_.trace.step() + 1);
  stage_.settle();
  const std::size_t events = model_.dice.between(1 + scene_.most_events / 4, scene_.most_events);
  for (std::size_t i = 0; i < events; ++i) event();
  pass_time();
  turn();
  clear_away();
}

void Episode::event() {
  Dice& dice = model_.dice;
  if (dice.below(1000) < scene_.reloads) {
    change_plan();
    return;
  }
  if (dice.below(1000) < scene_.outages) {
    Server& server = *servers_[dice.below(servers_.size())];
    server.set_up(!server.is_up());
    return;
  }
  const bool has_lookups = !stage_.lookups().empty();
  switch (dice.weighted({8, 40, 25, 40, 15, has_lookups ? scene_.lookups_seen : 0, 1})) {
    case 0:
      connect();
      break;
    case 1:
      if (!clients_.empty()) clients_[dice.below(clients_.size())]->act();
      break;
    case 2:
      for (const auto& server : servers_) server->accept();
      break;
    case 3:
      if (AppConnection* connection = some_connection()) connection->act();
      break;
    case 4:
      pair();
      break;
    case 5:
      dns_event();
      break;
    default:
      // As the admin API does.
      worker_->ask([this](bool) { take_records(); });
  }
}

void Episode::connect() {
  Dice& dice = model_.dice;
  if (clients_.size() >= scene_.most_clients) return;
  const std::size_t listener = dice.below(kListeners);
  const Temper& temper = scene_.tempers[dice.below(scene_.tempers.size())];
  clients_.push_back(std::make_unique<Client>(model_, next_client_++, listeners_[listener], temper));
  clients_.back()->act();
}

AppConnection* Episode::some_connection() {
  std::vector<AppConnection*> all;
  for (const auto& server : servers_) {
    for (const auto& connection : server->connections()) {
      if (!connection->is_over()) all.push_back(connection.get());
    }
  }
  return all.empty() ? nullptr : all[model_.dice.below(all.size())];
}

/// Both ends of one exchange in one turn: what comes from them meets in weir.
void Episode::pair() {
  Dice& dice = model_.dice;
  std::vector<std::pair<Client*, AppConnection*>> pairs;
  for (const auto& server : servers_) {
    for (const auto& connection : server->connections()) {
      if (connection->is_over() || connection->request() == 0) continue;
      const std::uint32_t client_number = model_.request(connection->request())->client;
      for (const auto& client : clients_) {
        if (!client->is_over() && client->number() == client_number) pairs.emplace_back(client.get(), connection.get());
      }
    }
  }
  if (pairs.empty()) return;
  const auto [client, connection] = pairs[dice.below(pairs.size())];
  const bool is_client_first = dice.percent(60);
  if (is_client_first) client->push();
  if (connection->owes_end() ? dice.one_in(2) : dice.below(1000) < 6 * scene_.habits.sudden) {
    connection->end_suddenly();
  } else {
    connection->act();
  }
  if (!is_client_first) client->push();
}

void Episode::dns_event() {
  Dice& dice = model_.dice;
  const std::vector<Stage::Lookup> waiting = stage_.lookups();
  if (waiting.empty()) return;
  const Stage::Lookup& lookup = waiting[dice.below(waiting.size())];
  std::vector<std::string> addresses = {"127.0.0.1"};
  if (lookup.name == "one.test" && dice.one_in(2)) addresses.push_back("127.0.0.2");
  if (!dice.percent(scene_.dns_answers)) {
    // Nobody listens at 127.0.0.9.
    switch (dice.below(3)) {
      case 0:
        addresses = {"127.0.0.9"};
        break;
      case 1:
        addresses.insert(addresses.begin(), "127.0.0.9");
        break;
      default:
        addresses.clear();
    }
  }
  std::string text;
  for (const std::string& address : addresses) text += " " + address;
  model_.note("dns", 0, "{} is{}", lookup.name, addresses.empty() ? " not known" : text);
  stage_.answer(lookup.id, addresses);
  stage_.settle();
}

void Episode::pass_time() {
  Dice& dice = model_.dice;
  std::size_t ms = 0;
  switch (dice.weighted({60, 25, 10, 4, 1})) {
    case 0:
      ms = dice.below(4);
      break;
    case 1:
      ms = dice.between(10, 60);
      break;
    case 2:
      ms = dice.between(60, 400);
      break;
    case 3:
      ms = dice.between(400, 3000);
      break;
    default:
      ms = dice.between(3000, 40'000);
  }
  if (scene_.pace == 0) ms /= 10;
  if (scene_.pace == 2) ms *= 2;
  if (ms >= 60) model_.note("time", 0, "{} ms go by", ms);
  stage_.advance(std::chrono::milliseconds(ms));
}

void Episode::turn() {
  // In calm there is enough of everything.
  stage_.set_shortage(model_.is_calm ? 0 : scene_.shortage);
  worker_->loop().turn(false);
  stage_.set_shortage(0);
  note_records();
  check_pools();
  check_leaving();
  for (const auto& server : servers_) {
    for (const auto& connection : server->connections()) {
      connection->watch();
      if (connection->seems_starved()) await_kernel(*connection);
    }
  }
}

/// The kernel's timers (a delayed acknowledgement, a probe of a full window) go by real time, which has to pass before
/// bytes can be called lost.
void Episode::await_kernel(AppConnection& connection) {
  const double limit = real_seconds() + 0.5;
  while (real_seconds() < limit) {
    if (connection.has_unread() || !connection.is_held()) return;
    usleep(1000);
    worker_->loop().turn(false);
  }
  connection.check_starved();
}

void Episode::clear_away() {
  std::erase_if(clients_, [](const auto& client) { return client->is_over(); });
  for (const auto& server : servers_) {
    std::erase_if(server->connections(), [](const auto& connection) { return connection->is_over(); });
  }
}

void Episode::check_pools() {
  for (std::uint32_t i = 0; i < kListeners; ++i) {
    proxy::UpstreamPool* pool = worker_->pool(UpstreamId(i));
    if (pool == nullptr) continue;
    const std::uint32_t most = pool->options().max_connections;
    if (pool->connections() > most) {
      model_.violated("weir", 0,
                      fmt::format("u{} has {} connections, with max_connections {}", i, pool->connections(), most));
    }
  }
}

/// A request whose client left is recorded soon. Only where the app had all of it: before, weir may not be reading.
void Episode::check_leaving() {
  if (!Expectations::leaving_is_noticed) return;
  std::erase_if(model_.left_behind, [this](std::uint32_t id) {
    Request& request = *model_.request(id);
    if (request.left_at == nanoseconds::zero()) request.left_at = stage_.elapsed();
    if (request.records > 0 || request.whole_at_app == 0 || request.wants_upgrade) return true;
    if (model_.trace.step() < request.left_in + 20 || stage_.elapsed() < request.left_at + kSoon) return false;
    model_.violated("weir", id, "the client has left, and the request is not over");
  });
}

void Episode::take_records() {
  stats::Batch* batch = worker_->handoff().take();
  if (batch == nullptr) return;
  for (const stats::Record& record : batch->records()) {
    records_.emplace_back(number_after(batch->detail(record).request_id, "q"), record);
  }
  batch->clear();
  worker_->handoff().done();
}

void Episode::note_records() {
  take_records();
  for (const auto& [id, record] : std::exchange(records_, {})) {
    model_.note("weir", id, "records status {}, fault {}, {} in, {} out", record.status, label(record.fault),
                record.bytes_in, record.bytes_out);
    Request* request = model_.request(id);
    if (request == nullptr) continue;
    request->record = record;
    if (++request->records > 1) model_.violated("weir", id, "the request is recorded a second time");
  }
}

}  // namespace weir::chaos
