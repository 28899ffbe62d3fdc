#pragma once

namespace weir {

/// Gives memory that was freed back to the system, for the whole process. The C library does so by itself only with what
/// lies behind the last piece in use. Takes milliseconds where there is much of it, and other threads may have to wait for
/// memory meanwhile: for quiet moments.
void give_back_freed_memory();

}  // namespace weir
