#include <weir/base/method.h>

namespace weir {

Method method_of(std::string_view token) {
  // Nine requests in ten are one of these two; the rest is a walk over seventeen short labels.
  if (token == "GET") return Method::get;
  if (token == "POST") return Method::post;
  return from_label<Method>(token).value_or(Method::other);
}

}  // namespace weir
