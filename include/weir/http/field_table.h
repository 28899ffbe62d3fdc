#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

/// The field names that mean something to weir. Values from `custom` on are names that the configuration brings.
enum class FieldId : std::uint8_t {
  other,
  connection,
  content_length,
  transfer_encoding,
  host,
  upgrade,
  expect,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  http2_settings,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  user_agent,
  cookie,
  traceparent,
  content_type,
  server_timing,
  authorization,
  proxy_authorization,
  www_authenticate,
  proxy_authenticate,
  custom,  ///< first of the configured ones
};

/// Fields that a Connection header cannot take away: they hold the message together or are weir's own.
constexpr bool is_end_to_end(FieldId id) {
  switch (id) {
    case FieldId::host:
    case FieldId::content_length:
    case FieldId::transfer_encoding:
    case FieldId::x_forwarded_for:
    case FieldId::x_forwarded_proto:
    case FieldId::x_forwarded_host:
    case FieldId::upgrade:
    case FieldId::authorization:
      return true;
    default:
      return id >= FieldId::custom;
  }
}

/// Tells for a field name which FieldId it is, in a few nanoseconds: a small hash of length, first and last letter finds
/// an empty place for most names that mean nothing. Immutable once in use; any thread.
class FieldTable {
 public:
  /// Names are compared without case (RFC 9110 section 5.1) and at most this long; longer ones are `other`.
  static constexpr std::size_t kMaxName = 64;

  /// Knows the built-in names.
  FieldTable();

  /// The id for a configured name: a built-in one where it is one, the same as before where it was added before.
  /// An empty name is `other`, which no field ever matches by intention. At most 200 names.
  FieldId add(std::string_view name);

  FieldId id_of(std::string_view name) const;

 private:
  struct Entry {
    std::array<char, kMaxName> folded_name;  ///< each byte with its case bit set, zeros behind
    std::uint8_t size;
    FieldId id;
    std::uint8_t next;  ///< entry with the same hash, 0 for none
  };
  static std::size_t place_of(std::string_view name);
  void insert(std::string_view name, FieldId id);

  std::array<std::uint8_t, 256> first_{};  ///< by hash: index into `entries_`, 0 for none
  std::vector<Entry> entries_;             ///< the first one is not used
  std::uint8_t next_id_ = static_cast<std::uint8_t>(FieldId::custom);
};

}  // namespace weir::http
