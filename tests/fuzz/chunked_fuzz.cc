// A chunked body comes out the same however it was cut into reads, and reads back to the same octets. The first byte
// chooses where it is cut, and whether client or app sends it.
#include <string>

#include <weir/http/chunked.h>

#include "target.h"

using namespace weir;

namespace {

struct Outcome {
  std::string out;
  std::uint64_t octets = 0;
  std::size_t consumed = 0;
  bool is_done = false;
  bool is_refused = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view input, std::size_t piece, http::ChunkedReader::Output output, bool is_from_app) {
  http::ChunkedReader reader;
  reader.start(output, {.head_bytes = 512, .target_bytes = 64, .fields = 8}, is_from_app);
  Outcome outcome;
  while (!input.empty() && !outcome.is_done) {
    std::string part(input.substr(0, piece));
    const auto step = reader.feed(part);
    if (step.problem != nullptr) {
      Outcome refused;
      refused.is_refused = true;
      return refused;
    }
    outcome.out.append(step.forward).append(step.tail);
    outcome.octets += step.octets;
    outcome.consumed += step.consumed;
    outcome.is_done = step.is_done;
    input.remove_prefix(part.size());
  }
  return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 7 + 1;
  const bool is_from_app = (data[0] & 0x80) != 0;
  const std::string_view input = fuzz::text_of(data + 1, size - 1);
  const Outcome whole = read(input, input.size(), http::ChunkedReader::Output::chunks, is_from_app);
  const Outcome cut = read(input, piece, http::ChunkedReader::Output::chunks, is_from_app);
  WEIR_CHECK(whole.is_refused == cut.is_refused, "whether a body is refused depends on how it is cut");
  if (whole.is_refused) return 0;
  WEIR_CHECK(whole.octets == cut.octets && whole.is_done == cut.is_done, "a body depends on how it is cut");
  if (!whole.is_done) return 0;
  WEIR_CHECK(whole == cut, "a whole body depends on how it is cut");
  const Outcome again = read(whole.out, whole.out.size(), http::ChunkedReader::Output::chunks, is_from_app);
  WEIR_CHECK(again.out == whole.out && again.is_done, "what was written is not canonical");
  const Outcome bare = read(input, piece, http::ChunkedReader::Output::bare, is_from_app);
  WEIR_CHECK(bare.out.size() == whole.octets, "the data alone has another size");
  return 0;
}
