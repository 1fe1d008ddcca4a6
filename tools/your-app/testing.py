"""What the tests share: the program as a process, a client, a receiver of webhooks."""

import http.client
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

PROGRAM = pathlib.Path(__file__).with_name("your_app.py")
KEY = "key-of-the-test"


class App:
    """One running program. Its data outlives restart()."""

    def __init__(self, *options):
        self._folder = tempfile.TemporaryDirectory()
        self._options = options
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, "--data", f"{self._folder.name}/app.db", "--api-key", KEY,
             "--webhook-backoff-ms", "5", *self._options], stdout=subprocess.PIPE, text=True)
        self.ready_line = self._process.stdout.readline()
        self.address = urllib.parse.urlsplit(self.ready_line.split()[1]).netloc

    def stop(self):
        """By SIGTERM; gives the exit code."""
        self._process.terminate()
        return self._wait()

    def kill(self):
        self._process.kill()
        return self._wait()

    def _wait(self):
        code = self._process.wait(30)
        self._process.stdout.close()
        return code

    def close(self):
        if self._process.poll() is None:
            self.stop()
        self._folder.cleanup()

    def call(self, method, path, body=None, key=KEY, raw=None, **headers):
        """(status, answer as JSON); underscores in header names stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        data = raw if raw is not None else None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            text = response.read()
            self.last_headers = response.headers
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()


class Receiver:
    """Takes webhooks; answers them with the statuses given, then with 200."""

    def __init__(self, *statuses):
        received, remaining = [], list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((dict(self.headers), body))
                self.send_response(remaining.pop(0) if remaining else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.received = received
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?from=your-app"

    def events(self):
        return [json.loads(body) for _, body in self.received]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class AppTest(unittest.TestCase):
    options = ()

    def setUp(self):
        self.app = App(*self.options)
        self.addCleanup(self.app.close)

    def create(self, **fields):
        status, record = self.app.call("POST", "/api/tickets", fields)
        self.assertEqual(status, 201, record)
        return record

    def all_records(self):
        return self.app.call("GET", "/api/tickets?limit=500")[1]["records"]

    def refused(self, status, code, answer):
        self.assertEqual((answer[0], answer[1]["error"]["code"]), (status, code), answer)
        self.assertTrue(answer[1]["error"]["message"])

    def receiver(self, *statuses):
        receiver = Receiver(*statuses)
        self.addCleanup(receiver.close)
        return receiver

    def eventually(self, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, "did not happen in time")
            time.sleep(0.005)
