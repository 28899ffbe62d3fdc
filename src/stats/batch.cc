// Hot path: no allocation once warm, no lock, no system call, no log above debug.
#include <weir/stats/batch.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tally.h"

namespace weir::stats {

namespace {

/// The texts of a Detail in the order in which the arena holds them: first all lengths, then all texts.
constexpr std::array<std::string_view Detail::*, 9> kTexts = {
    &Detail::path,     &Detail::client, &Detail::user,          &Detail::tenant,      &Detail::request_id,
    &Detail::trace_id, &Detail::method, &Detail::server_timing, &Detail::cache_status};

using Lengths = std::array<std::uint16_t, kTexts.size()>;

}  // namespace

Batch::Batch() : arena_(std::make_unique_for_overwrite<char[]>(kArenaBytes)) { records_.reserve(kMaxRecords); }

Batch::~Batch() = default;

void Batch::add(const Record& record) {
  if (records_.size() == kMaxRecords) [[unlikely]] fold_into_overflow();
  records_.push_back(record);
  records_.back().detail = kNoDetail;
}

void Batch::add(Record record, const Detail& detail) {
  if (records_.size() == kMaxRecords) [[unlikely]] fold_into_overflow();
  record.detail = kNoDetail;
  if (!store(detail, record.detail)) leave_out(record);
  records_.push_back(record);
}

bool Batch::store(const Detail& detail, std::uint32_t& offset) {
  Lengths lengths;
  std::size_t needed = sizeof(Lengths);
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    lengths[i] = static_cast<std::uint16_t>(std::min((detail.*kTexts[i]).size(), kMaxText));
    needed += lengths[i];
  }
  if (needed > kArenaBytes - arena_used_) return false;
  offset = static_cast<std::uint32_t>(arena_used_);
  char* to = arena_.get() + arena_used_;
  std::memcpy(to, lengths.data(), sizeof(Lengths));
  to += sizeof(Lengths);
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    // An empty view may hold a null pointer, which memcpy must not see.
    if (lengths[i] != 0) std::memcpy(to, (detail.*kTexts[i]).data(), lengths[i]);
    to += lengths[i];
  }
  arena_used_ += needed;
  return true;
}

Detail Batch::detail(const Record& record) const {
  Detail detail;
  if (record.detail == kNoDetail) return detail;
  const char* from = arena_.get() + record.detail;
  Lengths lengths;
  std::memcpy(lengths.data(), from, sizeof(Lengths));
  from += sizeof(Lengths);
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    detail.*kTexts[i] = std::string_view(from, lengths[i]);
    from += lengths[i];
  }
  return detail;
}

bool Batch::is_empty() const {
  return records_.empty() && overflow_ == nullptr && details_left_out_ == 0 && failed_attempts_.is_empty() &&
         !has_picture_;
}

void Batch::leave_out(const Record& record) {
  ++details_left_out_;
  if (!record.has(kProbe)) nameless_.add(record);
}

void Batch::fold_into_overflow() {
  if (overflow_ == nullptr) overflow_ = std::make_unique<Tally>();
  for (const Record& record : records_) {
    overflow_->add(record);
    if (record.detail != kNoDetail) leave_out(record);
  }
  records_.clear();
  arena_used_ = 0;
}

void Batch::clear() {
  records_.clear();
  arena_used_ = 0;
  overflow_.reset();
  details_left_out_ = 0;
  nameless_ = {};
  failed_attempts_.clear();
  in_flight_.clear();
  has_picture_ = false;
  highest_in_flight_ = 0;
}

}  // namespace weir::stats
