"""What an image says of its programs. OCI image specification, "Image Configuration" """

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.text import digest, items, obj, string, strings, texts

ABI_LABEL = "org.rvsim.abi"
"""The label with the ABI of the image's programs, as `--abi` has it."""
ABIS = ("linux", "rcore", "rcore:5", "rcore:6", "rcore:7", "rcore:8")
PLATFORM = "linux/riscv64"


@dataclass(frozen=True)
class ImageConfig:
    """What a container of the image would start with.

    Attributes:
        entrypoint, cmd: together the words of the first program.
        env: NAME=VALUE.
        user: USER[:GROUP], by name or number; empty: root.
        working_dir: a path; empty: the root.
        diff_ids: sha256 of each layer, unpacked, as hexadecimal digits.
    """

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    architecture: str = ""
    os: str = ""
    created: str = ""
    diff_ids: tuple[str, ...] = ()

    @property
    def platform(self) -> str:
        """OS/ARCHITECTURE."""
        return f"{self.os or 'linux'}/{self.architecture or 'riscv64'}"

    @property
    def abi(self) -> str | None:
        """The ABI that its label names; None: the programs say it."""
        return self.labels.get(ABI_LABEL) or None


def config_from(value: Any) -> ImageConfig:
    """The config from its JSON. Raises ImageError."""
    what = "its config"
    top = obj(value, what)
    inner = obj(top.get("config") or {}, what)
    ids = []
    for one in items(obj(top.get("rootfs") or {}, what).get("diff_ids"), what):
        algorithm, digits = digest(one, what)
        if algorithm != "sha256":
            raise ImageError(f"its layers are named by {algorithm}; rvsim knows sha256")
        ids.append(digits)
    return ImageConfig(
        entrypoint=tuple(strings(inner.get("Entrypoint"), what)), cmd=tuple(strings(inner.get("Cmd"), what)),
        env=tuple(strings(inner.get("Env"), what)), working_dir=string(inner.get("WorkingDir"), what),
        user=string(inner.get("User"), what), labels=texts(inner.get("Labels"), what),
        architecture=string(top.get("architecture"), what), os=string(top.get("os"), what),
        created=string(top.get("created"), what), diff_ids=tuple(ids),
    )  # fmt: skip


def config_json(config: ImageConfig) -> dict[str, Any]:
    """The JSON of a config, as `config_from` reads it."""
    inner: dict[str, Any] = {}
    for key, value in (("Entrypoint", list(config.entrypoint)), ("Cmd", list(config.cmd)), ("Env", list(config.env)),
                       ("WorkingDir", config.working_dir), ("User", config.user), ("Labels", config.labels)):
        if value:
            inner[key] = value
    top: dict[str, Any] = {
        "architecture": config.architecture, "os": config.os, "config": inner,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in config.diff_ids]},
    }  # fmt: skip
    if config.created:
        top["created"] = config.created
    return top
