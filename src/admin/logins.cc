#include "logins.h"

#include <algorithm>
#include <utility>

#include <openssl/sha.h>

#include <weir/base/bytes.h>

namespace weir::admin {

std::string Logins::add(Caller caller, const stats::Moment& now) {
  if (by_digest_.size() >= kMost) make_room(now);
  constexpr std::size_t kSecretBytes = 32;
  std::string random(kSecretBytes, '\0');
  random_bytes(random.data(), random.size());
  std::string secret = to_hex(random);
  caller.by = Caller::By::login;
  by_digest_.insert_or_assign(digest_of(secret), std::move(caller));
  return secret;
}

std::optional<Caller> Logins::find(std::string_view secret, const stats::Moment& now) const {
  const auto found = by_digest_.find(digest_of(secret));
  if (found == by_digest_.end() || found->second.is_over(now)) return std::nullopt;
  return found->second;
}

void Logins::remove(std::string_view secret) { by_digest_.erase(digest_of(secret)); }

void Logins::keep(const std::function<bool(const Caller&)>& stays) {
  std::erase_if(by_digest_, [&](const auto& entry) { return !stays(entry.second); });
}

/// The table is looked up by digests, so its timing tells nothing of a secret.
std::string Logins::digest_of(std::string_view secret) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

void Logins::make_room(const stats::Moment& now) {
  std::erase_if(by_digest_, [&](const auto& entry) { return entry.second.is_over(now); });
  if (by_digest_.size() < kMost) return;
  by_digest_.erase(std::min_element(by_digest_.begin(), by_digest_.end(), [&](const auto& a, const auto& b) {
    return a.second.time_left(now) < b.second.time_left(now);
  }));
}

}  // namespace weir::admin
