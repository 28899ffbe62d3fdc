// Hot path: no allocation, no lock.
#include <weir/route/segment.h>

#include <algorithm>

#include <weir/base/bytes.h>

namespace weir::route {

namespace {

/// What a byte can be part of, as bits.
enum Class : std::uint8_t {
  kDigit = 1,
  kHexLower = 2,   // a-f
  kLower = 4,      // g-z
  kHexUpper = 8,   // A-F
  kUpper = 16,     // G-Z
  kJoint = 32,     // - _
  kPoint = 64,     // . :
  kStrange = 128,  // anything else
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const char c = static_cast<char>(i);
    classes[i] = is_digit(c)                        ? kDigit
                 : c >= 'a' && c <= 'f'             ? kHexLower
                 : c >= 'g' && c <= 'z'             ? kLower
                 : c >= 'A' && c <= 'F'             ? kHexUpper
                 : c >= 'G' && c <= 'Z'             ? kUpper
                 : c == '-' || c == '_'             ? kJoint
                 : c == '.' || c == ':' || c == '~' ? kPoint
                                                    : kStrange;
  }
  return classes;
}

constexpr auto kClasses = make_classes();

/// For each letter the letters that may follow it, `a` the lowest bit: the pairs that make up 98.5 % of all pairs in
/// the words of English technical text. Random letters hit upon other pairs every third time.
constexpr std::array<std::uint32_t, 26> kFollows = {
    0x3FEFD7F, 0x11EFB5F, 0x13EFDFF, 0x17EFB7F, 0x3FFFFFF, 0x11EF97D, 0x05EF9FF, 0x15E791D, 0x2BEFD7F,
    0x0104111, 0x01E6959, 0x13EFD7F, 0x11EDD5F, 0x37FFFFF, 0x1FEFFFF, 0x11EFDFD, 0x0100000, 0x17EFD7F,
    0x17FFDFF, 0x3FEFDFF, 0x08EF97F, 0x0045115, 0x00E699D, 0x09C911D, 0x01EF917, 0x0004111};

constexpr bool is_usual_pair(char a, char b) {
  return (kFollows[static_cast<std::size_t>(ascii_lower(a) - 'a')] >> (ascii_lower(b) - 'a') & 1) != 0;
}
constexpr std::uint8_t kLetters = kHexLower | kLower | kHexUpper | kUpper;

/// One pass over the segment.
struct Look {
  std::uint8_t seen = 0;
  std::uint32_t digits = 0;
  std::uint32_t letters = 0;
  std::uint32_t joints = 0;
  std::uint32_t points = 0;
  std::uint32_t turns = 0;  // between a letter and a digit, either way
  bool has_random_part = false;

  bool is_only(unsigned classes) const { return (seen & ~classes) == 0; }
};

/// Tells random characters from words, part by part: pairs of letters that no word has, digits among letters, odd case.
class Oddity {
 public:
  void unusual_pair() { score_ += 4; }
  void turn() { score_ += 3; }
  void change_of_case() { score_ += 1; }
  void count() { ++size_; }
  bool end_part() {
    // The longer it is, the less chance is in the mean.
    const std::uint32_t fifths = size_ < 14 ? 6 : size_ < 24 ? 5 : 4;
    const bool is_random = size_ >= 5 && score_ >= 10 && score_ * 5 >= size_ * fifths;
    score_ = 0;
    size_ = 0;
    return is_random;
  }

