"""PANDIUM.yaml: what a repository says about itself, and everything that is wrong with how it says it.

The keys are those of Pandium's documentation and public samples. The form in ``configs`` is kept as it is read; its
rough shape is checked here, and its fields in :mod:`.form.lint`.
"""

from dataclasses import dataclass
from typing import Any

from pandium_tui.manifest.base import Base, BaseError, parse_base
from pandium_tui.manifest.checking import Checker, described
from pandium_tui.manifest.problem import Problem, arranged, quoted
from pandium_tui.manifest.yaml_reading import UNREADABLE, Node, read_yaml
from pandium_tui.manifest.yaml_scalars import ScalarError, plain_value

KNOWN_KEYS = ("version", "base", "build", "run", "configs", "connectors", "metadata_schema")
KNOWN_VERSIONS = (0.4, 0.5, 1.0)
DEFAULT_VERSION = "0.4"

MAX_COMMAND_BYTES = 131_071
"""The longest argument that Linux hands to a program (MAX_ARG_STRLEN, less the closing NUL)."""

_EXAMPLES = {"build": "pip install -r requirements.txt", "run": "python main.py"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest without errors.

    ``version`` is as written (``0.4``). ``configs`` is as read, ``{}`` when it is missing or empty.
    ``connectors`` are ids in the order of the file, a hint only. ``text`` is the whole file.
    """

    version: str
    base: Base
    build: str | None
    run: str
    configs: dict[str, Any]
    connectors: tuple[str, ...]
    metadata_schema: dict[str, Any] | None
    text: str

    @property
    def config_schema(self) -> dict[str, Any]:
        """``configs.schema``, ``{}`` when there is none."""
        return self.configs.get("schema") or {}

    @property
    def config_uischema(self) -> dict[str, Any]:
        """``configs.uischema``, ``{}`` when there is none."""
        return self.configs.get("uischema") or {}


@dataclass(frozen=True, slots=True)
class Reading:
    """The manifest, ``None`` when any problem is an error, and the problems by line."""

    manifest: Manifest | None
    problems: tuple[Problem, ...]


def read_manifest(content: bytes) -> Reading:
    """Read and check the content of a PANDIUM.yaml. Never raises; at most 100 problems are listed."""
    document = read_yaml(content)
    checker = Checker()
    checker.problems.extend(document.problems)
    manifest = None
    if document.root is not None:
        manifest = _checked(checker, document.root, content)
    elif not document.problems:
        checker.report("error", "the file is empty; it needs at least base and run", None)
    if any(problem.severity == "error" for problem in checker.problems):
        manifest = None
    return Reading(manifest, arranged(checker.problems))


def _checked(checker: Checker, root: Node, content: bytes) -> Manifest | None:
    if not isinstance(root.value, dict):
        if root.value is not UNREADABLE:
            message = f'the file must be a mapping with lines such as "run: python main.py", not {described(root)}'
            checker.report("error", message, root)
        return None
    checker.unknown_keys(root, KNOWN_KEYS)
    version = _version(checker, root)
    base = _base(checker, root)
    build = _command(checker, root, "build") if _has_build(root) else None
    run = _command(checker, root, "run")
    configs = _form(checker, root, "configs")
    _check_fields(checker, root)
    connectors = _connectors(checker, root)
    metadata_schema = _form(checker, root, "metadata_schema")
    if base is None or run is None:
        return None
    text = content.decode("utf-8-sig")
    return Manifest(version, base, build, run, configs or {}, connectors, metadata_schema, text)


def _version(checker: Checker, root: Node) -> str:
    node = root.children.get("version")
    if node is None or node.value is None:
        message = f'version is missing, {DEFAULT_VERSION} is assumed; write "version: {DEFAULT_VERSION}"'
        checker.report("warning", message, node or root, at_key=True)
        return DEFAULT_VERSION
    number = _number(node)
    if number is UNREADABLE:
        return ""
    if isinstance(number, bool) or not isinstance(number, int | float):
        message = f"version must be a number such as {DEFAULT_VERSION}, not {described(node)}"
        checker.report("error", message, node)
    elif number not in KNOWN_VERSIONS:
        known = ", ".join(str(version) for version in KNOWN_VERSIONS)
        checker.report("warning", f"version {quoted(node.text)} is not known; known are {known}", node)
    return node.text


def _number(node: Node) -> object:
    """The value of a version; quotes around a number do no harm."""
    try:
        return plain_value(node.value) if isinstance(node.value, str) else node.value
    except ScalarError:
        return None


def _base(checker: Checker, root: Node) -> Base | None:
    node = checker.text(root, "base", 'write the language and its version, such as "base: python:3.11"')
    if node is None:
        return None
    try:
        return parse_base(node.text)
    except BaseError as error:
        checker.report("error", f"base: {error}", node)
        return None


def _has_build(root: Node) -> bool:
    node = root.children.get("build")
    return node is not None and node.value is not None and node.value != ""


def _command(checker: Checker, root: Node, key: str) -> str | None:
    node = checker.text(root, key, f'write the shell command, such as "{key}: {_EXAMPLES[key]}"')
    if node is None:
        return None
    if "\0" in node.text:
        checker.report("error", f"{key} contains a NUL character, which no command can", node)
    elif len(node.text.encode()) > MAX_COMMAND_BYTES:
        message = f"{key} is longer than {MAX_COMMAND_BYTES:,} bytes; move it to a script in the repository"
        checker.report("error", message, node)
    return node.text


def _connectors(checker: Checker, root: Node) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in checker.texts(root, "connectors", "the id of a connector"):
        if node.text in found:
            checker.report("warning", f"connector {quoted(node.text)} is listed twice; remove one", node)
        found[node.text] = None
    return tuple(found)


def _form(checker: Checker, root: Node, key: str) -> dict[str, Any] | None:
    """A mapping of schema and uischema as it is read, ``None`` when it is missing or empty."""
    form = checker.mapping(root, key)
    if form is None:
        return None
    checker.unknown_keys(form, ("schema", "uischema"))
    checker.mapping(form, "uischema")
    schema = checker.mapping(form, "schema")
    if schema is not None:
        _schema(checker, schema)
    return dict(form.value)


def _check_fields(checker: Checker, root: Node) -> None:
    """Everything about the form of ``configs`` that is no matter of its rough shape."""
    configs = root.children.get("configs")
    if configs is None or not configs.children:
        return
    from pandium_tui.manifest.form.lint import check_form  # the validator is only loaded where there is a form

    reported = [problem.path for problem in checker.problems if problem.severity == "error"]
    for problem in check_form(configs.children.get("schema"), configs.children.get("uischema")):
        if not any(path == problem.path or path.startswith(f"{problem.path}/") for path in reported):
            checker.problems.append(problem)


def _schema(checker: Checker, schema: Node) -> None:
    kind = schema.children.get("type")
    if kind is not None and kind.value is not UNREADABLE and kind.value != "object":
        checker.report("error", f'the type of the whole schema must be "object", not {described(kind)}', kind)
    checker.texts(schema, "required", "the name of a property")
    for key in ("properties", "definitions"):
        if part := checker.mapping(schema, key):
            for name in part.children:
                checker.mapping(part, name, may_be_empty=False)
