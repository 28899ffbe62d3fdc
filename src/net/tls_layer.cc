// HOT PATH once the handshake is through: no allocation once warm but OpenSSL's own, no lock, no system call but the
// socket's own, no log.
#include "tls_layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <uv.h>

#include <weir/base/check.h>
#include <weir/net/socket_address.h>
#include <weir/net/tls.h>

#include "tls_errors.h"

namespace weir::net {
namespace {

/// A write larger than this is rare enough to give its room back.
constexpr std::size_t kMaxKeptOut = 256 * 1024;

/// Names the server: in the handshake (SNI, RFC 6066 section 3: never an address), and for the certificate's check.
void expect_server(SSL* ssl, std::string name) {
  if (name.ends_with('.')) name.pop_back();
  // To OpenSSL an empty name means that no name is checked, and a leading dot that any name below it will do.
  WEIR_CHECK(!name.empty() && name.front() != '.' && name.find('\0') == std::string::npos,
             "the name to look for in a certificate is none");
  const Endpoint endpoint{.kind = Endpoint::Kind::tcp, .host = name, .port = 0, .path = {}};
  if (SocketAddress::is_literal(endpoint)) {
    WEIR_CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1,
               "an IP address is none to OpenSSL");
    return;
  }
  // What SSL_set_tlsext_host_name stands for, whose macro casts in C.
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  WEIR_CHECK(SSL_set1_host(ssl, name.c_str()) == 1, "OpenSSL refused a host name");
}

}  // namespace

void TlsLayer::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsLayer::TlsLayer(Stream& stream) : stream_(stream), buffers_(stream.loop_.tls_buffers()) {}

TlsLayer::TlsLayer(Stream& stream, TlsServerContextPtr context) : TlsLayer(stream) {
  attach(SSL_new(context->raw()));
  SSL_set_accept_state(ssl_.get());
  context_ = std::move(context);
}

TlsLayer::TlsLayer(Stream& stream, TlsClientContextPtr context, const std::string& server_name) : TlsLayer(stream) {
  attach(SSL_new(context->raw()));
  SSL_set_connect_state(ssl_.get());
  expect_server(ssl_.get(), server_name);
  context_ = std::move(context);
  is_client_ = true;
}

TlsLayer::~TlsLayer() = default;

void TlsLayer::attach(ssl_st* ssl) {
  WEIR_CHECK(ssl != nullptr, "OpenSSL has no memory for a connection");
  ssl_.reset(ssl);
  BIO* bio = BIO_new(bio_method());
  WEIR_CHECK(bio != nullptr, "OpenSSL has no memory for a connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
}

const bio_method_st* TlsLayer::bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir stream");
    WEIR_CHECK(made != nullptr, "OpenSSL made no BIO method");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

int TlsLayer::bio_read(bio_st* bio, char* out, int size) {
  std::span<const char>& input = static_cast<TlsLayer*>(BIO_get_data(bio))->input_;
  BIO_clear_retry_flags(bio);
  if (input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(input.size(), static_cast<std::size_t>(size));
  std::memcpy(out, input.data(), count);
  input = input.subspan(count);
  return static_cast<int>(count);
}

int TlsLayer::bio_write(bio_st* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  static_cast<TlsLayer*>(BIO_get_data(bio))->buffers_.out.append(data, static_cast<std::size_t>(size));
  return size;
}

long TlsLayer::bio_control(bio_st*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

void TlsLayer::begin() {
  stream_.start_reading();
  if (is_client_) handshake();
}

TlsLayer::Outcome TlsLayer::handshake() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(ssl_.get());
  const int why = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), outcome);
  if (why == SSL_ERROR_NONE) {
    flush();
    return Outcome::done;
  }
  if (why == SSL_ERROR_WANT_READ) {
    flush();
    return Outcome::wants_more;
  }
  std::string reason = take_tls_error(ssl_.get());
  flush();  // the alert that tells the peer
  fail(UV_EPROTO, std::move(reason));
  return Outcome::failed;
}

CertificateRefusal TlsLayer::certificate_refusal() const { return certificate_refusal_of(ssl_.get()); }

void TlsLayer::established() {
  is_established_ = true;
  if (is_client_) {
    stream_.stop_reading();  // as any stream that has just connected
    stream_.owner_->on_connected(stream_, 0);
  }
  if (!early_.empty()) {
    const iovec part{early_.data(), early_.size()};
    encrypt({&part, 1});
    early_ = {};
    // The owner was told to wait.
    if (flush() == Write::done && stream_.is_open() && on_drained()) stream_.owner_->on_drained(stream_);
  }
  if (shuts_down_) shutdown();
}

void TlsLayer::on_received(std::span<const char> data) {
  if (is_broken_ || has_peer_ended_) return;
  has_received_ = true;
  input_ = data;
  if (!is_established_) {
    if (handshake() != Outcome::done) return;
    established();
  }
  const auto has_more = [this] { return !input_.empty() || SSL_pending(ssl_.get()) > 0; };
  while (stream_.is_open() && !is_broken_ && !has_peer_ended_ && has_more()) read();
}

