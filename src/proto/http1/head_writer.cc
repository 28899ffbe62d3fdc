// HOT PATH: no allocation once `out` is warm, no lock, no system call, no log.
#include "head_writer.h"

#include <algorithm>
#include <cstring>

#include <weir/base/bytes.h>
#include <weir/http/session_cookie.h>

namespace weir::proto::http1 {
namespace {

using http::Field;
using http::FieldId;

constexpr std::string_view kVersion = "HTTP/1.1";
constexpr std::string_view kOldVersion = "HTTP/1.0";

/// Copies a head in runs: what lies between two edits goes over in one piece.
class RunCopier {
 public:
  RunCopier(HeadBuffer& out, const char* start) : out_(out), run_(start) {}

  /// Everything up to `end` that has not been copied or left out.
  void copy_to(const char* end) {
    out_.append({run_, static_cast<std::size_t>(end - run_)});
    run_ = end;
  }
  void leave_out(const Field& field) {
    copy_to(field.line);
    run_ = field.line + field.line_size;
  }
  void skip_to(const char* at) { run_ = at; }

 private:
  HeadBuffer& out_;
  const char* run_;
};

void add_field(HeadBuffer& out, std::string_view name, std::string_view value) {
  if (name.empty() || value.empty()) return;
  char* at = out.extend(name.size() + value.size() + 4);
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  std::memcpy(at, ": ", 2);
  at += 2;
  std::memcpy(at, value.data(), value.size());
  at += value.size();
  std::memcpy(at, "\r\n", 2);
}

const Field* last_field(const http::Head& head, FieldId id) {
  for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
    if (field->id == id) return &*field;
  }
  return nullptr;
}

bool is_forwarded(FieldId id) {
  return id == FieldId::x_forwarded_for || id == FieldId::x_forwarded_proto || id == FieldId::x_forwarded_host;
}

bool goes_on(const Field& field, const ResponseAdditions& additions) {
  const bool is_unknown_coding = additions.without_transfer_encoding && field.id == FieldId::transfer_encoding;
  return !field.is_hop_by_hop && field.id != FieldId::connection && !is_unknown_coding;
}

/// A head with lines that must not go on as they came, such as those that end in LF alone: each from its parts.
void write_lines(HeadBuffer& out, const http::ResponseHead& head, const ResponseAdditions& additions) {
  const char status[] = {' ', static_cast<char>('0' + head.status / 100),
                         static_cast<char>('0' + head.status / 10 % 10), static_cast<char>('0' + head.status % 10),
                         ' '};
  out.append(kVersion);
  out.append({status, sizeof status});
  // No control byte may stand in a reason (RFC 9112 section 4), unlike in a value; strict clients refuse it.
  std::ranges::transform(head.reason, out.extend(head.reason.size()), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F ? ' ' : c;
  });
  out.append("\r\n");
  for (const Field& field : head.fields) {
    if (!goes_on(field, additions)) continue;
    out.append(field.name());
    out.append(field.value_size == 0 ? ":" : ": ");
    out.append(field.value());
    out.append("\r\n");
  }
}

/// Splits at every `;`, also within quotes: an app could set a cookie with an open quote to hide another one behind it,
/// and no browser takes a `;` into a value (RFC 6265 section 5.2).
std::string_view first_pair(std::string_view cookies) { return cookies.substr(0, cookies.find(';')); }

bool is_session_cookie(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return false;
  return std::ranges::find(http::kSessionCookies, trim(pair.substr(0, equals))) != http::kSessionCookies.end();
}

/// Calls `visit(pair)` for each part between semicolons, with the white space around it.
template <class Visit>
void for_each_pair(std::string_view cookies, Visit visit) {
  while (true) {
    const std::string_view pair = first_pair(cookies);
    visit(pair);
    if (pair.size() == cookies.size()) return;
    cookies.remove_prefix(pair.size() + 1);
  }
}

/// Leaves the log-in at weir's page out of a Cookie field, with one separator; the field goes where nothing remains.
void leave_out_session_cookie(RunCopier& copier, const Field& field) {
  // Most requests end here: one search of the value.
  if (field.value().find(http::kSessionCookie) == std::string_view::npos) return;
  bool has_session = false;
  bool has_other = false;
  for_each_pair(field.value(), [&](std::string_view pair) {
    const bool is_session = is_session_cookie(pair);
    has_session |= is_session;
    has_other |= !is_session && !trim(pair).empty();
  });
  if (!has_session) return;
  if (!has_other) return copier.leave_out(field);
  const char* const end = field.value().data() + field.value().size();
  bool is_first = true;
  copier.copy_to(field.value().data());
  for_each_pair(field.value(), [&](std::string_view pair) {
    const char* const pair_end = pair.data() + pair.size();
    if (!is_session_cookie(pair)) {
      is_first = false;
    } else if (is_first) {
      // The separator after it goes along, so that the next pair begins the value.
      const std::string_view rest(pair_end + 1, static_cast<std::size_t>(end - pair_end - 1));
      copier.skip_to(rest.data() + std::min(rest.find_first_not_of(" \t"), rest.size()));
    } else {
      copier.copy_to(pair.data() - 1);
      copier.skip_to(pair_end);
    }
  });
}

