"""Marketplace listings: what customers read about an integration, its review, its publication."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.listing_checks import image_problems, missing_from, problems_of
from pandium_tui.hub.listing_content import (
    FIELD_BY_NAME,
    ListingContent,
    changed_content,
    changed_fields,
    plain_values,
    stored_content,
)
from pandium_tui.storage import activity_queries, listing_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Activity
from pandium_tui.storage.times import utc_now

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.storage.setup_tables import ListingRow

DRAFT, IN_REVIEW, PUBLISHED = "Draft", "In Review", "Published"
REVIEW_ACTIONS = ("submit listing", "withdraw listing", "publish listing", "unpublish listing")
REVIEWS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """The listing of an integration: a Draft, under review, or published.

    Attributes:
        target_url: of an external integration, where its tile leads to.
        default_release: whether the integration has one, without which a customer cannot install it.
        modified_date: None when nothing was saved yet.
        reviews: who changed its review state last and when, newest first, when one listing was asked for.
    """

    integration_id: int
    integration_name: str
    integration_type: str
    target_url: str | None
    archived: bool
    default_release: bool
    review_state: str
    published: bool
    published_date: datetime | None
    modified_date: datetime | None
    content: ListingContent
    reviews: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class WordsInUse:
    """Categories and tags of all listings, the most used ones first."""

    categories: tuple[str, ...]
    tags: tuple[str, ...]


class NotReadyError(RefusedError):
    """A listing cannot be submitted or published.

    Attributes:
        reasons: all of them, a sentence each.
    """

    def __init__(self, what: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join([f"{what}:", *(f"- {reason}" for reason in reasons)]))


def listing(store: Store, integration_id: int) -> Listing:
    """The listing of an integration; an empty Draft when nothing was saved yet.

    Raises:
        NotFoundError: there is no such integration.
    """
    with store.reading() as reader:
        found = listing_queries.listing(reader, integration_id)
        reviews = activity_queries.latest(reader, integration_id, REVIEW_ACTIONS, REVIEWS_TOLD)
    if found is None:
        raise NotFoundError(f"There is no integration {integration_id}.")
    return replace(_listing_of(found), reviews=tuple(reviews))


def published_listings(store: Store) -> list[Listing]:
    """What customers see, by name of the integration; not those in the archive."""
    with store.reading() as reader:
        found = listing_queries.listings(reader)
    return [_listing_of(one) for one in found if one.published and not one.archived]


def words_in_use(store: Store) -> WordsInUse:
    """The categories and tags of all listings, to complete what is being typed."""
    with store.reading() as reader:
        contents = [stored_content(one.content) for one in listing_queries.listings(reader)]
    return WordsInUse(
        _by_use([one.name for content in contents for one in content.categories]),
        _by_use([tag for content in contents for tag in content.tags]),
    )


def publish_reasons(found: Listing) -> list[str]:
    """Everything that speaks against publishing a listing now; looks at its image files."""
    return _state_reasons(found, PUBLISHED) + shortcomings(found)


def submit_reasons(found: Listing) -> list[str]:
    """Everything that speaks against giving a listing to review now; looks at its image files."""
    return _state_reasons(found, IN_REVIEW) + _content_reasons(found.content)


def shortcomings(found: Listing) -> list[str]:
    """What customers would miss or find broken in a listing, whatever its state; looks at its image files."""
    reasons = []
    if found.integration_type == "Internal" and not found.default_release:
        reasons.append("The integration has no default release: a customer could not install it")
    return reasons + _content_reasons(found.content)


def edit_listing(store: Store, integration_id: int, changes: Mapping[str, Any], actor: Actor) -> Listing:
    """Change some fields of a listing; what another person changed in others meanwhile stays.

    Image files are looked at where they are new. A published listing must stay complete.

    Raises:
        InvalidError: with what is wrong by field.
        NotFoundError: there is no such integration.
    """
    return _save(store, integration_id, changes, actor, "edit listing")


def replace_listing(store: Store, integration_id: int, content: ListingContent, actor: Actor) -> Listing:
    """Put another content in the place of the whole listing; otherwise like :func:`edit_listing`."""
    changes = {name: getattr(content, name) for name in FIELD_BY_NAME}
    return _save(store, integration_id, changes, actor, "import listing")


def submit_listing(store: Store, integration_id: int, actor: Actor) -> Listing:
    """Give a Draft to review.

    Raises:
        NotReadyError: with everything that is missing or broken.
    """
    found = listing(store, integration_id)
    _refuse(f"The listing of {found.integration_name} cannot be submitted", submit_reasons(found))
    return _set_state(store, found, IN_REVIEW, actor, "submit listing")


def publish_listing(store: Store, integration_id: int, actor: Actor) -> Listing:
    """Show a reviewed listing to customers.

    Raises:
        NotReadyError: with everything that speaks against it.
    """
    found = listing(store, integration_id)
    _refuse(f"The listing of {found.integration_name} cannot be published", publish_reasons(found))
    return _set_state(store, found, PUBLISHED, actor, "publish listing")


def withdraw_listing(store: Store, integration_id: int, actor: Actor) -> Listing:
    """Take a listing back from review: it is a Draft again.

    Raises:
        RefusedError: it is not in review.
    """
    found = listing(store, integration_id)
    if found.review_state != IN_REVIEW:
        raise RefusedError(f"The listing of {found.integration_name} is not in review: it is {_state_words(found)}.")
    return _set_state(store, found, DRAFT, actor, "withdraw listing")


def unpublish_listing(store: Store, integration_id: int, actor: Actor) -> Listing:
    """Take a listing away from customers: it is a Draft again. Tenants that exist go on.

    Raises:
        RefusedError: it is not published.
    """
    found = listing(store, integration_id)
    if not found.published:
        raise RefusedError(f"The listing of {found.integration_name} is not published: it is {_state_words(found)}.")
    return _set_state(store, found, DRAFT, actor, "unpublish listing")


def give_state_back(store: Store, integration_id: int, state: str, actor: Actor) -> Listing:
    """Give a listing the state that it had before.

    Raises:
        NotReadyError: it was published, and what customers would miss now.
    """
    found = listing(store, integration_id)
    if state == PUBLISHED:
        _refuse(f"The listing of {found.integration_name} cannot be published", shortcomings(found))
    actions = {DRAFT: "withdraw listing", IN_REVIEW: "submit listing", PUBLISHED: "publish listing"}
    return _set_state(store, found, state, actor, actions[state])


def _save(store: Store, integration_id: int, changes: Mapping[str, Any], actor: Actor, action: str) -> Listing:
    before = listing(store, integration_id)
    content = changed_content(before.content, changes)
    # Files are looked at before the transaction: a slow disk must not keep others from writing.
    new = set(changed_fields(before.content, content))
    problems = {name: problem for name, problem in image_problems(content).items() if name in new}
    with store.writing() as session:
        row = _row(session, integration_id)
        stored = stored_content(row.content)
        content = changed_content(stored, changes)
        problems |= problems_of(content)
        if row.published:
            problems |= _emptied(content)
        if problems:
            raise InvalidError(problems)
        changed = changed_fields(stored, content)
        if changed:
            row.content = plain_values(content)
            row.modified_date = utc_now()
            session.add(row)
            note_activity(session, actor, action, integration_id=integration_id, detail=", ".join(changed))
    return listing(store, integration_id)


def _set_state(store: Store, checked: Listing, state: str, actor: Actor, action: str) -> Listing:
    with store.writing() as session:
        row = _row(session, checked.integration_id)
        if row.review_state != checked.review_state or stored_content(row.content) != checked.content:
            raise RefusedError(
                f"The listing of {checked.integration_name} was changed meanwhile. Look at it, and do it again."
            )
        now = utc_now()
        row.review_state = state
        row.published = state == PUBLISHED
        row.published_date = now if row.published else None
        row.modified_date = now
        session.add(row)
        detail = f"{checked.review_state} to {state}"
        undo = {"of": "listing", "from": checked.review_state, "to": state}
        note_activity(session, actor, action, integration_id=checked.integration_id, detail=detail, undo=undo)
    return listing(store, checked.integration_id)


def _row(session: "Session", integration_id: int) -> "ListingRow":
    from pandium_tui.storage.setup_tables import ListingRow

    row = session.get(ListingRow, integration_id)
    return row or ListingRow(integration_id=integration_id, modified_date=utc_now())


def _listing_of(found: listing_queries.StoredListing) -> Listing:
    return Listing(
        integration_id=found.integration_id,
        integration_name=found.integration_name,
        integration_type=found.integration_type,
        target_url=found.target_url,
        archived=found.archived,
        default_release=found.default_release,
        review_state=found.review_state,
        published=found.published,
        published_date=found.published_date,
        modified_date=found.modified_date,
        content=stored_content(found.content),
    )


def _state_reasons(found: Listing, wanted: str) -> list[str]:
    reasons = []
    if found.archived:
        reasons.append("The integration is archived: restore it first")
    if wanted == IN_REVIEW and found.review_state != DRAFT:
        reasons.append(f"It is {_state_words(found)}: only a Draft can be submitted")
    if wanted == PUBLISHED and found.review_state == DRAFT:
        reasons.append("It is a Draft: submit it for review first")
    if wanted == PUBLISHED and found.published:
        reasons.append("It is published already")
    return reasons


def _content_reasons(content: ListingContent) -> list[str]:
    problems = problems_of(content) | image_problems(content)
    return missing_from(content) + [f"{FIELD_BY_NAME[name].label}: {problem}" for name, problem in problems.items()]


def _state_words(found: Listing) -> str:
    return {DRAFT: "a Draft", IN_REVIEW: "in review", PUBLISHED: "published"}[found.review_state]


def _refuse(what: str, reasons: list[str]) -> None:
    if reasons:
        raise NotReadyError(what, reasons)


def _emptied(content: ListingContent) -> dict[str, str]:
    """What a published listing must not lose, by field."""
    problem = "must not be empty while the listing is published"
    problems = {name: problem for name, field in FIELD_BY_NAME.items() if field.required and not getattr(content, name)}
    if not content.support_email and not content.support_url:
        problems["support_email"] = f"{problem}, unless there is a support URL"
    return problems


def _by_use(words: list[str]) -> tuple[str, ...]:
    counted = Counter(words)
    return tuple(sorted(counted, key=lambda word: (-counted[word], word.casefold(), word)))
