#include <weir/admin/jwt_verifier.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include <weir/base/base64url.h>
#include <weir/base/bytes.h>
#include <weir/base/log.h>

#include "jwt_keys.h"

namespace weir::admin {
namespace {

using Object = simdjson::dom::object;
using Element = simdjson::dom::element;

/// What a later time is shown and kept as.
constexpr double kFarAway = 10.0 * 366 * 24 * 3600;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< the first two with the dot between them
};

std::optional<Parts> cut(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

/// Parsers differ in which of two members of one name they believe (RFC 7515 section 4): so none has two.
bool has_twins(const Object& object) {
  std::vector<std::string_view> names;
  for (const auto& member : object) names.push_back(member.key);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// A JSON object in base64url. Lives as long as the parser and its next parse.
std::optional<Object> read_object(simdjson::dom::parser& parser, std::string_view encoded) {
  std::string text;
  Element root;
  Object object;
  if (!decode_base64url(encoded, text) || parser.parse(text).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS || has_twins(object)) {
    return std::nullopt;
  }
  return object;
}

std::optional<Element> find(const Object& object, std::string_view name) {
  Element found;
  if (object.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

/// `typ` tells kinds of JWT apart (RFC 8725 section 3.11): an ID of a log-out is no token to log in with.
bool is_access_type(std::string_view type) {
  constexpr std::string_view kPrefix = "application/";
  if (type.size() > kPrefix.size() && equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix)) {
    type.remove_prefix(kPrefix.size());
  }
  return equals_ignoring_case(type, "JWT") || equals_ignoring_case(type, "at+jwt");
}

Result<JwtAlgorithm> read_header(const Object& header) {
  // What must be understood (RFC 7515 section 4.1.11) is nothing that is understood here.
  if (find(header, "crit")) return Error{"the token asks for an extension that is not spoken here (crit)"};
  if (const auto type = find(header, "typ")) {
    std::string_view text;
    if (type->get(text) != simdjson::SUCCESS || !is_access_type(text)) {
      return Error{"the token is of another kind (typ)"};
    }
  }
  std::string_view name;
  const auto algorithm = find(header, "alg");
  if (!algorithm || algorithm->get(name) != simdjson::SUCCESS) return Error{"the token names no algorithm (alg)"};
  const auto known = from_label<JwtAlgorithm>(name);
  if (!known) return Error{"the token's algorithm is none of HS256, RS256 and ES256 (alg)"};
  return *known;
}

/// A claim of seconds since 1970 (RFC 7519 section 2, NumericDate). False: it is there and is something else.
bool read_date(const Object& claims, std::string_view name, std::optional<double>& date) {
  const auto claim = find(claims, name);
  if (!claim) return true;
  double seconds = 0;
  if (!claim->is_number() || claim->get(seconds) != simdjson::SUCCESS || !std::isfinite(seconds)) return false;
  date = seconds;
  return true;
}

/// A text, or a list of texts that holds it.
bool holds(const Element& value, std::string_view wanted) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return text == wanted;
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  return std::any_of(list.begin(), list.end(), [&](const Element& one) {
    std::string_view member;
    return one.get(member) == simdjson::SUCCESS && member == wanted;
  });
}

/// Words between spaces, as `scope` has them (RFC 8693 section 4.2).
bool holds_word(std::string_view text, std::string_view wanted) {
  bool is_there = false;
  split(text, ' ', [&](std::string_view word) { is_there |= word == wanted; });
  return is_there;
}

double seconds_of(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

/// Nothing where the times let it in.
std::optional<Error> check_times(const Object& claims, const JwtOptions& options, WallTime now,
                                 std::optional<WallTime>& end) {
  std::optional<double> expires;
  std::optional<double> not_before;
  std::optional<double> issued;
  if (!read_date(claims, "exp", expires) || !read_date(claims, "nbf", not_before) ||
      !read_date(claims, "iat", issued)) {
    return Error{"a time of the token is no number (exp, nbf, iat)"};
  }
  const double seconds_now = seconds_of(now);
  const double leeway = seconds(options.leeway);
  if (!expires && options.require_expiry) return Error{"the token says no time when it expires (exp)"};
  if (expires && seconds_now >= *expires + leeway) return Error{"the token has expired (exp)"};
  if (not_before && seconds_now < *not_before - leeway) return Error{"the token is not good yet (nbf)"};
  if (!expires) return std::nullopt;
  const std::chrono::duration<double> left(std::min(*expires + leeway - seconds_now, kFarAway));
  end = now + std::chrono::duration_cast<WallClock::duration>(left);
  return std::nullopt;
}

/// Who it is for, by and about. Nothing where all of it fits.
std::optional<Error> check_names(const Object& claims, const JwtOptions& options, std::string& subject) {
  const auto issuer = find(claims, "iss");
  std::string_view text;
  if (issuer && issuer->get(text) != simdjson::SUCCESS) return Error{"the token's issuer is no text (iss)"};
  if (!options.issuer.empty() && text != options.issuer) return Error{"the token is by another issuer (iss)"};
  const auto audience = find(claims, "aud");
  if (!options.audience.empty() && !(audience && holds(*audience, options.audience))) {
    return Error{"the token is for another audience (aud)"};
  }
  if (const auto about = find(claims, "sub")) {
    if (about->get(text) != simdjson::SUCCESS) return Error{"the token's subject is no text (sub)"};
    subject = text;
  }
  return std::nullopt;
}

/// Whether a text in the claim is a list of words with spaces between (RFC 8693 section 4.2), wherever it lies. Some
/// providers call the claim `scp`.
bool is_scope_claim(std::string_view claim) {
  const std::string_view name = claim.substr(claim.rfind('/') + 1);  // npos: all of it
  return name == "scope" || name == "scp";
}

/// Nothing: not even to look.
std::optional<Grant> grant_of(const Object& claims, const JwtOptions& options) {
  const bool is_pointer = options.role_claim.starts_with('/');
  Element roles;
  const bool is_there =
      (is_pointer ? claims.at_pointer(options.role_claim) : claims.at_key(options.role_claim)).get(roles) ==
      simdjson::SUCCESS;
  const auto has_role = [&](const std::string& role) {
    if (!is_there) return false;
    std::string_view scope;
    const bool is_scope = is_scope_claim(options.role_claim) && roles.get(scope) == simdjson::SUCCESS;
    return is_scope ? holds_word(scope, role) : holds(roles, role);
  };
  if (has_role(options.admin_role)) return Grant::admin;
  if (options.viewer_role.empty() || has_role(options.viewer_role)) return Grant::viewer;
  return std::nullopt;
}

std::string fingerprint_of(const JwtOptions& o, const JwtKeys& keys) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", keys.fingerprint(), o.role_claim, o.admin_role, o.viewer_role,
                     o.audience, o.issuer, o.leeway.count(), o.require_expiry);
}

}  // namespace

JwtVerifier::JwtVerifier(JwtOptions options, std::shared_ptr<const JwtKeys> keys)
    : options_(std::move(options)), keys_(std::move(keys)), fingerprint_(fingerprint_of(options_, *keys_)) {}

Result<JwtVerifierPtr> JwtVerifier::load(const JwtOptions& options) {
  auto keys = std::make_shared<JwtKeys>();
  if (!options.secret_file.empty()) {
    if (const Status added = keys->add_secret(options.secret_file); !added) return added.error();
  }
  if (!options.public_key_file.empty()) {
    if (const Status added = keys->add_public_keys(options.public_key_file); !added) return added.error();
  }
  if (keys->has_weak_secret()) {
    log::warning("the secret of admin.jwt has fewer than 32 bytes: who has a token can find it out",
                 {{"file", options.secret_file}});
  }
  return JwtVerifierPtr(new JwtVerifier(options, std::move(keys)));
}

bool JwtVerifier::is_meant(std::string_view text) { return cut(text).has_value(); }

Result<JwtVerifier::Claims> JwtVerifier::verify(std::string_view token, WallTime now) const {
  if (token.size() > kLongest) return Error{"the token is longer than a token may be"};
  const std::optional<Parts> parts = cut(token);
  std::string signature;
  if (!parts || !decode_base64url(parts->signature, signature)) return Error{"the token is no JWT in compact form"};
  simdjson::dom::parser parser;
  const std::optional<Object> header = read_object(parser, parts->header);
  if (!header) return Error{"the token's header is no JSON object, or has a member twice"};
  const Result<JwtAlgorithm> algorithm = read_header(*header);
  if (!algorithm) return algorithm.error();
  if (!keys_->has_key_for(algorithm.value())) {
    return Error{fmt::format("no key for {} is configured (alg)", label(algorithm.value()))};
  }
  if (!keys_->have_signed(algorithm.value(), parts->signed_text, signature)) {
    return Error{"the token's signature is wrong"};
  }

  const std::optional<Object> claims = read_object(parser, parts->payload);
  if (!claims) return Error{"the token's payload is no JSON object, or has a member twice"};
  Claims found;
  if (auto problem = check_times(*claims, options_, now, found.expires)) return std::move(*problem);
  if (auto problem = check_names(*claims, options_, found.subject)) return std::move(*problem);
  const std::optional<Grant> grant = grant_of(*claims, options_);
  if (!grant) return Error{"the token's role may not even look (viewer_role)"};
  found.grant = *grant;
  return found;
}

}  // namespace weir::admin
