#include "naming.h"

#include <set>
#include <string>

#include "words.h"

namespace weir::route {

namespace {

}  // namespace

std::vector<Segment> name_parameters(std::vector<Segment> segments) {
  std::set<std::string> taken;
  std::string before;
  for (Segment& segment : segments) {
    if (segment.type == Segment::Type::literal) {
      before = segment.text;
      continue;
    }
    std::string name = singular_name(before);
    if (segment.type == Segment::Type::rest) {
      name = "rest";
    } else if (name.empty()) {
      name = "id";
    } else if (segment.text == "id") {
      name += "_id";
    }
    std::string unique = name;
    for (int i = 2; !taken.insert(unique).second; ++i) unique = name + '_' + std::to_string(i);
    segment.text = unique;
  }
  return segments;
}

}  // namespace weir::route
