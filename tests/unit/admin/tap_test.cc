#include "tap.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::admin;

namespace {

/// A client that takes what it is sent as long as it wants to.
struct Client final : LiveWriter {
  bool write(std::string_view piece) override {
    got += piece;
    return takes;
  }
  std::string got;
  bool takes = true;
};

TapFilter filter_of(const char* text) {
  const Query query(text);
  QueryReader reader(query);
  TapFilter filter(reader);
  REQUIRE_MESSAGE(reader.is_ok(), reader.problem());
  return filter;
}

stats::Record record_of(std::uint16_t status, Nanos duration = 1ms) {
  stats::Record record;
  record.status = status;
  record.duration_ns = duration.count();
  record.method = Method::get;
  return record;
}

std::string statuses_through(const char* text) {
  const TapFilter filter = filter_of(text);
  std::string through;
  for (const int status : {0, 101, 200, 204, 304, 404, 429, 499, 500, 503, 599, 700}) {
    if (filter.lets_through(record_of(static_cast<std::uint16_t>(status)))) through += std::to_string(status) + " ";
  }
  return through;
}

}  // namespace

TEST_CASE("TapFilter: statuses by class, by code, or several") {
  CHECK(statuses_through("") == "0 101 200 204 304 404 429 499 500 503 599 700 ");
  CHECK(statuses_through("status=5xx") == "500 503 599 ");
  CHECK(statuses_through("status=404") == "404 ");
  CHECK(statuses_through("status=429,5XX,%20304") == "304 429 500 503 599 ");
  for (const char* wrong :
       {"abc", "6xx", "0xx", "5x", "5xxx", "40", "4041", "600", "099", "404,", ",", "-404", "4.4"}) {
    CAPTURE(wrong);
    CHECK_FALSE(StatusSet::parse(wrong));
  }
}

TEST_CASE("TapFilter: faults are those cut short, whatever their status, and no client that left") {
  const TapFilter filter = filter_of("status=404,faults");
  const auto passes = [&](std::uint16_t status, Fault fault) {
    stats::Record record = record_of(status);
    record.fault = fault;
    return filter.lets_through(record);
  };
  CHECK(passes(502, Fault::connect_failed));
  CHECK(passes(200, Fault::upstream_truncated));
  CHECK(passes(400, Fault::bad_request));
  CHECK_FALSE(passes(500, Fault::none));
  CHECK_FALSE(passes(0, Fault::client_aborted));
  CHECK_FALSE(passes(200, Fault::client_stalled));
  CHECK(passes(404, Fault::client_aborted));
}

TEST_CASE("TapFilter: what took less than the least is left out") {
  const TapFilter filter = filter_of("min=200ms");
  CHECK_FALSE(filter.lets_through(record_of(200, 199ms)));
  CHECK(filter.lets_through(record_of(200, 200ms)));
}

TEST_CASE("TapFilter: follows a route to whatever id it has") {
  route::RouteBook book;
  TapFilter filter = filter_of("route=GET+/users/{user_id}");
  CHECK(filter.check(book).is_ok());
  filter.resolve(book);
  stats::Record record = record_of(200);
  record.route = book.learn({Method::get, "/orders", 200});
  CHECK_FALSE(filter.lets_through(record));
  record.route = book.learn({Method::get, "/users/17", 200});
  filter.resolve(book);
  CHECK(filter.lets_through(record));
  record.method = Method::post;
  CHECK_FALSE(filter.lets_through(record));
  CHECK_FALSE(filter_of("route=GET+users").check(book).is_ok());
}

TEST_CASE("Tap: events wait for a slow client up to a bound, then it is told how many it has lost") {
  std::vector<bool> presence;
  Tap tap(filter_of(""), nullptr, [&](Tap&, bool is_there) { presence.push_back(is_there); });
  Client client;
  tap.on_open(client);
  tap.add("data: first\n\n");
  client.takes = false;
  tap.flush();
  const std::string before = client.got;
  CHECK(before.ends_with("data: first\n\n"));
  const std::string event = "data: " + std::string(994, 'x') + "\n\n";
  for (int i = 0; i < 10'000; ++i) tap.add(event);
  tap.flush();
  CHECK(client.got == before);

  client.takes = true;
  tap.on_drained();
  const std::size_t kept = Tap::kMaxWaiting / event.size();
  CHECK(client.got.size() < before.size() + Tap::kMaxWaiting + 100);
  CHECK(client.got.ends_with("event: dropped\ndata: {\"dropped\":" + std::to_string(10'000 - kept) + "}\n\n"));
  tap.add("data: last\n\n");
  tap.flush();
  CHECK(client.got.ends_with("}\n\ndata: last\n\n"));
  tap.on_closed();
  tap.on_closed();
  CHECK(presence == std::vector<bool>{true, false});
}

TEST_CASE("Tap: a comment goes out only where nothing else does") {
  Tap tap(filter_of(""), nullptr, [](Tap&, bool) {});
  Client client;
  tap.on_open(client);
  client.got.clear();
  tap.comment();
  CHECK(client.got.starts_with(": "));
  tap.add("data: x\n\n");
  client.takes = false;
  tap.flush();
  const std::string before = client.got;
  tap.comment();
  CHECK(client.got == before);
}
