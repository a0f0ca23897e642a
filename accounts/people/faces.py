"""Drawn portraits for hosts: flat, friendly, always the same for the same person.

    draw_avatar(7)

A portrait says nothing about the real person: everything is chosen by the number.
"""

from __future__ import annotations

import zlib

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.people.models import User

SIZE = 240
# Ground, skin with its shade, hair with its light, clothes with their shade.
GROUNDS = ("#F0D9D0", "#DDE6D6", "#E8DBC8", "#D5DFE8", "#EFE3C6", "#DCDAE8", "#E8D6DC", "#D9E2DE")
SKINS = (
    ("#F3D3BC", "#E2B598"), ("#E9BF9F", "#D29F7C"), ("#D9A57F", "#BF865F"), ("#B97F58", "#9C6541"),
    ("#8F5C3D", "#74472C"), ("#6B432D", "#55331F"),
)  # fmt: skip
HAIRS = (
    ("#2A2224", "#4A3D40"), ("#4A2E22", "#6E4936"), ("#7A4A2B", "#9E6A42"), ("#A5522A", "#C7764B"),
    ("#C99A58", "#E3BF86"), ("#8E8A88", "#B5B1AD"), ("#5B2333", "#823A4E"),
)  # fmt: skip
CLOTHES = (
    ("#F0532D", "#C93F1D"), ("#2F3E5C", "#222E47"), ("#3F5E5A", "#2E4744"), ("#C9A24F", "#A88338"),
    ("#7A5C8E", "#614873"), ("#9C4A4F", "#7E383D"), ("#EFE7DB", "#D6CAB8"),
)  # fmt: skip

# Hair behind the head and in front of it; every face is the same oval, so they all fit.
STYLES = (
    # long, parted in the middle
    (
        "M120 34C68 34 56 76 58 118C60 152 52 176 54 196H186C188 176 180 152 182 118C184 76 172 34 120 34Z",
        "M120 46C92 46 74 66 76 108C90 98 112 84 120 60C128 84 150 98 164 108C166 66 148 46 120 46Z",
    ),
    # short, swept to the side
    (
        "",
        "M76 104C68 64 88 36 124 36C162 36 176 66 165 106C160 92 156 82 146 76C122 82 102 78 92 72C82 82 79 92 76 104Z",
    ),
    # bob with a fringe
    (
        "M120 36C72 36 62 76 62 112V158C74 166 86 166 92 162V96H148V162C154 166 166 166 178 158V112C178 76 168 36 120 36Z",
        "M76 100C72 60 94 44 120 44C146 44 168 60 164 100C150 92 136 90 120 90C104 90 90 92 76 100Z",
    ),
    # curls
    (
        "M120 28C96 24 82 38 78 48C58 52 50 74 58 90C46 104 52 128 66 132C68 148 88 152 94 146H146C152 152 172 148 174 132C188 128 194 104 182 90C190 74 182 52 162 48C158 38 144 24 120 28Z",
        "M78 98C70 84 80 68 92 70C92 52 110 44 120 48C130 44 148 52 148 70C160 68 170 84 162 98C154 88 144 84 134 86C126 78 114 78 106 86C96 84 86 88 78 98Z",
    ),
    # tied up in a bun
    (
        "M120 8C102 8 92 22 96 36C82 44 70 66 74 104H166C170 66 158 44 144 36C148 22 138 8 120 8Z",
        "M76 104C70 66 92 42 120 42C148 42 170 66 164 104C156 80 140 66 120 66C100 66 84 80 76 104Z",
    ),
    # very short, with a beard
    (
        "",
        "M77 100C68 58 92 40 120 40C148 40 172 58 163 100C158 80 150 66 120 66C90 66 82 80 77 100Z"
        "M78 122C80 156 98 176 120 176C142 176 160 156 162 122C156 138 146 142 134 140C128 136 112 136 106 140C94 142 84 138 78 122Z",
    ),
)  # fmt: skip


