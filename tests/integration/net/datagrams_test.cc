#include <weir/net/datagrams.h>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/net/socket_address.h>

using namespace weir;
using namespace weir::net;

namespace {

/// A socket that sends and does not wait.
class Sender {
 public:
  explicit Sender(const Endpoint& to) : to_(SocketAddress::of_literal(to).value()) {
    fd_ = ::socket(to_.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
  ~Sender() { ::close(fd_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  bool send(const std::string& text) const {
    return ::sendto(fd_, text.data(), text.size(), 0, to_.get(), to_.length()) == static_cast<ssize_t>(text.size());
  }

 private:
  SocketAddress to_;
  int fd_;
};

DatagramSocket open(const std::string& address) {
  auto socket = DatagramSocket::open(Endpoint::parse(address).value());
  REQUIRE(socket.is_ok());
  return std::move(socket).value();
}

std::string temporary_path() {
  return (std::filesystem::temp_directory_path() / ("weir-datagrams-" + std::to_string(::getpid()))).string();
}

}  // namespace

TEST_CASE("Datagrams: come one by one, empty ones too, over UDP of both families") {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    Loop loop;
    std::vector<std::string> got;
    DatagramSocket socket = open(address);
    const Sender sender(socket.endpoint());
    DatagramReceiver receiver(loop, std::move(socket), [&](std::string_view text) { got.emplace_back(text); });
    CHECK(receiver.endpoint().port != 0);
    for (const char* text : {"one", "", "two"}) CHECK(sender.send(text));
    while (got.size() < 3) loop.turn(true);
    CHECK(got == std::vector<std::string>{"one", "", "two"});
  }
}

TEST_CASE("Datagrams: what has been sent is taken at once when asked for, without a turn of the loop") {
  Loop loop;
  int count = 0;
  DatagramSocket socket = open("127.0.0.1:0");
  const Sender sender(socket.endpoint());
  DatagramReceiver receiver(loop, std::move(socket), [&](std::string_view) { ++count; });
  for (int i = 0; i < 100; ++i) CHECK(sender.send("x"));
  receiver.take_all();
  CHECK(count == 100);
}

TEST_CASE("Datagrams: the kernel's drops are counted") {
  Loop loop;
  std::uint64_t count = 0;
  DatagramSocket socket = open("127.0.0.1:0");
  const Sender sender(socket.endpoint());
  DatagramReceiver receiver(loop, std::move(socket), [&](std::string_view) { ++count; });
  // Far more than a receive buffer of 8 MiB holds.
  constexpr std::uint64_t kSent = 1000;
  const std::string large(60'000, 'x');
  for (std::uint64_t i = 0; i < kSent; ++i) CHECK(sender.send(large));
  receiver.take_all();
  CHECK(count < kSent);
  CHECK(count + receiver.dropped() == kSent);
}

TEST_CASE("Datagrams: a Unix socket takes over a stale file, and counts what is too long") {
  const std::string path = temporary_path();
  for (int life = 0; life < 2; ++life) {
    Loop loop;
    std::vector<std::string> got;
    DatagramSocket socket = open("unix:" + path);
    const Sender sender(socket.endpoint());
    DatagramReceiver receiver(loop, std::move(socket), [&](std::string_view text) { got.emplace_back(text); });
    CHECK(sender.send("one"));
    CHECK(sender.send(std::string(DatagramReceiver::kLongest + 1, 'x')));
    CHECK(sender.send("two"));
    receiver.take_all();
    CHECK(got == std::vector<std::string>{"one", "two"});
    CHECK(receiver.too_long() == 1);
    CHECK_FALSE(DatagramSocket::open(Endpoint::parse("unix:" + path).value()).is_ok());
  }
  ::unlink(path.c_str());
}
