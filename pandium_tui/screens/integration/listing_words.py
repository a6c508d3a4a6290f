"""What is said about a listing: its state and what is missing, and its images, which a terminal cannot show."""

from dataclasses import dataclass

from pandium_tui.hub.images import ImageError
from pandium_tui.hub.listing_checks import IMAGE_LIMITS, image_of, image_problems, is_url, problems_of, references_of
from pandium_tui.hub.listing_content import FIELD_BY_NAME, ListingContent
from pandium_tui.hub.listings import DRAFT, IN_REVIEW, PUBLISHED, Listing, shortcomings
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.key_words import KeyNames
from pandium_tui.widgets.when import When

FILE_NAME_WIDTH = 40
"""Characters of a file name that are shown."""

MARKS = {DRAFT: "○", IN_REVIEW: "◐", PUBLISHED: "●"}


@dataclass(frozen=True, slots=True)
class ImagesInWords:
    """The images of a listing, a line each."""

    logo: tuple[str, ...]
    screenshots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from a listing as it stands in the fields.

    Attributes:
        problems: what is wrong, by field.
        state: its state, and what is missing.
    """

    problems: dict[str, str]
    state: str
    images: ImagesInWords


def judgement(found: Listing, when: When, key: KeyNames) -> Judgement:
    """Everything that is to be said about a listing; looks at its image files, so call it in a thread."""
    content = found.content
    state = "\n".join([_state(found, key), *review_words(found, when)])
    return Judgement(image_problems(content) | problems_of(content), state, images_in_words(content))


def review_words(found: Listing, when: When) -> list[str]:
    """Who changed the review state last, a line each."""
    return [f"{when.moment(one.created_date)}  {one.detail}, by {visible(one.actor)}" for one in found.reviews]


def images_in_words(content: ListingContent) -> ImagesInWords:
    """Names, types and sizes of the images; looks at the files."""
    return ImagesInWords(_images(content, "logo"), _images(content, "screenshots"))


def _images(content: ListingContent, name: str) -> tuple[str, ...]:
    limits = IMAGE_LIMITS[FIELD_BY_NAME[name].kind]
    words = []
    for reference in references_of(content, name):
        try:
            image = image_of(reference, limits)
            facts = "not fetched" if image is None else f"{image.format}, {image.width}x{image.height}"
        except ImageError:
            facts = "cannot be used"
        shown = visible(reference if is_url(reference) else reference.rpartition("/")[2])
        words.append(f"▣ {shortened(shown, FILE_NAME_WIDTH)} ({facts})")
    return tuple(words)


def _state(found: Listing, key: KeyNames) -> str:
    missing = shortcomings(found)
    if not missing:
        return f"{_standing(found, key)}\nNothing is missing."
    lines = [_standing(found, key), "Not ready to be published:", *(f"- {visible(one)}" for one in missing)]
    return "\n".join(lines)


def _standing(found: Listing, key: KeyNames) -> str:
    if found.review_state == DRAFT:
        return f"Draft: customers do not see it. {key('listing.submit')} submits it for review."
    draft = key("listing.draft")
    if found.review_state == IN_REVIEW:
        publish = key("listing.publish")
        return f"In Review: customers do not see it yet. {publish} publishes it, {draft} makes it a Draft again."
    return f"Published: customers see it from the next export on. {draft} unpublishes it."
