#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weir/config/load.h>

using namespace weir;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(WEIR_SOURCE_ROOT) / "tests" / "golden" / "config";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<fs::path> wrong_files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void set_environment() {
  setenv("WEIR_TEST_NUMBER", "12x", 1);
  setenv("WEIR_TEST_EMPTY", "", 1);
  setenv("WEIR_TEST_SECRET", "hunter2", 1);
  unsetenv("WEIR_TEST_UNSET");
}

}  // namespace

// A new case: add NAME.yaml, run with WEIR_WRITE_GOLDEN=1, and read what NAME.expected says.
TEST_CASE("config: every wrong file gets its messages, all of them, at their places") {
  set_environment();
  const std::vector<fs::path> files = wrong_files();
  CHECK(files.size() >= 30);
  for (const fs::path& file : files) {
    const config::Loaded loaded = config::load_text(read(file), file.filename().string());
    std::string messages;
    for (const std::string& problem : loaded.problems) messages += problem + "\n";
    const fs::path expected = fs::path(file).replace_extension(".expected");
    if (std::getenv("WEIR_WRITE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << messages;
    INFO(file.filename().string());
    CHECK_FALSE(loaded.is_ok());
    CHECK(messages == read(expected));
    CHECK_MESSAGE(messages.find("hunter2") == std::string::npos, "a message shows a secret");
  }
}
