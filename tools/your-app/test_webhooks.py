#!/usr/bin/env python3
"""Webhooks of your-app: subscriptions, signatures, retries, the outbox."""

import hashlib
import hmac
import socket
import unittest

from testing import AppTest


class Webhooks(AppTest):
    def subscribe(self, url, *events, **more):
        status, hook = self.app.call("POST", "/api/webhooks",
                                     {"url": url, "events": list(events), **more})
        self.assertEqual(status, 201, hook)
        return hook

    def webhook(self, hook):
        return self.app.call("GET", f"/api/webhooks/{hook['id']}")[1]

    def test_sends_signed_events_with_the_actor(self):
        receiver = self.receiver()
        self.subscribe(receiver.url, "tickets.created", secret="s3cret")
        record = self.app.call("POST", "/api/tickets", {"title": "ä"}, X_Actor="sluice")[1]
        self.eventually(lambda: receiver.received)
        headers, body = receiver.received[0]
        digest = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-YourApp-Signature"], f"sha256={digest}")
        self.assertEqual(headers["X-YourApp-Event"], "tickets.created")
        self.assertTrue(headers["X-YourApp-Delivery"])
        event = receiver.events()[0]
        self.assertEqual((event["event"], event["actor"], event["record"]),
                         ("tickets.created", "sluice", record))

    def test_sends_what_was_subscribed_to_and_nothing_for_no_change(self):
        some, tickets = self.receiver(), self.receiver()
        self.subscribe(some.url, "tickets.created", "tickets.deleted")
        self.subscribe(tickets.url, "tickets.*")
        path = "/api/tickets/" + self.create(title="a")["id"]
        self.app.call("PATCH", path, {"title": "a"})
        self.app.call("PATCH", path, {"title": "b"})
        self.app.call("POST", "/api/notes", {"title": "a"})
        self.app.call("DELETE", path)
        self.eventually(lambda: len(some.received) == 2 and len(tickets.received) == 3)
        self.assertEqual(sorted(event["event"] for event in tickets.events()),
                         ["tickets.created", "tickets.deleted", "tickets.updated"])
        self.assertEqual(sorted(event["event"] for event in some.events()),
                         ["tickets.created", "tickets.deleted"])

    def test_tries_again_with_the_same_delivery_id_until_accepted(self):
        receiver = self.receiver(500, 302, 404)
        hook = self.subscribe(receiver.url, "*")
        self.create(title="a")
        self.eventually(lambda: len(receiver.received) == 4)
        self.eventually(lambda: self.webhook(hook)["pending"] == 0)
        self.assertEqual(len({headers["X-YourApp-Delivery"] for headers, _ in receiver.received}),
                         1)
        self.assertEqual(self.webhook(hook)["failed"], 0)

    def test_gives_up_after_five_tries_and_counts_it(self):
        receiver = self.receiver(*[503] * 20)
        hook = self.subscribe(receiver.url, "*")
        self.create(title="a")
        self.eventually(lambda: self.webhook(hook)["failed"] == 1
                        and len(receiver.received) == 5)
        other = self.receiver()
        self.subscribe(other.url, "*")
        self.create(title="b")
        self.eventually(lambda: other.received)
        self.assertEqual(sum(b'"title": "a"' in body for _, body in receiver.received), 5)

    def test_an_event_outlives_a_kill(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(20)
            self.subscribe(f"http://127.0.0.1:{silent.getsockname()[1]}/", "*")
            self.create(title="a")
            unanswered, _ = silent.accept()
            self.app.kill()
            unanswered.close()
            self.app.start()
            peer, _ = silent.accept()
            with peer:
                self.assertTrue(peer.recv(4096).startswith(b"POST / HTTP/1.1"))

    def test_shows_the_secret_once_and_makes_one_when_none_is_given(self):
        hook = self.subscribe("http://127.0.0.1:1/", "*")
        self.assertGreaterEqual(len(hook["secret"]), 32)
        listed = self.app.call("GET", "/api/webhooks")[1]["webhooks"]
        self.assertEqual([entry["id"] for entry in listed], [hook["id"]])
        self.assertNotIn("secret", listed[0])

    def test_unsubscribes(self):
        receiver = self.receiver()
        path = "/api/webhooks/" + self.subscribe(receiver.url, "*")["id"]
        self.assertEqual(self.app.call("DELETE", path), (204, None))
        self.refused(404, "not_found", self.app.call("DELETE", path))
        other = self.receiver()
        self.subscribe(other.url, "*")
        self.create(title="a")
        self.eventually(lambda: other.received)
        self.assertEqual(receiver.received, [])

    def test_refuses_subscriptions_that_cannot_work(self):
        for body in ({"url": "ftp://x/", "events": ["*"]}, {"url": 7, "events": ["*"]},
                     {"url": "http://x:port/", "events": ["*"]},
                     {"url": "http://x/", "events": []}, {"url": "http://x/"},
                     {"url": "http://x/", "events": ["*"], "secret": ""}):
            self.refused(422, "invalid", self.app.call("POST", "/api/webhooks", body))


if __name__ == "__main__":
    unittest.main()
