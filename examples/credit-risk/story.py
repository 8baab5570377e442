"""Tells a story on the terminal: chapters, words, commands that can be repeated, a check of each.

A command that ends otherwise than told stops the story with what differs.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
WIDTH = 98


class DiffersError(Exception):
    """A step came out otherwise than told."""


@dataclass
class Story:
    """Prints as it goes; script keeps every command for repeating."""

    script: Path
    started: float = field(default_factory=time.monotonic)
    names: dict[str, str] = field(default_factory=dict)

    def chapter(self, title: str) -> None:
        """A heading with the seconds so far."""
        spent = f"{time.monotonic() - self.started:.0f} s"
        print(f"\n{title}{spent.rjust(max(1, WIDTH - len(title)))}\n{'-' * WIDTH}")

    def say(self, text: str) -> None:
        """A paragraph."""
        print("\n" * text.startswith("\n"), end="")
        print(textwrap.fill(" ".join(text.split()), WIDTH, break_on_hyphens=False) + "\n")

    def rows(self, lines: list[tuple[str, ...]]) -> None:
        """Aligned columns; the last one is wrapped."""
        widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]) - 1)]
        indent = 2 + sum(widths) + 2 * len(widths)
        for line in lines:
            cells = zip(line, widths, strict=False)
            head = "  " + "".join(cell.ljust(width) + "  " for cell, width in cells)
            room = max(32, WIDTH - indent)
            last = textwrap.wrap(line[-1], room, break_on_hyphens=False) or [""]
            print((head + f"\n{' ' * indent}".join(last)).rstrip())
        print()

    def name(self, variable: str, value: str) -> None:
        """A shell variable that stands for a long value in the commands that follow."""
        self.names[variable] = value
        line = f"{variable}={shlex.quote(value)}"
        self._keep(line)
        print(f"  {line}")

    def run(
        self,
        *words: str | Path,
        expect: int = 0,
        into: Path | None = None,
        shown: bool = True,
        told: bool = True,
        environment: dict[str, str] | None = None,
    ) -> str:
        """Run a command from the repository's root and return what it printed.

        into: file for its standard output. shown: print the command; told: print what it says.
        """
        command = [self.path(word) for word in words]
        line = self._line(command, into)
        self._keep(line.replace(" \\\n      ", " "))
        if shown:
            print(f"  $ {line}")
        program = BIN / Path(command[0]).name
        command[0] = str(program) if program.exists() else command[0]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**_environment(), **(environment or {})},
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise DiffersError(f"{command[0]} cannot be run: {error}; use make demo") from error
        if done.returncode != expect:
            raise DiffersError(
                f"this command ended with {done.returncode}, not {expect}:\n  {line}\n"
                f"{done.stdout}{done.stderr}"
            )
        if into is not None:
            into.write_text(done.stdout, encoding="utf-8")
        elif told:
            print(textwrap.indent(done.stdout + done.stderr, "    "))
        return done.stdout

    def _line(self, command: list[str], into: Path | None) -> str:
        words: list[str] = []
        for word in (self._quoted(one) for one in command):
            follows = words and words[-1].startswith("--") and " " not in words[-1]
            if follows and not word.startswith("-"):
                words[-1] += f" {word}"  # an option and its value stay on one line
            else:
                words.append(word)
        if into is not None:
            words.append(f"> {self._quoted(self.path(into))}")
        lines, current = [], ""
        for word in words:
            if current and len(current) + len(word) > WIDTH - 10:
                lines.append(current)
                current = word
            else:
                current = f"{current} {word}" if current else word
        return " \\\n      ".join([*lines, current])

    def _quoted(self, word: str) -> str:
        for variable, value in sorted(self.names.items(), key=lambda one: -len(one[1])):
            head, found, rest = word.partition(value)
            if found and (not head or head.endswith("=")):
                return f"{head}${variable}{shlex.quote(rest) if rest else ''}"
        return shlex.quote(word)

    def path(self, word: str | Path) -> str:
        """A path as commands name it, from the repository's root."""
        if not isinstance(word, Path):
            return word
        return str(word.relative_to(ROOT)) if word.is_relative_to(ROOT) else str(word)

    def _keep(self, line: str) -> None:
        with self.script.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _environment() -> dict[str, str]:
    """The user's own, without what would point Git at another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def require(fact: bool, otherwise: str) -> None:
    """Stop the story where something is not as told."""
    if not fact:
        raise DiffersError(otherwise)
