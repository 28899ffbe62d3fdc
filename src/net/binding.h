#pragma once

#include <weir/base/result.h>
#include <weir/net/endpoint.h>
#include <weir/net/socket_address.h>

namespace weir::net {

/// The address of an endpoint that a socket of this machine is to be bound to. `localhost` is 127.0.0.1.
Result<SocketAddress> address_to_bind(const Endpoint& endpoint);

/// A socket file that nobody listens on any more would make bind fail for ever. `type`: SOCK_STREAM or SOCK_DGRAM.
void remove_stale_socket_file(const SocketAddress& address, int type);

/// The port that the kernel chose for port 0; 0 where there is none.
std::uint16_t bound_port(int fd);

/// What errno says, with what to do about it.
Error cannot_listen(const Endpoint& endpoint);

}  // namespace weir::net
