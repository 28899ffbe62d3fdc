#include <weir/proto/http1/protocol.h>

#include <cstring>
#include <utility>

#include <weir/base/bytes.h>

#include "exchange.h"
#include "protocol_impl.h"
#include "session.h"

namespace weir::proto::http1 {
namespace {

/// Exchange objects kept for reuse: about the busiest moment of a busy worker; more are freed.
constexpr std::size_t kMaxSpare = 256;

/// The two hexadecimal digits of every byte, one after the other.
constexpr std::array<char, 512> kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[byte * 2] = kDigits[byte >> 4];
    pairs[byte * 2 + 1] = kDigits[byte & 15];
  }
  return pairs;
}();

}  // namespace

std::unique_ptr<proxy::Protocol> make_protocol(proxy::Worker& worker) { return std::make_unique<Http1>(worker); }

Http1::Http1(proxy::Worker& worker) : worker_(worker) {
  plan_changed();
  random_bytes(reinterpret_cast<char*>(random_state_.data()), sizeof random_state_);
  random_state_[0] |= 1;
  spare_.reserve(kMaxSpare);
}

Http1::~Http1() = default;

std::unique_ptr<proxy::Session> Http1::open(std::size_t listener, net::Accepted accepted, bool is_over_limit) {
  return std::make_unique<Session>(*this, listener, std::move(accepted), is_over_limit);
}

void Http1::plan_changed() {
  auto shape = std::make_unique<const Shape>(worker_.plan_ptr());
  parser_ = std::make_unique<http::HeadParser>(shape->table, shape->limits);
  shape_ = std::move(shape);
}

std::unique_ptr<Exchange> Http1::take_exchange() {
  if (spare_.empty()) return std::make_unique<Exchange>(*this);
  std::unique_ptr<Exchange> exchange = std::move(spare_.back());
  spare_.pop_back();
  return exchange;
}

void Http1::put_back(std::unique_ptr<Exchange> exchange) {
  if (spare_.size() < kMaxSpare) {
    spare_.push_back(std::move(exchange));
  } else {
    // Later: it may be its own callback that ends it.
    worker_.loop().reaper().take(std::move(exchange));
  }
}

std::uint64_t Http1::random() {  // xorshift128+ (Vigna, 2017)
  std::uint64_t x = random_state_[0];
  const std::uint64_t y = random_state_[1];
  random_state_[0] = y;
  x ^= x << 23;
  random_state_[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
  return random_state_[1] + y;
}

std::array<char, Http1::kRequestIdSize> Http1::make_request_id() {
  std::array<char, kRequestIdSize> id;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random();
    for (std::size_t i = 0; i < 16; i += 2, bits >>= 8) {
      std::memcpy(&id[half * 16 + i], &kHexPairs[(bits & 255) * 2], 2);
    }
  }
  return id;
}

}  // namespace weir::proto::http1
