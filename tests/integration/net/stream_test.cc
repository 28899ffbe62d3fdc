#include <weir/net/stream.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pair.h"

using namespace weir;
using namespace weir::net;
using namespace weir::net::testing;

TEST_CASE("Stream: bytes pass both ways, in order, from several parts") {
  Pair pair;
  CHECK(pair.client.stream->write("hello ") == Write::done);
  const std::array<iovec, 3> parts = {iovec{const_cast<char*>("big "), 4}, iovec{nullptr, 0},
                                      iovec{const_cast<char*>("world"), 5}};
  CHECK(pair.client.stream->write(parts) == Write::done);
  pair.until([&] { return pair.server.received.size() == 15; });
  CHECK(pair.server.received == "hello big world");
  CHECK(pair.server.stream->write("back") == Write::done);
  pair.until([&] { return pair.client.received == "back"; });
  CHECK(pair.server.stream->peer_host() == "127.0.0.1");
}

TEST_CASE("Stream: what the socket does not take is queued, owned, and told when it is gone") {
  Pair pair;
  pair.server.stream->stop_reading();
  std::string block(1'000'000, 'a');
  std::string sent;
  Write outcome = Write::done;
  while (outcome == Write::done) {
    for (char& c : block) c = static_cast<char>(c + 1);
    sent += block;
    outcome = pair.client.stream->write(block);
  }
  REQUIRE(outcome == Write::queued);
  CHECK(pair.client.stream->queued() > 0);
  const std::string last = "the end";
  CHECK(pair.client.stream->write(last) == Write::queued);
  sent += last;
  std::fill(block.begin(), block.end(), '?');  // the queue has a copy
  CHECK(pair.client.drained == 0);
  pair.server.stream->start_reading();
  pair.until([&] { return pair.server.received.size() == sent.size() && pair.client.drained > 0; });
  CHECK(pair.server.received == sent);
  CHECK(pair.client.stream->queued() == 0);
}

TEST_CASE("Stream: shutdown sends what is queued, then the end; the other direction goes on") {
  Pair pair;
  pair.server.stream->stop_reading();
  std::size_t sent = 0;
  const std::string block(1'000'000, 'x');
  while (pair.client.stream->write(block) == Write::done) sent += block.size();
  sent += block.size();
  pair.client.stream->shutdown();
  pair.server.stream->start_reading();
  pair.until([&] { return pair.server.has_ended; });
  CHECK(pair.server.received.size() == sent);
  CHECK(pair.server.stream->write("still") == Write::done);
  pair.until([&] { return pair.client.received == "still"; });
}

TEST_CASE("Stream: the peer can tell a reset from a close") {
  {
    Pair pair;
    pair.client.stream->close();
    CHECK_FALSE(pair.client.stream->is_open());
    pair.until([&] { return pair.server.has_ended; });
    CHECK(pair.server.error == 0);
  }
  Pair pair;
  pair.client.stream->reset();
  pair.until([&] { return pair.server.error != 0; });
  CHECK(pair.server.error == -ECONNRESET);
  CHECK(pair.server.stream->last_error() == -ECONNRESET);
  CHECK_FALSE(pair.server.has_ended);
}

TEST_CASE("Stream: writing to a peer that has gone fails, and closed streams take nothing") {
  Pair pair;
  pair.server.stream->reset();
  pair.until([&] { return pair.client.error != 0; });
  CHECK(pair.client.stream->write("x") == Write::failed);
  pair.client.stream->close();
  pair.client.stream->close();
  CHECK(pair.client.stream->write("x") == Write::failed);
  CHECK(pair.client.stream->queued() == 0);
}

TEST_CASE("Stream: a stream may be destroyed with writes queued, and a reset may follow a shutdown") {
  Pair pair;
  pair.server.stream->stop_reading();
  const std::string block(1'000'000, 'x');
  while (pair.client.stream->write(block) == Write::done) {
  }
  pair.client.stream->shutdown();
  pair.client.stream->reset();
  pair.client.stream.reset();
  pair.server.stream->start_reading();
  pair.until([&] { return pair.server.has_ended || pair.server.error != 0; });
}

