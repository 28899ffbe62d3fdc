#include "message.h"

#include <weir/base/json_writer.h>

namespace weir::admin {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

Answer json_answer(std::string body) { return {200, "application/json", std::move(body), {}}; }

Answer problem_answer(int status, std::string_view detail) {
  Answer answer{status, "application/problem+json", {}, {}};
  JsonWriter json(answer.body);
  json.begin_object().member("type", "about:blank").member("title", reason_phrase(status));
  json.member("status", status).member("detail", detail).end_object();
  return answer;
}

}  // namespace weir::admin
