#pragma once

#include <span>
#include <string_view>

#include "message.h"

namespace weir::admin {

/// A file of the dashboard, embedded at build time by page/embed.py. Read-only data of the binary.
struct PageFile {
  std::string_view name;  ///< `index.html`, `main.js`
  std::string_view content_type;
  std::string_view plain;
  std::string_view packed;  ///< by gzip
  std::string_view tag;     ///< entity tag of the content, in quotes
};

/// All of them.
std::span<const PageFile> page_files();
/// The one at `/` or `/assets/NAME`; null where there is none.
const PageFile* find_page_file(std::string_view path);
/// The file as `request` can take it, with the headers that keep the page to itself; 304 where the browser has it.
Answer page_answer(const PageFile& file, const Request& request);

}  // namespace weir::admin
