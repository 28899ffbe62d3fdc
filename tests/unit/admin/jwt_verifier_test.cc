#include <weir/admin/jwt_verifier.h>

#include <doctest/doctest.h>

#include <weir/base/base64url.h>
#include <weir/base/log.h>

#include "lab/jwt_signer.h"

using namespace weir;
using admin::Grant;
using admin::JwtOptions;
using admin::JwtVerifier;
using admin::JwtVerifierPtr;
using lab::JwtSigner;

namespace {

const WallTime kNow{1'800'000'000s};
const std::string kSecret = "a secret of 32 bytes, and no less";
constexpr const char* kGood = R"({"sub":"ops","role":"admin","exp":1800000060})";

// The keys and tokens of RFC 7515 appendices A.1, A.2 and A.3, whose payload expires at 1300819380.
const WallTime kTimeOfTheRfc{1'300'819'379s};
constexpr const char* kSecretOfTheRfc =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr const char* kRsaKeyOfTheRfc =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n"
    "NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n"
    "P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n"
    "9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n"
    "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n"
    "FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n"
    "oQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kEcKeyOfTheRfc =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
    "-----END PUBLIC KEY-----\n";
const std::string kPayloadOfTheRfc =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
const std::string kHs256OfTheRfc =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + kPayloadOfTheRfc + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string kRs256OfTheRfc =
    "eyJhbGciOiJSUzI1NiJ9" + kPayloadOfTheRfc +
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDw"
    "usC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77R"
    "w";
const std::string kEs256OfTheRfc =
    "eyJhbGciOiJFUzI1NiJ9" + kPayloadOfTheRfc +
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// Key files, and what verifies with them.
struct Lab {
  Lab() { log::configure(log::Level::error, log::Format::text); }

  JwtVerifierPtr with_secret(const std::string& secret, JwtOptions options = {}) {
    options.secret_file = folder.write("secret", secret);
    return load(options);
  }
  JwtVerifierPtr with_public_key(const std::string& pem, JwtOptions options = {}) {
    options.public_key_file = folder.write("public.pem", pem);
    return load(options);
  }
  JwtVerifierPtr load(const JwtOptions& options) {
    auto verifier = JwtVerifier::load(options);
    REQUIRE_MESSAGE(verifier.is_ok(), (verifier ? "" : verifier.error().message));
    return verifier.value();
  }

  lab::TemporaryFolder folder;
};

bool opens(const JwtVerifierPtr& verifier, const std::string& token, WallTime now = kNow) {
  return verifier->verify(token, now).is_ok();
}

std::string refusal(const JwtVerifierPtr& verifier, const std::string& token, WallTime now = kNow) {
  const auto claims = verifier->verify(token, now);
  return claims ? "" : claims.error().message;
}

std::string decoded(std::string_view text) {
  std::string out;
  REQUIRE(decode_base64url(text, out));
  return out;
}

}  // namespace

TEST_CASE("JwtVerifier: the tokens of RFC 7515 are good until they expire") {
  Lab lab;
  const JwtVerifierPtr hs256 = lab.with_secret(decoded(kSecretOfTheRfc));
  const JwtVerifierPtr rs256 = lab.with_public_key(kRsaKeyOfTheRfc);
  const JwtVerifierPtr es256 = lab.with_public_key(kEcKeyOfTheRfc);
  const JwtVerifierPtr both = lab.with_public_key(std::string("Some words\n") + kRsaKeyOfTheRfc + kEcKeyOfTheRfc);
  for (const auto& [verifier, token] : {std::pair{hs256, kHs256OfTheRfc}, {rs256, kRs256OfTheRfc},
                                        {es256, kEs256OfTheRfc}, {both, kRs256OfTheRfc}, {both, kEs256OfTheRfc}}) {
    CHECK(refusal(verifier, token, kTimeOfTheRfc) == "");
    CHECK(refusal(verifier, token, kTimeOfTheRfc + 1s) == "the token has expired (exp)");
  }
  CHECK(refusal(es256, kRs256OfTheRfc, kTimeOfTheRfc) == "no key for RS256 is configured (alg)");
}

TEST_CASE("JwtVerifier: any other byte is another token") {
  Lab lab;
  for (const auto& [verifier, token] : {std::pair{lab.with_secret(decoded(kSecretOfTheRfc)), kHs256OfTheRfc},
                                        {lab.with_public_key(kRsaKeyOfTheRfc), kRs256OfTheRfc},
                                        {lab.with_public_key(kEcKeyOfTheRfc), kEs256OfTheRfc}}) {
    for (std::size_t i = 0; i < token.size(); i += 3) {
      std::string changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      if (changed == token) continue;
      CAPTURE(i);
      CHECK_FALSE(opens(verifier, changed, kTimeOfTheRfc));
    }
    for (const char* more : {"A", "AAAA", "=", "."}) CHECK_FALSE(opens(verifier, token + more, kTimeOfTheRfc));
    CHECK_FALSE(opens(verifier, token.substr(0, token.size() - 4), kTimeOfTheRfc));
    CHECK_FALSE(opens(verifier, token.substr(0, token.rfind('.') + 1), kTimeOfTheRfc));
  }
}

TEST_CASE("JwtVerifier: a public key is no secret, and no algorithm is none") {
  Lab lab;
  const JwtSigner rsa = JwtSigner::with_rsa();
  const JwtVerifierPtr verifier = lab.with_public_key(rsa.public_key());
  CHECK(opens(verifier, rsa.sign(kGood)));
  // The attack that older libraries fall for: the text of the public key as the secret of HS256.
  CHECK(refusal(verifier, JwtSigner::with_secret(rsa.public_key()).sign(kGood)) ==
        "no key for HS256 is configured (alg)");
  for (const char* algorithm :
       {"none", "None", "NONE", "", "hs256", "HS384", "HS512", "RS512", "PS256", "ES384", "EdDSA"}) {
    CAPTURE(algorithm);
    const std::string header = std::string(R"({"alg":")") + algorithm + "\"}";
    CHECK_FALSE(opens(verifier, rsa.sign(header, kGood)));
    CHECK_FALSE(opens(verifier, lab::base64url(header) + "." + lab::base64url(kGood) + "."));
  }
  JwtOptions options;
  options.public_key_file = lab.folder.write("public.pem", rsa.public_key());
  const JwtVerifierPtr mixed = lab.with_secret(kSecret, options);
  CHECK(opens(mixed, rsa.sign(kGood)));
  CHECK(opens(mixed, JwtSigner::with_secret(kSecret).sign(kGood)));
  CHECK_FALSE(opens(mixed, JwtSigner::with_secret(rsa.public_key()).sign(kGood)));
}

TEST_CASE("JwtVerifier: signatures on P-256 that are only nearly one") {
  Lab lab;
  const JwtSigner signer = JwtSigner::with_ec();
  const JwtVerifierPtr verifier = lab.with_public_key(signer.public_key());
  const std::string text = lab::base64url(R"({"alg":"ES256"})") + "." + lab::base64url(kGood);
  const std::string raw = signer.signature(text);
  CHECK(opens(verifier, text + "." + lab::base64url(raw)));
  const std::string zeros(32, '\0');
  // The order of the curve (FIPS 186-4 D.1.2.3).
  const std::string order = decoded("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
  REQUIRE(order.size() == 32);
  for (const std::string& wrong :
       {zeros + zeros, zeros + raw.substr(32), raw.substr(0, 32) + zeros, order + raw.substr(32),
        raw.substr(0, 32) + order, raw.substr(32) + raw.substr(0, 32), raw + '\0', raw.substr(1), std::string(),
        std::string(64, '\xff')}) {
    CHECK_FALSE(opens(verifier, text + "." + lab::base64url(wrong)));
  }
  CHECK_FALSE(opens(verifier, JwtSigner::with_ec().sign(kGood)));
}

TEST_CASE("JwtVerifier: a header says what is meant, once, and asks for nothing else") {
  Lab lab;
  const JwtSigner signer = JwtSigner::with_secret(kSecret);
  const JwtVerifierPtr verifier = lab.with_secret(kSecret + "\n");
  for (const char* good : {R"({"alg":"HS256"})", R"({"alg":"HS256","typ":"jwt"})", R"({"alg":"HS256","typ":"at+JWT"})",
                           R"({"alg":"HS256","typ":"application/at+jwt","kid":"7"})", R"({"\u0061lg":"HS256"})"}) {
    CAPTURE(good);
    CHECK(opens(verifier, signer.sign(good, kGood)));
  }
  for (const char* wrong :
       {R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","crit":[]})",
        R"({"alg":"HS256","b64":false,"crit":["b64"]})", R"({"alg":"HS256","alg":"HS256"})",
        R"({"alg":"none","\u0061lg":"HS256"})", R"({"alg":["HS256"]})", R"({"alg":null})", R"({"typ":"JWT"})",
        R"({"alg":"HS256","typ":"logout+jwt"})", R"({"alg":"HS256","typ":1})", R"("HS256")", R"([{"alg":"HS256"}])",
        R"({"alg":"HS256"} )"
        "x",
        R"({"alg":"HS256")", "", "{}", "{\"alg\":\"HS256\",\"x\":\"\xff\"}"}) {
    CAPTURE(wrong);
    CHECK_FALSE(opens(verifier, signer.sign(wrong, kGood)));
  }
}

TEST_CASE("JwtVerifier: a token in any other form is none") {
  Lab lab;
  const JwtVerifierPtr verifier = lab.with_secret(kSecret);
  const std::string good = JwtSigner::with_secret(kSecret).sign(kGood);
  REQUIRE(opens(verifier, good));
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", "." + good, good + "=",
        " " + good, good + "\n", std::string("a.b"), std::string(20'000, 'a') + good}) {
    CHECK_FALSE(opens(verifier, wrong));
  }
  CHECK(JwtVerifier::is_meant(good));
  CHECK_FALSE(JwtVerifier::is_meant("weir_0123456789"));
}

TEST_CASE("JwtVerifier: times are numbers, and the leeway is both ways") {
  Lab lab;
  const JwtSigner signer = JwtSigner::with_secret(kSecret);
  JwtOptions options;
  options.leeway = 10s;
  const JwtVerifierPtr exact = lab.with_secret(kSecret);
  const JwtVerifierPtr lenient = lab.with_secret(kSecret, options);
  struct Case {
    const char* payload;
    bool is_exact;
    bool is_lenient;
  };
  for (const Case& c : {Case{R"({"exp":1800000001})", true, true}, {R"({"exp":1800000000})", false, true},
                        {R"({"exp":1800000000.5})", true, true}, {R"({"exp":1.8000001e9})", true, true},
                        {R"({"exp":1799999990})", false, false}, {R"({"exp":18446744073709551615})", true, true},
                        {R"({"exp":1e300})", true, true}, {R"({"exp":-1})", false, false},
                        {R"({"exp":1800000060,"nbf":1800000000})", true, true},
                        {R"({"exp":1800000060,"nbf":1800000001})", false, true},
                        {R"({"exp":1800000060,"nbf":1800000011})", false, false},
                        {R"({"exp":1800000060,"iat":1900000000})", true, true}}) {
    CAPTURE(c.payload);
    CHECK(opens(exact, signer.sign(c.payload)) == c.is_exact);
    CHECK(opens(lenient, signer.sign(c.payload)) == c.is_lenient);
  }
  for (const char* wrong : {R"({"exp":"1800000060"})", R"({"exp":true})", R"({"exp":null})", R"({"exp":[1800000060]})",
                            R"({"exp":1e999})", R"({"exp":1800000060,"nbf":"0"})", R"({"exp":1800000060,"iat":{}})",
                            R"({"exp":99999999999999999999999})", R"({"exp":1,"exp":1800000060})",
                            R"({"exp":1800000060,"role":"admin","r\u006fle":"x"})"}) {
    CAPTURE(wrong);
    CHECK_FALSE(opens(exact, signer.sign(wrong)));
  }
}

TEST_CASE("JwtVerifier: a token for ever needs leave") {
  Lab lab;
  const std::string token = JwtSigner::with_secret(kSecret).sign(R"({"role":"admin"})");
  CHECK(refusal(lab.with_secret(kSecret), token) == "the token says no time when it expires (exp)");
  JwtOptions options;
  options.require_expiry = false;
  const auto claims = lab.with_secret(kSecret, options)->verify(token, kNow);
  REQUIRE(claims);
  CHECK_FALSE(claims.value().expires);
  CHECK(claims.value().subject == "");
}

TEST_CASE("JwtVerifier: audience and issuer count where they are configured") {
  Lab lab;
  const JwtSigner signer = JwtSigner::with_secret(kSecret);
  JwtOptions options;
  options.audience = "weir";
  options.issuer = "https://id.example";
  const JwtVerifierPtr verifier = lab.with_secret(kSecret, options);
  const auto opens_with = [&](const std::string& names) {
    return opens(verifier, signer.sign(R"({"exp":1800000060)" + names + "}"));
  };
  CHECK(opens_with(R"(,"aud":"weir","iss":"https://id.example")"));
  CHECK(opens_with(R"(,"aud":["other","weir"],"iss":"https://id.example")"));
  for (const char* wrong :
       {"", R"(,"aud":"weir")", R"(,"iss":"https://id.example")", R"(,"aud":"Weir","iss":"https://id.example")",
        R"(,"aud":[],"iss":"https://id.example")", R"(,"aud":["weir2",7],"iss":"https://id.example")",
        R"(,"aud":{"weir":1},"iss":"https://id.example")", R"(,"aud":"weir","iss":"https://id.example/")",
        R"(,"aud":"weir","iss":["https://id.example"])", R"(,"aud":"weir","iss":"https://id.example","sub":7)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(opens_with(wrong));
  }
}

TEST_CASE("JwtVerifier: the role claim tells who may change from who may look") {
  Lab lab;
  const JwtSigner signer = JwtSigner::with_secret(kSecret);
  const auto grant_for = [&](const JwtOptions& options, const std::string& claims) {
    const auto found =
        lab.with_secret(kSecret, options)->verify(signer.sign(R"({"exp":1800000060,)" + claims + "}"), kNow);
    if (!found) return std::string("none");
    return std::string(label(found.value().grant));
  };
  JwtOptions options;
  CHECK(grant_for(options, R"("role":"admin")") == "admin");
  CHECK(grant_for(options, R"("role":["dev","admin"])") == "admin");
  for (const char* looks : {R"("role":"viewer")", R"("role":"Admin")", R"("role":"not admin")",
                            R"("role":"administrator")", R"("role":["adm","in"])", R"("role":{"admin":true})",
                            R"("role":true)", R"("x":1)", R"("roles":"admin")", R"("a":{"role":"admin"})"}) {
    CAPTURE(looks);
    CHECK(grant_for(options, looks) == "viewer");
  }
  options.viewer_role = "viewer";
  CHECK(grant_for(options, R"("role":"viewer")") == "viewer");
  CHECK(grant_for(options, R"("role":"admin")") == "admin");
  CHECK(grant_for(options, R"("role":"nobody")") == "none");
  options.role_claim = "/realm_access/roles";
  CHECK(grant_for(options, R"("realm_access":{"roles":["x","admin"]})") == "admin");
  options.role_claim = "scope";
  CHECK(grant_for(options, R"("scope":"openid admin")") == "admin");
  CHECK(grant_for(options, R"("scope":"openid administrator")") == "none");
  options.role_claim = "scp";
  CHECK(grant_for(options, R"("scp":"openid admin")") == "admin");
  CHECK(grant_for(options, R"("scp":"admin")") == "admin");
  CHECK(grant_for(options, R"("scp":["openid","admin"])") == "admin");
  CHECK(grant_for(options, R"("scp":"openid administrator")") == "none");
  CHECK(grant_for(options, R"("scope":"openid admin")") == "none");
  options.role_claim = "/act/scp";
  CHECK(grant_for(options, R"("act":{"scp":"openid admin"})") == "admin");
  options.role_claim = "scopes";
  CHECK(grant_for(options, R"("scopes":"openid admin")") == "none");
}

TEST_CASE("JwtVerifier: keys that are no good are refused, with the reason") {
  Lab lab;
  const auto problem_with = [&](const std::string& pem) {
    JwtOptions options;
    options.public_key_file = lab.folder.write("key", pem);
    const auto loaded = JwtVerifier::load(options);
    REQUIRE_FALSE(loaded);
    return loaded.error().message.substr(options.public_key_file.size() + 1);
  };
  CHECK(problem_with("") == "holds no public key in PEM");
  CHECK(problem_with("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") ==
        "holds a PUBLIC KEY that cannot be read");
  const std::string good = JwtSigner::with_ec().public_key();
  CHECK(problem_with(good + good.substr(0, 80)) == "holds PEM that cannot be read");
  CHECK(problem_with(JwtSigner::with_rsa(1024).public_key()) == "holds an RSA key of 1024 bits, too short to be safe");
  CHECK(problem_with(JwtSigner::with_ec("P-384").public_key()) == "holds an EC key that is not on the curve P-256");
  CHECK(problem_with(JwtSigner::with_ec().private_key()) == "holds a private key, which belongs to who signs alone");
  JwtOptions options;
  options.secret_file = lab.folder.write("secret", JwtSigner::with_ec().public_key());
  CHECK_FALSE(JwtVerifier::load(options));
  options.secret_file = lab.folder.write("secret", "\n");
  CHECK_FALSE(JwtVerifier::load(options));
  options.secret_file = lab.folder.file("nowhere");
  CHECK_FALSE(JwtVerifier::load(options));
}

TEST_CASE("JwtVerifier: a certificate stands for its key, and several keys for a change of keys") {
  Lab lab;
  const JwtSigner before = JwtSigner::with_ec();
  const JwtSigner after = JwtSigner::with_ec();
  const JwtVerifierPtr verifier = lab.with_public_key(before.public_key() + after.public_key());
  CHECK(opens(verifier, before.sign(kGood)));
  CHECK(opens(verifier, after.sign(kGood)));
  const lab::Authority authority(lab.folder);
  JwtOptions options;
  options.public_key_file = authority.certificate();
  CHECK_FALSE(opens(lab.load(options), before.sign(kGood)));
}

TEST_CASE("JwtVerifier: other keys or other rules are told by the fingerprint, which tells no secret") {
  Lab lab;
  const std::string first = lab.with_secret(kSecret)->fingerprint();
  CHECK(first == lab.with_secret(kSecret)->fingerprint());
  CHECK(first != lab.with_secret(kSecret + "x")->fingerprint());
  JwtOptions options;
  options.admin_role = "root";
  CHECK(first != lab.with_secret(kSecret, options)->fingerprint());
  CHECK(first.find(kSecret) == std::string::npos);
}
