// What a flood leaves behind: a million requests each of distinct 404 paths, distinct 200 paths, random methods and 8 KB
// paths, through the route book and the ledger as the control thread takes them in. Prints routes, bytes and resident
// memory after each; takes about half a minute.

#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include <weir/route/book.h>
#include <weir/stats/batch.h>
#include <weir/stats/ledger.h>

using namespace weir;

namespace {

constexpr std::size_t kRequests = 1'000'000;

stats::Moment at(Nanos since_start) { return {TimePoint(1h + since_start), WallTime(1'769'852'000s)}; }

double resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return static_cast<double>(pages) * 4096 / 1e6;
}

/// The control thread's part of weir, without the threads.
class Books {
 public:
  void take(Method method, const std::string& path, std::uint16_t status) {
    stats::Record record;
    record.ended_ns = at(now_).clock.time_since_epoch().count();
    record.duration_ns = static_cast<std::int64_t>(1'000'000 + random_() % 50'000'000);
    record.method = method;
    record.status = status;
    record.server = ServerId(0);
    record.concurrency = record.route_concurrency = static_cast<std::uint16_t>(1 + random_() % 8);
    stats::Detail detail;
    detail.path = path;
    detail.client = "192.0.2.1";
    batch_.add(record, detail);
    if (batch_.is_half_full()) hand_over();
  }
  void hand_over() {
    ledger_.fold(batch_, 0, at(now_), [this](const stats::Record& record, const stats::Detail& detail) {
      return book_.learn({.method = record.method, .path = detail.path, .status = record.status});
    });
    for (const route::Merge& merge : book_.take_merges()) ledger_.merge_series(merge.from, merge.into);
    batch_.clear();
    now_ += 1s;
  }
  std::mt19937_64& random() { return random_; }
  void print(const char* name, double before) {
    hand_over();
    const std::size_t series = ledger_.view({}, at(now_))->series.size();
    std::printf("%-32s %4zu routes, %4zu tags, ledger %5.2f MB, resident %+6.2f MB\n", name, book_.live_count(), series,
                static_cast<double>(ledger_.bytes()) / 1e6, resident_megabytes() - before);
  }

 private:
  route::RouteBook book_;
  stats::Ledger ledger_{{}, at(0s)};
  stats::Batch batch_;
  Nanos now_ = 0s;
  std::mt19937_64 random_{7};
};

template <class Send>
void flood(const char* name, std::size_t requests, Send send) {
  const double before = resident_megabytes();
  Books books;
  for (std::size_t i = 0; i < requests; ++i) send(books, i);
  books.print(name, before);
}

}  // namespace

int main() {
  flood("a million distinct 404 paths", kRequests, [](Books& books, std::size_t i) {
    books.take(Method::get, "/scan/" + std::to_string(i * 2'654'435'761 % 4'294'967'291) + "/x" + std::to_string(i), 404);
  });
  flood("a million distinct 200 paths", kRequests, [](Books& books, std::size_t i) {
    books.take(Method::get, "/" + std::to_string(books.random()()) + "/" + std::to_string(i), 200);
  });
  flood("a million random words, 200", kRequests, [](Books& books, std::size_t) {
    std::string path;
    for (int segment = 0; segment < 3; ++segment) {
      path += '/';
      for (int letter = 0; letter < 8; ++letter) path += static_cast<char>('a' + books.random()() % 26);
    }
    books.take(Method::get, path, 200);
  });
  flood("a million of random methods", kRequests, [](Books& books, std::size_t i) {
    books.take(static_cast<Method>(books.random()() % count_of<Method>()), "/items/" + std::to_string(i), 200);
  });
  flood("100,000 paths of 8 KB", kRequests / 10, [](Books& books, std::size_t i) {
    books.take(Method::get, "/" + std::to_string(i) + "/" + std::string(8000, static_cast<char>('a' + i % 26)), 200);
  });
}
