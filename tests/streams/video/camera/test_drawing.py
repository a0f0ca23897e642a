"""What is drawn: each fact of the room is seen where it belongs, and only what changed is drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from accounts.people.faces import draw_avatar
from shop.catalogue.drawing import KINDS, draw
from streams.video.camera import barcode, cards
from streams.video.camera.darkroom import Darkroom, develop
from streams.video.camera.lettering import FIGURES, STRONG, font, lines
from streams.video.camera.music import CHIME, LOOP, Sound, loop
from streams.video.camera.planes import WHOLE, Planes, Sprite
from streams.video.camera.portrait import EYES, SMILE
from streams.video.camera.room import Look, Said, first_sentence
from streams.video.camera.svg import rasterise
from tests.streams.video.camera.studio import (
    CAPTION,
    CLOCK,
    DEAL,
    DEAL_ON,
    FACE,
    HEAD,
    KETTLE,
    LIPSTICK,
    LOWER,
    NOW,
    PRODUCT,
    SHADES,
    Box,
    Filmed,
    differ,
    eur,
    look,
    room,
)


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    made = Darkroom()
    yield made
    made.close()


def test_a_pin_is_seen_in_the_next_frame_and_whole_after_the_cut(darkroom: Darkroom) -> None:
    filmed = Filmed(darkroom, room(KETTLE))
    before = filmed.see(room(KETTLE), NOW)
    filmed.see(room(LIPSTICK), NOW + 42)
    second = filmed.see(room(LIPSTICK), NOW + 84)
    assert differ(before, second, HEAD) > 1
    after = [filmed.see(room(LIPSTICK), NOW + each) for each in (200, 460, 500, 540, 560)][-1]
    there = Filmed(darkroom, room(LIPSTICK), NOW + 560).see(room(LIPSTICK), NOW + 560)
    assert differ(before, after, HEAD) > 4
    assert differ(before, after, PRODUCT) > 10
    assert differ(after, there, HEAD) == 0


def test_nothing_is_left_of_what_was_there_before(darkroom: Darkroom) -> None:
    filmed = Filmed(
        darkroom, room(replace(LIPSTICK, deal=DEAL_ON), said=Said("Now.", NOW, NOW + 5))
    )
    for at in range(NOW, NOW + 1200, 42):
        filmed.see(room(KETTLE), at)
    fresh = Filmed(darkroom, room(KETTLE), NOW + 1200)
    for _ in range(2):  # the product moves with every other frame
        last, other = (each.see(room(KETTLE), NOW + 1200) for each in (filmed, fresh))
    assert differ(last, other, WHOLE) == 0


def test_a_countdown_follows_the_clock_and_says_zero_only_at_its_end(darkroom: Darkroom) -> None:
    pinned = replace(LIPSTICK, deal=DEAL_ON)
    filmed = Filmed(darkroom, room(pinned))
    first = filmed.see(room(pinned), NOW)
    assert differ(first, filmed.see(room(pinned), NOW + 200), DEAL) < 0.2
    assert differ(first, filmed.see(room(pinned), NOW + 5000), DEAL) > 0.5
    assert [cards.countdown(ms) for ms in (25_000, 24_999, 1, 0, -5)] == [
        "0:25", "0:25", "0:01", "0:00", "0:00",
    ]  # fmt: skip


def test_the_clock_goes_on_with_the_second(darkroom: Darkroom) -> None:
    filmed = Filmed(darkroom, room(KETTLE))
    first = filmed.see(room(KETTLE), NOW)
    assert differ(first, filmed.see(room(KETTLE), NOW + 900), CLOCK) < 0.5
    assert differ(first, filmed.see(room(KETTLE), NOW + 1000), CLOCK) > 1


def test_sold_out_is_said_over_the_product(darkroom: Darkroom) -> None:
    gone = replace(KETTLE, left=0)
    here = Filmed(darkroom, room(KETTLE))
    there = Filmed(darkroom, room(gone))
    assert differ(here.see(room(KETTLE), NOW), there.see(room(gone), NOW), PRODUCT) > 5


def test_the_host_talks_while_something_is_said_and_the_page_has_the_words(
    darkroom: Darkroom,
) -> None:
    said = Said("Only eight of them are left.", NOW + 1000, NOW + 3000)
    filmed = Filmed(darkroom, room(KETTLE, said=said))
    silent = filmed.see(room(KETTLE, said=said), NOW)
    frames = [filmed.see(room(KETTLE, said=said), NOW + 1000 + 125 * n) for n in range(12)]
    assert len({frame[FACE.top : FACE.bottom, 52:116].tobytes() for frame in frames}) > 3
    other = replace(said, text="Nine of them.")
    again = Filmed(darkroom, room(KETTLE, said=other))
    again.see(room(KETTLE, said=other), NOW)
    for n in range(12):
        whatever = again.see(room(KETTLE, said=other), NOW + 1000 + 125 * n)
    assert differ(whatever, frames[-1], CAPTION) < 0.5, "no word of it is in the picture"
    assert differ(silent, frames[-1], CAPTION) > 10, "the product's line makes room for the page's"


def test_shades_come_one_after_the_other(darkroom: Darkroom) -> None:
    filmed = Filmed(darkroom, room(LIPSTICK))
    first = filmed.see(room(LIPSTICK), NOW)
    for at in (3500, 3600, 4100, 4200):
        second = filmed.see(room(LIPSTICK), NOW + at)
    assert differ(first, second, PRODUCT) > 3


def test_between_two_moves_only_what_changed_is_touched(darkroom: Darkroom) -> None:
    filmed = Filmed(darkroom, room(KETTLE))
    first, second = (filmed.see(room(KETTLE), NOW + 42 * n) for n in range(2))
    assert differ(first, second, LOWER) == 0
    filmed.scene.front.y[LOWER.top :] = 99  # would be painted over if it were drawn again
    assert filmed.see(room(KETTLE), NOW + 126)[-1, 0] == 99


def test_without_a_pin_the_show_introduces_itself(darkroom: Darkroom) -> None:
    one, other = (Filmed(darkroom, room(title=title)) for title in ("The evening edit", "Tea"))
    frames = [
        each.see(room(title=t), NOW) for each, t in ((one, "The evening edit"), (other, "Tea"))
    ]
    assert differ(frames[0], frames[1], PRODUCT) > 1


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_of_drawing_is_understood(name: str) -> None:
    image = rasterise(draw({"kind": name, "colour": "#9C4A4F"}), 80, ground=False)
    seen = np.asarray(image)[..., 3] > 128
    assert 0.015 < seen.mean() < 0.75


def test_a_drawing_has_its_own_colour() -> None:
    image = develop(look("#3F5F94", "notebook"), 200)
    assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]
    red, _, blue, _ = develop(look("#1030F0", "pillow"), 200).getpixel((100, 110))  # type: ignore[misc]
    assert blue > red + 60


def test_a_picture_that_can_not_be_opened_is_drawn(tmp_path: object) -> None:
    broken = f"{tmp_path}/broken.jpg"
    with open(broken, "wb") as file:
        file.write(b"\xff\xd8 no picture")
    assert develop(Look("f", None, "#EFE7DD", broken), 60).getbbox() is not None
    whole = f"{tmp_path}/whole.png"
    Image.new("RGB", (300, 100), "#00FF00").save(whole)
    assert develop(Look("g", None, "#EFE7DD", whole), 60).getpixel((30, 30)) == (0, 255, 0, 255)


def test_the_portrait_has_the_mouth_and_the_eyes_that_are_moved() -> None:
    for seed in ("hana", "theo", "mina"):
        text = draw_avatar(seed)
        assert text.count(SMILE) == 1
        assert [text.count(each) for each in EYES] == [1, 1]


def test_the_type_that_comes_with_the_admin_has_what_prices_and_names_need() -> None:
    face = font(20, STRONG)
    assert face.getname()[0] == "Inter"  # type: ignore[union-attr]
    nothing = bytes(face.getmask("\uffff"))
    assert [one for one in "äöüßÄÖÜéñ€£¥–“”…×" if bytes(face.getmask(one)) == nothing] == []
    widths = {face.getlength(digit, features=FIGURES) for digit in "0123456789"}
    assert len(widths) == 1


def test_long_words_stay_in_their_place() -> None:
    rows = lines(
        "Feuchtigkeitsspendende Gesichtsreinigungscreme mit Hyaluron " * 3, 18, 200, 2, STRONG
    )
    assert len(rows) == 2
    assert rows[-1].endswith("…")
    assert all(font(18, STRONG).getlength(row) < 201 for row in rows)
    assert first_sentence("Soft. And more.") == "Soft."


def test_no_price_covers_the_time_that_is_left() -> None:
    plates = [
        cards.deal(eur(price), eur(price * 2), 42_000, 60_000)
        for price in (967, 999_900, 12_999_900, 12_345_678_901)
    ]
    time = cards.WIDE - 66, 0, cards.WIDE, 32
    assert len({plate.crop(time).tobytes() for plate in plates}) == 1
    assert len({plate.tobytes() for plate in plates}) == len(plates)


def test_the_head_leaves_room_for_the_button_of_a_phone() -> None:
    pinned = replace(
        KETTLE, title="Handgefertigte Kaffeemaschine mit Milchaufschäumer und Mahlwerk"
    )
    box = cards.head(pinned).crop((0, 0, cards.ROOM, 24)).getchannel("A").getbbox()
    assert box is not None
    assert box[2] <= cards.BESIDE + cards.WIDE


def test_a_sprite_lies_where_it_should_also_over_the_edge() -> None:
    sprite = Sprite.of(Image.new("RGBA", (20, 20), (255, 255, 255, 255)))
    target = Planes.blank()
    sprite.lay(target, -10, 850)
    sprite.lay(target, 100, 101)
    assert (target.y == 235).sum() == 10 * 4 + 400
    assert target.y[101:121, 100:120].min() == 235


@pytest.mark.parametrize("ms", [0, 1, NOW, NOW + 1, 2**41 + 5])
def test_the_barcode_is_read_back_at_every_size(ms: int) -> None:
    planes = Planes.blank()
    barcode.draw(planes, ms)
    assert barcode.read(planes.y) == ms % 2**40
    small = np.asarray(Image.fromarray(planes.y).resize((202, 360), Image.Resampling.BILINEAR))
    assert barcode.read(small) == ms % 2**40
    planes.y[20:40, 30:50] = 235 if barcode.cells(ms)[0] == 0 else 16
    assert barcode.read(planes.y) is None, "a cell that was misread is noticed"


def test_the_music_goes_on_without_a_seam_and_a_chime_is_heard_once() -> None:
    wave = loop()
    step = np.abs(np.diff(wave[0])).max()
    assert abs(wave[0, 0] - wave[0, -1]) <= step
    assert 0.005 < np.abs(wave).max() < 0.25
    sound = Sound()
    usual = [sound.frame(n) for n in range(LOOP)]
    assert sound.frame(LOOP + 3) == usual[3]
    sound.ring(10)
    rung = [sound.frame(n) for n in range(10, 10 + CHIME)]
    assert rung != usual[10 : 10 + CHIME]
    assert sound.frame(10 + LOOP) == usual[10]


def test_shades_without_colours_are_named(darkroom: Darkroom) -> None:
    plain = tuple(replace(each, swatch=None) for each in SHADES)
    filmed = Filmed(darkroom, room(replace(LIPSTICK, shades=plain)))
    named = filmed.see(room(replace(LIPSTICK, shades=plain)), NOW)
    without = Filmed(darkroom, room(replace(LIPSTICK, shades=()))).see(
        room(replace(LIPSTICK, shades=())), NOW
    )
    assert differ(named, without, Box(340, 380, 428, 412)) > 1
