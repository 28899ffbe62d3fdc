#include <weir/stats/sample.h>

#include <weir/stats/said.h>

namespace weir::stats {

Sample make_sample(const Record& record, const Detail& detail, const Said& said, WallTime ended) {
  Sample sample;
  sample.ended = ended;
  sample.record = record;
  sample.record.detail = kNoDetail;
  write_texts(sample, detail);
  for (const Said::Component& one : said.components) sample.components.emplace_back(one.name, one.duration);
  return sample;
}

void write_texts(Sample& sample, const Detail& detail) {
  sample.path = detail.path;
  sample.client = detail.client;
  sample.user = detail.user;
  sample.tenant = detail.tenant;
  sample.request_id = detail.request_id;
  sample.trace_id = detail.trace_id;
  sample.method = detail.method;
  sample.server_timing = detail.server_timing;
  sample.cache_status = detail.cache_status;
}

}  // namespace weir::stats
