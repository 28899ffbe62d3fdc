#include <weir/http/field_table.h>

#include <cstring>

#include <weir/base/check.h>

namespace weir::http {
namespace {

struct BuiltIn {
  std::string_view name;
  FieldId id;
};

constexpr BuiltIn kBuiltIn[] = {
    {"connection", FieldId::connection},
    {"content-length", FieldId::content_length},
    {"transfer-encoding", FieldId::transfer_encoding},
    {"host", FieldId::host},
    {"upgrade", FieldId::upgrade},
    {"expect", FieldId::expect},
    {"keep-alive", FieldId::keep_alive},
    {"proxy-connection", FieldId::proxy_connection},
    {"te", FieldId::te},
    {"trailer", FieldId::trailer},
    {"http2-settings", FieldId::http2_settings},
    {"x-forwarded-for", FieldId::x_forwarded_for},
    {"x-forwarded-proto", FieldId::x_forwarded_proto},
    {"x-forwarded-host", FieldId::x_forwarded_host},
    {"user-agent", FieldId::user_agent},
    {"cookie", FieldId::cookie},
    {"traceparent", FieldId::traceparent},
    {"content-type", FieldId::content_type},
    {"server-timing", FieldId::server_timing},
    {"authorization", FieldId::authorization},
    {"proxy-authorization", FieldId::proxy_authorization},
    {"www-authenticate", FieldId::www_authenticate},
    {"proxy-authenticate", FieldId::proxy_authenticate},
};

constexpr char kCaseBit = 0x20;

constexpr char fold(char c) { return static_cast<char>(c | kCaseBit); }

/// Whether `name` with every case bit set is `folded`. Eight bytes a step. Folding maps each letter's two cases to one,
/// and no two other bytes that may stand in a name to one, but for `^` and `~`.
bool equals_folded(std::string_view name, const char* folded) {
  std::size_t i = 0;
  for (; i + 8 <= name.size(); i += 8) {
    std::uint64_t a;
    std::uint64_t b;
    std::memcpy(&a, name.data() + i, 8);
    std::memcpy(&b, folded + i, 8);
    if ((a | 0x2020202020202020U) != b) return false;
  }
  for (; i < name.size(); ++i) {
    if (fold(name[i]) != folded[i]) return false;
  }
  return true;
}

}  // namespace

FieldTable::FieldTable() : entries_(1) {
  for (const BuiltIn& entry : kBuiltIn) insert(entry.name, entry.id);
}

std::size_t FieldTable::place_of(std::string_view name) {
  const auto first = static_cast<unsigned char>(fold(name.front()));
  const auto last = static_cast<unsigned char>(fold(name.back()));
  return (name.size() * 29 + first * 5U + last * 11U) % 256;
}

void FieldTable::insert(std::string_view name, FieldId id) {
  Entry entry{.folded_name = {}, .size = static_cast<std::uint8_t>(name.size()), .id = id, .next = 0};
  for (std::size_t i = 0; i < name.size(); ++i) entry.folded_name[i] = fold(name[i]);
  std::uint8_t& first = first_[place_of(name)];
  entry.next = first;
  first = static_cast<std::uint8_t>(entries_.size());
  entries_.push_back(entry);
}

FieldId FieldTable::add(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return FieldId::other;
  if (const FieldId known = id_of(name); known != FieldId::other) return known;
  WEIR_CHECK(next_id_ < 250 && entries_.size() < 250, "more configured field names than there is room for");
  const auto id = static_cast<FieldId>(next_id_++);
  insert(name, id);
  return id;
}

FieldId FieldTable::id_of(std::string_view name) const {
  if (name.empty() || name.size() > kMaxName) return FieldId::other;
  for (std::uint8_t at = first_[place_of(name)]; at != 0; at = entries_[at].next) {
    const Entry& entry = entries_[at];
    if (entry.size == name.size() && equals_folded(name, entry.folded_name.data())) return entry.id;
  }
  return FieldId::other;
}

}  // namespace weir::http
