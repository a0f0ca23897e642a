"""What a client makes of a snapshot and the events after it: the reference for the browser's store.js.

The rules, all of them:

- An event with a seq that was seen is ignored; a skipped seq is a gap (here: an error).
- A frame of a busy room may leave chat out: `left_out` messages on the way to `through`. It is no gap when what
  it tells and what it left out are all there is between the reader's seq and `through`.
- A lower `rev` is ignored: the show's for show.changed, item.pinned, item.unpinned and item.changed (without
  `rev` these always count), the variant's for stock.changed, the item's for item.stock, the offer's for deals.
- Values are absolute. An item's `state` follows from left, shown, what is pinned and the order.
- What a variant has left is the newest word about it, from a detail or from stock.changed.
- A deal that starts sets the price of the pinned item's variant, its end sets it to `was`.
"""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]
CHAT_TAIL = 50


class Gap(AssertionError):
    """An event is missing."""


def comparable(state: Json) -> Json:
    """A snapshot without the counters of rows: they order events, they are not what anybody sees."""
    plain = copy.deepcopy(state)
    for name in ("epoch", "seq"):
        plain.pop(name, None)
    plain["show"].pop("rev")
    for deal in plain["deals"]:
        deal.pop("rev")
    plain["requests"] = {str(number): total for number, total in plain["requests"].items()}
    return plain


