// What is done to the head of every message: read it, write it anew.
#include <memory>
#include <string>

#include <weir/base/check.h>
#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>

#include "../../src/proto/http1/head_writer.h"
#include "pieces.h"

namespace weir::bench {
namespace {

const std::string kSmall = "GET /projects/17 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// What a browser sends, 1.2 KB.
const std::string kBrowser =
    "GET /projects/17?page=3&sort=price HTTP/1.1\r\nHost: shop.example.test\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://shop.example.test/catalogue/summer/shoes?page=3&sort=price\r\n"
    "Cookie: session=" + std::string(128, '4') + "; theme=dark; consent=" + std::string(132, 'y') + "\r\n"
    "Sec-Ch-Ua: \"Not/A)Brand\";v=\"8\", \"Chromium\";v=\"126\", \"Google Chrome\";v=\"126\"\r\nSec-Ch-Ua-Mobile: ?0\r\n"
    "Sec-Ch-Ua-Platform: \"Linux\"\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n"
    "Upgrade-Insecure-Requests: 1\r\nCache-Control: max-age=0\r\nConnection: keep-alive\r\n\r\n";

const std::string kAnswer =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 01:21:55 GMT\r\nContent-Type: text/plain\r\n"
    "Content-Length: 128\r\nConnection: keep-alive\r\n\r\n";

struct Parsing {
  http::FieldTable table;
  http::HeadParser parser{table, {}};
};

Work parse_request(const std::string& head) {
  return [&head, parsing = std::make_shared<Parsing>()](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) keep(parsing->parser.parse_request(head));
  };
}

Work parse_response() {
  return [parsing = std::make_shared<Parsing>()](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) keep(parsing->parser.parse_response(kAnswer, Method::get));
  };
}

Work write_request(const std::string& head) {
  auto parsing = std::make_shared<Parsing>();
  WEIR_CHECK(parsing->parser.parse_request(head) == http::Parse::complete, "the head of the bench does not parse");
  return [parsing, out = std::make_shared<proto::http1::HeadBuffer>()](std::uint64_t times) {
    proto::http1::RequestAdditions additions;
    additions.client = "203.0.113.9";
    additions.scheme = "http";
    additions.host = "shop.example.test";
    additions.request_id_name = "X-Request-Id";
    additions.request_id = "ac5a2fc84c5177cf872d4f9b5c295510";
    for (std::uint64_t i = 0; i < times; ++i) {
      out->clear();
      proto::http1::write_request_head(*out, parsing->parser.request(), additions);
      keep(out->view());
    }
  };
}

}  // namespace

std::vector<Piece> http_pieces() {
  return {
      {"parse/small_request", [] { return parse_request(kSmall); }, 1000},
      {"parse/browser_request", [] { return parse_request(kBrowser); }, 1000},
      {"parse/answer", parse_response, 1000},
      {"write/small_request", [] { return write_request(kSmall); }, 1000},
      {"write/browser_request", [] { return write_request(kBrowser); }, 1000},
  };
}

}  // namespace weir::bench