void TlsLayer::read() {
  std::size_t count = 0;
  int why = SSL_ERROR_NONE;
  while (why == SSL_ERROR_NONE && count < buffers_.plain.size()) {
    ERR_clear_error();
    std::size_t got = 0;
    const int outcome = SSL_read_ex(ssl_.get(), buffers_.plain.data() + count, buffers_.plain.size() - count, &got);
    if (outcome != 1) why = SSL_get_error(ssl_.get(), outcome);
    count += got;
  }
  std::string reason;
  if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN) {
    reason = take_tls_error(ssl_.get());
  }
  flush();  // an alert, or the answer to a change of keys
  // on_data may pass the connection on: it has to know that nothing more will come.
  has_read_end_ = why == SSL_ERROR_ZERO_RETURN || !reason.empty();
  if (count > 0) stream_.owner_->on_data(stream_, {buffers_.plain.data(), count});
  if (!stream_.is_open()) return;
  if (why == SSL_ERROR_ZERO_RETURN) {
    has_peer_ended_ = true;
    stream_.stop_reading();
    stream_.owner_->on_end(stream_);
  } else if (!reason.empty()) {
    fail(UV_EPROTO, std::move(reason));
  }
}

void TlsLayer::on_socket_ended(int error) {
  if (is_broken_ || has_peer_ended_) return;
  if (error != UV_EOF) {
    fail(error, {});
  } else if (!is_established_) {
    fail(UV_ECONNABORTED, "the connection ended within the TLS handshake");
  } else if (is_client_) {
    // Anyone on the way could have cut the connection here: only close_notify is an end (RFC 8446 section 6.1).
    fail(UV_ECONNABORTED, "the connection ended without TLS's close_notify, so something may be missing");
  } else {
    // What clients send says itself where it ends, and many hang up without a word (RFC 9112 section 9.8).
    has_peer_ended_ = true;
    stream_.owner_->on_end(stream_);
  }
}

bool TlsLayer::has_unread() const {
  return !input_.empty() || SSL_has_pending(ssl_.get()) == 1 || has_read_end_ || has_peer_ended_ || is_broken_;
}

bool TlsLayer::on_drained() { return is_established_ && std::exchange(owner_waits_, false); }

Write TlsLayer::write(std::span<const iovec> parts) {
  if (is_broken_) return Write::failed;
  if (!is_established_) {
    for (const iovec& part : parts) early_.append(static_cast<const char*>(part.iov_base), part.iov_len);
    owner_waits_ = true;
    return Write::queued;
  }
  if (!encrypt(parts)) {
    buffers_.out.clear();
    stream_.last_error_ = UV_EPIPE;
    return Write::failed;
  }
  const Write outcome = flush();
  if (outcome == Write::queued) owner_waits_ = true;
  return outcome;
}

/// Few and full records: each costs about 22 bytes and a pass of the cipher, and a head goes with its body.
bool TlsLayer::encrypt(std::span<const iovec> parts) {
  std::array<char, TlsBuffers::kRecordBytes>& record = buffers_.record;
  std::size_t filled = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::span<const char> rest(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    while (!rest.empty()) {
      std::size_t taken = std::min(record.size() - filled, rest.size());
      if (filled == 0 && (taken == record.size() || i + 1 == parts.size())) {
        if (!put(rest.first(taken))) return false;
      } else {
        std::memcpy(record.data() + filled, rest.data(), taken);
        filled += taken;
        if (filled == record.size()) {
          if (!put(record)) return false;
          filled = 0;
        }
      }
      rest = rest.subspan(taken);
    }
  }
  return filled == 0 || put({record.data(), filled});
}

bool TlsLayer::put(std::span<const char> plain) {
  ERR_clear_error();
  std::size_t written = 0;
  // The BIO takes everything, so a record is never half written.
  const bool is_written = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1;
  if (!is_written) error_ = take_tls_error(ssl_.get());
  return is_written;
}

Write TlsLayer::flush() {
  std::string& out = buffers_.out;
  const iovec part{out.data(), out.size()};
  const Write outcome = stream_.send({&part, 1});
  if (out.capacity() > kMaxKeptOut) out = {};
  out.clear();
  return outcome;
}

void TlsLayer::shutdown() {
  if (!is_established_) {
    shuts_down_ = true;
    return;
  }
  if (!is_broken_ && !std::exchange(has_said_goodbye_, true)) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush();
  }
  stream_.shut_socket_down();
}

void TlsLayer::say_goodbye() {
  if (!is_established_ || is_broken_ || has_said_goodbye_ || stream_.queued() > 0) return;
  has_said_goodbye_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  flush();
}

void TlsLayer::fail(int error, std::string reason) {
  is_broken_ = true;
  error_ = std::move(reason);
  stream_.stop_reading();
  stream_.fail(error);
}

}  // namespace weir::net
