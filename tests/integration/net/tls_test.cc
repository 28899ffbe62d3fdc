#include <atomic>
#include <csignal>
#include <string>

#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "lab/certificates.h"
#include "party.h"
#include "raw_peer.h"

using namespace weir;
using lab::House;
using lab::Party;
using lab::RawPeer;

namespace {

/// A worker does the same: a peer that is gone is an error of the write, not the end of the program.
const auto kIgnored = std::signal(SIGPIPE, SIG_IGN);

const lab::TemporaryFolder& folder() {
  static const lab::TemporaryFolder made;
  return made;
}

const lab::Authority& authority() {
  static const lab::Authority made(folder());
  return made;
}

net::TlsServerContextPtr server_of(const lab::CertificateFiles& files) {
  auto context = net::TlsServerContext::load({files.certificate, files.key});
  REQUIRE(context.is_ok());
  return context.value();
}

net::TlsServerContextPtr server() {
  static const net::TlsServerContextPtr made = server_of(authority().issue("localhost", "DNS:localhost,IP:127.0.0.1"));
  return made;
}

net::TlsClientContextPtr client_with(const net::TlsClientOptions& options) {
  auto context = net::TlsClientContext::load(options);
  REQUIRE(context.is_ok());
  return context.value();
}

net::TlsClientContextPtr client() {
  net::TlsClientOptions options;
  options.ca = authority().certificate();
  return client_with(options);
}

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 13);
  return bytes;
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

Context raw_client() {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  // OpenSSL's security level 2 would not even offer TLS 1.1.
  SSL_CTX_set_security_level(context.get(), 0);
  return context;
}

Connection over(SSL_CTX* context, int fd) {
  Connection connection(SSL_new(context), SSL_free);
  SSL_set_fd(connection.get(), fd);
  return connection;
}

/// Takes six bytes off a connection, then leaves it to TLS and to `next`.
struct SixBytesFirst final : net::StreamOwner {
  explicit SixBytesFirst(Party& to) : next(to) {}
  void on_data(net::Stream& stream, std::span<char> data) override {
    stream.set_owner(next);
    next.received.assign(data.data(), 6);
    stream.start_tls_server(server(), data.subspan(6));
  }
  void on_end(net::Stream&) override {}
  void on_failed(net::Stream&, int) override {}
  void on_drained(net::Stream&) override {}

  Party& next;
};

/// What a client gets to hear whose handshake the server refuses.
std::string refusal_of(House& house, SSL_CTX* context) {
  std::string heard;
  std::atomic<bool> is_over = false;
  RawPeer peer = RawPeer::client(house.port(), [&](int fd) {
    const Connection connection = over(context, fd);
    heard = SSL_connect(connection.get()) == 1 ? "it was taken" : lab::last_openssl_error();
    is_over = true;
  });
  house.run_until([&] { return is_over.load(); });
  peer.wait();
  return heard;
}

}  // namespace

TEST_CASE("TLS: carries bytes both ways, and both ends part in order") {
  House house(server());
  Party& caller = house.call(client());
  REQUIRE(house.run_until([&] { return caller.is_connected(); }));
  Party& answerer = house.answerer();
  CHECK(caller.stream.is_tls());
  CHECK(caller.stream.write("ping") == net::Write::done);
  REQUIRE(house.run_until([&] { return answerer.received == "ping"; }));
  const std::string head = "he", body = "llo";
  const iovec parts[] = {{const_cast<char*>(head.data()), 2}, {nullptr, 0}, {const_cast<char*>(body.data()), 3}};
  CHECK(answerer.stream.write(parts) == net::Write::done);
  REQUIRE(house.run_until([&] { return caller.received == "hello"; }));

  SUBCASE("half-closed: what the other end still has to say comes through") {
    caller.stream.shutdown();
    REQUIRE(house.run_until([&] { return answerer.has_ended; }));
    CHECK(answerer.stream.write("goodbye") == net::Write::done);
    REQUIRE(house.run_until([&] { return caller.received == "hellogoodbye"; }));
    answerer.stream.shutdown();
    REQUIRE(house.run_until([&] { return caller.has_ended; }));
  }
  SUBCASE("closed: an end, not a failure") {
    answerer.stream.close();
    REQUIRE(house.run_until([&] { return caller.has_ended || caller.failure; }));
    CHECK(caller.has_ended);
  }
  SUBCASE("reset: a failure, not an end") {
    answerer.stream.reset();
    REQUIRE(house.run_until([&] { return caller.has_ended || caller.failure; }));
    CHECK(!caller.has_ended);
  }
}

