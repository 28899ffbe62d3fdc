#include <weir/base/names.h>

#include <doctest/doctest.h>

#include <weir/base/fault.h>
#include <weir/base/method.h>

using namespace weir;

TEST_CASE("Names: the last enumerator has the last label") {
  CHECK(label(Fault::internal) == "internal");
  CHECK(label(Fault::no_healthy_upstream) == "no_healthy_upstream");
  CHECK(label(Side::weir) == "weir");
  CHECK(label(Method::other) == "OTHER");
  CHECK(label(Method::search) == "SEARCH");
}

TEST_CASE("method_of: is case-sensitive and knows every label") {
  for (std::size_t i = 0; i < count_of<Method>(); ++i) {
    const auto method = static_cast<Method>(i);
    CHECK(method_of(label(method)) == method);
  }
  CHECK(method_of("get") == Method::other);
  CHECK(method_of("PURGE") == Method::other);
}
