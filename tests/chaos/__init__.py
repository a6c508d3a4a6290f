"""Chaos: real engines and supervisors over one store, killed at every step, and what must hold all the same.

``python -m tests.chaos --rounds 20000 --seed 7`` is the long form; the suite runs a short one.
"""
