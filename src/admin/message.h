#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
  std::string forwarded_for;  ///< the last X-Forwarded-For
  std::string body;
  Caller caller;              ///< who makes it; set before an endpoint of another Role than open and page sees it
};

/// Where the pieces of a live body go.
class LiveWriter {
 public:
  /// True: the client may be sent more. False: it has not taken all yet, write again when `on_drained` says so.
  virtual bool write(std::string_view piece) = 0;

 protected:
  ~LiveWriter() = default;
};

/// A body that has no end of its own: it is written piece by piece until the client goes away or the server ends.
/// Thread: the control thread.
class LiveBody {
 public:
  virtual ~LiveBody() = default;
  /// The head is out. `writer` is good until `on_closed`.
  virtual void on_open(LiveWriter& writer) = 0;
  virtual void on_drained() = 0;
  virtual void on_closed() = 0;
};

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::shared_ptr<LiveBody> live = nullptr;  ///< in place of `body`
};

/// Takes the answer of one request, at once or later; nothing happens where the connection has gone. Called once, on
/// the control thread.
using Reply = std::function<void(Answer)>;

std::string_view reason_phrase(int status);

Answer json_answer(std::string body);
/// RFC 9457. `detail` is a sentence: what was wrong with what, and what would be right.
Answer problem_answer(int status, std::string_view detail);

}  // namespace weir::admin
