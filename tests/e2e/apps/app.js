// A Node app without any package. It writes a line for each request it has read: `request METHOD TARGET`.
'use strict';
const crypto = require('crypto');
const http = require('http');

const BLOCK = Buffer.alloc(256 * 1024, 'weir measures the flow ');

// Sends `total` bytes with back-pressure.
function sendBytes(response, total) {
  let left = total;
  const more = () => {
    while (left > 0) {
      const part = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= part.length;
      if (!response.write(part)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

// What waits for a request of /release.
const held = [];

const routes = {
  // What arrived, exactly.
  '/echo': (request, response) => {
    const hash = crypto.createHash('sha256');
    let length = 0;
    request.on('data', (data) => { length += data.length; hash.update(data); });
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({
        method: request.method, target: request.url, version: request.httpVersion, headers: request.rawHeaders,
        trailers: request.rawTrailers, length, sha256: hash.digest('hex'),
      }));
    });
  },
  '/upload': (request, response) => {
    let length = 0;
    request.on('data', (data) => { length += data.length; });
    request.on('end', () => response.end(String(length)));
  },
  '/bytes': (request, response, query) => {
    const count = Number(query.get('n'));
    response.setHeader('Content-Length', count);
    sendBytes(response, count);
  },
  '/chunked': (request, response, query) => {
    response.setHeader('Trailer', 'X-Checksum');
    for (let i = 0; i < Number(query.get('n')); i++) response.write(`chunk ${i}\n`);
    response.addTrailers({'X-Checksum': 'abc123'});
    response.end();
  },
  '/slow': (request, response, query) => {
    setTimeout(() => response.end('slow\n'), Number(query.get('ms')));
  },
  // Waits for a request of /release. With `first`, the head and the first half of the body come at once.
  '/held': (request, response, query) => {
    if (query.has('first')) {
      response.setHeader('Content-Length', 10);
      response.write('first');
    }
    held.push(() => response.end(query.has('first') ? 'later' : 'held\n'));
  },
  // Sends the first event, and each other one at a request of /release.
  '/held-events': (request, response, query) => {
    response.setHeader('Content-Type', 'text/event-stream');
    let sent = 0;
    const next = () => {
      response.write(`data: ${sent++}\n\n`);
      if (sent < Number(query.get('n'))) held.push(next);
      else response.end();
    };
    next();
  },
  '/release': (request, response) => {
    const waiting = held.splice(0);
    for (const go of waiting) go();
    response.end(String(waiting.length));
  },
  '/events': (request, response, query) => {
    response.setHeader('Content-Type', 'text/event-stream');
    response.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => {
      response.write(`data: ${sent++}\n\n`);
      if (sent === Number(query.get('n'))) {
        clearInterval(timer);
        response.end();
      }
    }, Number(query.get('ms')));
    response.on('close', () => clearInterval(timer));
  },
  '/status': (request, response, query) => {
    response.writeHead(Number(query.get('code')), query.get('reason') || undefined);
    response.end();
  },
  '/headers': (request, response) => {
    response.writeHead(200, [
      'X-UPPER', 'a', 'x-lower', 'b', 'Set-Cookie', 'one=1', 'X-Between', 'c', 'Set-Cookie', 'two=2',
      'Content-Length', '0']);
    response.end();
  },
  // Says of itself what the query tells it to: `timing` (each a line), `trailer`, and any header by `set=name:value`.
  '/says': (request, response, query) => {
    if (query.has('timing')) response.setHeader('Server-Timing', query.getAll('timing'));
    for (const pair of query.getAll('set')) {
      const colon = pair.indexOf(':');
      response.setHeader(pair.slice(0, colon), pair.slice(colon + 1));
    }
    if (query.has('trailer')) {
      response.setHeader('Trailer', 'Server-Timing');
      response.write('said\n');
      response.addTrailers({'Server-Timing': query.get('trailer')});
    }
    response.end();
  },
  '/own-response-time': (request, response) => {
    response.setHeader('X-Response-Time', '7ms');
    response.end();
  },
  '/hints': (request, response) => {
    response.writeEarlyHints({link: '</style.css>; rel=preload'});
    response.end('hinted\n');
  },
  // Promises a body and breaks off.
  '/cut': (request, response) => {
    response.setHeader('Content-Length', 1000000);
    response.write('only this', () => request.socket.destroy());
  },
  '/hang-up': (request) => request.socket.destroy(),
  // Answers once and closes the connection a moment later, as a server with a short keep-alive does.
  '/then-close': (request, response) => {
    response.end('bye\n', () => setTimeout(() => request.socket.destroy(), 20));
  },
};

function serve(request, response) {
  const url = new URL(request.url, 'http://app');
  console.log(`request ${request.method} ${request.url}`);
  const route = routes[url.pathname];
  if (route) {
    route(request, response, url.searchParams);
  } else {
    response.statusCode = url.pathname === '/' || url.pathname.startsWith('/ok') ? 200 : 404;
    response.end('here\n');
  }
}

// The frames that a small client sends (RFC 6455, masked, whole) come back unmasked with the same opcode.
function echoFrames(socket, first) {
  let buffer = first;
  const step = () => {
    while (buffer.length >= 6) {
      let length = buffer[1] & 0x7f;
      let at = 2;
      if (length === 126) { length = buffer.readUInt16BE(2); at = 4; }
      else if (length === 127) { length = Number(buffer.readBigUInt64BE(2)); at = 10; }
      if (buffer.length < at + 4 + length) return;
      const mask = buffer.subarray(at, at + 4);
      const payload = Buffer.from(buffer.subarray(at + 4, at + 4 + length));
      for (let i = 0; i < length; i++) payload[i] ^= mask[i % 4];
      const head = Buffer.from(buffer.subarray(0, at));
      head[1] &= 0x7f;
      socket.write(Buffer.concat([head, payload]));
      const isClose = (buffer[0] & 0x0f) === 8;
      buffer = buffer.subarray(at + 4 + length);
      if (isClose) { socket.end(); return; }
    }
  };
  socket.on('data', (data) => { buffer = Buffer.concat([buffer, data]); step(); });
  socket.on('error', () => {});
  step();
}

const server = http.createServer(serve);
server.keepAliveTimeout = 60000;
server.requestTimeout = 0;
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    console.log(`request ${request.method} ${request.url}`);
    response.writeHead(417, {'Connection': 'close'});
    response.end('no\n');
    return;
  }
  response.writeContinue();
  serve(request, response);
});
server.on('upgrade', (request, socket, first) => {
  console.log(`request ${request.method} ${request.url}`);
  const accept = crypto.createHash('sha1')
    .update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
               `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  echoFrames(socket, first);
});
process.on('SIGTERM', () => process.exit(0));
const where = process.argv[2] || '0';
server.listen(...(where.startsWith('/') ? [where] : [Number(where), '127.0.0.1']), () => {
  const bound = server.address();
  console.log(`app port ${typeof bound === 'string' ? 0 : bound.port}`);
});
