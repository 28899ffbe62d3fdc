#pragma once

#include <cstdint>
#include <string_view>

#include <weir/http/head.h>

#include "head_buffer.h"

namespace weir::proto::http1 {

/// Carries the mark of each weir that a request came through, so that one that comes back is found.
inline constexpr std::string_view kHopHeader = "X-Weir-Hop";

/// What weir adds to a request; an empty text adds nothing.
struct RequestAdditions {
  std::string_view client;            ///< appended to X-Forwarded-For
  std::string_view scheme;            ///< X-Forwarded-Proto where there is none
  std::string_view host;              ///< X-Forwarded-Host where there is none
  bool replaces_forwarded = false;    ///< whatever came in under these three names is left out
  std::string_view mark;              ///< of this weir
  std::string_view request_id_name;
  std::string_view request_id;        ///< where there is none
  std::string_view request_start_name;
  std::string_view request_start;
};

/// Appends the head as it goes to the upstream: what came in, in runs as long as can be, less what concerns the
/// client's connection alone. The target is found at `method.size() + 1` from where the head begins.
void write_request_head(HeadBuffer& out, const http::RequestHead& head, const RequestAdditions& additions);

enum class ConnectionWord : std::uint8_t { none, close, keep_alive, upgrade };

/// What weir adds to a response; an empty text adds nothing.
struct ResponseAdditions {
  std::string_view response_time_name;
  std::string_view response_time;
  std::string_view request_id_name;
  std::string_view request_id;
  std::string_view server_timing;
  ConnectionWord connection = ConnectionWord::none;
  bool without_transfer_encoding = false;  ///< the client knows no chunks
};

/// Appends the head as it goes to the client.
void write_response_head(HeadBuffer& out, const http::ResponseHead& head, const ResponseAdditions& additions);

}  // namespace weir::proto::http1
