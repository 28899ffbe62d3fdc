#include "binding.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <weir/base/bytes.h>

namespace weir::net {
namespace {

const char* mend_port(int error) {
  switch (error) {
    case EADDRINUSE: return "it is taken already: stop who has it or choose another port";
    case EACCES: return "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose another port";
    case EADDRNOTAVAIL: return "no interface of this machine has that address";
    case EMFILE: return "raise the limit of file descriptors: ulimit -n, LimitNOFILE";
    default: return "choose another address";
  }
}

const char* mend_path(const std::string& path, int error) {
  if (error == EACCES || error == EROFS) return "let weir write to the folder, or choose another path";
  if (error == ENOENT || error == ENOTDIR) return "make the folder, or choose another path";
  struct stat info;
  const bool is_socket = lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
  if (error == EADDRINUSE && !is_socket) return "a file that is no socket is there: choose another path";
  if (error == EADDRINUSE) return "another program listens there: stop that one or choose another path";
  return "choose another path";
}

}  // namespace

Result<SocketAddress> address_to_bind(const Endpoint& endpoint) {
  Endpoint literal = endpoint;
  if (equals_ignoring_case(endpoint.host, "localhost")) literal.host = "127.0.0.1";
  if (endpoint.host.empty() || endpoint.host == "*") literal.host = "0.0.0.0";
  Result<SocketAddress> address = SocketAddress::of_literal(literal);
  if (!address) {
    return Error{fmt::format("cannot listen on {}: {} (use an IP address of this machine, 0.0.0.0 or [::] for all)",
                             endpoint.to_string(), address.error().message)};
  }
  return address;
}

void remove_stale_socket_file(const SocketAddress& address, int type) {
  const auto* name = reinterpret_cast<const sockaddr_un*>(address.get())->sun_path;
  struct stat info;
  if (lstat(name, &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const int probe = ::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return;
  // Without waiting: a listener whose queue is full is alive (EAGAIN), as is anything else but one that refuses.
  if (::connect(probe, address.get(), address.length()) != 0 && errno == ECONNREFUSED) ::unlink(name);
  ::close(probe);
}

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat info;
  if (lstat(path_.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

SocketFile::~SocketFile() {
  struct stat info;
  const bool is_ours = inode_ != 0 && lstat(path_.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) &&
                       info.st_dev == device_ && info.st_ino == inode_;
  if (is_ours) ::unlink(path_.c_str());
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  return SocketAddress(reinterpret_cast<sockaddr*>(&bound), length).port();
}

Error cannot_listen(const Endpoint& endpoint) {
  const int error = errno;
  const char* mend = endpoint.kind == Endpoint::Kind::unix_socket ? mend_path(endpoint.path, error) : mend_port(error);
  return Error{fmt::format("cannot listen on {}: {} ({})", endpoint.to_string(), std::strerror(error), mend)};
}

}  // namespace weir::net