TEST_CASE("TLS: large transfers with back-pressure arrive whole, both ways at once") {
  House house(server());
  Party& caller = house.call(client());
  REQUIRE(house.run_until([&] { return caller.is_connected(); }));
  Party& answerer = house.answerer();
  const std::string there = pattern(24 * 1024 * 1024);
  const std::string back = pattern(16 * 1024 * 1024 + 17);
  std::size_t most_queued = 0;
  const auto pump = [&](Party& from, const std::string& what, std::size_t& sent) {
    constexpr std::size_t kPiece = 50'000;
    while (sent < what.size() && from.stream.queued() == 0) {
      const std::size_t size = std::min(kPiece, what.size() - sent);
      REQUIRE(from.stream.write(std::string_view(what).substr(sent, size)) != net::Write::failed);
      most_queued = std::max(most_queued, from.stream.queued());
      sent += size;
    }
  };
  std::size_t sent_there = 0, sent_back = 0;
  int pauses = 0;
  const bool is_done = house.run_until([&] {
    pump(caller, there, sent_there);
    pump(answerer, back, sent_back);
    // A reader that stops now and then.
    if (++pauses % 7 == 0) answerer.stream.stop_reading();
    if (pauses % 7 == 3) answerer.stream.start_reading();
    house.loop.turn(false);
    return answerer.received.size() >= there.size() && caller.received.size() >= back.size();
  });
  REQUIRE(is_done);
  CHECK(answerer.received == there);
  CHECK(caller.received == back);
  CHECK(caller.drained > 0);
  CHECK(most_queued > 0);
  CHECK(most_queued < 64 * 1024);
}

TEST_CASE("TLS: a write before the handshake is through waits for it") {
  House house(server());
  Party& caller = house.call(client());
  Party& answerer = house.answerer();
  CHECK(answerer.stream.write("greetings") == net::Write::queued);
  CHECK(answerer.stream.queued() == 9);
  answerer.stream.shutdown();
  REQUIRE(house.run_until([&] { return caller.has_ended; }));
  CHECK(caller.received == "greetings");
  CHECK(answerer.drained == 1);
  CHECK(answerer.stream.queued() == 0);
}

TEST_CASE("TLS: can begin behind other bytes, also where its own came along with them") {
  House house(nullptr);
  const Context context = raw_client();
  // In TLS 1.3 tickets would lie unread and make the kernel send a reset.
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  RawPeer peer = RawPeer::client(house.port(), [&](int fd) {
    // The kernel holds these back until the handshake's first bytes go with them.
    ::send(fd, "before", 6, MSG_MORE | MSG_NOSIGNAL);
    const Connection connection = over(context.get(), fd);
    if (SSL_connect(connection.get()) == 1) SSL_write(connection.get(), " and in", 7);
    SSL_shutdown(connection.get());
  });
  REQUIRE(house.run_until([&] { return house.answered() == 1; }));
  SixBytesFirst first(*house.newest());
  house.newest()->stream.set_owner(first);
  REQUIRE(house.run_until([&] { return house.newest()->has_ended; }));
  CHECK(house.newest()->received == "before and in");
}

TEST_CASE("TLS: a certificate that nobody trusted signed is refused, and both ends are told") {
  House house(server());
  const lab::Authority stranger(folder(), "stranger");
  net::TlsClientOptions options;
  options.ca = stranger.certificate();
  Party& caller = house.call(client_with(options));
  REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
  CHECK(!caller.is_connected());
  CHECK(caller.stream.failure_text() == "the certificate is refused: unable to get local issuer certificate");
  Party& answerer = house.answerer();
  REQUIRE(house.run_until([&] { return answerer.failure.has_value(); }));
  CHECK(answerer.stream.tls_error() == "the other side does not trust the certificate (unknown ca)");
}

TEST_CASE("TLS: the certificate's name has to be the server's") {
  House house(server());
  Party& caller = house.call(client(), "example.org");
  REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
  CHECK(caller.stream.failure_text() == "the certificate is refused: hostname mismatch");
  Party& by_wrong_address = house.call(client(), "127.0.0.2");
  REQUIRE(house.run_until([&] { return by_wrong_address.connection.has_value(); }));
  CHECK(by_wrong_address.stream.failure_text() == "the certificate is refused: IP address mismatch");
  Party& by_address = house.call(client(), "127.0.0.1");
  REQUIRE(house.run_until([&] { return by_address.connection.has_value(); }));
  CHECK(by_address.is_connected());
}

TEST_CASE("TLS: a certificate that is not valid yet is refused") {
  House house(server_of(authority().issue("early", "DNS:localhost", 1, 10)));
  Party& caller = house.call(client());
  REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
  CHECK(caller.stream.failure_text() == "the certificate is refused: certificate is not yet valid");
}

TEST_CASE("TLS: without verification anybody is believed") {
  House house(server());
  net::TlsClientOptions options;
  options.verify = false;
  Party& caller = house.call(client_with(options), "example.org");
  REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
  CHECK(caller.is_connected());
}

