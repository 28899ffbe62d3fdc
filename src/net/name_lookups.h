#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <weir/net/inbox.h>
#include <weir/net/socket_address.h>

namespace weir::net {

class Resolver;

/// What a lookup found. Immutable once made.
struct LookupAnswer {
  std::vector<SocketAddress> addresses;  ///< each once
  std::string error;                     ///< why there are none
};

using LookupAnswerPtr = std::shared_ptr<const LookupAnswer>;

/// Where answers for one Resolver go. Lookup threads hold it, so it outlives the resolver, which closes it.
class LookupMailbox {
 public:
  LookupMailbox(Inbox& inbox, Resolver& resolver) : inbox_(&inbox), resolver_(&resolver) {}

  /// Any thread. Dropped where the resolver is gone.
  void put(std::uint64_t number, LookupAnswerPtr answer);
  void close();

 private:
  std::mutex mutex_;
  Inbox* inbox_;  ///< null once closed
  Resolver* const resolver_;
};

/// All lookups of the process, each on a thread of its own and one at a time for a name. The threads are detached and hold
/// nothing but what is shared here; this object is never destroyed. So a name server that does not answer keeps nothing
/// from ending.
/// Thread: any.
class NameLookups {
 public:
  /// More names than this wait for one of them to be through.
  static constexpr std::size_t kMaxThreads = 32;

  static NameLookups& of_process();

  /// `port` is what the first who asks for `name` has; the addresses may carry it or another one.
  void ask(const std::string& name, std::uint16_t port, std::shared_ptr<LookupMailbox> to, std::uint64_t number);
  /// The one that asked with these no longer waits.
  void withdraw(const std::string& name, const LookupMailbox& from, std::uint64_t number);

 private:
  struct Asker {
    std::shared_ptr<LookupMailbox> mailbox;
    std::uint64_t number;
  };
  struct Job {
    std::uint16_t port = 0;
    bool has_begun = false;
    std::vector<Asker> askers;
  };

  NameLookups() = default;
  bool start_thread();
  static void* run_thread(void* self);
  void run();

  std::mutex mutex_;
  std::map<std::string, Job, std::less<>> jobs_;  ///< waiting or under way
  std::deque<std::string> waiting_;
  std::size_t threads_ = 0;
};

}  // namespace weir::net
