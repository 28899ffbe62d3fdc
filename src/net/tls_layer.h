#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <weir/net/stream.h>

struct bio_st;
struct bio_method_st;
struct ssl_st;

namespace weir::net {

/// What the TLS streams of a loop share, so that none of them holds a buffer while nothing is under way.
struct TlsBuffers {
  static constexpr std::size_t kRecordBytes = 16 * 1024;  ///< of plain bytes, at most (RFC 8446 section 5.1)

  /// What one read decrypts to: all of it, and the record whose first part came before.
  std::array<char, Loop::kReadBufferBytes + kRecordBytes> plain;
  /// Small parts of a write become one record here.
  std::array<char, kRecordBytes> record;
  /// Encrypted, on its way to the socket. Empty between calls.
  std::string out;
};

/// TLS between a Stream and its socket. OpenSSL reads from what the socket has just given and writes to the loop's
/// buffer, through a BIO of our own: memory BIOs that own no memory. Part of its Stream, which outlives every call.
class TlsLayer {
 public:
  TlsLayer(Stream& stream, TlsServerContextPtr context);
  TlsLayer(Stream& stream, TlsClientContextPtr context, const std::string& server_name);
  ~TlsLayer();
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  /// The connection is there. The owner of a client stream is told of it when the handshake is through.
  void begin();
  bool is_established() const { return is_established_; }
  bool is_connecting() const { return is_client_ && !is_established_; }
  bool has_received() const { return has_received_; }

  void on_received(std::span<const char> data);
  /// The socket ended (UV_EOF) or broke.
  void on_socket_ended(int error);
  /// Nothing is queued any more. True if the owner waits to hear of it.
  bool on_drained();

  Write write(std::span<const iovec> parts);
  /// Something of the peer's was taken from the socket and is not told to the owner yet, or there was an end.
  bool has_unread() const;
  /// Bytes taken that wait for the handshake.
  std::size_t held() const { return early_.size(); }
  /// Says that nothing more comes (close_notify), then FIN.
  void shutdown();
  /// Before an orderly close, where the peer has all that it was sent: tells it so.
  void say_goodbye();

  const std::string& error() const { return error_; }
  CertificateRefusal certificate_refusal() const;

 private:
  enum class Outcome : std::uint8_t { done, wants_more, failed };

  explicit TlsLayer(Stream& stream);
  void attach(ssl_st* ssl);
  Outcome handshake();
  void established();
  void read();
  bool encrypt(std::span<const iovec> parts);
  bool put(std::span<const char> plain);
  Write flush();
  void fail(int error, std::string reason);

  static const bio_method_st* bio_method();
  static int bio_read(bio_st* bio, char* out, int size);
  static int bio_write(bio_st* bio, const char* data, int size);
  static long bio_control(bio_st* bio, int command, long number, void* pointer);

  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  Stream& stream_;
  TlsBuffers& buffers_;
  std::shared_ptr<const void> context_;  ///< kept while it is in use, whatever is reloaded
  std::unique_ptr<ssl_st, Free> ssl_;
  std::span<const char> input_;  ///< encrypted, during on_received
  std::string early_;            ///< plain, written before the handshake was through
  std::string error_;
  bool is_client_ = false;
  bool is_established_ = false;
  bool has_received_ = false;
  bool is_broken_ = false;
  bool has_read_end_ = false;  ///< told once what came before it is
  bool has_peer_ended_ = false;
  bool has_said_goodbye_ = false;
  bool shuts_down_ = false;   ///< once the handshake is through
  bool owner_waits_ = false;  ///< for on_drained
};

}  // namespace weir::net
