// Times the hot pieces with Google Benchmark; its options hold (`--benchmark_filter=match`, say).
#include <benchmark/benchmark.h>

#include "../pieces/pieces.h"

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  for (const weir::bench::Piece& piece : weir::bench::all_pieces()) {
    benchmark::RegisterBenchmark(piece.name, [piece](benchmark::State& state) {
      const weir::bench::Work work = piece.make();
      // So many at once as are counted: the loop's own cost vanishes, and a fold is of whole batches.
      const std::uint64_t times = piece.counted == 0 ? 1000 : piece.counted;
      while (state.KeepRunningBatch(static_cast<std::int64_t>(times))) work(times);
    });
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
