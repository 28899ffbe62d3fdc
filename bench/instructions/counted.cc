// Runs each hot piece under callgrind, warm, and has it dump what each took. bench/instructions/count reads the dumps.
#include <cstdio>

#include <valgrind/callgrind.h>

#include "../pieces/pieces.h"

int main() {
  for (const weir::bench::Piece& piece : weir::bench::all_pieces()) {
    if (piece.counted == 0) continue;
    const weir::bench::Work work = piece.make();
    work(piece.counted);
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    work(piece.counted);
    CALLGRIND_DUMP_STATS_AT(piece.name);
    CALLGRIND_STOP_INSTRUMENTATION;
    std::printf("%s %llu\n", piece.name, static_cast<unsigned long long>(piece.counted));
  }
  return 0;
}
