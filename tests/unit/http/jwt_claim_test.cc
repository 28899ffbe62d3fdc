#include <weir/http/jwt_claim.h>

#include <string>

#include <doctest/doctest.h>

using weir::http::JwtClaimReader;

namespace {

std::string base64url(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) out += kAlphabet[bits << (6 - held) & 63];
  return out;
}

std::string bearer(std::string_view payload) { return "Bearer eyJhbGciOiJub25lIn0." + base64url(payload) + ".c2ln"; }

std::string read(std::string_view authorization, std::string_view claim = "sub") {
  JwtClaimReader reader;
  return std::string(reader.read(authorization, claim));
}

}  // namespace

TEST_CASE("JWT claim: texts as they are, whole numbers as their digits") {
  CHECK(read(bearer(R"({"iss":"x","sub":"ada","exp":1})")) == "ada");
  CHECK(read(bearer(R"({"sub":"Zo\u00eb ?>"})")) == "Zo\xc3\xab ?>");
  CHECK(read(bearer(R"({"sub":12345678901234567890 })")) == "12345678901234567890");
  CHECK(read(bearer(R"({"https://example.com/tenant":"acme"})"), "https://example.com/tenant") == "acme");
  CHECK(read("bearer " + bearer(R"({"sub":"a"})").substr(7)) == "a");
  // The example of RFC 7519 section 3.1.
  CHECK(read("Bearer eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
             "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "iss") == "joe");
}

TEST_CASE("JWT claim: what is no token, no payload or no such claim is empty") {
  for (const std::string& none : {std::string(),
                                  std::string("Bearer "),
                                  std::string("Basic YTpi"),
                                  std::string("Bearer opaque"),
                                  std::string("Bearer a.b"),
                                  std::string("Bearer a.b.c.d"),
                                  std::string("Bearer a.!!.c"),
                                  std::string("Bearer a..c"),
                                  bearer("not json"),
                                  bearer("[]"),
                                  bearer("\"sub\""),
                                  bearer("{"),
                                  bearer(R"({"SUB":"a"})"),
                                  bearer(R"({"sub":null})"),
                                  bearer(R"({"sub":true})"),
                                  bearer(R"({"sub":["a"]})"),
                                  bearer(R"({"sub":{"sub":"a"}})"),
                                  bearer(R"({"sub":1.5})"),
                                  bearer(R"({"sub":"a)"),
                                  bearer(R"({"sub":-1})")}) {
    CAPTURE(none);
    CHECK(read(none) == "");
  }
}

TEST_CASE("JWT claim: long payloads and long claims are not read") {
  const std::string claim(JwtClaimReader::kMaxClaim, 'x');
  CHECK(read(bearer(R"({"sub":")" + claim + R"("})")) == claim);
  CHECK(read(bearer(R"({"sub":"x)" + claim + R"("})")) == "");
  const std::string filler(JwtClaimReader::kMaxPayload, 'f');
  CHECK(read(bearer(R"({"sub":"a","f":")" + filler + R"("})")) == "");
  CHECK(read(bearer(R"({"sub":"a","f":")" + filler.substr(20) + R"("})")) == "a");
}

TEST_CASE("JWT claim: a reader serves one token after the other") {
  JwtClaimReader reader;
  for (int i = 0; i < 100; ++i) {
    const std::string sub = "user-" + std::to_string(i);
    CHECK(reader.read(bearer(R"({"sub":")" + sub + R"("})"), "sub") == sub);
    CHECK(reader.read(bearer("{"), "sub") == "");
  }
}
