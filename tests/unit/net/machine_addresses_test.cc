#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <weir/net/machine_addresses.h>

using namespace weir;
using net::Endpoint;
using net::MachineAddresses;

namespace {

MachineAddresses machine() {
  return {{"127.0.0.1", "::1", "10.0.0.5", "2001:db8::5"},
          "box",
          "127.0.0.1 localhost\n"
          "127.0.1.1\tbox.lan  box-alias # the box itself\n"
          "10.0.0.5 shop.local\n"
          "10.0.0.9 other\n"
          "# 10.0.0.5 commented\n"
          "not-an-address 10.0.0.5\n"};
}

bool reaches(std::string_view target, std::string_view listening) {
  return machine().reach(Endpoint::parse(target).value(), Endpoint::parse(listening).value());
}

}  // namespace

TEST_CASE("MachineAddresses: a listener on all addresses is reached by each address and name of the machine") {
  for (const std::string_view host :
       {"127.0.0.1", "127.9.8.7", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "app.localhost", "10.0.0.5", "box",
        "Box", "box.lan", "box-alias", "shop.local", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.5]"}) {
    CAPTURE(host);
    CHECK(reaches(std::string(host) + ":80", "0.0.0.0:80"));
    CHECK(reaches(std::string(host) + ":80", "[::]:80"));
    CHECK_FALSE(reaches(std::string(host) + ":81", "0.0.0.0:80"));
  }
  for (const std::string_view host : {"[::1]", "[::]", "[2001:db8::5]"}) {
    CAPTURE(host);
    CHECK(reaches(std::string(host) + ":80", "[::]:80"));
    CHECK_FALSE(reaches(std::string(host) + ":80", "0.0.0.0:80"));
  }
}

TEST_CASE("MachineAddresses: other machines, and names that only DNS knows, are not this one") {
  for (const std::string_view host : {"10.0.0.9", "10.0.0.6", "other", "app.internal", "[2001:db8::6]", "commented"}) {
    CAPTURE(host);
    CHECK_FALSE(reaches(std::string(host) + ":80", "0.0.0.0:80"));
    CHECK_FALSE(reaches(std::string(host) + ":80", "[::]:80"));
  }
}

TEST_CASE("MachineAddresses: a listener on one address is reached by that one alone") {
  CHECK(reaches("127.0.0.1:80", "127.0.0.1:80"));
  CHECK(reaches("localhost:80", "127.0.0.1:80"));
  CHECK(reaches("0.0.0.0:80", "127.0.0.1:80"));
  CHECK(reaches("127.0.0.1:80", "localhost:80"));
  CHECK(reaches("box:80", "10.0.0.5:80"));
  CHECK(reaches("localhost:80", "[::1]:80"));
  CHECK(reaches("[::]:80", "[::1]:80"));
  CHECK_FALSE(reaches("127.0.0.2:80", "127.0.0.1:80"));
  CHECK_FALSE(reaches("10.0.0.5:80", "127.0.0.1:80"));
  CHECK_FALSE(reaches("127.0.0.1:80", "10.0.0.5:80"));
}

TEST_CASE("MachineAddresses: a port that the kernel chooses is not known yet") {
  CHECK_FALSE(reaches("127.0.0.1:80", "0.0.0.0:0"));
}

TEST_CASE("MachineAddresses: Unix sockets are told apart by what they are, not by how they are written") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("weir-machine-" + std::to_string(::getpid()));
  fs::create_directories(folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "link");
  const std::string real = "unix:" + (folder / "real/a.sock").string();
  CHECK(reaches(real, real));
  CHECK(reaches("unix:" + (folder / "link/a.sock").string(), real));
  CHECK(reaches("unix:" + (folder / "real/../real/./a.sock").string(), real));
  CHECK_FALSE(reaches("unix:" + (folder / "real/b.sock").string(), real));
  CHECK_FALSE(reaches("127.0.0.1:80", real));
  fs::remove_all(folder);
}

TEST_CASE("MachineAddresses: the machine's own interfaces are read") {
  const MachineAddresses read = MachineAddresses::read();
  CHECK(read.reach(Endpoint::parse("127.0.0.1:80").value(), Endpoint::parse("0.0.0.0:80").value()));
  CHECK_FALSE(read.reach(Endpoint::parse("192.0.2.1:80").value(), Endpoint::parse("0.0.0.0:80").value()));
}
