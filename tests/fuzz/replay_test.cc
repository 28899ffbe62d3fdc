#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "target.h"

TEST_CASE("Fuzz corpus: every input keeps what the target promises") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_CORPUS)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    CAPTURE(entry.path().filename().string());
    CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
    ++count;
  }
  CHECK(count > 0);
}
