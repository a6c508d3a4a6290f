"""Move tenants to another release; what breaks is shown before it is done."""

from collections.abc import Iterable, Sequence

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.settings_form import Move, move_tenants
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Release, Tenant
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field

SHOWN = 10
"""How many tenants are told of by name."""
LONGEST = 160
"""Characters of what is told about a tenant."""


class MoveForm(Form):
    """Where to, and which tenants; the result is how many were moved."""

    SAVE_LABEL = "Move"

    def __init__(
        self,
        store: Store,
        actor: Actor,
        integration: Integration,
        offered: Sequence[Release],
        selected: Tenant,
        shown: Sequence[Tenant],
    ) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._integration = integration
        self._offered = offered
        self._selected = selected
        self._all = shown
        self.moved: list[int] = []
        """The ids of the tenants that were moved."""

    def heading(self) -> str:
        """Of which integration."""
        return f"Move tenants of {self._integration.name} to another release"

    def fields(self) -> Iterable[Field]:
        """The tenants, and the release or channel."""
        tenants: list[tuple[str, str]] = [(f"{self._selected.name}, the selected one", "selected")]
        if len(self._all) > 1:
            tenants.append((f"all {len(self._all)} that are shown", "all"))
        targets = targets_of(self._integration, self._offered)
        who = Choice(tenants, value="selected", allow_blank=False, compact=True)
        yield Field("tenants", "Tenants", who, "Who is moved")
        first = self._offered[0].id if self._offered else "Latest"
        target = Choice(targets, value=first, allow_blank=False, compact=True)
        yield Field("target", "Release", target, "A channel moves on by itself; on a release they stay")

    def check(self, raw: Raw) -> Checked:
        """What would break, tenant by tenant."""
        moves = self._move(raw, dry_run=True)
        problems = dict.fromkeys(move.problem for move in moves if move.problem)
        return Checked({"target": "; ".join(problems)} if problems else {}, {"target": what_breaks(moves)})

    def save(self, raw: Raw) -> int:
        """Move them."""
        moves = self._move(raw, dry_run=False)
        self.moved = [move.tenant_id for move in moves if move.moved]
        if not self.moved:
            raise RefusedError("Nothing was moved. " + "; ".join(move.problem for move in moves))
        return len(self.moved)

    def _move(self, raw: Raw, *, dry_run: bool) -> list[Move]:
        tenants = self._all if raw["tenants"] == "all" else [self._selected]
        return move_tenants(self._store, [tenant.id for tenant in tenants], raw["target"], self._actor, dry_run=dry_run)


def targets_of(parent: Integration, offered: Sequence[Release]) -> list[tuple[str, int | str]]:
    """Where tenants can be moved to, in words: the channels, and releases to pin them to."""
    targets: list[tuple[str, int | str]] = [
        (f"Default: follow the default release, now {parent.default_release_name or 'none'}", "Default"),
        (f"Latest: follow the newest release, now {parent.latest_release_name or 'none'}", "Latest"),
    ]
    for one in offered:
        words = " ".join(part for part in (one.name, one.tag or "", one.commit_subject or "") if part)
        targets.append((f"Pin to {visible(words)}", one.id))
    return targets


def what_breaks(moves: Sequence[Move]) -> str:
    """What moving means for the settings, a line for each tenant that it means something for."""
    broken = [move for move in moves if move.refused]
    lines = [f"The settings of {len(moves) - len(broken)} of {len(moves)} fit this release."]
    if broken:
        lines.append("Those of the others need attention afterwards, and runs are refused until then:")
    lines += [f"! {move.tenant_name}: {shortened('; '.join(move.refused), LONGEST)}" for move in broken[:SHOWN]]
    if len(broken) > SHOWN:
        lines.append(f"and {len(broken) - SHOWN} more")
    unused = [move for move in moves if move.unused]
    lines += [
        f"{move.tenant_name}: no run gets {shortened(', '.join(move.unused), LONGEST)} any more; kept"
        for move in unused[:SHOWN]
    ]
    return "\n".join(lines)