TEST_CASE("Stream: nobody listening is told as connection refused, later") {
  Loop loop;
  EndPoint client;
  std::uint16_t port = 0;
  {
    const auto socket = ListeningSocket::open(loopback(), false);
    REQUIRE(socket.is_ok());
    port = socket.value().endpoint().port;
  }
  client.stream.emplace(loop, client);
  if (client.stream->connect(SocketAddress::of_literal(loopback(port)).value())) {
    CHECK_FALSE(client.connected.has_value());
    while (!client.connected.has_value()) loop.turn(true);
    CHECK(client.connected == -ECONNREFUSED);
  }
  CHECK(error_text(-ECONNREFUSED) == "connection refused");
  client.stream->close();
}

TEST_CASE("ListeningSocket: a port in use is named, with what to do; a shared one can be had again") {
  const auto first = ListeningSocket::open(loopback(), false);
  REQUIRE(first.is_ok());
  const auto second = ListeningSocket::open(first.value().endpoint(), false);
  REQUIRE_FALSE(second.is_ok());
  CHECK(second.error().message ==
        "cannot listen on " + first.value().endpoint().to_string() +
            ": Address already in use (it is taken already: stop who has it or choose another port)");
  const auto shared = ListeningSocket::open(loopback(), true);
  REQUIRE(shared.is_ok());
  CHECK(ListeningSocket::open_beside(shared.value()).is_ok());
  // A second program would quietly take half of the connections.
  CHECK_FALSE(ListeningSocket::open(shared.value().endpoint(), true));
}

TEST_CASE("ListeningSocket: a name is no address to listen on, an address of another machine neither") {
  Endpoint named = loopback();
  named.host = "app.internal";
  const auto by_name = ListeningSocket::open(named, false);
  REQUIRE_FALSE(by_name.is_ok());
  CHECK(by_name.error().message.find("use an IP address of this machine") != std::string::npos);
  Endpoint elsewhere = loopback();
  elsewhere.host = "192.0.2.1";
  const auto foreign = ListeningSocket::open(elsewhere, false);
  REQUIRE_FALSE(foreign.is_ok());
  CHECK(foreign.error().message.find("no interface of this machine has that address") != std::string::npos);
}

TEST_CASE("Listener: a connection that nobody adopts is closed; a closed listener takes no more") {
  Loop loop;
  auto socket = ListeningSocket::open(loopback(), false);
  REQUIRE(socket.is_ok());
  int accepted_count = 0;
  Listener listener(loop, std::move(socket).value(), [&](Accepted) { ++accepted_count; });
  EndPoint client;
  client.stream.emplace(loop, client);
  REQUIRE(client.stream->connect(SocketAddress::of_literal(listener.endpoint()).value()));
  while (!client.connected.has_value()) loop.turn(true);
  client.stream->start_reading();
  while (!client.has_ended && client.error == 0) loop.turn(true);
  CHECK(accepted_count == 1);
  listener.close();
  listener.close();
  loop.turn(false);
  EndPoint late;
  late.stream.emplace(loop, late);
  if (late.stream->connect(SocketAddress::of_literal(listener.endpoint()).value())) {
    while (!late.connected.has_value()) loop.turn(true);
    CHECK(late.connected == -ECONNREFUSED);
  }
}

namespace {

/// A folder of its own for a socket file.
struct Folder {
  Folder() {
    char name[] = "/tmp/weir-net-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
    socket = {.kind = Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = path + "/s"};
  }
  ~Folder() {
    ::unlink(socket.path.c_str());
    ::rmdir(path.c_str());
  }
  std::string path;
  Endpoint socket;
};

}  // namespace

