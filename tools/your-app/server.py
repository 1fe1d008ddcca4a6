"""HTTP: one thread per connection, keep-alive, limits, the API key."""

import contextlib
import hmac
import http.server
import json
import socket
import sys
import threading
import time
import traceback
import urllib.parse

import page
from api import Request, json_body
from errors import ApiError

MAX_BODY = 16 * 1024 * 1024
IDLE_SECONDS = 60


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, api, database, api_key, faults):
        self.api = api
        self.database = database
        self.api_key = api_key.encode()
        self.faults = faults
        self._idle = threading.Condition()
        self._under_way = 0
        super().__init__(address, Handler)

    @contextlib.contextmanager
    def answering(self):
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def drain(self, seconds):
        """After shutdown(): waits for the answers under way."""
        with self._idle:
            self._idle.wait_for(lambda: self._under_way == 0, seconds)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def do_GET(self):
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_PUT = do_GET

    def _serve(self):
        with self.server.answering():
            try:
                self._dispatch()
            except ApiError as error:
                self._answer(error.status, error.body)
            except OSError:
                self.close_connection = True
            except Exception:
                traceback.print_exc()
                self._answer(500, ApiError(500, "internal", "a fault in your-app").body)

    def _dispatch(self):
        parts = urllib.parse.urlsplit(self.path)
        raw_body = self._read_body()
        if parts.path == "/health":
            self._answer(200, {"status": "ok"})
        elif parts.path == "/":
            self._page()
        else:
            self._check_key()
            query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            self._route(Request(self.command, parts.path, query, self.headers, raw_body))

    def _route(self, request):
        if request.path.startswith("/api/"):
            fault = self._fault(request)
            if fault and fault["when"] == "before":
                return self._fail(fault)
            answer = self.server.api.answer(request)
            return self._fail(fault) if fault else self._answer(*answer)
        faults = self.server.faults
        routes = {} if faults is None else {
            ("POST", "/test/faults"): lambda: faults.configure(json_body(request)),
            ("GET", "/test/requests"): faults.requests,
            ("DELETE", "/test/requests"): faults.forget_requests,
        }
        if (request.method, request.path) not in routes:
            raise ApiError(404, "not_found", f"no such path: {request.method} {request.path}")
        return self._answer(200, routes[request.method, request.path]() or {})

    def _fault(self, request):
        """Waits as told; gives the settings when this request is to fail."""
        if self.server.faults is None:
            return None
        settings = self.server.faults.note_request(request.method, request.path,
                                                   request.headers.get("Idempotency-Key"))
        time.sleep(settings["delayMs"] / 1000)
        return settings if settings["failNext"] else None

    def _fail(self, fault):
        if fault["status"] == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        extra = {} if fault["retryAfter"] is None else {"Retry-After": str(fault["retryAfter"])}
        self._answer(fault["status"], ApiError(0, "fault", "asked for by a test").body, extra)

    def _page(self):
        """Without a key, so only for browsers on this machine."""
        if not self.client_address[0].startswith("127."):
            raise ApiError(403, "forbidden", "the page is shown on this machine only")
        with self.server.database.transaction() as db:
            text = page.tickets(db)
        self._send(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _check_key(self):
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(),
                                                                 self.server.api_key):
            raise ApiError(401, "unauthorized", "send Authorization: Bearer <API key>")

    def _read_body(self):
        text = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (text.isascii() and text.isdigit()):
            self.close_connection = True
            raise ApiError(411, "length_required", "send the body with a Content-Length")
        length = int(text)
        if length > MAX_BODY:
            self.close_connection = True
            raise ApiError(413, "too_large", f"at most {MAX_BODY} bytes, got {length}")
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the sender stopped in the middle of the body")
        return body

    def _answer(self, status, body, extra=None):
        raw = b"" if status == 204 else json.dumps(body).encode()
        self._send(status, raw, {"Content-Type": "application/json", **(extra or {})})

    def _send(self, status, raw, headers):
        """Head and body in one write: one packet, one system call."""
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}",
                 *(f"{name}: {value}" for name, value in headers.items())]
        if status != 204:
            lines.append(f"Content-Length: {len(raw)}")
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + raw)

    def send_error(self, code, message=None, explain=None):
        """What the base class refuses (malformed requests), in the API's own form."""
        self.close_connection = True
        self._answer(int(code), ApiError(0, "bad_request", message or "malformed request").body)

    def log_message(self, format, *args):
        print(format % args, file=sys.stderr)
