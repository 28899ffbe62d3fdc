#include <algorithm>
#include <cstdlib>
#include <optional>

#include <weir/base/bytes.h>
#include <weir/export/prometheus.h>

namespace weir::exporter {

namespace {

constexpr std::string_view kOpenMetrics = "application/openmetrics-text";
constexpr std::string_view kPlainText = "text/plain";

/// Thousandths; 1000 where nothing is said or what is said is no number.
int quality_of(std::string_view parameters) {
  int quality = 1000;
  split(parameters, ';', [&](std::string_view parameter) {
    if (parameter.size() < 3 || ascii_lower(parameter[0]) != 'q' || parameter[1] != '=') return;
    const std::string number(parameter.substr(2));
    char* end = nullptr;
    const double q = std::strtod(number.c_str(), &end);
    if (*end == '\0' && q >= 0 && q <= 1) quality = static_cast<int>(q * 1000);
  });
  return quality;
}

/// Of OpenMetrics we write 1.0 alone; a range that asks for another version is none of ours.
bool asks_for_other_version(std::string_view parameters) {
  bool other = false;
  split(parameters, ';', [&](std::string_view parameter) {
    if (parameter.starts_with("version=")) other = parameter.substr(8) != "1.0.0";
  });
  return other;
}

}  // namespace

TextFormat text_format_for(std::string_view accept) {
  int open = 0;
  std::optional<int> plain;
  int any = 0;
  split(accept, ',', [&](std::string_view range) {
    const std::size_t semicolon = std::min(range.find(';'), range.size());
    const std::string_view type = trim(range.substr(0, semicolon));
    const std::string_view parameters = range.substr(std::min(semicolon + 1, range.size()));
    const int quality = quality_of(parameters);
    if (equals_ignoring_case(type, kOpenMetrics)) {
      if (!asks_for_other_version(parameters)) open = std::max(open, quality);
    } else if (equals_ignoring_case(type, kPlainText)) {
      plain = std::max(plain.value_or(0), quality);
    } else if (type == "*/*" || equals_ignoring_case(type, "text/*")) {
      any = std::max(any, quality);
    }
  });
  return open > 0 && open >= plain.value_or(any) ? TextFormat::openmetrics : TextFormat::prometheus;
}

std::string_view content_type_of(TextFormat format) {
  return format == TextFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace weir::exporter
