// A PROXY protocol header means the same however much of what follows it has come.
#include <weir/proxy/proxy_header.h>

#include "target.h"

using namespace weir;
using proxy::ProxyHeader;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const ProxyHeader whole = proxy::parse_proxy_header(input);
  WEIR_CHECK(whole.size <= ProxyHeader::kMaxBinary && whole.size <= size, "a header longer than there is");
  for (std::size_t have = 0; have < size && have <= ProxyHeader::kMaxBinary; ++have) {
    const ProxyHeader part = proxy::parse_proxy_header(input.substr(0, have));
    if (part.outcome == ProxyHeader::Parse::incomplete) continue;
    WEIR_CHECK(part.outcome == whole.outcome && part.size == whole.size && part.client == whole.client,
               "a header depends on how much has come");
  }
  return 0;
}
