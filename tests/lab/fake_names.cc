#include "fake_names.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

namespace {

struct Name {
  bool is_set = false;
  std::vector<std::string> addresses;
  bool is_held = false;
  int lookups = 0;
  int under_way = 0;
  int most_at_once = 0;
};

/// Never destroyed: lookup threads may still be in it when the process ends.
struct Names {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Name> by_name;
};

Names& names() {
  static Names* const all = new Names;
  return *all;
}

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int system_lookup(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  static const auto real = reinterpret_cast<GetAddrInfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  std::vector<std::string> addresses;
  {
    std::unique_lock lock(names().mutex);
    const auto known = node == nullptr ? names().by_name.end() : names().by_name.find(node);
    if (known == names().by_name.end() || !known->second.is_set) {
      lock.unlock();
      return system_lookup(node, service, hints, found);
    }
    Name& name = known->second;
    ++name.lookups;
    name.most_at_once = std::max(name.most_at_once, ++name.under_way);
    names().changed.notify_all();
    names().changed.wait(lock, [&] { return !name.is_held; });
    --name.under_way;
    names().changed.notify_all();
    addresses = name.addresses;
  }
  if (addresses.empty()) return EAI_NONAME;
  addrinfo numeric{};
  numeric.ai_socktype = hints == nullptr ? 0 : hints->ai_socktype;
  numeric.ai_flags = AI_NUMERICHOST;
  addrinfo** end = found;
  for (const std::string& address : addresses) {
    if (const int error = system_lookup(address.c_str(), service, &numeric, end); error != 0) return error;
    end = &(*end)->ai_next;
  }
  return 0;
}

namespace weir::lab {

void FakeNames::set(const std::string& name, std::vector<std::string> addresses) {
  const std::lock_guard lock(names().mutex);
  names().by_name[name].is_set = true;
  names().by_name[name].addresses = std::move(addresses);
}

void FakeNames::hold(const std::string& name) {
  const std::lock_guard lock(names().mutex);
  names().by_name[name].is_set = true;
  names().by_name[name].is_held = true;
}

void FakeNames::release(const std::string& name) {
  const std::lock_guard lock(names().mutex);
  names().by_name[name].is_held = false;
  names().changed.notify_all();
}

int FakeNames::lookups(const std::string& name) const {
  const std::lock_guard lock(names().mutex);
  return names().by_name[name].lookups;
}

int FakeNames::under_way(const std::string& name) const {
  const std::lock_guard lock(names().mutex);
  return names().by_name[name].under_way;
}

int FakeNames::most_at_once(const std::string& name) const {
  const std::lock_guard lock(names().mutex);
  return names().by_name[name].most_at_once;
}

bool FakeNames::wait_for_lookups(const std::string& name, int count) const {
  std::unique_lock lock(names().mutex);
  Name& wanted = names().by_name[name];
  return names().changed.wait_for(lock, std::chrono::seconds(10), [&] { return wanted.lookups >= count; });
}

void FakeNames::clear() {
  std::unique_lock lock(names().mutex);
  for (auto& [text, name] : names().by_name) name.is_held = false;
  names().changed.notify_all();
  // Nobody may be left with a reference to a name that goes.
  names().changed.wait(lock, [] {
    for (const auto& [text, name] : names().by_name) {
      if (name.under_way > 0) return false;
    }
    return true;
  });
  names().by_name.clear();
}

}  // namespace weir::lab
