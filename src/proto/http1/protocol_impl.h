#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <weir/http/head_parser.h>
#include <weir/http/jwt_claim.h>
#include <weir/proxy/worker.h>

#include "head_buffer.h"
#include "shape.h"

namespace weir::proto::http1 {

class Exchange;

/// What the sessions of one worker share: the worn-in parser, buffers and exchange objects, so that a warm worker
/// allocates nothing per request.
class Http1 final : public proxy::Protocol {
 public:
  static constexpr std::size_t kRequestIdSize = 32;

  explicit Http1(proxy::Worker& worker);
  ~Http1() override;

  std::unique_ptr<proxy::Session> open(std::size_t listener, net::Accepted accepted, bool is_over_limit) override;

  void plan_changed() override;

  proxy::Worker& worker() { return worker_; }
  /// Good until the callback returns: a reload makes another one.
  const Shape& shape() const { return *shape_; }
  const proxy::Plan& plan() const { return *shape_->plan; }
  /// Its heads are good until the next parse: nobody keeps them beyond a callback.
  http::HeadParser& parser() { return *parser_; }
  http::JwtClaimReader& user_claims() { return user_claims_; }
  http::JwtClaimReader& tenant_claims() { return tenant_claims_; }
  /// Empty, with room. Good until the next call.
  HeadBuffer& scratch() {
    scratch_.clear();
    return scratch_;
  }

  std::unique_ptr<Exchange> take_exchange();
  void put_back(std::unique_ptr<Exchange> exchange);

  /// 128 random bits in hexadecimal. Unique, not secret.
  std::array<char, kRequestIdSize> make_request_id();

 private:
  std::uint64_t random();

  proxy::Worker& worker_;
  std::unique_ptr<const Shape> shape_;
  std::unique_ptr<http::HeadParser> parser_;
  http::JwtClaimReader user_claims_;  // one each: what they read is good until they read again
  http::JwtClaimReader tenant_claims_;
  HeadBuffer scratch_;
  std::vector<std::unique_ptr<Exchange>> spare_;
  std::array<std::uint64_t, 2> random_state_;
};

}  // namespace weir::proto::http1
