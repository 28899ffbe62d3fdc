// Whatever answer weir lets through is read alike by a strict and by three careless clients. The first byte chooses the
// request that it answers.
#include <string>

#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>

#include "body_reader.h"
#include "head_writer.h"
#include "lenient_reader.h"
#include "target.h"

using namespace weir;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const http::FieldTable table;
  static http::HeadParser parser(table, {.head_bytes = 4096, .target_bytes = 1024, .fields = 32});
  const Method request = data[0] % 2 == 0 ? Method::get : Method::head;
  std::string input(fuzz::text_of(data + 1, size - 1));
  if (parser.parse_response(input, request) != http::Parse::complete) return 0;
  const http::ResponseHead& head = parser.response();
  if (head.status == 101) return 0;

  static proto::http1::HeadBuffer written;
  written.clear();
  proto::http1::ResponseAdditions additions;
  additions.response_time_name = "X-Response-Time";
  additions.response_time = "1.000ms";
  proto::http1::write_response_head(written, head, additions);
  std::string sent(written.view());
  proto::http1::BodyReader body;
  body.start(head.framing, http::ChunkedReader::Output::chunks,
             {.head_bytes = 4096, .target_bytes = 1024, .fields = 32});
  const bool ends_with_connection = body.ends_with_connection();
  std::string rest = input.substr(head.raw.size());
  const auto step = body.feed(rest);
  if (step.problem != nullptr) return 0;
  sent.append(step.forward).append(step.tail);

  const bool has_no_body = request == Method::head || head.status < 200 || head.status == 204 || head.status == 304;
  const fuzz::Message strict = fuzz::read_message(sent, fuzz::kStrict, has_no_body, ends_with_connection);
  WEIR_CHECK(strict.is_whole == (step.is_done || ends_with_connection),
             "the strict reader sees another end of the answer");
  if (strict.is_whole) {
    WEIR_CHECK(strict.size == sent.size(), "the strict reader sees more than one answer");
    WEIR_CHECK(strict.body.size() == step.octets, "the strict reader sees another body");
  }
  for (const fuzz::Leniency& leniency : fuzz::kLoose) {
    const fuzz::Message loose = fuzz::read_message(sent, leniency, has_no_body, ends_with_connection);
    WEIR_CHECK(loose == strict, "a careless reader reads the answer differently");
  }
  return 0;
}
