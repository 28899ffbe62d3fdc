// Any bytes as a configuration: options or problems, never anything else.
#include <weir/config/load.h>

#include "target.h"

using namespace weir;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const config::Loaded loaded = config::load_text(fuzz::text_of(data, size), "fuzz.yaml");
  for (const std::string& problem : loaded.problems) {
    WEIR_CHECK(problem.starts_with("fuzz.yaml:"), "a problem without its place");
  }
  if (!loaded.is_ok()) return 0;
  const std::string printed = config::print(loaded.options, config::Secrets::shown);
  const config::Loaded again = config::load_text(printed, "printed.yaml");
  WEIR_CHECK(again.is_ok(), "what was printed does not load");
  WEIR_CHECK(config::print(again.options, config::Secrets::shown) == printed, "printing is no fixed point");
  return 0;
}
