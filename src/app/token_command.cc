#include <weir/app/token_command.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include <fmt/format.h>

#include <weir/admin/token_hash.h>

namespace weir::app {
namespace {

/// Fewer could be tried out against the hash by whoever reads the configuration.
constexpr std::size_t kSafeLength = 32;

bool can_be_sent(const std::string& token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// A token that nobody has got is none.
Exit written(std::ostream& out, std::ostream& notes) {
  if (out.flush()) return Exit::success;
  notes << "weir: token: standard output takes nothing (is the disk full?)\n";
  return Exit::refused;
}

Exit hash_token(std::istream& in, std::ostream& out, std::ostream& notes) {
  std::string token;
  std::getline(in, token);
  if (token.ends_with('\r')) token.pop_back();
  if (!can_be_sent(token) || admin::TokenHash::is_meant(token)) {
    notes << "weir: token: standard input begins with no token (write it in one line: letters, digits and signs "
             "without spaces)\n";
    return Exit::usage;
  }
  if (token.size() < kSafeLength) {
    notes << fmt::format("weir: token: this one has fewer than {} characters: who reads its hash may find it out "
                         "(weir token makes one that nobody can)\n", kSafeLength);
  }
  out << admin::TokenHash::of(token).to_string() << '\n';
  return written(out, notes);
}

/// As an element of `admin.tokens`.
std::string line_of(const TokenLine& line, const std::string& hash) {
  if (line.name.empty() && line.role == admin::Grant::admin) return fmt::format("- {}", hash);
  const std::string name = line.name.empty() ? "" : fmt::format(", name: \"{}\"", line.name);
  return fmt::format("- {{ token: \"{}\"{}, role: {} }}", hash, name, label(line.role));
}

}  // namespace

Exit token_command(const TokenLine& line, std::istream& in, std::ostream& out, std::ostream& notes) {
  if (line.hashes) return hash_token(in, out, notes);
  const std::string token = admin::make_token();
  out << "token   " << token << '\n';
  out << "config  " << line_of(line, admin::TokenHash::of(token).to_string()) << '\n';
  notes << "weir: give the token to who calls, it is kept nowhere; the other line goes under admin.tokens\n";
  return written(out, notes);
}

}  // namespace weir::app
