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
  habits.streams = some(6);
  habits.closes = some(15);
  habits.until_close = some(8);
  habits.sudden = some(6);
  habits.pieces = dice.pick({0U, 30U, 100U});
  if (dice.one_in(4)) {
    // Large uploads that the app has enough of, by clients that do not read: every buffer is full.
    for (Temper& temper : tempers) {
      temper.uploads = 90;
      temper.largest_body = dice.pick<std::size_t>({150'000, 400'000});
      temper.reads = dice.pick({0U, 2U, 10U});
      temper.oddities = 0;
    }
    habits.early = 70;
    habits.stops_reading = dice.pick({50U, 90U});
    habits.large = 60;
    habits.largest_body = dice.pick<std::size_t>({100'000, 400'000});
    habits.closes = dice.pick({30U, 80U});
  }
  most_clients = dice.pick<std::size_t>({2, 6, 12});
  most_events = dice.pick<std::size_t>({2, 6, 16});
  reloads = some(8);
  outages = some(4);
  pace = dice.pick({0U, 1U, 1U, 2U});
  dns_answers = dice.pick({20U, 60U, 95U});
  lookups_seen = dice.pick({2U, 20U, 60U});
  has_names = !dice.one_in(4);
  most_connections = dice.pick({1U, 2U, 4U, 8U});
  milliseconds = dice.one_in(2) ? std::vector<int>{60, 150, 300} : std::vector<int>{150, 400, 1500, 5000};
}

}  // namespace weir::chaos
