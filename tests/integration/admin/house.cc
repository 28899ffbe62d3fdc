#include "house.h"

#include "lab/exposition.h"

#include <arpa/inet.h>
#include <cstring>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

using namespace weir;

namespace {

/// Runs `deed` on the loop of `inbox` and waits for its end.
void do_on(net::Inbox& inbox, const std::function<void()>& deed) {
  std::promise<void> done;
  inbox.post([&] {
    deed();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

FakeWorker::FakeWorker()
    : inbox_(loop_), thread_([this] {
        while (!is_over_) loop_.turn(true);
      }) {}

FakeWorker::~FakeWorker() { stop(); }

void FakeWorker::stop() {
  if (!thread_.joinable()) return;
  wake();
  inbox_.post([this] { is_over_ = true; });
  thread_.join();
}

void FakeWorker::do_there(std::function<void()> deed) { do_on(inbox_, deed); }

void FakeWorker::record(const route::Table* table, const std::string& path, std::uint16_t status, Nanos duration) {
  stats::Record record;
  record.ended_ns = Clock::now().time_since_epoch().count();
  record.duration_ns = duration.count();
  record.phases.wait = static_cast<float>(duration.count());
  record.status = status;
  record.method = Method::get;
  record.bytes_out = 100;
  if (duration >= 1s) record.traits |= stats::kSlow;
  if (table != nullptr) record.route = table->match(record.method, path).route;
  stats::Detail detail;
  detail.path = path;
  detail.client = "127.0.0.1";
  handoff_.filling().add(record, detail);
}

void FakeWorker::finish(const std::string& path, std::uint16_t status, Nanos duration) {
  do_there([&] { record(table_.get(), path, status, duration); });
}

void FakeWorker::finish_with(std::shared_ptr<const route::Table> table, const std::string& path) {
  do_there([&] { record(table.get(), path, 200, 5ms); });
}

void FakeWorker::show_under_way(std::vector<stats::InFlight> picture) {
  do_there([&] { under_way_ = std::move(picture); });
}

void FakeWorker::fall_asleep() {
  {
    const std::lock_guard lock(mutex_);
    is_asleep_ = true;
  }
  std::promise<void> asleep;
  inbox_.post([this, &asleep] {
    asleep.set_value();
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return !is_asleep_; });
  });
  asleep.get_future().wait();
}

void FakeWorker::wake() {
  const std::lock_guard lock(mutex_);
  is_asleep_ = false;
  woken_.notify_all();
}

admin::WorkerPort FakeWorker::port() {
  return {.handoff = &handoff_,
          .ask =
              [this](std::function<void(bool)> reply) {
                inbox_.post([this, reply = std::move(reply)] {
                  ++questions;
                  handoff_.filling().in_flight() = under_way_;
                  reply(handoff_.give());
                });
              },
          .publish = [this](std::shared_ptr<const route::Table> table) {
            inbox_.post([this, table = std::move(table)] { table_ = table; });
          }};
}

std::shared_ptr<const route::Table> FakeWorker::table() {
  std::shared_ptr<const route::Table> table;
  do_there([&] { table = table_; });
  return table;
}

House::House(std::size_t workers, std::function<void(admin::ServerSetup&)> adapt) {
  for (std::size_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<FakeWorker>());
  std::promise<void> started;
  thread_ = std::thread([&] { run(started, adapt); });
  started.get_future().wait();
}

House::~House() { stop(); }

void House::stop() {
  if (!thread_.joinable()) return;
  inbox_->post([this] { is_over_ = true; });
  thread_.join();
}

void House::do_there(std::function<void(admin::Bookkeeper&)> deed) {
  do_on(*inbox_, [&] { deed(*bookkeeper_); });
}

void House::run(std::promise<void>& started, const std::function<void(admin::ServerSetup&)>& adapt) {
  net::Loop loop;  // its end checks that no handle is left
  net::Inbox inbox(loop);
  admin::BookkeeperOptions options;
  options.servers = {"http://127.0.0.1:3000"};
  options.upstreams = {"app"};
  admin::Bookkeeper bookkeeper(loop, options);
  for (const auto& worker : workers_) bookkeeper.add_worker(worker->port());

  admin::ServerSetup setup;
  setup.options.address.port = 0;
  setup.version = "0.1.0";
  setup.config_json = [] { return std::string(R"({"workers":2})"); };
  if (adapt) adapt(setup);
  auto socket = net::ListeningSocket::open(setup.options.address, false);
  REQUIRE(socket.is_ok());
  admin::Server server(loop, std::move(socket).value(), bookkeeper, std::move(setup));

  inbox_ = &inbox;
  bookkeeper_ = &bookkeeper;
  port_ = server.endpoint().port;
  started.set_value();
  while (!is_over_) loop.turn(true);
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

Client::~Client() { ::close(fd_); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::shutdown_writing() { ::shutdown(fd_, SHUT_WR); }

bool Client::receive() {
  char buffer[16384];
  const ssize_t received = ::recv(fd_, buffer, sizeof buffer, 0);
  if (received <= 0) return false;
  in_.append(buffer, static_cast<std::size_t>(received));
  return true;
}

Client::Answer Client::answer(bool has_body) {
  Answer answer;
  std::size_t end;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return answer;
  }
  answer.head = in_.substr(0, end + 2);
  in_.erase(0, end + 4);
  const std::size_t length_at = answer.head.find("Content-Length: ");
  const std::size_t length =
      has_body && length_at != std::string::npos ? std::stoul(answer.head.substr(length_at + 16)) : 0;
  while (in_.size() < length) {
    if (!receive()) return answer;
  }
  answer.body = in_.substr(0, length);
  in_.erase(0, length);
  answer.status = std::stoi(answer.head.substr(9, 3));
  return answer;
}

Client::Answer Client::get(const std::string& target, const std::string& fields) {
  Answer answer = call("GET", target, fields);
  const auto twice = target == "/metrics" ? lab::series_that_is_twice(answer.body) : std::nullopt;
  CHECK_MESSAGE(!twice, "twice in /metrics: " << twice.value_or(""));
  return answer;
}

Client::Answer Client::post(const std::string& target, const std::string& fields, const std::string& body) {
  send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "Content-Length: " +
       std::to_string(body.size()) + "\r\n\r\n" + body);
  return answer();
}

Client::Answer Client::call(const std::string& method, const std::string& target, const std::string& fields) {
  send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  return answer();
}

std::string Client::Answer::cookie() const {
  constexpr std::string_view kName = "Set-Cookie: ";
  const std::size_t start = head.find(kName);
  if (start == std::string::npos) return {};
  const std::size_t end = head.find(';', start);
  return "Cookie: " + head.substr(start + kName.size(), end - start - kName.size()) + "\r\n";
}

bool Client::await(std::string_view text) {
  std::size_t at;
  while ((at = in_.find(text)) == std::string::npos) {
    if (!receive()) return false;
  }
  in_.erase(0, at + text.size());
  return true;
}

bool Client::is_closed() {
  char byte;
  return ::recv(fd_, &byte, 1, 0) == 0;
}
