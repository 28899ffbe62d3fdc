#include "front_page.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "endpoints.h"

namespace weir::admin {

namespace {

constexpr std::size_t kShownRoutes = 20;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string milliseconds(const stats::Sketch& sketch, double quantile) {
  if (sketch.is_empty()) return "–";
  return fmt::format("{:.1f} ms", seconds(sketch.quantile(quantile)) * 1e3);
}

void write_row(std::string& out, std::string_view name, const stats::Figures& figures, double requests_per_minute) {
  fmt::format_to(std::back_inserter(out),
                 "<tr><th scope=row align=left>{}<td align=right>{}<td align=right>{:.1f}<td align=right>{}"
                 "<td align=right>{}<td align=right>{}<td align=right>{:.2f} %<td align=right>{}\n",
                 escaped(name), figures.counts.requests, requests_per_minute, milliseconds(figures.duration, 0.5),
                 milliseconds(figures.duration, 0.95), milliseconds(figures.duration, 0.99), figures.error_rate(),
                 figures.counts.slow);
}

void write_routes(std::string& out, const exporter::Picture& picture) {
  std::vector<const stats::SeriesView*> series;
  for (const stats::SeriesView& one : picture.view->series) {
    if (!one.figures.is_empty()) series.push_back(&one);
  }
  std::stable_sort(series.begin(), series.end(), [](const auto* a, const auto* b) {
    return a->figures.counts.requests > b->figures.counts.requests;
  });
  if (series.size() > kShownRoutes) series.resize(kShownRoutes);
  for (const stats::SeriesView* one : series) {
    write_row(out, picture.legend->tag(one->route, one->method), one->figures, one->requests_per_minute);
  }
}

void write_calls(std::string& out) {
  out += "<h2>The API</h2>\n<ul>\n";
  for (const Endpoint& endpoint : endpoints()) {
    if (endpoint.path == "/") continue;
    if (endpoint.method == Method::get) {
      fmt::format_to(std::back_inserter(out), "<li><a href=\"{0}\">GET {0}</a>\n", endpoint.path);
    } else {
      fmt::format_to(std::back_inserter(out), "<li>{} {}\n", label(endpoint.method), endpoint.path);
    }
  }
  out += "</ul>\n";
}

}  // namespace

std::string front_page_html(const FrontPage& page) {
  const stats::View& view = *page.picture.view;
  std::string out =
      "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width\">\n"
      "<meta name=color-scheme content=\"light dark\">\n<meta http-equiv=refresh content=5>\n<title>weir</title>\n";
  fmt::format_to(std::back_inserter(out), "<h1>weir {}</h1>\n<p>The app behind it is <strong>{}</strong>.\n",
                 escaped(page.version), label(page.health.state));
  for (const std::string& reason : page.health.reasons) out += "<p>" + escaped(reason) + "\n";
  fmt::format_to(std::back_inserter(out), "<p>{} requests in flight. As of {}, up {}.\n", view.concurrency.now,
                 rfc3339(view.as_of.wall), exporter::uptime_text(view.uptime));
  if (page.picture.is_stale) out += "<p>A worker did not hand over its figures in time; they are missing here.\n";
  out += "<h2>The last five minutes</h2>\n<table cellpadding=4>\n<tr><th scope=col align=left>route"
         "<th scope=col>requests<th scope=col>per minute<th scope=col>p50<th scope=col>p95<th scope=col>p99"
         "<th scope=col>errors<th scope=col>slow\n";
  write_row(out, "all", view.total, view.requests_per_minute);
  write_routes(out, page.picture);
  out += "</table>\n";
  write_calls(out);
  return out;
}

}  // namespace weir::admin