 private:
  std::uint32_t score_ = 0;
  std::uint32_t size_ = 0;
};

Look look_at(std::string_view text) {
  Look look;
  Oddity oddity;
  std::uint8_t before = 0;
  char last = 0;
  for (const char c : text) {
    const std::uint8_t sort = kClasses[static_cast<unsigned char>(c)];
    look.seen |= sort;
    if ((sort & (kLetters | kDigit)) == 0) {
      if (sort == kJoint) ++look.joints;
      if (sort == kPoint) ++look.points;
      look.has_random_part |= oddity.end_part();
    } else {
      oddity.count();
      if (sort == kDigit) {
        ++look.digits;
        if ((before & kLetters) != 0) {
          ++look.turns;
          oddity.turn();
        }
      } else {
        ++look.letters;
        if (before == kDigit) {
          ++look.turns;
          oddity.turn();
        } else if ((before & kLetters) != 0) {
          const bool was_upper = (before & (kHexUpper | kUpper)) != 0;
          if (was_upper != ((sort & (kHexUpper | kUpper)) != 0)) oddity.change_of_case();
          if (!is_usual_pair(last, c)) oddity.unusual_pair();
        }
      }
    }
    before = sort;
    last = c;
  }
  look.has_random_part |= oddity.end_part();
  return look;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool fits = is_dash ? text[i] == '-'
                              : (kClasses[static_cast<unsigned char>(text[i])] & (kDigit | kHexLower | kHexUpper)) != 0;
    if (!fits) return false;
  }
  return true;
}

bool is_ulid(std::string_view text) {
  if (text.size() != 26 || text.front() > '7') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (kClasses[static_cast<unsigned char>(c)] & (kDigit | kHexUpper | kUpper)) != 0 && c != 'I' && c != 'L' &&
           c != 'O' && c != 'U';
  });
}

bool are_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

/// 2026-01, 2026-01-31, 2026-01-31T10:00:00Z: a plausible year and month.
bool is_date(std::string_view text) {
  if (text.size() < 7 || text[4] != '-' || !are_digits(text.substr(0, 4)) || !are_digits(text.substr(5, 2))) {
    return false;
  }
  if ((text[0] != '1' && text[0] != '2') || text.substr(5, 2) > "12" || text.substr(5, 2) == "00") return false;
  if (text.size() == 7) return true;
  return text.size() >= 10 && text[7] == '-' && are_digits(text.substr(8, 2)) &&
         (text.size() == 10 || text[10] == 'T');
}

/// `v1`, `V2beta1`, `1.45`, `1.0.0-rc.1`, `v2024.1`.
bool is_version(std::string_view text, const Look& look) {
  const bool is_marked = ascii_lower(text.front()) == 'v';
  if (is_marked) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return false;
  std::size_t at = 0;
  std::size_t numbers = 0;
  while (at < text.size() && is_digit(text[at])) {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at - from > 4) return false;
    ++numbers;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) ++at;
    else break;
  }
  if (!is_marked && numbers < 2) return false;
  // What may follow: `beta1`, `-rc.1`, `_alpha`, `+build`.
  const std::string_view tail = text.substr(at);
  if (tail.empty()) return true;
  return tail.size() <= 12 && look.turns <= 4 && (tail.front() == '-' || tail.front() == '_' || is_marked) &&
         look.letters >= (is_marked ? 2U : 1U) && (look.seen & kStrange) == 0;
}

bool is_ipv4(std::string_view text, const Look& look) {
  if (look.points != 3 || !look.is_only(kDigit | kPoint)) return false;
  std::size_t numbers = 0;
  bool fits = true;
  split(text, '.', [&](std::string_view part) {
    ++numbers;
    fits = fits && !part.empty() && part.size() <= 3;
  });
  return fits && numbers == 4;
}

bool is_ipv6(std::string_view text, const Look& look) {
  if (look.points < 2 || !look.is_only(kDigit | kHexLower | kHexUpper | kPoint)) return false;
  if (text.find('.') != std::string_view::npos) return false;
  return text.find("::") != std::string_view::npos || look.points == 7;
}

/// `en-GB`, `pt_BR`, `zh-Hant`: two or three small letters, a joint, a region or a script.
bool is_locale(std::string_view text, const Look& look) {
  if (look.joints != 1 || look.digits != 0 || text.size() < 5 || text.size() > 8) return false;
  const std::size_t joint = text.find_first_of("-_");
  if (joint != 2 && joint != 3) return false;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view region = text.substr(joint + 1);
  if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(joint), is_lower)) return false;
  if (region.size() == 2) return !is_lower(region[0]) && !is_lower(region[1]);
  return region.size() == 4 && !is_lower(region[0]) && std::all_of(region.begin() + 1, region.end(), is_lower);
}

