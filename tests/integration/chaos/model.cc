#include "model.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace weir::chaos {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kKept = 3000;
constexpr std::size_t kShownOfOne = 50;
constexpr std::size_t kShownOfAll = 60;

/// `<1a2b3r000000f>\n`: to whom the bytes belong and where in the body they stand.
std::array<char, kBlock> block(std::uint32_t id, Role role, std::uint64_t index) {
  constexpr std::string_view kRoles = "qrud";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kBlock> out;
  out[0] = '<';
  for (std::size_t i = 0; i < 6; ++i) out[1 + i] = kDigits[(id >> (4 * (5 - i))) & 15];
  out[7] = kRoles[static_cast<std::size_t>(role)];
  for (std::size_t i = 0; i < 6; ++i) out[8 + i] = kDigits[(index >> (4 * (5 - i))) & 15];
  out[14] = '>';
  out[15] = '\n';
  return out;
}

}  // namespace

void append_pattern(std::string& out, std::uint32_t id, Role role, std::uint64_t offset, std::size_t size) {
  while (size > 0) {
    const auto bytes = block(id, role, offset / kBlock);
    const std::size_t skip = offset % kBlock;
    const std::size_t taken = std::min(size, kBlock - skip);
    out.append(bytes.data() + skip, taken);
    offset += taken;
    size -= taken;
  }
}

std::size_t first_difference(std::string_view data, std::uint32_t id, Role role, std::uint64_t offset) {
  for (std::size_t at = 0; at < data.size();) {
    const auto bytes = block(id, role, (offset + at) / kBlock);
    const std::size_t skip = (offset + at) % kBlock;
    const std::size_t size = std::min(data.size() - at, kBlock - skip);
    for (std::size_t i = 0; i < size; ++i) {
      if (data[at + i] != bytes[skip + i]) return at + i;
    }
    at += size;
  }
  return std::string_view::npos;
}

void Trace::note(std::string actor, std::uint32_t request, std::string text) {
  entries_.push_back({step_, std::move(actor), request, std::move(text)});
  if (entries_.size() > kKept) entries_.pop_front();
  if (is_loud_) std::fprintf(stderr, "%s\n", line(entries_.back()).c_str());
}

std::string Trace::line(const Entry& entry) {
  return fmt::format("{:>6} {:<10} {:<6} {}", entry.step, entry.actor,
                     entry.request == 0 ? std::string("-") : fmt::format("q{}", entry.request), entry.text);
}

std::string Trace::of(std::string_view actor, std::uint32_t request) const {
  const auto last = [&](std::size_t count, auto&& is_wanted) {
    std::vector<const Entry*> found;
    for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < count; ++entry) {
      if (is_wanted(*entry)) found.push_back(&*entry);
    }
    std::string text;
    for (auto entry = found.rbegin(); entry != found.rend(); ++entry) text += line(**entry) + "\n";
    return text;
  };
  std::string out;
  if (!actor.empty() || request != 0) {
    out += fmt::format("the last events of {}{}:\n", actor, request == 0 ? "" : fmt::format(" and q{}", request));
    out += last(kShownOfOne,
                [&](const Entry& entry) { return entry.actor == actor || (request != 0 && entry.request == request); });
  }
  out += "the last events of all:\n";
  return out + last(kShownOfAll, [](const Entry&) { return true; });
}

Request& Model::new_request() {
  Request& made = requests.emplace_back();
  made.id = static_cast<std::uint32_t>(requests.size());
  return made;
}

Response& Model::new_response() {
  Response& made = responses.emplace_back();
  made.id = static_cast<std::uint32_t>(responses.size());
  return made;
}

void Model::violated(const std::string& actor, std::uint32_t request_id, const std::string& text) {
  throw Violation(fmt::format("{}: {}\n{}", actor, text, trace.of(actor, request_id)));
}

std::uint32_t number_after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return 0;
  text.remove_prefix(prefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end != text.data() ? number : 0;
}

std::string field_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 2));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    const bool is_same = std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    });
    if (!is_same) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return std::string(value);
  }
  return {};
}

}  // namespace weir::chaos
