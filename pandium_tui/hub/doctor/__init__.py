"""The doctor: looks at everything an installation rests on, changes nothing, and says what to do."""

from pandium_tui.hub.doctor.examination import examine
from pandium_tui.hub.doctor.findings import Diagnosis, Finding, broken_settings

__all__ = ["Diagnosis", "Finding", "broken_settings", "examine"]
