#include "episode.h"

namespace weir::chaos {
namespace {

Temper some_temper(Dice& dice, unsigned leaves, bool is_small) {
  Temper temper;
  temper.leaves = leaves;
  temper.pipeline = dice.pick<std::size_t>({1, 1, 1, 2, 5});
  temper.most_requests = dice.pick<std::size_t>({1, 3, 10, 30});
  temper.uploads = dice.pick<unsigned>({0, 30, 60, 95});
  temper.oddities = dice.pick<unsigned>({0, 0, 3, 10});
  temper.largest_body = is_small ? 20'000 : dice.pick<std::size_t>({20'000, 150'000, 400'000});
  temper.reads = dice.pick<unsigned>({0, 3, 40, 40, 80});
  temper.sends = dice.pick<unsigned>({10, 40, 80});
  if (dice.one_in(2)) temper.socket.receive_buffer = dice.pick({2000, 10'000});
  if (dice.one_in(2)) temper.socket.segment = dice.pick({536, 1400});
  return temper;
}

}  // namespace

Scene::Scene(Dice& dice) {
  const bool is_small = dice.one_in(3);
  const unsigned leaves = dice.pick<unsigned>({0, 1, 1, 4, 10});
  for (int i = 0; i < 3; ++i) tempers.push_back(some_temper(dice, leaves, is_small));
  const auto some = [&](unsigned usual) { return dice.one_in(3) ? 0U : dice.pick({usual / 2, usual, usual * 3}); };
  habits.early = some(25);
  habits.stops_reading = dice.pick({0U, 30U, 80U});
  habits.large = some(25);
  habits.largest_body = is_small ? 30'000 : dice.pick<std::size_t>({100'000, 400'000});
  habits.interim = some(10);
  habits.wrong = some(4);
  habits.cut = some(6);
  habits.silent = some(5);
  habits.deaf = some(6);
  habits.streams = some(6);
  habits.closes = some(15);
  habits.until_close = some(8);
  habits.sudden = some(6);
  habits.pieces = dice.pick({0U, 30U, 100U});
  most_clients = dice.pick<std::size_t>({2, 6, 12});
  most_events = dice.pick<std::size_t>({3, 10, 24});
  reloads = some(8);
  outages = some(4);
  pace = dice.pick({0U, 1U, 1U, 2U});
  dns_answers = dice.pick({20U, 60U, 95U});
  lookups_seen = dice.pick({2U, 20U, 60U});
  has_names = !dice.one_in(4);
  most_connections = dice.pick({1U, 2U, 4U, 8U});
  shortage = dice.one_in(6) ? 30 : 0;
  milliseconds = dice.one_in(2) ? std::vector<int>{60, 150, 300} : std::vector<int>{150, 400, 1500, 5000};
  switch (dice.below(3)) {
    case 0:
      play_uploads(dice);
      break;
    case 1:
      play_queues(dice);
      break;
    default:
      break;
  }
}

/// Large uploads that the app has enough of, by clients that do not read: every buffer is full.
void Scene::play_uploads(Dice& dice) {
  for (Temper& temper : tempers) {
    temper.uploads = 90;
    temper.most_requests = 10;
    temper.largest_body = dice.pick<std::size_t>({150'000, 400'000});
    temper.reads = dice.pick({0U, 2U, 10U});
    temper.largest_piece = dice.pick<std::size_t>({8000, 25'000, 1 << 20});
    temper.oddities = 0;
    temper.leaves = 1;
    temper.waits = 4;
    temper.socket = {.receive_buffer = 2000, .send_buffer = 0, .segment = 536};
  }
  habits.early = 70;
  habits.stops_reading = dice.pick({50U, 90U});
  habits.large = 70;
  habits.largest_body = dice.pick<std::size_t>({60'000, 100'000, 250'000});
  habits.closes = dice.pick({30U, 80U});
  habits.wrong = habits.cut = habits.silent = habits.deaf = 0;
  has_small_app_buffers = true;
  milliseconds = {300, 1000};
  habits.pieces = dice.pick({0U, 0U, 30U});
  pace = dice.pick({0U, 1U});
  most_events = dice.pick<std::size_t>({10, 20});
  reloads /= 4;
  outages /= 4;
  most_clients = 12;
  least_connections = most_connections = 12;
  has_limits = false;
}

/// Few connections and slow names: requests wait for places and names, and take idle connections from one another.
void Scene::play_queues(Dice& dice) {
  for (Temper& temper : tempers) {
    temper.uploads = dice.pick({0U, 20U});
    temper.most_requests = 30;
    temper.reads = 40;
  }
  habits.early = habits.closes = habits.wrong = habits.cut = habits.until_close = habits.streams = 0;
  has_names = has_choice = true;
  reloads = dice.pick({5U, 15U});
  pace = dice.pick({1U, 2U});
  most_connections = dice.pick({1U, 2U});
  lookups_seen = dice.pick({0U, 2U, 10U});
  milliseconds = dice.pick({0, 1}) == 0 ? std::vector<int>{60, 150} : std::vector<int>{150, 300, 400};
  most_clients = 12;
  most_events = dice.pick<std::size_t>({8, 20});
}

}  // namespace weir::chaos
