#include <weir/http/jwt_claim.h>

#include <algorithm>

#include <simdjson.h>

#include <weir/base/base64url.h>
#include <weir/base/bytes.h>

namespace weir::http {
namespace {

/// The middle one of the three parts of a bearer token; empty where it is none.
std::string_view payload_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
  const std::string_view token = trim(authorization.substr(kScheme.size()));
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return {};
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return {};
  return token.substr(first + 1, second - first - 1);
}

bool is_whole_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

}  // namespace

struct JwtClaimReader::Parser {
  simdjson::ondemand::parser json;
};

JwtClaimReader::JwtClaimReader() : parser_(std::make_unique<Parser>()) {}

JwtClaimReader::~JwtClaimReader() = default;

std::string_view JwtClaimReader::read(std::string_view authorization, std::string_view claim) {
  const std::string_view encoded = payload_of(authorization);
  if (encoded.empty() || encoded.size() > (kMaxPayload * 4 + 2) / 3) return {};
  payload_.reserve(kMaxPayload + 8 + simdjson::SIMDJSON_PADDING);
  if (!decode_base64url(encoded, payload_)) return {};

  simdjson::ondemand::document document;
  simdjson::ondemand::value value;
  if (parser_->json.iterate(payload_.data(), payload_.size(), payload_.capacity()).get(document) != simdjson::SUCCESS ||
      document.find_field_unordered(claim).get(value) != simdjson::SUCCESS) {
    return {};
  }
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (type == simdjson::ondemand::json_type::string) {
    if (value.get_string().get(text) != simdjson::SUCCESS) return {};
  } else if (type == simdjson::ondemand::json_type::number) {
    text = trim(value.raw_json_token());
    if (!is_whole_number(text)) return {};
  }
  return text.size() <= kMaxClaim ? text : std::string_view();
}

}  // namespace weir::http