class Reducer:
    """One viewer's room."""

    def __init__(self) -> None:
        self.epoch = ""
        self.seq = 0
        self.state: Json = {}
        self.me: Json | None = None
        self.reactions: Json = {"heart": 0, "clap": 0, "fire": 0, "wow": 0}
        self.purchases: list[Json] = []
        self.captions: list[Json] = []
        self.seen: set[str] = set()
        self.left_out = 0
        self.told: list[int] = []
        """Every seq that was told, in order; with what was left out they are all there is."""
        self._forget()

    def _forget(self) -> None:
        self.show_rev = 0
        self.stock: dict[int, Json] = {}
        self.counts: dict[tuple[int, int | None], Json] = {}
        self.deal_revs: dict[int, int] = {}

    def take(self, frame: Json) -> None:
        """One batch frame."""
        sampled = self._is_sampled(frame)
        for event in frame["events"]:
            seq = event.get("seq")
            if seq is not None and event["type"] != "room.snapshot":
                if frame["epoch"] != self.epoch or (seq > self.seq + 1 and not sampled):
                    raise Gap(f"{event['type']} has seq {frame['epoch']}:{seq}, not {self.seq + 1}")
                if seq <= self.seq:
                    continue
                self.seq = seq
                self.told.append(seq)
            self.seen.add(event["type"])
            act = getattr(self, event["type"].replace(".", "_"))
            if event["type"] == "room.snapshot":
                self.epoch, self.seq = frame["epoch"], seq
            act(copy.deepcopy(event["data"]), event.get("rev"), event)
        if sampled:
            self.seq = max(self.seq, frame["through"])
            self.left_out += frame["left_out"]

    def _is_sampled(self, frame: Json) -> bool:
        """Whether it leaves something out, and brings this reader further."""
        through = frame.get("through")
        if through is None or frame["epoch"] != self.epoch or through <= self.seq:
            return False
        told = sum(1 for each in frame["events"] if each.get("seq", 0) > self.seq)
        if through - self.seq > told + frame["left_out"]:
            raise Gap(f"{told} told and {frame['left_out']} left out, from {self.seq} to {through}")
        return True

    def snapshot(self) -> Json:
        """What a fresh `room.snapshot` would say."""
        return copy.deepcopy(self.state)

    # ---- guards and what follows from other values

    def _of_show(self, rev: int | None) -> bool:
        if rev is not None:
            if rev < self.show_rev:
                return False
            self.show_rev = rev
        return True

    def _newer_deal(self, deal: int, rev: int | None) -> bool:
        if rev is not None and rev < self.deal_revs.get(deal, 0):
            return False
        self.deal_revs[deal] = rev or 0
        return True

    def _count(self, line: Json) -> None:
        """Give a line the newest word about what is left of it."""
        key = (line["product"], line["variant"])
        known = self.counts.get(key)
        if known is None or line["rev"] >= known["rev"]:
            self.counts[key] = {"left": line["left"], "rev": line["rev"]}
        else:
            line |= known

    def _learn(self, item: Json | None) -> None:
        """Give a detail the newest word about the stock of its variants, or learn it from there."""
        if item is None:
            return
        self._count(item)
        for variant in item["variants"]:
            known = self.stock.get(variant["id"])
            if known is None or variant["rev"] >= known["rev"]:
                self.stock[variant["id"]] = {
                    "left": variant["left"],
                    "deal_left": variant["deal_left"],
                    "rev": variant["rev"],
                }
            else:
                variant["left"], variant["rev"] = known["left"], known["rev"]
                if variant["deal"] is not None and known["deal_left"] is not None:
                    variant["deal_left"] = known["deal_left"]

    def _settle(self) -> None:
        """Everything that follows: the states of the list, and the pinned item as its line says."""
        pinned = self.state["pinned"]
        on_air = pinned["number"] if pinned else None
        following = True
        for line in self.state["items"]:
            if line["left"] <= 0:
                line["state"] = "sold_out"
            elif line["number"] == on_air:
                line["state"] = "on_air"
            elif line["shown"]:
                line["state"] = "shown"
            else:
                line["state"] = "next" if following else "waiting"
                following = False
            if line["number"] == on_air:
                pinned |= {name: line[name] for name in ("left", "rev", "shown", "state")}

    def _variants(self, variant: int) -> list[Json]:
        pinned = self.state["pinned"]
        return [each for each in (pinned["variants"] if pinned else []) if each["id"] == variant]

    # ---- events

    def room_snapshot(self, data: Json, rev: int | None, event: Json) -> None:
        self._forget()
        self.state = data
        self.show_rev = data["show"]["rev"]
        self.state["requests"] = {str(k): v for k, v in data["requests"].items()}
        self.deal_revs = {deal["id"]: deal["rev"] for deal in data["deals"]}
        for line in data["items"]:
            self._count(line)
        self._learn(data["pinned"])

    def show_changed(self, data: Json, rev: int | None, event: Json) -> None:
        if self._of_show(rev):
            self.state["show"] = data["show"]

    def item_pinned(self, data: Json, rev: int | None, event: Json) -> None:
        if not self._of_show(rev):
            return
        item = data["item"]
        self._learn(item)
        self.state["pinned"] = item
        self.state["requests"].pop(str(item["number"]), None)
        for line in self.state["items"]:
            if line["number"] == item["number"]:
                line |= {name: item[name] for name in line}
        self._settle()

    def item_unpinned(self, data: Json, rev: int | None, event: Json) -> None:
        if self._of_show(rev):
            self.state["pinned"] = None
            self._settle()

    def item_changed(self, data: Json, rev: int | None, event: Json) -> None:
        if not self._of_show(rev):
            return
        for line in data["items"]:
            self._count(line)
        self._learn(data["pinned"])
        for deal in data["deals"]:
            self.deal_revs[deal["id"]] = max(deal["rev"], self.deal_revs.get(deal["id"], 0))
        self.state |= {"items": data["items"], "pinned": data["pinned"], "deals": data["deals"]}
        self._settle()

    def deal_started(self, data: Json, rev: int | None, event: Json) -> None:
        deal = data["deal"]
        if not self._newer_deal(deal["id"], rev):
            return
        others = [each for each in self.state["deals"] if each["id"] != deal["id"]]
        self.state["deals"] = [*others, deal]
        for variant in self._variants(deal["variant"]):
            variant |= {
                "price": deal["price"],
                "deal": deal["id"],
                "deal_left": deal["left"],
                "per_buyer": deal["per_buyer"],
            }

    def deal_ended(self, data: Json, rev: int | None, event: Json) -> None:
        deal = data["deal"]
        if not self._newer_deal(deal["id"], rev):
            return
        self.state["deals"] = [each for each in self.state["deals"] if each["id"] != deal["id"]]
        for variant in self._variants(deal["variant"]):
            if variant["deal"] == deal["id"]:
                variant |= {
                    "price": deal["was"],
                    "deal": None,
                    "deal_left": None,
                    "per_buyer": None,
                }

    def stock_changed(self, data: Json, rev: int | None, event: Json) -> None:
        known = self.stock.get(data["variant"])
        assert rev is not None
        if known is not None and rev < known["rev"]:
            return
        self.stock[data["variant"]] = {
            "left": data["left"],
            "deal_left": data["deal_left"],
            "rev": rev,
        }
        for variant in self._variants(data["variant"]):
            variant |= {"left": data["left"], "rev": rev}
            if variant["deal"] is not None and data["deal_left"] is not None:
                variant["deal_left"] = data["deal_left"]
        if data["deal_left"] is not None:
            for deal in self.state["deals"]:
                if deal["variant"] == data["variant"]:
                    deal["left"] = data["deal_left"]

    def item_stock(self, data: Json, rev: int | None, event: Json) -> None:
        key = (data["product"], data["variant"])
        known = self.counts.get(key)
        assert rev is not None
        if known is not None and rev < known["rev"]:
            return
        self.counts[key] = {"left": data["left"], "rev": rev}
        for line in self.state["items"]:
            if (line["product"], line["variant"]) == key:
                line |= {"left": data["left"], "rev": rev}
        self._settle()

    def chat_message(self, data: Json, rev: int | None, event: Json) -> None:
        said = data | {"seq": event["seq"], "at": event["at"]}
        self.state["chat"] = [*self.state["chat"], said][-CHAT_TAIL:]

    def chat_deleted(self, data: Json, rev: int | None, event: Json) -> None:
        for said in self.state["chat"]:
            if said["seq"] == data["seq"]:
                said |= {"text": "", "number": None, "deleted": True}

    def item_requested(self, data: Json, rev: int | None, event: Json) -> None:
        self.state["requests"][str(data["number"])] = data["total"]

    def order_placed(self, data: Json, rev: int | None, event: Json) -> None:
        self.purchases.append(data)

    def orders_placed(self, data: Json, rev: int | None, event: Json) -> None:
        self.purchases.append(data)

    def caption_said(self, data: Json, rev: int | None, event: Json) -> None:
        self.captions.append(data)

    def room_counts(self, data: Json, rev: int | None, event: Json) -> None:
        self.state["counts"] = data

    def room_reactions(self, data: Json, rev: int | None, event: Json) -> None:
        self.reactions = data

    def me_snapshot(self, data: Json, rev: int | None, event: Json) -> None:
        self.me = data

    def order_updated(self, data: Json, rev: int | None, event: Json) -> None:
        assert self.me is not None
        order = data["order"]
        held = {each["order"]: each for each in self.me["orders"]}
        if order["order"] in held and order["rev"] < held[order["order"]]["rev"]:
            return
        held[order["order"]] = order
        self.me["orders"] = list(held.values())

    def cart_updated(self, data: Json, rev: int | None, event: Json) -> None:
        assert self.me is not None
        if data["cart"]["rev"] >= self.me["cart"]["rev"]:
            self.me["cart"] = data["cart"]

    def you_muted(self, data: Json, rev: int | None, event: Json) -> None:
        assert self.me is not None
        if data["show"] == self.state["show"]["slug"]:
            self.me["muted"] = data["muted"]
