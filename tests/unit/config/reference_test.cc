#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <weir/config/load.h>

#include "lab/certificates.h"
#include "lab/jwt_signer.h"

using namespace weir;
using config::Loaded;
using config::Secrets;

namespace {

std::string read(const std::string& name) {
  std::ifstream stream(std::string(WEIR_SOURCE_ROOT) + "/conf/" + name);
  REQUIRE_MESSAGE(stream.good(), name);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

config::Options load(const std::string& yaml) {
  const Loaded loaded = config::load_text(yaml, "weir.yaml");
  for (const std::string& problem : loaded.problems) MESSAGE(problem);
  REQUIRE(loaded.is_ok());
  return loaded.options;
}

/// Takes the `#` away that marks a key without a default: one with no space after it.
std::string with_optional_keys(const std::string& yaml) {
  std::istringstream lines(yaml);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find_first_not_of(' ');
    const bool is_optional =
        mark != std::string::npos && line[mark] == '#' && mark + 1 < line.size() && line[mark + 1] != ' ';
    if (is_optional) line.erase(mark, 1);
    out += line + "\n";
  }
  return out;
}

/// The files that weir.yaml names, where relative names are looked for.
struct FilesOfTheReference {
  FilesOfTheReference() {
    authority.issue("weir", "DNS:localhost");
    authority.issue("client", "DNS:client");
    folder.write("jwt.secret", "a secret of 32 bytes, and no less\n");
    folder.write("jwt.pem", lab::JwtSigner::with_ec().public_key());
    std::filesystem::current_path(folder.path());
  }
  ~FilesOfTheReference() { std::filesystem::current_path(before); }

  std::filesystem::path before = std::filesystem::current_path();
  lab::TemporaryFolder folder;
  lab::Authority authority{folder};
};

/// `upstreams.app.timeouts.connect`, `servers[].url`: every key, wherever it is.
void collect_keys(const YAML::Node& node, const std::string& path, std::set<std::string>& keys) {
  if (node.IsSequence()) {
    for (const YAML::Node& element : node) collect_keys(element, path + "[]", keys);
  } else if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string key = path + "." + entry.first.as<std::string>();
      keys.insert(key);
      collect_keys(entry.second, key, keys);
    }
  }
}

std::set<std::string> keys_of(const std::string& yaml) {
  std::set<std::string> keys;
  collect_keys(YAML::Load(yaml), "", keys);
  return keys;
}

}  // namespace

TEST_CASE("weir.yaml: says what the defaults are") {
  const std::string minimal = config::print(load(read("minimal.yaml")), Secrets::shown);
  CHECK(config::print(load(read("weir.yaml")), Secrets::shown) == minimal);
  const config::Options bare =
      load("upstreams: { app: { servers: [ http://127.0.0.1:3000 ] } }\n");
  CHECK(config::print(bare, Secrets::shown) == minimal);
}

TEST_CASE("weir.yaml: explains every key that there is, and no other") {
  setenv("WEIR_ADMIN_TOKEN", "token", 1);
  const FilesOfTheReference files;
  const std::string whole = with_optional_keys(read("weir.yaml"));
  const std::string printed = config::print(load(whole), Secrets::shown);
  const std::set<std::string> explained = keys_of(whole);
  const std::set<std::string> known = keys_of(printed);
  for (const std::string& key : known) CHECK_MESSAGE(explained.contains(key), key << " is not explained");
  for (const std::string& key : explained) CHECK_MESSAGE(known.contains(key), key << " is no key");
  CHECK(known.size() > 50);
}

TEST_CASE("weir.yaml: a comment stands above every key") {
  std::istringstream lines(read("weir.yaml"));
  std::string before = "#";
  std::set<std::string> silent;
  for (std::string line; std::getline(lines, line); before = line) {
    const std::size_t start = line.find_first_not_of(' ');
    const std::size_t end = line.find(": ");
    if (start == std::string::npos || line[start] == '#' || line[start] == '-' || end == std::string::npos) continue;
    const std::size_t above = before.find_first_not_of(' ');
    if (above == std::string::npos || before[above] != '#') silent.insert(line.substr(start, end - start));
  }
  // These follow a key whose comment speaks of both, or of the whole section.
  CHECK(silent == std::set<std::string>{"connect", "response", "idle", "header", "cookie", "jwt_claim",
                                        "unhealthy_error_rate", "unhealthy_slow"});
}