const char* end_of_fields(const http::Head& head) { return head.raw.data() + head.raw.size() - 2; }

}  // namespace

void write_request_head(HeadBuffer& out, const http::RequestHead& head, const RequestAdditions& additions) {
  RunCopier copier(out, head.raw.data());
  const bool is_absolute = head.form == http::RequestHead::Form::absolute;
  if (is_absolute || head.minor_version != 1) {
    // RFC 9112 section 3.2.2: a server gets the origin form; section 2.3: the version is the sender's own. Without a host
    // that is HTTP/1.0, which needs none: an invented one could choose the wrong site.
    const std::string_view version = is_absolute || head.has_host ? kVersion : kOldVersion;
    for (const std::string_view piece : {head.method, std::string_view(" "), head.path, head.query,
                                         std::string_view(" "), version, std::string_view("\r\n")}) {
      out.append(piece);
    }
    copier.skip_to(head.start_line.data() + head.start_line.size());
  }
  const bool appends = !additions.client.empty() && !additions.replaces_forwarded;
  const Field* const last_forwarded_for = appends ? last_field(head, FieldId::x_forwarded_for) : nullptr;
  bool has_proto = false;
  bool has_forwarded_host = false;
  bool has_host = false;
  for (const Field& field : head.fields) {
    if (field.is_hop_by_hop || field.id == FieldId::connection) {
      copier.leave_out(field);
      continue;
    }
    if (additions.replaces_forwarded && is_forwarded(field.id)) {
      copier.leave_out(field);
      continue;
    }
    switch (field.id) {
      case FieldId::x_forwarded_for:
        if (&field == last_forwarded_for) {
          // The list goes on where it ended (de facto standard; RFC 7239 section 4 words it for Forwarded).
          copier.copy_to(field.line + field.value_at + field.value_size);
          out.append(field.value_size == 0 ? "" : ", ");
          out.append(additions.client);
        }
        break;
      case FieldId::cookie:
        leave_out_session_cookie(copier, field);
        break;
      case FieldId::x_forwarded_proto: has_proto = true; break;
      case FieldId::x_forwarded_host: has_forwarded_host = true; break;
      case FieldId::host:
        has_host = true;
        if (is_absolute) {
          copier.leave_out(field);
          add_field(out, field.name(), head.host);
        }
        break;
      default: break;
    }
  }
  copier.copy_to(end_of_fields(head));
  if (!has_host && is_absolute) add_field(out, "Host", head.host);
  if (last_forwarded_for == nullptr) add_field(out, "X-Forwarded-For", additions.client);
  if (!has_proto) add_field(out, "X-Forwarded-Proto", additions.scheme);
  if (!has_forwarded_host) add_field(out, "X-Forwarded-Host", additions.host);
  add_field(out, additions.request_id_name, additions.request_id);
  add_field(out, additions.request_start_name, additions.request_start);
  add_field(out, kHopHeader, additions.mark);
  if (head.wants_upgrade) out.append("Connection: Upgrade\r\n");
  out.append("\r\n");
}

void write_response_head(HeadBuffer& out, const http::ResponseHead& head, const ResponseAdditions& additions) {
  if (head.is_canonical) {
    RunCopier copier(out, head.raw.data());
    if (head.minor_version != 1) {
      out.append(kVersion);
      copier.skip_to(head.raw.data() + kVersion.size());
    }
    for (const Field& field : head.fields) {
      if (!goes_on(field, additions)) copier.leave_out(field);
    }
    copier.copy_to(end_of_fields(head));
  } else {
    write_lines(out, head, additions);
  }
  add_field(out, additions.response_time_name, additions.response_time);
  add_field(out, additions.request_id_name, additions.request_id);
  add_field(out, "Server-Timing", additions.server_timing);
  switch (additions.connection) {
    case ConnectionWord::none: break;
    case ConnectionWord::close: out.append("Connection: close\r\n"); break;
    case ConnectionWord::keep_alive: out.append("Connection: keep-alive\r\n"); break;
    case ConnectionWord::upgrade: out.append("Connection: Upgrade\r\n"); break;
  }
  out.append("\r\n");
}

}  // namespace weir::proto::http1
