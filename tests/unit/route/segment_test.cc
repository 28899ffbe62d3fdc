#include <weir/route/segment.h>

#include <doctest/doctest.h>

#include <utility>

using namespace weir;
using namespace weir::route;

TEST_CASE("kind_of: tells what a segment looks like") {
  const std::pair<const char*, Kind> cases[] = {
      {"issues", Kind::word}, {"verify_credentials", Kind::word}, {"findByStatus", Kind::word},
      {"chat.postMessage", Kind::word}, {"levels:trim", Kind::word}, {"securityClassification", Kind::word},
      {"securityClassification-6VMVochwUWo", Kind::token},
      {"alice42", Kind::slug}, {"oauth2", Kind::slug}, {"my-app-3", Kind::slug}, {"s3", Kind::slug},
      {"17", Kind::integer}, {"0", Kind::integer}, {"-5", Kind::integer}, {"112345678901234567", Kind::integer},
      {"0b8f7c6e-93f0-4b5f-9d2a-1c2d3e4f5a6b", Kind::uuid}, {"01HZX3KQ2V8N6W5Y7T9R1P4M0B", Kind::ulid},
      {"507f1f77bcf86cd799439011", Kind::hex}, {"da39a3ee5e6b4b0d3255bfef95601890afd80709", Kind::hex},
      {"a1b2c3d", Kind::hex}, {"2026-01-31", Kind::date}, {"2026-01", Kind::date},
      {"2026-01-31T09:30:00Z", Kind::date},
      {"v1", Kind::version}, {"v1.45", Kind::version}, {"2.0", Kind::version}, {"v2beta1", Kind::version},
      {"1.0.0-rc.1", Kind::version}, {"v1_alpha", Kind::version},
      {"en-GB", Kind::locale}, {"pt_BR", Kind::locale}, {"sr-Latn", Kind::locale},
      {"a@b.org", Kind::email}, {"a.b%40c.io", Kind::email},
      {"10.0.0.1", Kind::address}, {"2604:a880::1", Kind::address},
      {"logo.png", Kind::file}, {"backup.tar.gz", Kind::file}, {"x1.pdf", Kind::file},
      {"xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy", Kind::token},
      {"V1StGXR8Z5jdHi6BmyT", Kind::token},
      {"pi_lvp4nveKrVOkTf", Kind::token},
      {"sub_g8nUR3joFlbetGnZ3SRigbtr", Kind::token},
      {"REc61929af6546981fa96e5e615698120b", Kind::token},
      {"convertMicrosoftWord2PdfV2", Kind::slug},
      {"AvailablePhoneNumbersOfCountry", Kind::word},
      {"Main%20Page", Kind::encoded}, {"feature%2Flogin", Kind::encoded},
      {"key=value", Kind::other}, {"", Kind::other}, {"...", Kind::other},
  };
  for (const auto& [text, kind] : cases) CHECK_MESSAGE(label(kind_of(text)) == label(kind), text);
}

TEST_CASE("kind_of: only what names no fixed place is an identifier at once") {
  CHECK(is_identifier(kind_of("17")));
  CHECK(is_identifier(kind_of("2026-01-31")));
  CHECK_FALSE(is_identifier(kind_of("v1")));
  CHECK_FALSE(is_identifier(kind_of("search")));
  CHECK_FALSE(is_identifier(kind_of("en-GB")));
}
