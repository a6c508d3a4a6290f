"""What the YAML parsers say about broken syntax, in words that tell how to repair it."""

import yaml

from pandium_tui.manifest.problem import MAX_QUOTED
from pandium_tui.text import shortened, visible

_TAB = "a tab is used for indentation; use spaces"
_AFTER_BLOCK_SIGN = "nothing may follow | or > on its line; begin the text on the next line, or put it in quotes"

# What PyYAML's C parser, its Python parser, or both say: a part of it, and our words for it.
_REWRITTEN = (
    ("sequence entries are not allowed", 'a "- " cannot stand here; begin the list on a line of its own'),
    ("tab character", _TAB),
    ("unknown escape character", "unknown escape after a backslash; write two backslashes, or use single quotes"),
    ("Unicode character escape", "this escape is not a valid character"),
    ("',' or ']'", "a [ list is not closed, or a comma is missing in it"),
    ("',' or '}'", "a { mapping is not closed, or a comma is missing in it"),
    ("duplicate", "the %YAML line is written twice; remove one"),
    ("directive", "a line that begins with % has a meaning of its own in YAML; remove it, or put the value in quotes"),
    ("ing a tag", "a value cannot begin with !; put it in quotes"),
    ("tag handle", "a value cannot begin with !; put it in quotes"),
    ("mapping keys are not allowed", 'a "? " cannot stand here; put the value in quotes'),
    (" hex", "an escape with \\x or \\u needs its hexadecimal digits; write two backslashes, or use single quotes"),
    ("incompatible YAML document", "this version of YAML is not known; remove the %YAML line"),
    ("<document start>", "something follows the end of the document; remove it"),
    ("node content", "a value is missing here, or it begins with a character that needs quotes"),
    ("comment or", _AFTER_BLOCK_SIGN),
    ("chomping or indentation", _AFTER_BLOCK_SIGN),
    ("'-' indicator", "this line does not belong to the list above it; check its indentation"),
)


def explain(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[str, int, int]:
    """The message, the line and the column (from 1) of a syntax error in a text made of these lines."""
    problem, context, start = error.problem or "", error.context or "", error.context_mark
    mark = error.problem_mark or start
    if mark is None:
        return _reworded(problem, context), 1, 1
    if start and "quoted scalar" in context and "end of stream" in problem:
        # The end of the file tells nobody which quote is meant.
        return "the quote that opens here is never closed", start.line + 1, start.column + 1
    if start and "find expected ':'" in problem:
        message = 'this line has no ": "; write "key: value", or indent it to continue the line above'
        return message, start.line + 1, start.column + 1
    line, column = mark.line, mark.column
    written = lines[line] if line < len(lines) else ""
    if "alphabetic or numeric" in problem:
        column -= 1  # The mark is behind the * of an alias or the & of an anchor.
        message = _unusable_start(written[column : column + 1])
    elif "cannot start any token" in problem:
        message = _unusable_start(written[column : column + 1])
    elif "mapping values" in problem:
        message = _second_colon(written[:column])
    elif "expected key" in problem or "<block end>" in problem:
        message = _misplaced(written[:column])
    else:
        message = _reworded(problem, context)
    if start and start.line < line and "flow" in context:
        message += f" (it opens on line {start.line + 1})"
    return message, line + 1, column + 1


def _unusable_start(character: str) -> str:
    if character == "\t":
        return _TAB
    return f"a value cannot begin with {visible(character)}; put it in quotes"


def _second_colon(before: str) -> str:
    if ": " in before:
        return 'there is a second ": " on this line; put the whole value in quotes'
    return 'this line is indented too far, or the line above has no space after its ":"'


def _misplaced(before: str) -> str:
    if before.strip(" -?"):
        return "something follows a complete value; put the whole value in quotes, or remove what follows"
    return "the indentation of this line fits none of the lines above; indent all keys of a mapping alike"


def _reworded(problem: str, context: str) -> str:
    reason = f"{context} {problem}".strip()
    for part, message in _REWRITTEN:
        if part in reason:
            return message
    return f"this is not valid YAML ({shortened(visible(reason), 2 * MAX_QUOTED)})"
