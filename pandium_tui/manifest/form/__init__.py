"""The form of ``configs``: schema and uischema become fields; values become visibility, errors and variables.

No screen is known here. :mod:`.building` makes a :class:`~.form.Form`, which does the rest.
"""
