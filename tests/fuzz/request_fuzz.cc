// Whatever request weir lets through is read alike by a strict and by three careless parsers behind it.
#include <string>

#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>

#include "body_reader.h"
#include "head_writer.h"
#include "lenient_reader.h"
#include "target.h"

using namespace weir;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::FieldTable table;
  static http::HeadParser parser(table, {.head_bytes = 4096, .target_bytes = 1024, .fields = 32});
  std::string input(fuzz::text_of(data, size));
  if (parser.parse_request(input) != http::Parse::complete) return 0;
  const http::RequestHead& head = parser.request();

  static proto::http1::HeadBuffer written;
  written.clear();
  proto::http1::RequestAdditions additions;
  additions.client = "192.0.2.1";
  additions.scheme = "http";
  additions.host = head.host;
  proto::http1::write_request_head(written, head, additions);
  std::string sent(written.view());
  proto::http1::BodyReader body;
  body.start(head.framing, http::ChunkedReader::Output::chunks,
             {.head_bytes = 4096, .target_bytes = 1024, .fields = 32});
  std::string rest = input.substr(head.raw.size());
  const auto step = body.feed(rest);
  if (step.problem != nullptr) return 0;
  sent.append(step.forward).append(step.tail);

  const fuzz::Message strict = fuzz::read_message(sent, fuzz::kStrict, false, false);
  WEIR_CHECK(strict.is_whole == step.is_done, "the strict reader sees another end of the request");
  if (step.is_done) {
    WEIR_CHECK(strict.size == sent.size(), "the strict reader sees more than one request");
    WEIR_CHECK(strict.body.size() == step.octets, "the strict reader sees another body");
  }
  for (const fuzz::Leniency& leniency : fuzz::kLoose) {
    const fuzz::Message loose = fuzz::read_message(sent, leniency, false, false);
    WEIR_CHECK(loose == strict, "a careless reader reads the request differently");
  }
  return 0;
}
