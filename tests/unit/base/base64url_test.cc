#include <weir/base/base64url.h>

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("Base64url: the examples of RFC 4648 section 10, without padding") {
  std::string out;
  for (const auto& [text, bytes] : {std::pair{"", ""}, {"Zg", "f"}, {"Zm8", "fo"}, {"Zm9v", "foo"}, {"Zm9vYg", "foob"},
                                    {"Zm9vYmE", "fooba"}, {"Zm9vYmFy", "foobar"}, {"-_-_", "\xfb\xff\xbf"}}) {
    CAPTURE(text);
    CHECK(decode_base64url(text, out));
    CHECK(out == bytes);
  }
}

TEST_CASE("Base64url: what another text already stands for, and any other character, is refused") {
  std::string out;
  for (const char* wrong : {"Z", "Zm9vY", "Zg==", "Zh", "Zm9", "Zm8v\n", " Zm8", "Zm+/", "Zm8\xc3\xa4"}) {
    CAPTURE(wrong);
    CHECK_FALSE(decode_base64url(wrong, out));
  }
}
