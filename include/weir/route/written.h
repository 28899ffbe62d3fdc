#pragma once

#include <string>
#include <vector>

#include <weir/route/book.h>

namespace weir::route {

/// What people have written, as one list: `configured` first, then what OpenAPI files describe beside it.
///
/// A configured pattern beats a described one for the same paths. What a configured pattern around a described one says
/// of its requests (upstream, group, threshold) holds for them still: a description names routes, it moves no traffic.
/// `dropped`, where given, gains a sentence for each described pattern that is no route of its own.
std::vector<Configured> written_routes(std::vector<Configured> configured, const std::vector<Configured>& described,
                                       std::vector<std::string>* dropped = nullptr);

}  // namespace weir::route
