"""Abuse by hand: programs and neighbours that behave as badly as they can."""
