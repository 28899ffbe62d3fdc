#include "wire.h"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/base/bytes.h>
#include <weir/base/check.h>

namespace weir::testing {

std::string Message::field(std::string_view name) const {
  const std::string start = fmt::format("\r\n{}:", name);
  const std::size_t at = head.find(start);
  if (at == std::string::npos) return {};
  const std::size_t value = at + start.size();
  return std::string(trim(std::string_view(head).substr(value, head.find("\r\n", value) - value)));
}

Wire::Wire(int fd) : fd_(fd) {
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Wire Wire::connect(std::uint16_t port, int receive_buffer) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  WEIR_CHECK(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
             "cannot connect to the worker under test");
  return Wire(fd);
}

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t Wire::send_until_stuck(std::string_view block, std::size_t limit, int idle_ms) {
  std::size_t total = 0;
  while (total < limit) {
    pollfd poll{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&poll, 1, idle_ms) <= 0) break;
    const ssize_t sent = ::send(fd_, block.data(), std::min(block.size(), limit - total), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) break;
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

bool Wire::fill(int patience_ms) {
  if (end_ == End::closed || end_ == End::reset) return false;
  pollfd poll{.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&poll, 1, patience_ms) <= 0) {
    end_ = End::silent;
    return false;
  }
  char block[65536];
  const ssize_t got = ::recv(fd_, block, sizeof block, 0);
  if (got <= 0) {
    end_ = got == 0 ? End::closed : End::reset;
    return false;
  }
  end_ = End::open;
  buffer_.append(block, static_cast<std::size_t>(got));
  return true;
}

std::string Wire::take(std::size_t size) {
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string Wire::read_through(std::string_view mark) {
  std::size_t seen = 0;
  while (true) {
    const std::size_t at = buffer_.find(mark, seen - std::min(seen, mark.size()));
    if (at != std::string::npos) return take(at + mark.size());
    seen = buffer_.size();
    if (!fill(kPatienceMs)) return take(buffer_.size());
  }
}

std::string Wire::read_exactly(std::size_t size) {
  while (buffer_.size() < size && fill(kPatienceMs)) {
  }
  return take(size);
}

std::string Wire::read_to_end() {
  while (fill(kPatienceMs)) {
  }
  return take(buffer_.size());
}

std::string Wire::read_for(int ms) {
  if (buffer_.empty() && fill(ms)) {
    while (fill(ms)) {
    }
  }
  return take(buffer_.size());
}

Message Wire::read_message(bool has_body) {
  Message message{.head = read_through("\r\n\r\n"), .body = {}, .is_whole = false};
  if (!message.head.ends_with("\r\n\r\n")) return message;
  const bool is_response = message.head.starts_with("HTTP/");
  const std::string length = message.field("Content-Length");
  message.is_whole = true;
  if (!has_body) return message;
  if (message.field("Transfer-Encoding") == "chunked") {
    while (true) {
      const std::string line = read_through("\r\n");
      message.body += line;
      if (!line.ends_with("\r\n")) {
        message.is_whole = false;
        return message;
      }
      const std::size_t size = std::stoul(line, nullptr, 16);
      if (size == 0) break;
      message.body += read_exactly(size + 2);
    }
    std::string line;
    do {
      line = read_through("\r\n");
      message.body += line;
    } while (line != "\r\n" && end_ == End::open);
    message.is_whole = line == "\r\n";
  } else if (!length.empty()) {
    message.body = read_exactly(std::stoul(length));
    message.is_whole = message.body.size() == std::stoul(length);
  } else if (is_response) {
    message.body = read_to_end();
    message.is_whole = end_ == End::closed;
  }
  return message;
}

void Wire::half_close() { ::shutdown(fd_, SHUT_WR); }

void Wire::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Wire::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Port::Port(int backlog) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  WEIR_CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "the kernel gives no port");
  socklen_t length = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
  number_ = ntohs(address.sin_port);
  if (backlog >= 0) ::listen(fd_, backlog);
}

Port::~Port() { ::close(fd_); }

std::string chunked(std::string_view data, std::size_t size, std::string_view trailers) {
  std::string out;
  for (; !data.empty(); data.remove_prefix(std::min(size, data.size()))) {
    const std::string_view part = data.substr(0, size);
    out += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
  }
  return out.append("0\r\n").append(trailers).append("\r\n");
}

std::string unchunked(std::string_view body) {
  std::string data;
  while (true) {
    const std::size_t line = body.find("\r\n");
    if (line == std::string_view::npos) return data;
    const std::size_t size = std::stoul(std::string(body.substr(0, line)), nullptr, 16);
    if (size == 0) return data;
    data += body.substr(line + 2, size);
    body.remove_prefix(line + 2 + size + 2);
  }
}

}  // namespace weir::testing
