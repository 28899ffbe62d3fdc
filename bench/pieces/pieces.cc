#include "pieces.h"

namespace weir::bench {

std::vector<Piece> all_pieces() {
  std::vector<Piece> all;
  for (const auto& some : {http_pieces(), route_pieces(), stats_pieces()}) all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace weir::bench
