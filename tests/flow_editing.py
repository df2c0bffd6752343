"""A copy of the shipped flows in the hands of somebody who edits them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import yaml

from bot.flow_versions.folder import FlowFolder
from bot.helpdesk.hooks.registry import build_hooks
from tests.conversation import MOSCOW, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Editor:
    """Changes the files of a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(SHIPPED, path, ignore=shutil.ignore_patterns("*.py", "__pycache__", "tests"))

    @classmethod
    def at(cls, path: Path) -> Editor:
        """Return the editor of a copy that was made before."""
        editor = cls.__new__(cls)
        editor.path = path
        return editor

    def folder(self) -> FlowFolder:
        """Return the folder as the bot reads it."""
        return FlowFolder(self.path, build_hooks(), MOSCOW)

    def replace(self, name: str, before: str, after: str) -> None:
        """Write `after` in the place of the words `before`, which stand once in the file."""
        text = (self.path / name).read_text("utf-8")
        assert text.count(before) == 1
        (self.path / name).write_text(text.replace(before, after), "utf-8")

    def edit(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change what a file says."""
        content = yaml.safe_load((self.path / name).read_text("utf-8"))
        change(content)
        (self.path / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")

    def leave_only_a_menu(self) -> None:
        """Take everything out but the front door."""
        door = (self.path / "main.yaml").read_text("utf-8").partition("anywhere:")[0]
        door = re.sub(r"^lists:\n(  .*\n)+", "", door, flags=re.MULTILINE)
        for path in self.path.glob("*.yaml"):
            path.unlink()
        menu = "menu: {text: Меню, buttons: [{text: Ещё раз, go: menu}]}"
        whole = f"{door}anywhere: [{{command: start, go: menu}}]\nsteps:\n  {menu}\n"
        (self.path / "main.yaml").write_text(whole, "utf-8")

    def rename_step(self, step: str, after: str) -> None:
        """Give a step, named flow.step, another name, also where ways lead to it."""
        flow, _, before = step.partition(".")
        for path in self.path.glob("*.yaml"):
            own = "" if path.stem == flow else f"{flow}."
            text = re.sub(rf"\b(go|edit|next): {own}{before}\b", rf"\1: {own}{after}", path.read_text("utf-8"))
            if not own:
                text = re.sub(rf"^  {before}:$", f"  {after}:", text, flags=re.MULTILINE)
            path.write_text(text, "utf-8")
