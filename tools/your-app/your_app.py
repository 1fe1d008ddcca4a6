#!/usr/bin/env python3
"""your-app: a small product with a REST API and webhooks, for Sluice to integrate with.

Prints `ready http://HOST:PORT` when it accepts requests; SIGTERM or Ctrl-C ends it. README.md
beside this file describes the API.
"""

import argparse
import os
import signal
import sys
import threading

import idempotency
from api import Api
from database import Database
from delivery import Deliverer
from faults import Faults
from server import Server

DRAIN_SECONDS = 5


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: your_app.py --data tickets.db --listen 127.0.0.1:8090 --api-key secret")
    parser.add_argument("--data", required=True, metavar="FILE", help="SQLite file, made if missing")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT",
                        help="port 0 picks a free one (default %(default)s)")
    parser.add_argument("--api-key", default=os.environ.get("YOUR_APP_KEY"), metavar="KEY",
                        help="what callers must send (default: environment YOUR_APP_KEY)")
    parser.add_argument("--webhook-backoff-ms", type=int, default=1000, metavar="N",
                        help="wait before the second try of a delivery; doubles each time")
    parser.add_argument("--enable-faults", action="store_true",
                        help="serve /test/faults and /test/requests (tests only)")
    options = parser.parse_args()
    if not options.api_key:
        parser.error("--api-key (or YOUR_APP_KEY) is needed")
    host, colon, port = options.listen.rpartition(":")
    if not colon or not port.isdigit():
        parser.error(f"--listen: expected HOST:PORT, got {options.listen!r}")
    options.address = (host, int(port))
    return options


def main():
    options = arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    database = Database(options.data)
    with database.transaction() as db:
        idempotency.forget_old(db)
    deliverer = Deliverer(database, options.webhook_backoff_ms / 1000)
    server = Server(options.address, Api(database, deliverer.wake), database, options.api_key,
                    Faults() if options.enable_faults else None)
    accepting = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    accepting.start()
    print(f"ready http://{options.address[0]}:{server.server_address[1]}", flush=True)

    stop.wait()
    server.shutdown()
    accepting.join()
    server.drain(DRAIN_SECONDS)
    deliverer.stop()
    server.server_close()
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
