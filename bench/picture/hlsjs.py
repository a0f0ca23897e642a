"""hls.js, the player that most of the web plays HLS with: installed by npm, never into the project."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

from bench.building import workshop
from bench.peers.errors import NotMeasured

VERSION = "1.7.4"


async def script() -> Path:
    """The built file. Raises NotMeasured with a sentence."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotMeasured("npm is not here; install it to play with hls.js")
    folder = workshop() / "hls.js"
    folder.mkdir(exist_ok=True)
    package = folder / "node_modules" / "hls.js"
    if not (package / "package.json").exists() or _version(package) != VERSION:
        (folder / "package.json").write_text('{"name": "livestore-bench-hls", "private": true}')
        process = await asyncio.create_subprocess_exec(
            *(npm, "install", f"hls.js@{VERSION}", "--no-audit", "--no-fund", "--ignore-scripts"),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), 180)
        except TimeoutError:
            process.kill()
            raise NotMeasured("npm did not install hls.js within three minutes") from None
        if process.returncode != 0:
            last = said.decode(errors="replace").strip().splitlines()[-1:]
            raise NotMeasured(f"npm could not install hls.js: {''.join(last)[:200]}")
    return package / "dist" / "hls.min.js"


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text())["version"])
