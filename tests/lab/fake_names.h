#pragma once

#include <string>
#include <vector>

namespace weir::lab {

/// Replaces the name lookup of the system in a test program that links it: `getaddrinfo` answers the names that
/// are set here, from any thread. Names that are not set, and literals, go to the C library. Each test has names of its
/// own: a lookup that ends with a test may still be under way for weir, and the next test would get its outcome.
class FakeNames {
 public:
  FakeNames() { clear(); }
  /// Lets go of whoever is held.
  ~FakeNames() { clear(); }
  FakeNames(const FakeNames&) = delete;
  FakeNames& operator=(const FakeNames&) = delete;

  /// `addresses` are literals; none: the name is not known.
  void set(const std::string& name, std::vector<std::string> addresses);
  /// From now on nobody gets an answer for this name until `release`.
  void hold(const std::string& name);
  void release(const std::string& name);

  /// How many lookups of it have begun.
  int lookups(const std::string& name) const;
  /// How many are under way, and were at once at most.
  int under_way(const std::string& name) const;
  int most_at_once(const std::string& name) const;
  /// Until `count` lookups of it have begun. False: they did not within ten seconds.
  bool wait_for_lookups(const std::string& name, int count) const;

 private:
  static void clear();
};

}  // namespace weir::lab
