#include "fetch.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include <weir/net/loop.h>

#include "json.h"

namespace weir::verbs {

namespace {

/// More is no answer of weir's.
constexpr std::size_t kMaxBody = 256 * 1024 * 1024;

/// Gathers a body while it comes.
struct Gathering {
  Reply reply;
  bool is_too_long = false;
};

}  // namespace

Error unreachable(const Server& server, std::string_view clause) {
  // It says itself what to do.
  if (clause.ends_with(')')) return Error{fmt::format("{} cannot be reached: {}", server.url.to_string(), clause)};
  return Error{fmt::format("{} cannot be reached: {} (is weir running there? --admin URL or WEIR_ADMIN names another)",
                           server.url.to_string(), clause)};
}

Error refusal(const Server& server, const Reply& reply) {
  const Result<Json> problem = Json::parse(reply.body);
  const std::string url = server.url.to_string();
  if (problem && !problem.value()["reasons"].items().empty()) {  // of /readyz
    std::string reasons;
    for (const Json& reason : problem.value()["reasons"].items()) {
      reasons += fmt::format("{}{}", reasons.empty() ? "" : "; ", reason.text());
    }
    return Error{fmt::format("{}: {}: {}", url, reply.status, reasons)};
  }
  if (!problem || problem.value()["detail"].text().empty()) {
    return Error{
        fmt::format("{} answered {}, and not as an admin API does (is the address right?)", url, reply.status)};
  }
  const std::string detail(problem.value()["detail"].text());
  if (reply.status != 401) return Error{fmt::format("{}: {}: {}", url, reply.status, detail)};
  // What the API says to callers of HTTP would not help whoever typed a command.
  return Error{server.token.empty()
                   ? fmt::format("{}: 401: it wants a token (set WEIR_TOKEN, or name its file with --token-file)", url)
                   : fmt::format("{}: 401: the token is not one of its own (see WEIR_TOKEN or --token-file)", url)};
}

Result<net::TlsClientContextPtr> tls_for(const Server& server) {
  if (!server.url.is_tls) return net::TlsClientContextPtr();
  net::TlsClientOptions options;
  options.ca = server.ca;
  return net::TlsClientContext::load(options);
}

std::unique_ptr<Call> ask(net::Loop& loop, const Server& server, const net::TlsClientContextPtr& tls,
                          const Call::Request& request, std::function<void(Result<std::string>)> then) {
  const auto gathering = std::make_shared<Gathering>();
  Call::Hearing hearing;
  hearing.on_head = [gathering](int status, std::string_view) { gathering->reply.status = status; };
  hearing.on_body = [gathering](std::string_view piece) {
    gathering->is_too_long |= gathering->reply.body.size() + piece.size() > kMaxBody;
    if (!gathering->is_too_long) gathering->reply.body += piece;
  };
  hearing.on_end = [gathering, server, then = std::move(then)](Status status) {
    if (!status) return then(unreachable(server, status.error().message));
    if (gathering->is_too_long) return then(Error{server.url.to_string() + ": its answer is too long to be weir's"});
    if (gathering->reply.status != 200 && gathering->reply.status != 201)
      return then(refusal(server, gathering->reply));
    then(std::move(gathering->reply.body));
  };
  return std::make_unique<Call>(loop, server, tls, request, std::move(hearing));
}

Result<std::string> fetch(const Server& server, const Call::Request& request) {
  Result<net::TlsClientContextPtr> tls = tls_for(server);
  if (!tls) return tls.error();
  std::optional<Result<std::string>> answer;
  net::Loop loop;
  {
    const auto call = ask(loop, server, tls.value(), request,
                          [&](Result<std::string> result) { answer.emplace(std::move(result)); });
    while (!answer) loop.turn(true);
  }
  // What was closed lets go in the turns that follow.
  while (loop.turn(true)) {
  }
  return std::move(*answer);
}

}  // namespace weir::verbs