def draw_avatar(seed: int | str) -> str:
    """A portrait as SVG text, the same for the same seed."""
    mark = zlib.crc32(f"face:{seed}".encode())

    def pick(choices: tuple[tuple[str, str], ...] | tuple[str, ...], shift: int) -> tuple[str, str]:
        chosen = choices[(mark >> shift) % len(choices)]
        return (chosen, chosen) if isinstance(chosen, str) else chosen

    ground, _ = pick(GROUNDS, 1)
    skin, blush = pick(SKINS, 5)
    hair, light = pick(HAIRS, 9)
    cloth, fold = pick(CLOTHES, 13)
    back, front = STYLES[(mark >> 17) % len(STYLES)]
    glasses = (mark >> 21) % 4 == 0
    earrings = (mark >> 23) % 3 == 0
    ink = "#2B211D"
    shapes = [
        f'<path fill="{ground}" d="M0 0H{SIZE}V{SIZE}H0Z"/>',
        f'<path fill="url(#l)" d="M0 0H{SIZE}V{SIZE}H0Z"/>',
        f'<path fill="{hair}" d="{back}"/>' if back else "",
        f'<path fill="{cloth}" d="M28 250C32 202 66 186 100 182H140C174 186 208 202 212 250Z"/>',
        f'<path fill="{fold}" d="M92 183C98 208 142 208 148 183L160 187C154 224 86 224 80 187Z"/>',
        f'<path fill="{blush}" d="M100 146H140V184C134 202 106 202 100 184Z"/>',
        f'<ellipse cx="76" cy="118" rx="9" ry="13" fill="{blush}"/><ellipse cx="164" cy="118" rx="9" ry="13" fill="{blush}"/>',
        f'<path fill="{skin}" d="M120 52C150 52 165 76 164 108C163 144 144 170 120 170C96 170 77 144 76 108C75 76 90 52 120 52Z"/>',
        f'<ellipse cx="92" cy="130" rx="11" ry="7" fill="{blush}" opacity=".55"/><ellipse cx="148" cy="130" rx="11" ry="7" fill="{blush}" opacity=".55"/>',
        f'<path fill="{hair}" d="{front}"/>',
        f'<path d="M88 62C98 50 112 46 124 47" fill="none" stroke="{light}" stroke-width="5" stroke-linecap="round" opacity=".55"/>',
        f'<g fill="none" stroke="{ink}" stroke-width="3.6" stroke-linecap="round">'
        f'<path d="M92 102C97 98 104 98 108 101M132 101C136 98 143 98 148 102" stroke="{hair}" stroke-width="4"/>'
        '<path d="M106 147C113 155 127 155 134 147"/>'
        f'<path d="M119 122C115 130 117 134 122 134" stroke="{blush}"/></g>',
        f'<circle cx="100" cy="115" r="4.4" fill="{ink}"/><circle cx="140" cy="115" r="4.4" fill="{ink}"/>',
    ]
    if glasses:
        shapes.append(
            f'<g fill="#FFFFFF" fill-opacity=".18" stroke="{ink}" stroke-width="3.4"><circle cx="100" cy="116" r="15"/>'
            '<circle cx="140" cy="116" r="15"/><path d="M115 114C118 111 122 111 125 114" fill="none"/></g>'
        )
    if earrings:
        shapes.append(
            '<circle cx="75" cy="137" r="4.6" fill="#CFA24C"/><circle cx="165" cy="137" r="4.6" fill="#CFA24C"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        '<defs><radialGradient id="l" cx=".3" cy=".2" r=".8"><stop offset="0" stop-color="#fff" stop-opacity=".6"/>'
        '<stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs>'
        f"{''.join(shapes)}</svg>"
    )


@require_safe
def avatar(request: HttpRequest, pk: int) -> HttpResponse:
    """The portrait of a host; its address never changes, so it is looked at again once a day."""
    username = User.objects.filter(pk=pk, is_host=True).values_list("username", flat=True).first()
    if username is None:
        raise Http404
    answer = HttpResponse(draw_avatar(username), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer
