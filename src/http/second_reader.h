#pragma once

#include <weir/http/head.h>

namespace weir::http {

/// Has llhttp (the parser of Node.js) read the same head and compares how it would frame the body. For heads that are
/// not plain only: a chunked body or an upgrade. True if both readers agree.
bool agrees_with_second_reader(const RequestHead& head);
bool agrees_with_second_reader(const ResponseHead& head);

}  // namespace weir::http
