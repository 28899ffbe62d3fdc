#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include <doctest/doctest.h>

#include "lab.h"

namespace {

thread_local bool is_counted = false;
std::atomic<std::uint64_t> allocations{0};

void* allocate(std::size_t size) {
  if (is_counted) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// All other forms end in these.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace weir;
using namespace weir::testing;

namespace {

/// Allocations of the worker's thread while a warm connection carries `request` many times.
std::uint64_t counted(const std::string& answer, const std::string& request) {
  constexpr int kExchanges = 500;
  Upstream upstream(always(answer));
  Lab lab(upstream.port(), {}, [] { is_counted = true; });
  Wire client = lab.client();
  const auto exchange = [&] {
    REQUIRE(client.send(request));
    REQUIRE(client.read_message().is_whole);
  };
  for (int i = 0; i < 100; ++i) exchange();
  const std::uint64_t before = allocations.load();
  for (int i = 0; i < kExchanges; ++i) exchange();
  return allocations.load() - before;
}

}  // namespace

TEST_CASE("HTTP/1: the counter of allocations counts") {
  is_counted = true;
  const std::uint64_t before = allocations.load();
  { const std::string text(1000, 'x'); }
  is_counted = false;
  CHECK(allocations.load() == before + 1);
}

TEST_CASE("HTTP/1: a warm exchange allocates nothing") {
  const std::string fields =
      "User-Agent: test/1.0\r\nAccept: */*\r\nCookie: a=b; c=d\r\nTraceparent: "
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
  CHECK(counted(ok("hello"), get("/path/to/something?with=query", fields)) == 0);
}

TEST_CASE("HTTP/1: a warm exchange with bodies allocates nothing") {
  const std::string body(2000, 'b');
  CHECK(counted(ok(body), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + body) == 0);
}

TEST_CASE("HTTP/1: a warm exchange in chunks allocates nothing") {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(std::string(2000, 'b'), 500);
  CHECK(counted(answer, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            chunked(std::string(2000, 'b'), 300)) == 0);
}
