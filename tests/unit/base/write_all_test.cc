#include <weir/base/write_all.h>

#include <cerrno>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace weir;

TEST_CASE("write_all: more than a pipe holds is written, whole and in order") {
  std::string bytes(300'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  bool is_written = false;
  std::thread writer([&] {
    is_written = write_all(ends[1], bytes);
    ::close(ends[1]);
  });
  std::string seen;
  char buffer[4096];
  for (ssize_t size = 1; size > 0;) {
    size = ::read(ends[0], buffer, sizeof buffer);
    if (size > 0) seen.append(buffer, static_cast<std::size_t>(size));
  }
  writer.join();
  ::close(ends[0]);
  CHECK(is_written);
  CHECK(seen == bytes);
}

TEST_CASE("write_all: a full disk is told, with the reason") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  CHECK_FALSE(write_all(full, "x"));
  CHECK(errno == ENOSPC);
  CHECK(write_all(full, ""));
  ::close(full);
}
