"""``pandium-tui help``: the topics, every command, every setting, and all of it as a man page."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib.resources import files
from typing import Annotated, Any

import typer

from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.settings import Settings

GENERATED = {"commands": "Every command", "settings": "Every key of config.toml"}
"""Topics that are made of the program itself, with their titles."""


def _beginning_with(typed: str) -> list[str]:
    return [name for name in topics() if name.startswith(typed)]


Topic = Annotated[
    str | None,
    typer.Argument(help="What to read about; without it the topics are listed.", autocompletion=_beginning_with),
]


def show_help(
    context: typer.Context,
    topic: Topic = None,
    man: Annotated[bool, typer.Option("--man", help="Print the man page, for `man -l -`.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read about a task: list the topics, or print one."""
    root = context.find_root().command
    if man:
        from pandium_tui.cli.man_page import man_page

        typer.echo(man_page(root, [topic_text(name, root) for name in topics()]))
        return
    known = topics()
    if topic is None:
        if as_json:
            print_json(known)
            return
        typer.echo("Topics, each with `pandium-tui help TOPIC`:\n")
        for name, title in known.items():
            typer.echo(f"  {name:<20}{title}")
        return
    if topic not in known:
        raise typer.BadParameter(f"there is no topic {topic!r}; known are {', '.join(known)}")
    text = topic_text(topic, root)
    if as_json:
        print_json({"topic": topic, "title": known[topic], "text": text})
    else:
        typer.echo(text)


def topics() -> dict[str, str]:
    """The topics with their titles, in the order a newcomer needs them."""
    written = {file.name.removesuffix(".md"): file for file in files("pandium_tui").joinpath("topics").iterdir()}
    found = {
        name: file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for name, file in written.items()
    }
    first = [name for name in _ORDER if name in found]
    return {name: found[name] for name in [*first, *sorted(found.keys() - set(first))]} | GENERATED


_ORDER = (
    "first-integration",
    "tenants",
    "settings-form",
    "connectors",
    "schedules",
    "releases",
    "logs",
    "environment",
    "unattended",
)


def topic_text(name: str, root: Any) -> str:
    """The text of a topic, Markdown."""
    match name:
        case "commands":
            return commands_text(root)
        case "settings":
            return settings_text()
        case _:
            return files("pandium_tui").joinpath("topics", f"{name}.md").read_text(encoding="utf-8").rstrip()


def all_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command below this one that does something itself, with its name as it is typed."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
        return
    for name in sorted(below):
        if not below[name].hidden:
            yield from all_commands(below[name], (*path, name))


def arguments_and_options(command: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """The arguments of a command, and its options with their help."""
    arguments = [_argument(one) for one in command.params if one.param_type_name == "argument"]
    options = [
        (", ".join([*one.opts, *one.secondary_opts]), one.help or "")
        for one in command.params
        if one.param_type_name == "option" and not one.hidden
    ]
    return arguments, options


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def commands_text(root: Any) -> str:
    """Every command with its arguments and options."""
    parts = [f"# {GENERATED['commands']}"]
    for name, command in all_commands(root):
        arguments, options = arguments_and_options(command)
        lines = [f"## pandium-tui {' '.join([name, *arguments])}", "", inspect.cleandoc(command.help or "")]
        lines += ["", *(f"- `{names}`: {text}" for names, text in options)] if options else []
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def settings_text() -> str:
    """Every key of ``config.toml`` with its meaning and what holds without it."""
    lines = [
        f"# {GENERATED['settings']}",
        "",
        "Each can also be given as `PANDIUM_TUI_` with its name in upper case.",
        "",
    ]
    meanings = setting_meanings()
    for field in fields(Settings):
        if field.name == "home":
            continue
        given = field.default if field.default is not MISSING else None
        without = "none" if given in (None, ()) else str(given).lower() if isinstance(given, bool) else given
        lines.append(f"- `{field.name}` ({without}): {meanings.get(field.name, '')}")
    return "\n".join(lines)


def setting_meanings() -> dict[str, str]:
    """What each setting is for: the ``Attributes`` of the class of settings say it, and nobody else."""
    _, _, attributes = (inspect.getdoc(Settings) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): ((?:.|\n(?=     ))+)", attributes, re.MULTILINE)
    return {name: " ".join(text.replace("``", "`").split()) for name, text in found}
