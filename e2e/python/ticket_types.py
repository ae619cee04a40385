"""The client of client.py with ticket types and a voucher, written from docs/PROTOCOL.md alone.

    python ticket_types.py URL ADMIN_EMAIL ADMIN_PASSWORD

Creates an event with several ticket types, books adults, a child and parking at the total that the buyer saw, changes
the party of a hold, gives one ticket back, and prints all replies and pushes as one JSON object.
"""

import json
import sys
import uuid

from client import Person, new_event, post

FREE = {"amount": 0, "currency": "EUR"}


def euros(cents):
    return {"amount": cents, "currency": "EUR"}


def new_typed_event(types, **more):
    return {**new_event(), "title": "Night of the turtles", "ticketTypes": types, **more}


def tickets(*counts):
    """Returns the tickets of a command, from pairs of a type's id and a count."""
    return [{"type": type_id, "count": count} for type_id, count in counts]


def total(event, wanted):
    """Returns what these tickets cost at the prices that the event shows."""
    prices = {one["id"]: one["price"]["amount"] for one in event["ticketTypes"]}
    return euros(sum(prices[one["type"]] * one["count"] for one in wanted))


def book(person, event, wanted, **more):
    return person.ask("book", {"requestId": str(uuid.uuid4()), "eventId": event["id"], "tickets": wanted, **more})


def visit(url, admin_email, admin_password):
    admin = Person(url, "/booking", post(url, "/api/auth/login", {"email": admin_email, "password": admin_password})["token"])
    guest = Person(url, "/public")
    account = {"name": "Tim", "email": f"tim-{uuid.uuid4()}@example.org", "password": "turtles all the way"}
    buyer = Person(url, "/booking", post(url, "/api/auth/register", account)["token"])
    try:
        return {**free_tickets(admin, guest, buyer), **priced_tickets(admin, guest, buyer)}
    finally:
        for person in (admin, guest, buyer):
            person.leave()


def free_tickets(admin, guest, buyer):
    types = [
        {"name": "Adult", "price": FREE},
        {"name": "Child", "price": FREE, "limit": 2},
        {"name": "Family of 4", "price": FREE, "seats": 4},
        {"name": "Parking", "price": FREE, "seats": 0, "limit": 1},
    ]
    created = admin.must("createEvent", new_typed_event(types, totalSeats=7))
    shown = guest.must("getEvent", {"eventId": created["id"]})
    adult, child, family, parking = (one["id"] for one in shown["ticketTypes"])

    alone = book(buyer, shown, tickets((parking, 1)))
    old_form = buyer.ask("book", {"requestId": str(uuid.uuid4()), "eventId": created["id"], "seats": 1})
    booked = book(buyer, shown, tickets((adult, 2), (child, 2), (parking, 1)))["data"]
    left = guest.wait_for_seats(created["id"], 3)
    child_gone = book(buyer, shown, tickets((adult, 1), (child, 1)))
    pool_gone = book(buyer, shown, tickets((family, 1)))

    returned = buyer.must(
        "cancelBooking", {"bookingId": booked["id"], "requestId": str(uuid.uuid4()), "tickets": tickets((child, 1))}
    )
    left_after_return = guest.wait_for_seats(created["id"], 4)
    family_booked = book(buyer, shown, tickets((family, 1)))["data"]
    sold_out = guest.wait_for_seats(created["id"], 0)
    waiting = buyer.must(
        "joinWaitlist", {"requestId": str(uuid.uuid4()), "eventId": created["id"], "tickets": tickets((adult, 1))}
    )
    return {
        "created": created,
        "shown": shown,
        "alone": alone,
        "oldForm": old_form,
        "booked": booked,
        "left": left,
        "childGone": child_gone,
        "poolGone": pool_gone,
        "returned": returned,
        "leftAfterReturn": left_after_return,
        "family": family_booked,
        "soldOut": sold_out,
        "waiting": waiting,
        "stats": admin.must("eventStats", {"eventId": created["id"]}),
    }


def priced_tickets(admin, guest, buyer):
    types = [
        {"name": "Adult", "price": euros(2000)},
        {"name": "Child", "price": euros(1200)},
        {"name": "Member", "price": euros(1000), "access": "voucher"},
    ]
    created = admin.must("createEvent", new_typed_event(types, totalSeats=20))
    event_id = created["id"]
    made = admin.must(
        "createVouchers",
        {"requestId": str(uuid.uuid4()), "eventId": event_id, "count": 1, "percentOff": 25, "opens": ["t3"], "maxTickets": 5},
    )["vouchers"][0]
    shown = guest.must("getEvent", {"eventId": event_id})
    unknown_code = buyer.ask("checkVoucher", {"eventId": event_id, "code": "NOTHING123"})
    opened = buyer.must("checkVoucher", {"eventId": event_id, "code": made["code"]})

    wanted = tickets(("t1", 1), ("t2", 1))
    too_cheap = book(buyer, shown, wanted, total=euros(1))
    held = book(buyer, shown, wanted, total=total(shown, wanted))["data"]
    changed = buyer.must(
        "changeHold", {"bookingId": held["id"], "tickets": tickets(("t1", 1), ("t3", 1)), "voucher": made["code"]}
    )
    released = buyer.must("cancelBooking", {"bookingId": held["id"]})
    return {
        "priced": shown,
        "unknownCode": unknown_code,
        "opened": opened,
        "tooCheap": too_cheap,
        "held": held,
        "changed": changed,
        "released": released,
        "voucher": admin.must("listVouchers", {"eventId": event_id})["vouchers"][0],
    }


if __name__ == "__main__":
    print(json.dumps(visit(*sys.argv[1:4])))
