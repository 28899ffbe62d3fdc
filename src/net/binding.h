#pragma once

#include <string>
#include <sys/types.h>

#include <weir/base/result.h>
#include <weir/net/endpoint.h>
#include <weir/net/socket_address.h>

namespace weir::net {

/// The address of an endpoint that a socket of this machine is to be bound to. `localhost` is 127.0.0.1.
Result<SocketAddress> address_to_bind(const Endpoint& endpoint);

/// A socket file that nobody listens on any more would make bind fail for ever. `type`: SOCK_STREAM or SOCK_DGRAM.
void remove_stale_socket_file(const SocketAddress& address, int type);

/// The file of a Unix socket that has just been bound. It goes with the last object that holds it, if it is still the same
/// file then: another program may have put its own there.
class SocketFile {
 public:
  explicit SocketFile(std::string path);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

 private:
  const std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;  ///< 0: none was there
};

/// The port that the kernel chose for port 0; 0 where there is none.
std::uint16_t bound_port(int fd);

/// What errno says, with what to do about it.
Error cannot_listen(const Endpoint& endpoint);

}  // namespace weir::net
