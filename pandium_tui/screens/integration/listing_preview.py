"""A listing as a customer would see it: its tile and its page; and a Markdown text alone."""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Markdown, Static

from pandium_tui.hub.listing_checks import is_colour, is_light
from pandium_tui.hub.listing_content import FIELD_BY_NAME, ListingContent
from pandium_tui.hub.listing_markdown import markdown_parser
from pandium_tui.screens.integration.listing_words import ImagesInWords
from pandium_tui.text import visible, visible_block


class Copy(Markdown):
    """Markdown of a listing: the dialect of the exported pages; links are shown, and not followed."""

    DEFAULT_CSS = """
    Copy { padding: 0 1; height: auto; background: $background; }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(visible_block(text), id=id, parser_factory=markdown_parser, open_links=False)

    async def show(self, text: str) -> None:
        """Show another text; nothing happens when it is the same."""
        if visible_block(text) != self.source:
            await self.update(visible_block(text))
        self.display = bool(text)


class ListingPreview(VerticalScroll):
    """The tile on top, below it the page."""

    DEFAULT_CSS = """
    ListingPreview #tile { border: round $primary; padding: 0 1; margin: 0 1; height: auto; max-width: 44; }
    ListingPreview Static { padding: 0 1; height: auto; }
    ListingPreview .title { margin-top: 1; text-style: bold; background: $panel; }
    ListingPreview #media { margin-bottom: 1; }
    """
    BINDING_GROUP_TITLE = "Preview"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="preview.down", tooltip="One line down"),
        Binding("k", "scroll_up", "Up", show=False, id="preview.up", tooltip="One line up"),
    ]

    def compose(self) -> ComposeResult:
        """All parts; ``show`` fills them."""
        yield Static(" The tile", classes="title", markup=False)
        yield Static(id="tile", markup=False)
        yield Static(" The page", classes="title", markup=False)
        yield Static(id="head", markup=False)
        yield Copy(id="short")
        yield Copy(id="long")
        yield Static(id="media", markup=False)
        yield Static("Installation", id="install-title", classes="title", markup=False)
        yield Copy(id="install")
        yield Static(id="rest", markup=False)

    async def show(self, content: ListingContent, images: ImagesInWords) -> None:
        """Show this content."""
        self._put("tile", _tile(content, images.logo))
        self._put("head", _head(content, images.logo))
        self._put("media", _media(content, images.screenshots))
        self._put("rest", _rest(content))
        self.query_one("#install-title").display = bool(content.install_instructions)
        texts = {
            "short": content.short_description,
            "long": content.long_description,
            "install": content.install_instructions,
        }
        # All are found first: the preview can go away while one of them is being laid out.
        for copy, text in [(self.query_one(f"#{name}", Copy), text) for name, text in texts.items()]:
            await copy.show(text)

    def _put(self, name: str, text: Content) -> None:
        part = self.query_one(f"#{name}", Static)
        if part.content != text:
            part.update(text)
        part.display = bool(text.plain)


class PreviewScreen(ModalScreen[None]):
    """The preview where there is no room for it beside the form."""

    DEFAULT_CSS = """
    PreviewScreen { background: $background; }
    """
    BINDING_GROUP_TITLE = "Preview"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f3", "dismiss", "Back", id="preview.back", tooltip="Back to the form"),
    ]

    def __init__(self, content: ListingContent, images: ImagesInWords) -> None:
        super().__init__()
        self._shown = (content, images)

    def compose(self) -> ComposeResult:
        """The preview alone."""
        yield ListingPreview()
        yield Footer(compact=True, show_command_palette=False)

    async def on_mount(self) -> None:
        """Fill it."""
        await self.query_one(ListingPreview).show(*self._shown)


class MarkdownScreen(ModalScreen[None]):
    """A Markdown text as it will look."""

    DEFAULT_CSS = """
    MarkdownScreen { background: $background; }
    MarkdownScreen > Static { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    MarkdownScreen > Static { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDING_GROUP_TITLE = "Markdown"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f2", "dismiss", "Back", id="markdown.back", tooltip="Back to the form"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Title and text."""
        yield Static(self._heading, markup=False)
        with VerticalScroll():
            yield Copy(self._text)
        yield Footer(compact=True, show_command_palette=False)


def _tile(content: ListingContent, logo: tuple[str, ...]) -> Content:
    name = Content.styled(visible(content.display_name) or "(no display name)", "bold")
    lines = [*(Content(line) for line in logo), Content(" ").join([name, *_flag(content)])]
    lines += [Content(visible(text)) for text in (content.tagline,) if text]
    lines += [Content.styled(f"By {visible(content.developer_name)}", "dim")] if content.developer_name else []
    return Content("\n").join(lines)


def _head(content: ListingContent, logo: tuple[str, ...]) -> Content:
    lines = _tile(content, logo)
    shelves = " · ".join(visible(one.name) for one in content.categories)
    return Content("\n").join([lines, Content.styled(shelves, "dim")]) if shelves else lines


def _flag(content: ListingContent) -> list[Content]:
    if not content.flag_name:
        return []
    text = f"[{visible(content.flag_name)}]"
    if not is_colour(content.flag_color):
        return [Content.styled(text, "reverse")]
    ink = "#000000" if is_light(content.flag_color) else "#ffffff"
    return [Content.styled(text, f"{ink} on {content.flag_color}")]


def _media(content: ListingContent, screenshots: tuple[str, ...]) -> Content:
    lines = list(screenshots)
    lines += [f"▶ {visible(content.video_url)}"] if content.video_url else []
    return Content("\n".join(lines))


def _rest(content: ListingContent) -> Content:
    names = ("pricing_note", "support_email", "support_url", "documentation_url", "privacy_url", "terms_url")
    facts = [(FIELD_BY_NAME[name].label, visible(getattr(content, name))) for name in names]
    facts.append(("Tags", ", ".join(visible(tag) for tag in content.tags)))
    given = [(label, text) for label, text in facts if text]
    width = max((cell_len(label) for label, _ in given), default=0)
    return Content("\n").join(Content.assemble((label.ljust(width + 2), "dim"), text) for label, text in given)
