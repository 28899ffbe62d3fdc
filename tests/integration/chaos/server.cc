#include "app.h"

#include <unistd.h>
#include <utility>

#include <weir/base/check.h>

namespace weir::chaos {

Server::Server(Model& model, const Habits& habits, std::uint32_t number, const std::vector<std::string>& hosts,
               const Socket::Options& options, int backlog)
    : model_(model), habits_(habits), name_(fmt::format("app{}", number)), backlog_(backlog) {
  // The same port has to be free at each of the addresses.
  for (int attempt = 0; attempt < 50 && sockets_.size() < hosts.size(); ++attempt) {
    sockets_.clear();
    // A port that is asked for by its number is kept while the socket does not listen.
    port_ = Socket::bind(hosts.front(), 0, options).port();
    for (const std::string& host : hosts) {
      Socket socket = Socket::bind(host, port_, options);
      if (!socket.is_open()) break;
      sockets_.push_back(std::move(socket));
    }
  }
  WEIR_CHECK(sockets_.size() == hosts.size(), "no port for a test's server");
  for (Socket& socket : sockets_) socket.listen(backlog_);
}

Server::Server(Model& model, const Habits& habits, std::uint32_t number, std::string unix_path)
    : model_(model),
      habits_(habits),
      name_(fmt::format("app{}", number)),
      unix_path_(std::move(unix_path)),
      backlog_(64) {
  sockets_.push_back(Socket::bind(unix_path_));
  WEIR_CHECK(sockets_.back().is_open(), "no Unix socket for a test's server");
  sockets_.back().listen(backlog_);
}

void Server::accept() {
  for (Socket& listening : sockets_) {
    if (!listening.is_open()) continue;
    Socket accepted = listening.accept();
    if (accepted.is_open()) {
      connections_.push_back(std::make_unique<AppConnection>(model_, *this, ++accepted_, std::move(accepted)));
    }
  }
}

void Server::set_up(bool is_up) {
  if (is_up_ == is_up) return;
  is_up_ = is_up;
  model_.note(name_, 0, "{}", is_up ? "listens again" : "listens no more");
  if (unix_path_.empty()) {
    for (Socket& socket : sockets_) {
      if (is_up) {
        socket.listen(backlog_);
      } else {
        socket.stop_listening();
      }
    }
    return;
  }
  sockets_.clear();
  if (is_up) {
    sockets_.push_back(Socket::bind(unix_path_));
    sockets_.back().listen(backlog_);
  } else {
    ::unlink(unix_path_.c_str());
  }
}

}  // namespace weir::chaos
