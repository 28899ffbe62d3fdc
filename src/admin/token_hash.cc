#include <weir/admin/token_hash.h>

#include <algorithm>
#include <utility>

#include <openssl/sha.h>

#include <weir/base/bytes.h>

namespace weir::admin {
namespace {

constexpr std::size_t kShortestSalt = 16;
constexpr std::size_t kLongestSalt = 64;
constexpr std::size_t kDigestDigits = 64;

constexpr bool is_hex(char c) { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

bool is_all_hex(std::string_view text) { return std::all_of(text.begin(), text.end(), is_hex); }

int value_of(char digit) { return is_digit(digit) ? digit - '0' : ascii_lower(digit) - 'a' + 10; }

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  random_bytes(random.data(), random.size());
  return to_hex(random);
}

}  // namespace

Result<TokenHash> TokenHash::parse(std::string_view text) {
  if (!is_meant(text)) return Error{"is no hash of a token"};
  text.remove_prefix(kPrefix.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Error{"the hash has no digest"};
  const std::string_view salt = text.substr(0, colon);
  const std::string_view digest = text.substr(colon + 1);
  if (salt.size() < kShortestSalt || salt.size() > kLongestSalt || !is_all_hex(salt)) {
    return Error{"the salt is not 16 to 64 hexadecimal digits"};
  }
  if (digest.size() != kDigestDigits || !is_all_hex(digest)) return Error{"the digest is not 64 hexadecimal digits"};
  TokenHash hash;
  hash.salt_ = salt;
  for (std::size_t i = 0; i < hash.digest_.size(); ++i) {
    hash.digest_[i] = static_cast<char>(value_of(digest[2 * i]) << 4 | value_of(digest[2 * i + 1]));
  }
  return hash;
}

TokenHash TokenHash::of(std::string_view token, std::string_view salt) {
  TokenHash hash;
  hash.salt_ = salt;
  hash.digest_ = digest_of(salt, token);
  return hash;
}

TokenHash TokenHash::of(std::string_view token) { return of(token, random_hex(kShortestSalt)); }

bool TokenHash::is_of(std::string_view token) const {
  const Digest presented = digest_of(salt_, token);
  return equals_in_constant_time({digest_.data(), digest_.size()}, {presented.data(), presented.size()});
}

std::string TokenHash::to_string() const {
  return std::string(kPrefix) + salt_ + ":" + to_hex({digest_.data(), digest_.size()});
}

TokenHash::Digest TokenHash::digest_of(std::string_view salt, std::string_view token) {
  std::string text(salt);
  text += token;
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string make_token() {
  constexpr std::size_t kBytes = 32;
  return "weir_" + random_hex(kBytes);
}

}  // namespace weir::admin
