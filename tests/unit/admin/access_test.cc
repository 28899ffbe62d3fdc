#include "access.h"

#include <doctest/doctest.h>

#include <weir/base/log.h>

using namespace weir;
using admin::Access;
using admin::Role;

namespace {

const net::Endpoint kLoopback{.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 9900, .path = {}};
const TimePoint kNow{1000s};

int status_for(Access& access, const admin::Request& request, Role role = Role::read, TimePoint now = kNow) {
  const auto refusal = access.refuse(request, role, now);
  return refusal ? refusal->status : 200;
}

admin::Request with_key(std::string key, std::string client = "192.0.2.1") {
  admin::Request request;
  request.api_key = std::move(key);
  request.client = std::move(client);
  return request;
}

}  // namespace

TEST_CASE("Access: any one of the tokens opens, nothing like it does") {
  Access access({"one", "another"}, kLoopback);
  CHECK(status_for(access, with_key("one")) == 200);
  CHECK(status_for(access, with_key("another")) == 200);
  for (const char* wrong : {"", "on", "one ", "ones", "ONE", "oneanother"}) {
    CAPTURE(wrong);
    CHECK(status_for(access, with_key(wrong)) == 401);
  }
  admin::Request request;
  for (const char* right : {"Bearer one", "bearer one", "BEARER  another "}) {
    request.authorization = right;
    CHECK(status_for(access, request) == 200);
  }
  for (const char* wrong : {"Bearer", "Bearer ", "Basic one", "one", "Bearerone"}) {
    request.authorization = wrong;
    CHECK(status_for(access, request) == 401);
  }
}

TEST_CASE("Access: probes pass without a token, changes do not") {
  Access access({"one"}, kLoopback);
  CHECK(status_for(access, {}, Role::open) == 200);
  CHECK(status_for(access, {}, Role::read) == 401);
  CHECK(status_for(access, {}, Role::change) == 401);
}

TEST_CASE("Access: who keeps guessing has to wait, others do not") {
  Access access({"one"}, kLoopback);
  for (int i = 0; i < Access::kBurst; ++i) CHECK(status_for(access, with_key("guess")) == 401);
  CHECK(status_for(access, with_key("guess")) == 429);
  CHECK(status_for(access, with_key("one")) == 429);
  CHECK(status_for(access, with_key("one", "192.0.2.2")) == 200);
  CHECK(status_for(access, with_key("one"), Role::read, kNow + 2s) == 200);
}

TEST_CASE("Access: to bring no token at all is no guess") {
  Access access({"one"}, kLoopback);
  for (int i = 0; i < 3 * Access::kBurst; ++i) CHECK(status_for(access, {}) == 401);
  CHECK(status_for(access, with_key("one")) == 200);
}

TEST_CASE("Access: guessing from many addresses is remembered in bounded memory") {
  log::configure(log::Level::error, log::Format::text);
  Access access({"one"}, kLoopback);
  for (int i = 0; i < Access::kBurst; ++i) status_for(access, with_key("guess", "192.0.2.1"));
  for (std::size_t i = 0; i < 5 * Access::kMaxClients; ++i) {
    CHECK(status_for(access, with_key("guess", "client" + std::to_string(i))) == 401);
  }
  CHECK(status_for(access, with_key("guess", "192.0.2.1")) == 429);
}

TEST_CASE("Access: without tokens the name that is called must be this machine's") {
  Access access({}, kLoopback);
  admin::Request request;
  for (const char* own : {"", "localhost", "LOCALHOST:9900", "127.0.0.1", "127.0.0.1:9900", "[::1]:9900", "[::1]"}) {
    CAPTURE(own);
    request.host = own;
    CHECK(status_for(access, request) == 200);
  }
  for (const char* foreign : {"evil.example", "evil.example:9900", "localhost.evil.example", "127.0.0.1.nip.io"}) {
    CAPTURE(foreign);
    request.host = foreign;
    CHECK(status_for(access, request) == 421);
    CHECK(status_for(access, request, Role::open) == 200);
  }
}

TEST_CASE("Access: a page of another origin changes nothing") {
  Access access({}, kLoopback);
  admin::Request request;
  request.host = "localhost:9900";
  CHECK(status_for(access, request, Role::change) == 200);
  request.origin = "http://localhost:9900";
  CHECK(status_for(access, request, Role::change) == 200);
  for (const char* foreign : {"http://evil.example", "null", "http://localhost:3000", "http://xlocalhost:9900"}) {
    request.origin = foreign;
    CHECK(status_for(access, request, Role::change) == 403);
    CHECK(status_for(access, request, Role::read) == 200);
  }
}
