"""Imports all of the command line and what its commands import when they are called. For the fork server alone."""

import gc
from importlib import import_module
from pkgutil import iter_modules

for room in ("cli", "hub"):
    for module in iter_modules(import_module(f"pandium_tui.{room}").__path__, f"pandium_tui.{room}."):
        import_module(module.name)
gc.freeze()