TEST_CASE("Unix sockets: both ways, half-close and peer name") {
  const Folder folder;
  Pair pair(folder.socket);
  CHECK(pair.client.stream->write("hello") == Write::done);
  pair.client.stream->shutdown();
  pair.until([&] { return pair.server.has_ended; });
  CHECK(pair.server.received == "hello");
  CHECK(pair.server.stream->write("back") == Write::done);
  pair.until([&] { return pair.client.received == "back"; });
  CHECK(pair.server.stream->peer_host() == "unix:");
}

TEST_CASE("Unix sockets: a file that nobody serves is taken over, one that is served is not, another file is never") {
  const Folder folder;
  {
    // Left behind as by a killed process: bound, closed, not unlinked.
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const SocketAddress address = SocketAddress::of_literal(folder.socket).value();
    REQUIRE(::bind(fd, address.get(), address.length()) == 0);
    ::close(fd);
  }
  {
    const auto taken_over = ListeningSocket::open(folder.socket, false);
    REQUIRE(taken_over.is_ok());
    const auto second = ListeningSocket::open(folder.socket, false);
    REQUIRE_FALSE(second.is_ok());
    CHECK(second.error().message.find("Address already in use") != std::string::npos);
  }
  ::unlink(folder.socket.path.c_str());
  std::FILE* file = std::fopen(folder.socket.path.c_str(), "w");
  REQUIRE(file != nullptr);
  std::fclose(file);
  CHECK_FALSE(ListeningSocket::open(folder.socket, false).is_ok());
  struct stat info;
  CHECK(::stat(folder.socket.path.c_str(), &info) == 0);
  CHECK(S_ISREG(info.st_mode));
}

TEST_CASE("Stream: a watched peer's end shows while nobody reads, its bytes stay to be read") {
  Pair pair;
  pair.server.stream->stop_reading();
  pair.server.stream->watch_peer();
  CHECK(pair.client.stream->write("unread") == Write::done);
  pair.client.stream->shutdown();
  pair.until([&] { return pair.server.peer_ended == 1; });
  CHECK(pair.server.received.empty());
  CHECK(pair.server.error == 0);
  // Once is enough: an end does not go away, and the loop must not spin for it.
  for (int turn = 0; turn < 5; ++turn) pair.loop.turn(false);
  CHECK(pair.server.peer_ended == 1);
  pair.server.stream->start_reading();
  pair.until([&] { return pair.server.has_ended; });
  CHECK(pair.server.received == "unread");
}

TEST_CASE("Stream: a watched peer that breaks the connection shows while nobody reads") {
  for (const bool has_ended_before : {false, true}) {
    CAPTURE(has_ended_before);
    Pair pair;
    if (has_ended_before) {
      pair.client.stream->shutdown();
      pair.until([&] { return pair.server.has_ended; });
    } else {
      pair.server.stream->stop_reading();
    }
    pair.server.stream->watch_peer();
    for (int turn = 0; turn < 3; ++turn) pair.loop.turn(false);
    CHECK(pair.server.error == 0);
    pair.client.stream->reset();
    pair.until([&] { return pair.server.error != 0; });
    CHECK(pair.server.error == (has_ended_before ? -EPIPE : -ECONNRESET));
  }
}

TEST_CASE("Stream: an end that comes while the stream reads is told by reading alone, and again when watched again") {
  Pair pair;
  pair.server.stream->watch_peer();
  pair.client.stream->shutdown();
  pair.until([&] { return pair.server.has_ended; });
  pair.loop.turn(false);
  const int told = pair.server.peer_ended;
  pair.server.stream->watch_peer();
  pair.until([&] { return pair.server.peer_ended == told + 1; });
}

TEST_CASE("Stream: a watched stream that is closed sends its end at once") {
  Pair pair;
  pair.server.stream->stop_reading();
  pair.server.stream->watch_peer();
  pair.server.stream->close();
  pair.until([&] { return pair.client.has_ended; });
  CHECK(pair.client.error == 0);
}