bool has_at_sign_inside(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.find("%40"));
  return at != 0 && at != std::string_view::npos;
}

bool is_file(std::string_view text) {
  const std::size_t point = text.rfind('.');
  if (point == 0 || point == std::string_view::npos) return false;
  static constexpr std::array<std::string_view, 52> kExtensions = {
      "avif", "avi", "bak", "bin", "bmp",  "bz2",  "cfg",  "conf", "cpp",  "css",  "csv", "doc", "docx",
      "gif",  "go",  "gz",  "h",   "htm",  "html", "ico",  "ini",  "jar",  "java", "jpeg", "jpg", "js",
      "log",  "map", "md",  "mjs", "mov",  "mp3",  "mp4",  "pdf",  "php",  "png",  "ppt", "pptx", "py",
      "rs",   "svg", "sql", "tar", "tgz",  "toml", "ts",   "txt",  "wasm", "webp", "woff2", "xls", "zip"};
  const std::string_view extension = text.substr(point + 1);
  if (extension.size() > 5) return false;
  return std::any_of(kExtensions.begin(), kExtensions.end(),
                     [&](std::string_view known) { return equals_ignoring_case(extension, known); });
}

/// No word and no list of words.
bool is_random(std::string_view text, const Look& look) {
  if (text.size() < 8 || look.points > 1) return false;
  return look.has_random_part;
}

/// `17.json` is a number all the same: the stem of a name that ends in a data format.
std::string_view without_format(std::string_view text) {
  for (const std::string_view ending : {".json", ".xml", ".html", ".csv", ".pdf"}) {
    if (text.size() > ending.size() && text.ends_with(ending)) return text.substr(0, text.size() - ending.size());
  }
  return text;
}

Kind kind_of_whole(std::string_view text) {
  if (text.empty()) return Kind::other;
  const Look look = look_at(text);
  if (look.is_only(kDigit) || (text.front() == '-' && look.digits + 1 == text.size() && look.digits != 0)) {
    return Kind::integer;
  }
  if (look.digits == 0 && look.is_only(kLetters | kJoint | kPoint) && look.letters != 0) {
    if (is_locale(text, look)) return Kind::locale;
    if (look.points != 0 && is_file(text)) return Kind::file;
    return is_random(text, look) ? Kind::token : Kind::word;
  }
  if ((look.seen & kStrange) != 0) {
    if (has_at_sign_inside(text)) return Kind::email;
    // `@me`, `$batch`: a sign in front of a word.
    if (look.digits == 0 && look_at(text.substr(1)).is_only(kLetters | kJoint | kPoint)) return Kind::word;
    if (text.find('%') != std::string_view::npos) return Kind::encoded;
    return is_file(text) ? Kind::file : Kind::other;
  }
  if (is_uuid(text)) return Kind::uuid;
  if (is_ulid(text)) return Kind::ulid;
  if (is_ipv4(text, look) || is_ipv6(text, look)) return Kind::address;
  if (is_date(text)) return Kind::date;
  if (is_version(text, look)) return Kind::version;
  if (is_file(text)) return Kind::file;
  const bool is_hex = look.is_only(kDigit | kHexLower) || look.is_only(kDigit | kHexUpper);
  if (is_hex && look.digits >= 1 && text.size() >= 6) return Kind::hex;
  if (is_random(text, look)) return Kind::token;
  if (text.find(':') != std::string_view::npos) return Kind::other;
  return look.letters != 0 ? Kind::slug : Kind::other;
}

}  // namespace

Kind kind_of(std::string_view text) {
  const std::string_view stem = without_format(text);
  if (stem.size() != text.size()) {
    const Kind kind = kind_of_whole(stem);
    if (is_identifier(kind)) return kind;
  }
  return kind_of_whole(text);
}

}  // namespace weir::route
