#include "exposition.h"

#include <fmt/format.h>

namespace weir::exporter {

namespace {

constexpr std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  return "untyped";
}

/// Powers of two as decimals, exact; whole ones with the `.0` that OpenMetrics asks for.
std::string bound_text(int exponent) {
  return exponent < 0 ? fmt::format("{}", 1.0 / static_cast<double>(1U << -exponent))
                      : fmt::format("{}.0", std::uint64_t{1} << exponent);
}

}  // namespace

void append_label(std::string& labels, std::string_view name, std::string_view value) {
  if (!labels.empty()) labels += ',';
  labels += name;
  labels += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      labels += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') labels += '\\';
    labels += c;
  }
  labels += '"';
}

void Exposition::family(std::string_view name, MetricType type, std::string_view unit, std::string_view help) {
  name_ = name;
  type_ = type;
  created_.reset();
  const bool is_open = format_ == TextFormat::openmetrics;
  // The older format names the sample in its heading, OpenMetrics the family.
  const std::string_view suffix = type == MetricType::counter && !is_open ? "_total" : "";
  fmt::format_to(std::back_inserter(out_), "# HELP {}{} {}\n# TYPE {}{} {}\n", name, suffix, help, name, suffix,
                 name_of(type));
  if (is_open && !unit.empty()) fmt::format_to(std::back_inserter(out_), "# UNIT {} {}\n", name, unit);
}

void Exposition::sample(std::string_view labels, std::uint64_t value) {
  line(type_ == MetricType::counter ? "_total" : "", labels, "", fmt::format("{}", value));
  write_created(labels);
}

void Exposition::sample(std::string_view labels, double value) {
  line(type_ == MetricType::counter ? "_total" : "", labels, "", fmt::format("{}", value));
  write_created(labels);
}

/// After the other samples of the same metric.
void Exposition::write_created(std::string_view labels) {
  if (!created_ || type_ == MetricType::gauge || format_ != TextFormat::openmetrics) return;
  const auto since_1970 = std::chrono::duration<double>(created_->time_since_epoch());
  line("_created", labels, "", fmt::format("{:.3f}", since_1970.count()));
}

/// Powers of 2^(2^-scale), which are boundaries of the sketch's buckets too.
struct Exposition::Boundaries {
  int scale;  ///< 0 or below
  int lowest;
  int highest;
};

void Exposition::histogram(std::string_view labels, const stats::Sketch& sketch) {
  write_histogram(labels, sketch, {.scale = 0, .lowest = -12, .highest = 6});  // 2^-12 s, about 0.24 ms, to 64 s
}

void Exposition::wide_histogram(std::string_view labels, const stats::Sketch& sketch, std::uint64_t below) {
  write_histogram(labels, sketch, {.scale = -1, .lowest = -5, .highest = 16}, below);
}

void Exposition::write_histogram(std::string_view labels, const stats::Sketch& sketch, const Boundaries& boundaries,
                                 std::uint64_t lowest_count) {
  const auto& [scale, lowest, highest] = boundaries;
  std::uint64_t below = sketch.zero_count() + lowest_count;
  const std::uint64_t count_of_all = sketch.count() + lowest_count;
  int next = lowest;
  const auto write_bound = [&, step = 1 << -scale] {
    line("_bucket", labels, fmt::format("le=\"{}\"", bound_text(next * step)), fmt::format("{}", below));
    ++next;
  };
  sketch.for_each_bucket(
      [&, last = highest](int exponent, std::uint64_t count) {
        while (next < exponent && next <= last) write_bound();
        below += count;
      },
      scale);
  while (next <= highest) write_bound();
  line("_bucket", labels, "le=\"+Inf\"", fmt::format("{}", count_of_all));
  line("_sum", labels, "", fmt::format("{}", sketch.sum_seconds()));
  line("_count", labels, "", fmt::format("{}", count_of_all));
  write_created(labels);
}

void Exposition::end() {
  if (format_ == TextFormat::openmetrics) out_ += "# EOF\n";
}

void Exposition::line(std::string_view suffix, std::string_view labels, std::string_view extra_label,
                      std::string_view value) {
  out_ += name_;
  out_ += suffix;
  if (!labels.empty() || !extra_label.empty()) {
    out_ += '{';
    out_ += labels;
    if (!labels.empty() && !extra_label.empty()) out_ += ',';
    out_ += extra_label;
    out_ += '}';
  }
  out_ += ' ';
  out_ += value;
  out_ += '\n';
}

}  // namespace weir::exporter