TEST_CASE("TLS: a server's connection that ends without close_notify is a failure, after all that came") {
  const auto files = authority().issue("raw", "DNS:localhost");
  bool says_goodbye = false;
  SUBCASE("with close_notify it is an end") { says_goodbye = true; }
  SUBCASE("without it may be cut short") { says_goodbye = false; }
  RawPeer peer = RawPeer::server([&](int fd) {
    const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
    const Connection connection = over(context.get(), fd);
    SSL_accept(connection.get());
    SSL_write(connection.get(), "half", 4);
    if (says_goodbye) SSL_shutdown(connection.get());
  });
  House house(nullptr);
  Party& caller = house.call(peer.port(), client());
  REQUIRE(house.run_until([&] { return caller.has_ended || caller.failure; }));
  CHECK(caller.received == "half");
  CHECK(caller.has_ended == says_goodbye);
  CHECK(caller.stream.tls_error().empty() == says_goodbye);
}

TEST_CASE("TLS: a client that hangs up without close_notify has ended, as one without TLS") {
  House house(server());
  const Context context = raw_client();
  // In TLS 1.3 tickets would lie unread and make the kernel send a reset.
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  RawPeer peer = RawPeer::client(house.port(), [&](int fd) {
    const Connection connection = over(context.get(), fd);
    if (SSL_connect(connection.get()) == 1) SSL_write(connection.get(), "bye", 3);
  });
  REQUIRE(house.run_until([&] { return house.answered() == 1 && house.newest()->has_ended; }));
  CHECK(house.newest()->received == "bye");
  CHECK(!house.newest()->failure.has_value());
}

TEST_CASE("TLS: a peer that hangs up or speaks something else fails the handshake, and the reason is said") {
  House house(server());
  SUBCASE("a server that hangs up") {
    RawPeer peer = RawPeer::server([](int) {});
    Party& caller = house.call(peer.port(), client());
    REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
    CHECK(!caller.is_connected());
    CHECK(!caller.failure.has_value());
    CHECK(!caller.stream.failure_text().empty());
  }
  SUBCASE("a server that speaks HTTP") {
    RawPeer peer = RawPeer::server([](int fd) {
      char hello[2048];
      [[maybe_unused]] const auto came = ::recv(fd, hello, sizeof hello, 0);
      ::send(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL);
    });
    Party& caller = house.call(peer.port(), client());
    REQUIRE(house.run_until([&] { return caller.connection.has_value(); }));
    CHECK(caller.stream.failure_text() == "the other side does not speak TLS");
  }
  SUBCASE("a client that speaks HTTP") {
    Party& caller = house.call(nullptr);
    REQUIRE(house.run_until([&] { return caller.is_connected(); }));
    caller.stream.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Party& answerer = house.answerer();
    REQUIRE(house.run_until([&] { return answerer.failure.has_value(); }));
    CHECK(answerer.stream.tls_error() == "the other side does not speak TLS");
    CHECK(answerer.received.empty());
  }
}

TEST_CASE("TLS: versions before 1.2 are refused") {
  House house(server());
  const Context context = raw_client();
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  CHECK(refusal_of(house, context.get()) == "tlsv1 alert protocol version");
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  CHECK(refusal_of(house, context.get()) == "it was taken");
}

TEST_CASE("TLS: a client that offers h2 alone is refused, one that offers http/1.1 too gets that") {
  House house(server());
  const Context context = raw_client();
  const unsigned char h2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), h2, sizeof h2);
  CHECK(refusal_of(house, context.get()) == "tlsv1 alert no application protocol");
  const unsigned char both[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), both, sizeof both);
  CHECK(refusal_of(house, context.get()) == "it was taken");
}

TEST_CASE("TLS: a second connection resumes the session of the first") {
  House house(server());
  const Context context = raw_client();
  int version = 0;
  SUBCASE("TLS 1.2") { version = TLS1_2_VERSION; }
  SUBCASE("TLS 1.3") { version = TLS1_3_VERSION; }
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_SESSION* session = nullptr;
  bool was_resumed = false;
  for (std::size_t turn = 0; turn < 2; ++turn) {
    std::atomic<bool> is_over = false;
    RawPeer peer = RawPeer::client(house.port(), [&](int fd) {
      const Connection connection = over(context.get(), fd);
      if (session != nullptr) SSL_set_session(connection.get(), session);
      char byte = 0;
      // Tickets of TLS 1.3 come with the first bytes read.
      if (SSL_connect(connection.get()) == 1 && SSL_read(connection.get(), &byte, 1) == 1) {
        was_resumed = SSL_session_reused(connection.get()) == 1;
        SSL_SESSION_free(session);
        session = SSL_get1_session(connection.get());
      }
      SSL_shutdown(connection.get());
      is_over = true;
    });
    bool is_greeted = false;
    house.run_until([&] {
      if (!is_greeted && house.answered() == turn + 1) {
        house.newest()->stream.write("!");
        is_greeted = true;
      }
      return is_over.load();
    });
  }
  SSL_SESSION_free(session);
  CHECK(was_resumed);
}
