#include "table.h"

#include <doctest/doctest.h>

#include "terminal.h"

using namespace weir::verbs;

namespace {

using Align = Column::Align;

Table sample() {
  Table table({{"ROUTE", Align::left, 8}, {"COUNT"}, {"P99", Align::right, 0, 2}, {"SEEN", Align::left, 0, 1}});
  table.add({{"GET /projects/{id}", Style::strong}, {"12"}, {"9.55 ms"}, {"now"}});
  table.add({{"GET /a"}, {"1,234"}, {"1.21 s"}, {""}});
  return table;
}

std::string text_of(const Page& page) { return printed(page, false); }

}  // namespace

TEST_CASE("Table: columns are as wide as what is in them, and no line ends in spaces") {
  CHECK(text_of(sample().page(0)) ==
        "ROUTE               COUNT      P99  SEEN\n"
        "GET /projects/{id}     12  9.55 ms  now\n"
        "GET /a              1,234   1.21 s\n");
}

TEST_CASE("Table: what may be cut is cut before anything is left out") {
  CHECK(text_of(sample().page(34)) ==
        "ROUTE         COUNT      P99  SEEN\n"
        "GET /projec…     12  9.55 ms  now\n"
        "GET /a        1,234   1.21 s\n");
  CHECK(text_of(sample().page(26)) ==
        "ROUTE          COUNT  SEEN\n"
        "GET /project…     12  now\n"
        "GET /a         1,234\n");
  // Below that it is as narrow as can be.
  CHECK(text_of(sample().page(3)) ==
        "ROUTE     COUNT\n"
        "GET /pr…     12\n"
        "GET /a    1,234\n");
}

TEST_CASE("Table: cells cannot break out of their lines, wide ones keep the columns straight") {
  Table table({{"USER", Align::left}, {"N"}});
  table.add({{"a\nb\x1b[2J"}, {"1"}});
  table.add({{"東京"}, {"22"}});
  CHECK(text_of(table.page(0)) ==
        "USER            N\n"
        "a\\x0ab\\x1b[2J   1\n"
        "東京           22\n");
}

TEST_CASE("printed: colours only where they are wanted, and ended with each piece") {
  const Page page = {{{"ok ", Style::plain}, {"bad", Style::bad}}};
  CHECK(printed(page, false) == "ok bad\n");
  CHECK(printed(page, true) == "ok \x1b[31mbad\x1b[0m\n");
}

TEST_CASE("Table: where nothing more can be left out, what may be cut is cut further") {
  Table table({{"SERVER", Align::left, 20}, {"STATE", Align::left}});
  table.add({{"http://127.0.0.1:3000"}, {"healthy"}});
  CHECK(text_of(table.page(20)) == "SERVER       STATE\nhttp://127…  healthy\n");
  CHECK(text_of(table.page(1)) == "SERVER    STATE\nhttp://…  healthy\n");
}
