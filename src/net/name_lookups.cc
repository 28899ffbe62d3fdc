#include "name_lookups.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <netdb.h>
#include <pthread.h>
#include <utility>

#include <weir/net/resolver.h>
#include <weir/net/stream.h>

namespace weir::net {
namespace {

LookupAnswerPtr look_up(const std::string& name, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
  if (!is_ascii) hints.ai_flags = AI_IDN;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found);
  const int system_error = errno;
  auto answer = std::make_shared<LookupAnswer>();
  if (error != 0) {
    answer->error = error == EAI_SYSTEM ? error_text(-system_error) : gai_strerror(error);
    return answer;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    const SocketAddress address(entry->ai_addr, entry->ai_addrlen);
    const auto begin = answer->addresses.begin();
    if (std::find(begin, answer->addresses.end(), address) == answer->addresses.end()) {
      answer->addresses.push_back(address);
    }
  }
  ::freeaddrinfo(found);
  if (answer->addresses.empty()) answer->error = "no address";
  return answer;
}

}  // namespace

void LookupMailbox::put(std::uint64_t number, LookupAnswerPtr answer) {
  const std::lock_guard lock(mutex_);
  if (inbox_ == nullptr) return;
  // The inbox is the resolver's: where the letter is read, the resolver is there.
  inbox_->post([resolver = resolver_, number, answer = std::move(answer)] { resolver->on_answer(number, *answer); });
}

void LookupMailbox::close() {
  const std::lock_guard lock(mutex_);
  inbox_ = nullptr;
}

NameLookups& NameLookups::of_process() {
  // Never destroyed: threads may use it while the process ends.
  static NameLookups* const lookups = new NameLookups;
  return *lookups;
}

void NameLookups::ask(const std::string& name, std::uint16_t port, std::shared_ptr<LookupMailbox> to,
                      std::uint64_t number) {
  std::vector<Asker> refused;
  {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = jobs_.try_emplace(name);
    found->second.askers.push_back({.mailbox = std::move(to), .number = number});
    if (!is_new) return;
    found->second.port = port;
    waiting_.push_back(name);
    // Without a new thread one of those that run takes it, where there is one.
    if (threads_ >= kMaxThreads || start_thread() || threads_ > 0) return;
    refused = std::move(found->second.askers);
    jobs_.erase(found);
    waiting_.pop_back();
  }
  const auto answer = std::make_shared<LookupAnswer>();
  answer->error = "the system allows no more threads";
  for (const Asker& asker : refused) asker.mailbox->put(asker.number, answer);
}

void NameLookups::withdraw(const std::string& name, const LookupMailbox& from, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(name);
  if (found == jobs_.end()) return;
  std::erase_if(found->second.askers,
                [&](const Asker& asker) { return asker.mailbox.get() == &from && asker.number == number; });
  if (found->second.has_begun || !found->second.askers.empty()) return;
  std::erase(waiting_, name);
  jobs_.erase(found);
}

bool NameLookups::start_thread() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool is_started = pthread_create(&thread, &attributes, run_thread, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (is_started) ++threads_;
  return is_started;
}

void* NameLookups::run_thread(void* self) {
  static_cast<NameLookups*>(self)->run();
  return nullptr;
}

void NameLookups::run() {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty()) {
    const std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    const auto job = jobs_.find(name);
    job->second.has_begun = true;
    const std::uint16_t port = job->second.port;
    lock.unlock();
    const LookupAnswerPtr answer = look_up(name, port);
    lock.lock();
    // From here on a question begins another lookup.
    std::vector<Asker> askers = std::move(job->second.askers);
    jobs_.erase(job);
    lock.unlock();
    for (const Asker& asker : askers) asker.mailbox->put(asker.number, answer);
    askers.clear();
    lock.lock();
  }
  --threads_;
}

}  // namespace weir::net
