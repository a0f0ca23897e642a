"""The picture, frame by frame: ground, product, and what stands over them. Only what changed is drawn again."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace

from streams.video.camera import cards
from streams.video.camera.darkroom import Darkroom, Hero
from streams.video.camera.lettering import INK, PALE
from streams.video.camera.planes import OPAQUE, WHOLE, Box, Planes, Sprite
from streams.video.camera.portrait import portrait, pose
from streams.video.camera.room import Look, Pinned, Room, first_sentence
from streams.video.camera.slots import Slot

LEFT, RIGHT, TOP = 52, 428, 92
MIDDLE = (240, 288)
ASIDE = 220
"""Where the product stands when shades come down beside it."""
SHADE_MS, SCROLL_MS = 4000, 560
CUT_MS = 340
"""How long a pin takes from one product to the next."""
RISE = 14
"""Pixels that a new product comes up by."""
FEW = 5
"""So few shades stand still, and the choice walks along them."""
QUICK = ("deal", "clock", "shades", "host")
"""Cards that come and go without a fade."""
WORDS = ("name", "line")
"""Cards that follow each other without one: two texts over each other are none."""


class Scene:
    """Draws into `front`. `draw` is called with server milliseconds that never run backwards."""

    def __init__(self, darkroom: Darkroom) -> None:
        self.front, self._back, self._base = Planes.blank(), Planes.blank(), Planes.blank()
        self._room = Room()
        self._darkroom = darkroom
        self._ground: Planes | None = None
        self._ground_before: Planes | None = None
        self._ground_since = 0
        self._hero: Hero | None = None
        self._hero_before: Hero | None = None
        self._hero_since = 0
        self._hero_box: Box | None = None
        self._look = ""
        self._on_air: Hashable = None
        self._pinned_at = 0
        self._count = 0
        names = ("head", "deal", "clock", "shades", "name", "sold", "line", "host", "title")
        self._slots = {name: Slot(fades=name not in QUICK, cuts=name in WORDS) for name in names}

    def draw(self, room: Room, at: int) -> None:
        """The frame of a moment, in `front`."""
        self._room = room
        self._count += 1
        dirty = self._draw_ground(at) + self._draw_product(at)
        self._set_cards(at)
        for slot in self._slots.values():
            dirty += slot.changed(at)
        for box in _apart(dirty):
            self.front.take(self._back, box)
            for slot in self._slots.values():
                slot.lay(self.front, at, box)

    # -- ground and product ------------------------------------------------------------------------

    def _draw_ground(self, at: int) -> list[Box]:
        room, pinned = self._room, self._room.pinned
        tint = pinned.look.tint if pinned else None
        wanted = self._darkroom.ground(tint, room.mood, room.coming)
        if wanted is not None and wanted is not self._ground:
            self._ground_before, self._ground = self._ground, wanted
            self._ground_since = at
            if self._ground_before is None:
                self._base.take(wanted, WHOLE)
                return self._whole()
        before = self._ground_before
        if before is None or self._ground is None:
            return []
        part = min(OPAQUE, (at - self._ground_since) * OPAQUE // CUT_MS)
        if part >= OPAQUE:
            self._base.take(self._ground, WHOLE)
            self._ground_before = None
        else:
            self._base.between(before, self._ground, part)
        return self._whole()

    def _whole(self) -> list[Box]:
        self._back.take(self._base, WHOLE)
        self._hero_box = None
        return [WHOLE]

    def _shade(self, pinned: Pinned, at: int) -> tuple[int, float]:
        """Which shade is shown, and where the reel stands on its way to it."""
        count, inside = divmod(max(0, at - self._pinned_at), SHADE_MS)
        if count == 0:
            return 0, 0.0
        return count, count - 1 + _soft(inside / SCROLL_MS)

    def _wanted_look(self, at: int) -> Look | None:
        pinned = self._room.pinned
        if pinned is None or not pinned.shades:
            return pinned.look if pinned else None
        count, _ = self._shade(pinned, at)
        shades = pinned.shades
        self._darkroom.hero(shades[(count + 1) % len(shades)].look)  # ready when its turn comes
        return shades[count % len(shades)].look

    def _draw_product(self, at: int) -> list[Box]:
        pinned = self._room.pinned
        on_air = (pinned.number, pinned.title) if pinned else None
        if on_air != self._on_air:
            # Never the old product under the new name: it leaves at once, the new one follows when it is developed.
            self._on_air, self._pinned_at = on_air, at
            self._hero_before, self._hero, self._look = self._hero, None, ""
            self._hero_since = at
        look = self._wanted_look(at)
        if look is not None and look.key != self._look:
            hero = self._darkroom.hero(look)
            if hero is not None:
                if self._look:
                    self._hero_before = self._hero
                self._hero, self._look, self._hero_since = hero, look.key, at
        moving = at - self._hero_since < CUT_MS + 90
        if not moving and self._count % 2 and self._hero_box is not None:
            return []  # every other frame is enough for slow motion, and half the work
        return self._lay_product(at)

    def _lay_product(self, at: int) -> list[Box]:
        soft = _soft((at - self._hero_since) / CUT_MS)
        if soft >= 1:
            self._hero_before = None
        heroes = []
        if self._hero_before is not None:
            heroes.append((self._hero_before, 1 - soft, 0))
        if self._hero is not None:
            heroes.append((self._hero, soft, round(RISE * (1 - soft)) // 2 * 2))
        x, y = self._stand(), MIDDLE[1]
        box = _around([hero.box(x, y + low) for hero, _, low in heroes])
        spot = _around([each for each in (self._hero_box, box) if each is not None])
        self._hero_box = box
        if spot is None:
            return []
        self._back.take(self._base, spot)
        pinned = self._room.pinned
        seen = 150 if pinned is not None and pinned.sold_out else OPAQUE
        near, pan = _drift(at)
        for hero, share, low in heroes:
            hero.lay(self._back, x, y + low, near, pan, round(seen * share))
        return [spot]

    def _stand(self) -> int:
        pinned = self._room.pinned
        beside = pinned is not None and any(shade.swatch for shade in pinned.shades)
        return ASIDE if beside else MIDDLE[0]

    # -- cards ---------------------------------------------------------------------------------------

    def _set_cards(self, at: int) -> None:
        pinned, slots = self._room.pinned, self._slots
        ink = INK if pinned else PALE
        second = at // 1000
        slots["clock"].show(
            (second, ink),
            lambda: Sprite.of(cards.clock(second * 1000, ink)),
            (RIGHT - 88, 160),
            at,
        )
        self._set_host(at)
        if pinned is None:
            for name in ("head", "deal", "shades", "name", "sold"):
                slots[name].clear(at)
            room = self._room
            title = (room.title, room.host, first_sentence(room.description))
            slots["title"].show(title, lambda: Sprite.of(cards.title_card(*title)), (LEFT, 252), at)
            return
        slots["title"].clear(at)
        shown = replace(pinned, shades=(), left=int(not pinned.sold_out), line="")
        slots["head"].show(shown, lambda: Sprite.of(cards.head(pinned)), (LEFT, TOP), at)
        self._set_deal(pinned, at)
        if pinned.sold_out:
            slots["sold"].show(
                "sold", lambda: Sprite.of(cards.sold_out()), (self._stand() - 78, MIDDLE[1]), at
            )
        else:
            slots["sold"].clear(at)
        self._set_shades(pinned, at)

    def _set_deal(self, pinned: Pinned, at: int) -> None:
        deal = pinned.deal
        if deal is None or pinned.sold_out:
            self._slots["deal"].clear(at)
            return
        left = None if deal.ends_at is None else max(0, deal.ends_at - at)
        whole = (deal.ends_at or 0) - deal.starts_at
        # The bar drains four times a second, the figures change with their second.
        step = None if left is None else (left // 250, cards.countdown(left))
        self._slots["deal"].show(
            (deal.id, deal.price, step),
            lambda: Sprite.of(cards.deal(deal.price, deal.was, left, whole)),
            (LEFT + 56, TOP + 25),
            at,
        )

    def _set_shades(self, pinned: Pinned, at: int) -> None:
        slots, shades = self._slots, pinned.shades
        if not shades:
            slots["shades"].clear(at)
            slots["name"].clear(at)
            return
        count, place = self._shade(pinned, at)
        swatches = [shade.swatch for shade in shades if shade.swatch]
        if len(swatches) == len(shades):
            few = len(shades) <= FEW
            step = round((count % len(shades) if few else place) * 48)
            slots["shades"].show(
                (pinned.number, step, len(shades)),
                lambda: Sprite.of(cards.shades(swatches, step / 48, endless=not few)),
                (RIGHT - cards.SHADES[0], 178),
                at,
            )
        else:
            slots["shades"].clear(at)
        name = shades[count % len(shades)].name
        slots["name"].show(
            (pinned.number, name), lambda: Sprite.of(cards.name(name)), (RIGHT - 216, 382), at
        )

    def _set_host(self, at: int) -> None:
        room, slots = self._room, self._slots
        said = room.said if room.said and room.said.at <= at < room.said.until else None
        # The face moves twelve times a second at most.
        moment = pose(at // 83 * 83, said is not None)
        if room.pinned is None:
            side, spot, line = 116, (240 - 58, 116), ""
        else:
            side, spot, line = 64, (LEFT, 413), room.pinned.line
        if room.face:
            slots["host"].show(
                (room.face, side, moment), lambda: portrait(room.face, side, *moment), spot, at
            )
        else:
            slots["host"].clear(at)
        # The product's own line, as long as the host is silent. What the host says is moved by the lips only: the page
        # has the words, in the same place.
        if line and said is None:
            place = (LEFT + 46, 416)
            slots["line"].show(line, lambda: Sprite.of(cards.spoken(line)), place, at)
        else:
            slots["line"].clear(at)


def _soft(part: float) -> float:
    part = max(0.0, min(1.0, part))
    return part * part * (3 - 2 * part)


def _drift(at: int) -> tuple[float, tuple[float, float]]:
    """The camera's hand: closer and back in 18 seconds, a little to the sides and up and down."""
    turn = at / 1000 * 2 * math.pi
    return 0.5 - 0.5 * math.cos(turn / 18), (3.6 * math.sin(turn / 13), 3.4 * math.sin(turn / 7.5))


def _around(boxes: list[Box]) -> Box | None:
    """The smallest box around all of them, as far as it is in the picture."""
    if not boxes:
        return None
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    ).meet(WHOLE)


def _apart(boxes: list[Box]) -> list[Box]:
    """Without the boxes that lie inside of others."""
    found: list[Box] = []
    for box in sorted(
        set(boxes), key=lambda each: (each.top - each.bottom) * (each.right - each.left)
    ):
        inside = box.meet(WHOLE)
        if inside is not None and all(other.meet(inside) != inside for other in found):
            found.append(inside)
    return found
