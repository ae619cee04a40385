"""A client written from docs/PROTOCOL.md alone, in Python and with python-socketio.

    python client.py URL ADMIN_EMAIL ADMIN_PASSWORD

Signs in over HTTP, then creates, lists, books and cancels over sockets, and prints all replies and pushes as one
JSON object.
"""

import json
import queue
import sys
import time
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

import socketio

PATIENCE_S = 10
PUSHES = ("welcome", "availabilityChanged", "eventChanged", "bookingChanged", "sessionEnded")


class Person:
    """One connection to one namespace, which keeps everything that is pushed to it, in order."""

    def __init__(self, url, namespace, token=None):
        self.namespace = namespace
        self.pushed = queue.Queue()
        self.client = socketio.Client(reconnection=False)
        for name in PUSHES:
            self.client.on(name, self._note(name), namespace=namespace)
        # The library's default: the connection begins with long-polling and upgrades to a WebSocket.
        self.client.connect(
            url, namespaces=[namespace], auth={"token": token} if token else None, wait_timeout=PATIENCE_S
        )

    def _note(self, name):
        return lambda payload: self.pushed.put((name, payload))

    def ask(self, command, data):
        return self.client.call(command, data, namespace=self.namespace, timeout=PATIENCE_S)

    def must(self, command, data):
        reply = self.ask(command, data)
        if not reply["ok"]:
            raise RuntimeError(f"{command} was refused: {reply['error']}")
        return reply["data"]

    def wait_for(self, name, fits):
        """Returns the next push called `name` for which `fits` is true, and drops the pushes before it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            pushed, payload = self.pushed.get(timeout=max(0.001, deadline - time.monotonic()))
            if pushed == name and fits(payload):
                return payload

    def wait_for_seats(self, event_id, available):
        """Returns the event's state from the next push that reports `available` free seats."""

        def state(payload):
            found = (c for c in payload["changes"] if c["eventId"] == event_id and c["availableSeats"] == available)
            return next(found, None)

        return state(self.wait_for("availabilityChanged", state))

    def leave(self):
        self.client.disconnect()


def post(url, path, body):
    request = urllib.request.Request(
        url + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        return json.load(response)


def refusal_of_a_stranger(url):
    """Returns the error that refuses a connection without a session."""
    refusals = queue.Queue()
    client = socketio.Client(reconnection=False)
    client.on("connect_error", refusals.put, namespace="/booking")
    try:
        client.connect(url, namespaces=["/booking"], wait_timeout=PATIENCE_S)
    except socketio.exceptions.ConnectionError:
        return refusals.get(timeout=PATIENCE_S)
    raise RuntimeError("a connection without a session was let in")


def new_event():
    starts_at = datetime.now(timezone.utc) + timedelta(days=14)
    return {
        "requestId": str(uuid.uuid4()),
        "title": "Night of the snakes",
        "description": "",
        "venue": "Reptile house",
        "startsAt": starts_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "totalSeats": 5,
    }


def visit(url, admin_email, admin_password):
    stranger = refusal_of_a_stranger(url)
    admin = Person(url, "/booking", post(url, "/api/auth/login", {"email": admin_email, "password": admin_password})["token"])
    guest = Person(url, "/public")
    account = {"name": "Pia", "email": f"pia-{uuid.uuid4()}@example.org", "password": "a pit of vipers"}
    buyer = Person(url, "/booking", post(url, "/api/auth/register", account)["token"])
    try:
        return {"stranger": stranger, **trade(admin, guest, buyer)}
    finally:
        for person in (admin, guest, buyer):
            person.leave()


def trade(admin, guest, buyer):
    welcome = buyer.wait_for("welcome", lambda _: True)
    created = admin.must("createEvent", new_event())
    event_id = created["id"]
    announced = guest.wait_for("eventChanged", lambda event: event["id"] == event_id)
    listed = guest.must("listEvents", {"query": "snakes"})

    booking_input = {"requestId": str(uuid.uuid4()), "eventId": event_id, "seats": 2}
    booked = buyer.must("book", booking_input)
    booking_pushed = buyer.wait_for("bookingChanged", lambda booking: booking["id"] == booked["id"])
    seats_after_booking = guest.wait_for_seats(event_id, 3)
    repeated = buyer.must("book", booking_input)
    reused = buyer.ask("book", {**booking_input, "seats": 1})
    sold_out = buyer.ask("book", {**booking_input, "requestId": str(uuid.uuid4()), "seats": 4})

    cancelled = buyer.must("cancelBooking", {"bookingId": booked["id"]})
    seats_after_cancelling = guest.wait_for_seats(event_id, 5)
    return {
        "transport": buyer.client.transport(),
        "welcome": welcome,
        "created": created,
        "announced": announced,
        "listed": listed,
        "booked": booked,
        "bookingPushed": booking_pushed,
        "seatsAfterBooking": seats_after_booking,
        "repeated": repeated,
        "reused": reused,
        "soldOut": sold_out,
        "cancelled": cancelled,
        "seatsAfterCancelling": seats_after_cancelling,
        "forbidden": buyer.ask("createEvent", new_event()),
        "unknown": buyer.ask("stealSeats", {}),
        "mine": buyer.must("listBookings", {}),
    }


if __name__ == "__main__":
    print(json.dumps(visit(*sys.argv[1:4])))
