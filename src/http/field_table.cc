#include <weir/http/field_table.h>

#include <weir/base/bytes.h>
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
};

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

}  // namespace

FieldTable::FieldTable() {
  for (const BuiltIn& entry : kBuiltIn) by_length_[entry.name.size()].push_back({std::string(entry.name), entry.id});
}

FieldId FieldTable::add(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return FieldId::other;
  if (const FieldId known = id_of(name); known != FieldId::other) return known;
  WEIR_CHECK(next_ < 250, "more configured field names than there is room for");
  const auto id = static_cast<FieldId>(next_++);
  by_length_[name.size()].push_back({lower(name), id});
  return id;
}

FieldId FieldTable::id_of(std::string_view name) const {
  if (name.size() > kMaxName) return FieldId::other;
  for (const Entry& entry : by_length_[name.size()]) {
    if (equals_ignoring_case(entry.lower_name, name)) return entry.id;
  }
  return FieldId::other;
}

}  // namespace weir::http
