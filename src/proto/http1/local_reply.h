#pragma once

#include <string>
#include <string_view>

#include <weir/base/fault.h>

namespace weir::proto::http1 {

struct LocalReply {
  Fault fault = Fault::internal;
  std::string_view detail;                ///< a clause for people: what happened, what to look at
  std::string_view request_id_name = {};  ///< of the field that shows it; empty: only the body does
  std::string_view request_id;            ///< may be empty
  std::string_view response_time_name;
  std::string_view response_time;
  bool is_head_request = false;
  bool closes = true;
  bool is_http10_keep_alive = false;
};

/// Appends the whole answer that weir gives itself: `application/problem+json` (RFC 9457) with `X-Weir-Error`, so that
/// nobody takes it for the app's.
void write_local_reply(std::string& out, const LocalReply& reply);

/// The reason phrase of a status that weir answers with.
std::string_view reason_phrase(int status);

}  // namespace weir::proto::http1
