#include "local_reply.h"

#include <fmt/format.h>

#include <weir/base/json_writer.h>

namespace weir::proto::http1 {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "Error";
  }
}

void write_local_reply(std::string& out, const LocalReply& reply) {
  const int status = status_of(reply.fault);
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.member("type", "about:blank");
  json.member("title", reason_phrase(status));
  json.member("status", status);
  json.member("detail", reply.detail);
  json.key("request_id");
  if (reply.request_id.empty()) {
    json.null();
  } else {
    json.value(reply.request_id);
  }
  json.end_object();
  body += '\n';

  fmt::format_to(std::back_inserter(out),
                 "HTTP/1.1 {} {}\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n", status,
                 reason_phrase(status), body.size());
  fmt::format_to(std::back_inserter(out), "Cache-Control: no-store\r\nX-Weir-Error: {}\r\n", label(reply.fault));
  if (!reply.response_time_name.empty()) {
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", reply.response_time_name, reply.response_time);
  }
  if (!reply.request_id_name.empty() && !reply.request_id.empty()) {
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", reply.request_id_name, reply.request_id);
  }
  if (reply.closes) {
    out += "Connection: close\r\n";
  } else if (reply.is_http10_keep_alive) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!reply.is_head_request) out += body;
}

}  // namespace weir::proto::http1
