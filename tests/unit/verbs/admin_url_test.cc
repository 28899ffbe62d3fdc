#include <weir/verbs/admin_url.h>

#include <doctest/doctest.h>

using namespace weir;
using verbs::AdminUrl;

namespace {

std::string read(std::string_view text) {
  const Result<AdminUrl> url = AdminUrl::parse(text);
  return url ? url.value().to_string() : "refused: " + url.error().message;
}

}  // namespace

TEST_CASE("AdminUrl: a URL, an address or a socket") {
  CHECK(read("http://127.0.0.1:9900") == "http://127.0.0.1:9900");
  CHECK(read("127.0.0.1:9900") == "http://127.0.0.1:9900");
  CHECK(read("9900") == "http://127.0.0.1:9900");
  CHECK(read(":9900") == "http://127.0.0.1:9900");
  CHECK(read("0") == "refused: \"0\" has port 0, where nothing can listen");
  CHECK(read("65536") == "refused: \"127.0.0.1:65536\" has no port from 0 to 65535");
  CHECK(read("HTTP://weir.internal") == "http://weir.internal:80");
  CHECK(read("https://weir.internal/") == "https://weir.internal:443");
  CHECK(read("https://[::1]/sidecar/a/") == "https://[::1]:443/sidecar/a");
  CHECK(read("[::1]:9900") == "http://[::1]:9900");
  CHECK(read("unix:/run/weir.sock") == "unix:/run/weir.sock");
  CHECK(AdminUrl::parse("https://[::1]:8443/a").value().host == "[::1]:8443");
  CHECK(AdminUrl::parse("https://a/b").value().prefix == "/b");
  CHECK(AdminUrl::parse("unix:/run/weir.sock").value().host == "localhost");
}

TEST_CASE("AdminUrl: what is none is refused, and a password is not quoted") {
  for (const char* text : {"", "http://", "ftp://a", "127.0.0.1", "http://a:0", "http://a:b", "http://a/?q",
                           "http://a/b#c", "http://a/b c", "unix:"}) {
    CHECK_MESSAGE(!AdminUrl::parse(text), text);
  }
  const Result<AdminUrl> with_password = AdminUrl::parse("http://me:secret@a:1");
  REQUIRE_FALSE(with_password);
  CHECK(with_password.error().message.find("secret") == std::string::npos);
}

TEST_CASE("AdminUrl: a listener on all addresses is reached on this machine") {
  const auto reaching = [](std::string_view listener, bool is_tls) {
    return AdminUrl::reaching(net::Endpoint::parse(listener).value(), is_tls).to_string();
  };
  CHECK(reaching("0.0.0.0:9900", false) == "http://127.0.0.1:9900");
  CHECK(reaching("[::]:9900", true) == "https://[::1]:9900");
  CHECK(reaching("10.0.0.7:9900", false) == "http://10.0.0.7:9900");
  CHECK(reaching("unix:/run/weir.sock", false) == "unix:/run/weir.sock");
}

TEST_CASE("AdminUrl: there is always a name to find in the certificate") {
  const auto name_at = [](std::string_view listener) {
    return AdminUrl::reaching(net::Endpoint::parse(listener).value(), true).tls_name();
  };
  CHECK(AdminUrl::parse("https://weir.internal:8443/a").value().tls_name() == "weir.internal");
  CHECK(name_at("0.0.0.0:9900") == "127.0.0.1");
  CHECK(name_at("[::]:9900") == "::1");
  CHECK(name_at("unix:/run/weir.sock") == "localhost");
}
