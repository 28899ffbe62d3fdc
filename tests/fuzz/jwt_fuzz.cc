// Any text as a JWT: refused where nobody signed it, and where it was signed its times hold. The first byte says which:
// a token as it is, or header and payload, with a zero byte between them, to be signed.
#include <algorithm>
#include <memory>
#include <string>

#include <weir/admin/jwt_verifier.h>
#include <weir/base/bytes.h>
#include <weir/base/log.h>

#include "lab/jwt_signer.h"
#include "target.h"

using namespace weir;
using admin::JwtVerifier;

namespace {

const WallTime kNow{1'800'000'000s};

/// A secret that no input can know, and what verifies with it.
struct Lab {
  Lab() {
    log::configure(log::Level::error, log::Format::text);
    std::string random(32, '\0');
    random_bytes(random.data(), random.size());
    const lab::TemporaryFolder folder;
    admin::JwtOptions options;
    signer = std::make_unique<lab::JwtSigner>(lab::JwtSigner::with_secret(to_hex(random)));
    options.secret_file = folder.write("secret", to_hex(random));
    auto loaded = JwtVerifier::load(options);
    WEIR_CHECK(loaded.is_ok(), "the secret was refused");
    verifier = loaded.value();
  }

  std::unique_ptr<lab::JwtSigner> signer;
  admin::JwtVerifierPtr verifier;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Lab lab;
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    WEIR_CHECK(!lab.verifier->verify(text, kNow), "a token that nobody signed was taken");
    return 0;
  }
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string token = lab.signer->sign(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
  const auto claims = lab.verifier->verify(token, kNow);
  if (!claims) return 0;
  WEIR_CHECK(claims.value().expires && *claims.value().expires > kNow, "a token that is over was taken");
  // Whatever the header says, another signature is another token.
  WEIR_CHECK(!lab.verifier->verify(token.substr(0, token.rfind('.') + 1), kNow),
             "a token without a signature was taken");
  return 0;
}
