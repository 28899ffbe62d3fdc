#pragma once

#include <cstddef>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

namespace weir::app {

/// What is in a file or comes through a pipe, decompressed where it is gzip (RFC 1952, several members too), as the first
/// two bytes say. Passes on what there is at once, so that a log may be followed while it is written.
class LogSource : public std::streambuf {
 public:
  explicit LogSource(std::streambuf& source);
  ~LogSource() override;

  /// Set once gzip data turned out to be damaged or cut short; nothing more comes then.
  const std::string& problem() const { return problem_; }

 protected:
  int_type underflow() override;

 private:
  struct Inflater;

  bool fill();
  std::size_t inflate();

  std::streambuf& source_;
  std::vector<char> in_;  ///< as it came; of plain text what is read from
  std::size_t in_size_ = 0;
  std::vector<char> out_;
  std::unique_ptr<Inflater> inflater_;  ///< of gzip alone
  bool has_begun_ = false;
  std::string problem_;
};

}  // namespace weir::app
