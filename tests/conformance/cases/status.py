"""Status lines: every code, any reason phrase or none (RFC 9112 4, RFC 9110 15)."""

from .make import answer, client, differential, request, text

REGISTERED = {200: b"OK", 201: b"Created", 202: b"Accepted", 203: b"Non-Authoritative Information",
              204: b"No Content", 205: b"Reset Content", 206: b"Partial Content", 207: b"Multi-Status",
              208: b"Already Reported", 226: b"IM Used", 300: b"Multiple Choices", 301: b"Moved Permanently",
              302: b"Found", 303: b"See Other", 304: b"Not Modified", 305: b"Use Proxy", 307: b"Temporary Redirect",
              308: b"Permanent Redirect", 400: b"Bad Request", 401: b"Unauthorized", 402: b"Payment Required",
              403: b"Forbidden", 404: b"Not Found", 405: b"Method Not Allowed", 406: b"Not Acceptable",
              407: b"Proxy Authentication Required", 408: b"Request Timeout", 409: b"Conflict", 410: b"Gone",
              411: b"Length Required", 412: b"Precondition Failed", 413: b"Content Too Large", 414: b"URI Too Long",
              415: b"Unsupported Media Type", 416: b"Range Not Satisfiable", 417: b"Expectation Failed",
              418: b"I'm a teapot", 421: b"Misdirected Request", 422: b"Unprocessable Content", 423: b"Locked",
              424: b"Failed Dependency", 425: b"Too Early", 426: b"Upgrade Required", 428: b"Precondition Required",
              429: b"Too Many Requests", 431: b"Request Header Fields Too Large",
              451: b"Unavailable For Legal Reasons", 500: b"Internal Server Error", 501: b"Not Implemented",
              502: b"Bad Gateway", 503: b"Service Unavailable", 504: b"Gateway Timeout",
              505: b"HTTP Version Not Supported", 506: b"Variant Also Negotiates", 507: b"Insufficient Storage",
              508: b"Loop Detected", 510: b"Not Extended", 511: b"Network Authentication Required",}
UNKNOWN = (209, 250, 299, 306, 333, 399, 420, 444, 499, 512, 520, 530, 599)
REASONS = (b"", b"Fine", b"ok", b"OK  twice spaced", b"Alles in Ordnung: ja", b"Caf\xc3\xa9", b"Caf\xe9",
           b"tab\there", b"200 OK", b"HTTP/1.1 200 OK", b"(\"quoted\")", b"trailing space ", b"R" * 500)


def cases():
    for code, reason in list(REGISTERED.items()) + [(code, b"Whatever") for code in UNKNOWN]:
        bare = code in (204, 304)
        reply = answer(b"%d %s" % (code, reason), b"X-Kept: yes\r\n", b"" if bare else b"body", length=not bare)
        yield differential(f"status {code} {reason.decode()} reaches the client as it was sent",
                           "RFC 9110 15, contract 3", request(), reply)
        yield differential(f"status {code} {reason.decode()} without a reason phrase stays without one", "RFC 9112 4",
                           request(), answer(b"%d " % code, length=not bare))
    for reason in REASONS:
        yield differential(f"the reason phrase '{text(reason)}' reaches the client as it was sent",
                           "RFC 9112 4, contract 3", request(), answer(b"200 " + reason, body=b"x"))
        yield differential(f"the reason phrase '{text(reason)}' of an error reaches the client as it was sent",
                           "RFC 9112 4, contract 3", request(), answer(b"503 " + reason, body=b"x"))
    for code in (200, 404, 500):
        yield differential(f"status {code} of an HTTP/1.0 upstream reaches the client", "RFC 9112 2.3",
                           client(request()), answer(b"%d Old" % code, body=b"x", version=b"HTTP/1.0"))
