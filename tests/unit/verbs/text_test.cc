#include "text.h"

#include "terminal.h"

#include <doctest/doctest.h>

using namespace weir::verbs;

TEST_CASE("harmless: what could command a terminal is spelt out") {
  CHECK(harmless("/a\x1b[31m") == "/a\\x1b[31m");
  CHECK(harmless("a\r\nb\tc\x7f") == "a\\x0d\\x0ab\\x09c\\x7f");
  CHECK(harmless("b\xc2\x9b" "31m") == "b\\u009b31m");              // CSI in one character
  CHECK(harmless("\xe2\x80\xae" "abc") == "\\u202eabc");            // right-to-left override
  CHECK(harmless("a\xe2\x80\x8b" "b") == "a\\u200bb");              // a space that nobody sees
  CHECK(harmless("\xff\xc3(") == "\\xff\\xc3(");                    // no UTF-8
  CHECK(harmless("\xf3\xa0\x81\x81") == "\\ue0041");                // a tag
  CHECK(harmless("zażółć 東京 {id}") == "zażółć 東京 {id}");
  CHECK(harmless(harmless("\x1b")) == harmless("\x1b"));
}

TEST_CASE("width_of: wide, combining and plain characters") {
  CHECK(width_of("") == 0);
  CHECK(width_of("GET /a") == 6);
  CHECK(width_of("zażółć") == 6);
  CHECK(width_of("東京") == 4);
  CHECK(width_of("e\xcc\x81") == 1);
}

TEST_CASE("cut: no wider than asked for, with an ellipsis where something is missing") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 5) == "abcd…");
  CHECK(cut("東京都", 4) == "東…");
  CHECK(cut("abc", 1) == "…");
  CHECK(cut("abc", 0).empty());
}

TEST_CASE("harmless_json: means the same, with nothing in it that a terminal obeys") {
  CHECK(harmless_json("{\"a\": \"b\xc2\x9b\"}\n") == "{\"a\": \"b\\u009b\"}\n");
  CHECK(harmless_json("\"\xf3\xa0\x81\x81\"") == "\"\\udb40\\udc41\"");
  CHECK(harmless_json(R"({"a":"\u001b[1m ü"})") == R"({"a":"\u001b[1m ü"})");
}

TEST_CASE("folded: lines are broken between facts, else between words, never within one") {
  const auto text = [](const Line& line, std::size_t width) { return printed(folded({line}, width), false); };
  const Line facts = {{"90"}, {" requests"}, {"   "}, {"24"}, {" errors (26.7%)"}, {"   "}, {"5"}, {" slow"}};
  CHECK(text(facts, 0) == "90 requests   24 errors (26.7%)   5 slow\n");
  CHECK(text(facts, 40) == "90 requests   24 errors (26.7%)   5 slow\n");
  CHECK(text(facts, 39) == "90 requests   24 errors (26.7%)\n5 slow\n");
  CHECK(text(facts, 33) == "90 requests   24 errors (26.7%)\n5 slow\n");
  CHECK(text(facts, 30) == "90 requests\n24 errors (26.7%)   5 slow\n");
  CHECK(text(facts, 10) == "90\nrequests\n24 errors\n(26.7%)\n5 slow\n");
  CHECK(text(facts, 1) == "90\nrequests\n24\nerrors\n(26.7%)\n5\nslow\n");
  // A gap that just does not fit is one all the same, and a single space is none.
  CHECK(text({{"one two"}, {"   "}, {"three four"}}, 7) == "one two\nthree\nfour\n");
  CHECK(text({{"a"}, {"   "}, {"1,234 a minute"}}, 9) == "a\n1,234 a\nminute\n");
}

TEST_CASE("folded: what is indented stays so, styles stay, and wide characters count as they look") {
  CHECK(printed(folded({{{"  error rate above 10 %"}}, {}, {{"x"}}}, 12), false) ==
        "  error rate\n  above 10 %\n\nx\n");
  CHECK(printed(folded({{{"aa bb", Style::strong}, {" cc"}}}, 5), true) ==
        "\x1b[1maa\x1b[0m\x1b[1m \x1b[0m\x1b[1mbb\x1b[0m\ncc\n");
  CHECK(printed(folded({{{"日本 日本"}}}, 8), false) == "日本\n日本\n");
}
