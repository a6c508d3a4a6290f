"""The closed lists of words that the store and the program share (see the glossary in docs)."""

from datetime import timedelta
from typing import Literal

Mode = Literal["init", "normal", "webhook"]
Channel = Literal["Default", "Latest"]

INTEGRATION_TYPES = ("Internal", "External")
CHANNELS = ("Default", "Latest")
RELEASE_STATUSES = ("Queued", "Building", "Ready", "Failed")
RUN_MODES = ("init", "normal", "webhook")
TRIGGER_SOURCES = ("cron", "manual", "api", "webhook")

QUEUED = "Queued"
RUNNING = "Running"
SUCCEEDED = "Succeeded"
CANCELLED = "Cancelled"
FAILED_INTEGRATION = "Failed (Integration Issue)"
FAILED_REFRESH = "Failed (Refresh)"
FAILED_TIMEOUT = "Failed (Timeout)"
FAILED_PLATFORM = "Failed (Platform Issue)"
FAILED_METADATA = "Failed (Metadata Validation)"

ACTIVE_PHASES = (QUEUED, RUNNING)
PHASES = (
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED_INTEGRATION,
    FAILED_REFRESH,
    FAILED_TIMEOUT,
    FAILED_PLATFORM,
    FAILED_METADATA,
    CANCELLED,
)

SOURCE_PROVIDERS = ("GitHub", "GitLab", "Bitbucket", "Azure", "plain git")
NO_ACCESS = "none"
HTTPS_ACCESS = "https token"
SSH_ACCESS = "ssh key"
SOURCE_METHODS = (NO_ACCESS, HTTPS_ACCESS, SSH_ACCESS)
CONNECTOR_SCOPES = ("global", "tenant")
NOTIFICATION_KINDS = ("command", "webhook", "email")
NOTIFIED_ABOUT = ("run", "build", "branch")
REVIEW_STATES = ("Draft", "In Review", "Published")

NOT_CONNECTED = "not connected"
CONNECTED = "connected"
NEVER_TESTED = "connected (never tested)"
EXPIRING = "expiring"
RECONNECT = "reconnect needed"
BROKEN = "broken"
LOCKED = "locked"
DISABLED = "disabled"
CONNECTION_STATUSES = (NOT_CONNECTED, CONNECTED, NEVER_TESTED, EXPIRING, RECONNECT, BROKEN, LOCKED, DISABLED)

WARNED_BEFORE = timedelta(days=30)
"""How long before its end a credential counts as expiring."""

SETTINGS_OWNER = "settings of tenant "
"""What the owner of a tenant's sealed settings begins with; its id follows."""
