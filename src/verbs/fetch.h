#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <weir/verbs/client.h>

#include "call.h"

namespace weir::verbs {

/// A whole answer.
struct Reply {
  int status = 0;
  std::string body;
};

/// Begins a call and tells its whole answer once, later: a 200 or 201, or the sentence that says why there is none, with the
/// mend. The call may be given to the reaper then; until then it must live.
std::unique_ptr<Call> ask(net::Loop& loop, const Server& server, const net::TlsClientContextPtr& tls,
                          const Call::Request& request, std::function<void(Result<std::string>)> then);

/// The same, and waits for it on a loop of its own.
Result<std::string> fetch(const Server& server, const Call::Request& request);

/// How the server is spoken to in TLS; null for http.
Result<net::TlsClientContextPtr> tls_for(const Server& server);

/// Why there was no answer, `clause` being what the call said.
Error unreachable(const Server& server, std::string_view clause);
/// What an answer that is no 200 says.
Error refusal(const Server& server, const Reply& reply);

}  // namespace weir::verbs
