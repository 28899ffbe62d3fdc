#include <weir/admin/token_hash.h>

#include <algorithm>

#include <doctest/doctest.h>

using namespace weir;
using admin::TokenHash;

TEST_CASE("TokenHash: is what sha256sum makes of salt and token") {
  // printf %s 0123456789abcdefsecret | sha256sum
  const char* text = "sha256:0123456789abcdef:c5310e3d1e5823ef77ce3a5804988a72fc60c307a0c8959f3461e202e4a8d814";
  CHECK(TokenHash::of("secret", "0123456789abcdef").to_string() == text);
  const auto parsed = TokenHash::parse(text);
  REQUIRE(parsed);
  CHECK(parsed.value().is_of("secret"));
  CHECK_FALSE(parsed.value().is_of("secreT"));
  CHECK_FALSE(parsed.value().is_of(""));
}

TEST_CASE("TokenHash: the same token twice has two hashes, and both are of it") {
  const TokenHash one = TokenHash::of("secret");
  const TokenHash other = TokenHash::of("secret");
  CHECK(one.to_string() != other.to_string());
  CHECK(TokenHash::parse(one.to_string()).value().is_of("secret"));
  CHECK(TokenHash::parse(other.to_string()).value().is_of("secret"));
}

TEST_CASE("TokenHash: what is only like a hash is refused") {
  const std::string digest(64, 'a');
  for (const std::string& wrong :
       {std::string("sha256:"), "sha256:" + digest, "sha256:short:" + digest, "sha256:0123456789abcdef:" + digest + "a",
        "sha256:0123456789abcdef:" + digest.substr(1), "sha256:0123456789abcdeg:" + digest,
        "sha256:0123456789abcdef:" + std::string(64, 'g'), "sha256:" + std::string(65, 'a') + ":" + digest,
        "sha256:0123456789abcdef:" + digest + ":"}) {
    CAPTURE(wrong);
    CHECK(TokenHash::is_meant(wrong));
    CHECK_FALSE(TokenHash::parse(wrong));
  }
  CHECK_FALSE(TokenHash::is_meant("secret"));
}

TEST_CASE("Token: a new one is long, and of characters that nothing minds") {
  const std::string token = admin::make_token();
  CHECK(token.size() == 69);
  CHECK(token != admin::make_token());
  CHECK(std::all_of(token.begin(), token.end(),
                    [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }));
}
