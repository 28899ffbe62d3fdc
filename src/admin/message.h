#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/base/method.h>

#include "caller.h"
#include "query.h"

namespace weir::admin {

/// One call of the admin API, with all that an endpoint may want to know of it.
struct Request {
  Method method = Method::other;
  std::string path;
  Query query;
  std::string host;           ///< of the target or the Host field, with its port
  std::string authorization;
  std::string api_key;
  std::string accept;
  std::string accept_encoding;
  std::string if_none_match;
  std::string cookie;
  std::string origin;         ///< which page a browser calls for, where it says so
  std::string fetch_site;     ///< Sec-Fetch-Site: how far that page is from here
  std::string fetch_mode;     ///< Sec-Fetch-Mode
  bool is_marked = false;     ///< X-Weir-Request: 1, which no page of another site can send
  bool asks_for_cors = false; ///< a browser asks whether another site's page may make a call
  std::string client;         ///< address without port
  std::string body;
  Caller caller;              ///< who makes it; set before an endpoint of Role::read or Role::change sees it
};

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Takes the answer of one request, at once or later; nothing happens where the connection has gone. Called once, on
/// the control thread.
using Reply = std::function<void(Answer)>;

std::string_view reason_phrase(int status);

Answer json_answer(std::string body);
/// RFC 9457. `detail` is a sentence: what was wrong with what, and what would be right.
Answer problem_answer(int status, std::string_view detail);

}  // namespace weir::admin
