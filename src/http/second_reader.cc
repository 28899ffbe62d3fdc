// HOT PATH: no allocation, no lock, no system call, no log.
#include "second_reader.h"

#include <llhttp.h>

namespace weir::http {
namespace {

struct Reading {
  bool is_complete = false;
  bool is_chunked = false;
  bool is_upgrade = false;
};

int on_headers_complete(llhttp_t* parser) {
  auto* reading = static_cast<Reading*>(parser->data);
  reading->is_complete = true;
  reading->is_chunked = (parser->flags & F_CHUNKED) != 0;
  reading->is_upgrade = parser->upgrade != 0;
  return HPE_PAUSED;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t instance = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_headers_complete = on_headers_complete;
    return made;
  }();
  return instance;
}

/// llhttp over one head that comes in pieces.
class Reader {
 public:
  explicit Reader(llhttp_type_t type) {
    llhttp_init(&parser_, type, &settings());
    parser_.data = &reading_;
  }

  void take(std::string_view piece) {
    if (!piece.empty() && llhttp_get_errno(&parser_) == HPE_OK) llhttp_execute(&parser_, piece.data(), piece.size());
  }
  /// `text` with a letter for each byte that `is_odd`: weir lets them through as content, llhttp does not.
  template <class IsOdd>
  void take_without(std::string_view text, IsOdd is_odd) {
    while (!text.empty()) {
      std::size_t size = 0;
      while (size < text.size() && !is_odd(static_cast<unsigned char>(text[size]))) ++size;
      take(text.substr(0, size));
      if (size == text.size()) return;
      take("x");
      text.remove_prefix(size + 1);
    }
  }
  const Reading& reading() const { return reading_; }

 private:
  llhttp_t parser_;
  Reading reading_;
};

bool is_high(unsigned char byte) { return byte >= 0x80; }
bool is_control(unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7F; }

}  // namespace

bool agrees_with_second_reader(const RequestHead& head) {
  // llhttp knows a closed list of methods and ties the form of the target to some of them; any token is a method
  // (RFC 9110 section 9.1), so it is shown one that has no rules of its own.
  Reader reader(HTTP_REQUEST);
  reader.take("POST ");
  reader.take_without(head.target, is_high);
  reader.take(head.raw.substr(head.method.size() + 1 + head.target.size()));
  const Reading& reading = reader.reading();
  return reading.is_complete && reading.is_chunked == (head.framing.kind == Framing::Kind::chunked) &&
         (!head.wants_upgrade || reading.is_upgrade);
}

bool agrees_with_second_reader(const ResponseHead& head) {
  Reader reader(HTTP_RESPONSE);
  if (head.is_canonical) {
    reader.take(head.raw);
  } else {
    // As the head goes on. The reason says nothing of the framing.
    reader.take(head.minor_version == 0 ? "HTTP/1.0 200 \r\n" : "HTTP/1.1 200 \r\n");
    for (const Field& field : head.fields) {
      reader.take(field.name());
      reader.take(": ");
      reader.take_without(field.value(), is_control);
      reader.take("\r\n");
    }
    reader.take("\r\n");
  }
  const Reading& reading = reader.reading();
  return reading.is_complete && reading.is_chunked == (head.framing.kind == Framing::Kind::chunked);
}

}  // namespace weir::http
