#include <weir/proxy/timeouts_options.h>

namespace weir::proxy {

void TimeoutsOptions::read(Settings& settings) {
  request_head = settings.duration("request_head", request_head, {1ms, 24h});
  request_body = settings.duration("request_body", request_body, {1ms, 24h});
  keep_alive = settings.duration("keep_alive", keep_alive, {1ms, 24h});
  drain = settings.duration("drain", drain, {0s, 24h});
  connect = settings.duration("connect", connect, {1ms, 1h});
  response = settings.duration("response", response, {1ms, 24h});
  idle = settings.duration("idle", idle, {1ms, 24h});
}

}  // namespace weir::proxy
