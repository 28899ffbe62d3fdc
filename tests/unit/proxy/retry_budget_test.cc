#include <weir/proxy/retry_budget.h>

#include <doctest/doctest.h>

using weir::proxy::RetryBudget;

namespace {

int take_all(RetryBudget& budget) {
  int taken = 0;
  while (taken < 100'000 && budget.take()) ++taken;
  return taken;
}

void pass(RetryBudget& budget, std::uint32_t steps) {
  for (std::uint32_t i = 0; i < steps; ++i) budget.step();
}

}  // namespace

TEST_CASE("RetryBudget: ten are allowed whatever the traffic") {
  RetryBudget budget;
  CHECK(take_all(budget) == 10);
  budget.note_request();
  CHECK(take_all(budget) == 0);
}

TEST_CASE("RetryBudget: a fifth of the requests") {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.note_request();
  CHECK(take_all(budget) == 200);
  for (int i = 0; i < 5; ++i) budget.note_request();
  CHECK(take_all(budget) == 1);
}

TEST_CASE("RetryBudget: requests and retries of more than ten seconds ago count no longer") {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.note_request();
  CHECK(take_all(budget) == 200);
  pass(budget, RetryBudget::kSteps);
  CHECK(take_all(budget) == 0);
  pass(budget, 1);
  CHECK(take_all(budget) == 10);
  pass(budget, 3 * RetryBudget::kSteps);
  CHECK(take_all(budget) == 10);
}

TEST_CASE("RetryBudget: what is spread over the ten seconds is counted whole") {
  RetryBudget budget;
  for (std::uint32_t step = 0; step < 10 * RetryBudget::kSteps; ++step) {
    for (int i = 0; i < 100; ++i) budget.note_request();
    budget.step();
  }
  CHECK(take_all(budget) == 100 * RetryBudget::kSteps / 5);
}
