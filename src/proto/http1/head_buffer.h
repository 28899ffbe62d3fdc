#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace weir::proto::http1 {

/// Bytes of a head being written: grows, never shrinks, so that it is warm after its first use. HOT PATH.
class HeadBuffer {
 public:
  std::string_view view() const { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  /// Room for `size` more bytes, which the caller writes.
  char* extend(std::size_t size) {
    if (size_ + size > capacity_) [[unlikely]] grow(size_ + size);
    char* const place = bytes_.get() + size_;
    size_ += size;
    return place;
  }
  void append(std::string_view text) {
    // An empty view may hold a null pointer, which memcpy must not see.
    if (!text.empty()) std::memcpy(extend(text.size()), text.data(), text.size());
  }

 private:
  void grow(std::size_t needed) {
    const std::size_t capacity = needed < kFirstCapacity ? kFirstCapacity : needed * 2;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  static constexpr std::size_t kFirstCapacity = 2048;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace weir::proto::http1
