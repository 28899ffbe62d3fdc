#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace weir::http {

/// Reads one claim of the token that `Authorization: Bearer` brings (RFC 7519, compact form). **Nothing is verified**:
/// neither signature nor expiry. Good to tell requests apart, never to let anybody in. HOT PATH: no allocation once warm.
class JwtClaimReader {
 public:
  JwtClaimReader();
  ~JwtClaimReader();
  JwtClaimReader(const JwtClaimReader&) = delete;
  JwtClaimReader& operator=(const JwtClaimReader&) = delete;

  /// A payload that is longer, decoded, is not read.
  static constexpr std::size_t kMaxPayload = 4096;
  /// Nor is a claim.
  static constexpr std::size_t kMaxClaim = 256;

  /// A text as it is, a whole number as its digits; empty where there is no such claim, it is anything else, or the
  /// token cannot be read. Good until the next call.
  std::string_view read(std::string_view authorization, std::string_view claim);

 private:
  struct Parser;

  std::unique_ptr<Parser> parser_;
  std::string payload_;
};

}  // namespace weir::http
