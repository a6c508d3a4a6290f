"""What the tab Configure says about its fields."""

OPTIONS_LABEL = "Schedule options"
NEXT_BUILDS = "Changed: concerns the next builds only."
NO_DEFAULT = "! Without one customers cannot install it."
HINTS = {
    "repository_url": "https://…, git@host:path or /path, without password",
    "source_account_id": "How git gets in; {configure.accounts} manages the accounts",
    "repository_tracking_branch": "Empty: the repository's own default branch",
    "repository_path": "File or folder; empty: PANDIUM.yaml in the root",
    "runs_at_once": "Of this integration; empty: only the installation's limit",
    "catch_up_window": "Seconds; what was missed longer ago does not run",
    "retry_count": "How often a failed run is tried again; 0: never",
    "retry_backoff": "Seconds; doubled for each further retry",
    "polling_interval": "Seconds; 0: never; empty: 300, never for local paths",
    "default_release_id": "What customers install, and what follows the default release",
    "default_release_channel": "What a new tenant gets when nothing else is chosen",
    "custom_schedules": "Beside the options above; not marked: only those",
    "catch_up": "By one run, when the engine is back; not marked: it is only noted",
    "paused_by_default": "Their schedules fire only after somebody resumes them",
}
BEHAVIOUR_WORDS = (
    "Pin: stays on the release that was the default when it was created, until you move it.",
    "Follow the default: moves by itself when you choose another default release.",
    "Follow the latest: gets every successful build at once, tested or not.",
    "This concerns new tenants only.",
)
